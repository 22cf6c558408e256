from dataclasses import asdict

from django.db import migrations

from kehu.govern.shipped_roles import HEAD_OFFICE, SHIPPED_ROLES


def seed(apps, schema_editor):
    Role = apps.get_model("govern", "Role")
    Department = apps.get_model("govern", "Department")
    if not Department.objects.exists():
        Department.objects.create(name=HEAD_OFFICE)
    for shipped in SHIPPED_ROLES:
        known = {field.name for field in Role._meta.get_fields()}
        fields = {name: value for name, value in asdict(shipped).items() if name in known}
        Role.objects.get_or_create(slug=fields.pop("slug"), defaults=fields)


class Migration(migrations.Migration):
    dependencies = [("govern", "0003_audit_triggers")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
