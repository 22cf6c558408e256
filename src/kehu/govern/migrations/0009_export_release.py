from django.db import migrations

PERMISSION = "export.release"
HOLDER = "privacy_officer"


def grant(apps, schema_editor):
    """Roles of an installation that was there before hold what a new one's would."""
    for role in apps.get_model("govern", "Role").objects.filter(slug=HOLDER):
        if PERMISSION not in role.permissions:
            role.permissions = [*role.permissions, PERMISSION]
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("govern", "0008_audit_of_sign_in_and_records")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
