from django.db import migrations

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger

TRIGGERS = {
    "mfa_authenticator": audit_trigger("mfa_authenticator", secrets=("data",), noise=("last_used_at",)),
    "socialaccount_socialaccount": audit_trigger(
        "socialaccount_socialaccount", secrets=("extra_data",), noise=("last_login",)
    ),
    "govern_setuplink": audit_trigger("govern_setuplink", secrets=("secret_hash",)),
}
# The history of a record asks for rows that hang on it, whatever their own ids are.
OF_RECORD = """
CREATE INDEX audit_of_record ON govern_auditentry ((coalesce(after, before) ->> 'record_id'), id DESC)
 WHERE coalesce(after, before) ->> 'record_id' IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("govern", "0007_all_rights_and_more_roles"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [
        migrations.RunSQL(OF_RECORD, "DROP INDEX audit_of_record"),
        *(migrations.RunSQL(trigger, no_audit_trigger(table)) for table, trigger in TRIGGERS.items()),
    ]
