from django.db import migrations

PERMISSION = "profile.manage"
HOLDERS = ("administrator", "steward")


def grant(apps, schema_editor):
    """Roles of an installation that was there before hold what a new one's would."""
    for role in apps.get_model("govern", "Role").objects.filter(slug__in=HOLDERS):
        if PERMISSION not in role.permissions:
            role.permissions = [*role.permissions, PERMISSION]
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("govern", "0004_shipped_roles")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
