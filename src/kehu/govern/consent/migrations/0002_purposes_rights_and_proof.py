"""The purposes there are at first, who may do what, and words that stay as they were said."""

from dataclasses import asdict

from django.db import migrations

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger
from kehu.govern.consent.shipped_purposes import SHIPPED_PURPOSES

UNCHANGED = """
CREATE FUNCTION consent_stays_as_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% keeps what was said: % refused.', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER consent_word_stays BEFORE UPDATE ON consent_word
    FOR EACH ROW EXECUTE FUNCTION consent_stays_as_said();
CREATE TRIGGER consent_notice_stays BEFORE UPDATE OR DELETE ON consent_notice
    FOR EACH ROW EXECUTE FUNCTION consent_stays_as_said();
"""
CHANGEABLE = """
DROP TRIGGER consent_notice_stays ON consent_notice;
DROP TRIGGER consent_word_stays ON consent_word;
DROP FUNCTION consent_stays_as_said();
"""
BY_ADDRESS = """
CREATE INDEX suppression_by_address ON consent_suppression (address_hash) WHERE lifted_at IS NULL;
"""
TRIGGERS = {
    "consent_purpose": audit_trigger("consent_purpose"),
    "consent_notice": audit_trigger("consent_notice"),
    "consent_mark": audit_trigger("consent_mark"),
    "consent_suppression": audit_trigger("consent_suppression", secrets=("address_hash",)),
}
GIVEN = {
    "steward": ("consent.record",),
    "manager": ("consent.record",),
    "rep": ("consent.record",),
    "agent": ("consent.record",),
    "auditor": ("privacy.view",),
    "privacy_officer": ("consent.record", "purpose.manage", "privacy.view", "privacy.manage"),
}


def seed(apps, schema_editor):
    Purpose = apps.get_model("consent", "Purpose")
    Role = apps.get_model("govern", "Role")
    for shipped in SHIPPED_PURPOSES:
        fields = asdict(shipped)
        Purpose.objects.get_or_create(
            slug=fields.pop("slug"), defaults={**fields, "data_kinds": list(shipped.data_kinds)}
        )
    for slug, permissions in GIVEN.items():
        role = Role.objects.filter(slug=slug).first()
        if role is not None:
            role.permissions = list(dict.fromkeys([*role.permissions, *permissions]))
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0001_words_marks_and_suppressions"),
        ("govern", "0007_all_rights_and_more_roles"),
    ]
    operations = [
        migrations.RunSQL(UNCHANGED, CHANGEABLE),
        migrations.RunSQL(BY_ADDRESS, "DROP INDEX suppression_by_address"),
        *(migrations.RunSQL(trigger, no_audit_trigger(table)) for table, trigger in TRIGGERS.items()),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
