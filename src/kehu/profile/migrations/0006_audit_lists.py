from django.db import migrations

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger

TRIGGERS = {
    "profile_savedview": audit_trigger("profile_savedview"),
    "profile_bulkact": audit_trigger("profile_bulkact"),
    "profile_export": audit_trigger("profile_export", noise=("rows", "size", "file_key")),
}


class Migration(migrations.Migration):
    """Who shared a list, changed many customers at once, took customers out of the house."""

    dependencies = [("profile", "0005_golden_terms"), ("govern", "0003_audit_triggers")]
    operations = [migrations.RunSQL(trigger, no_audit_trigger(table)) for table, trigger in TRIGGERS.items()]
