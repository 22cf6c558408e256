from dataclasses import asdict

from django.db import migrations

from kehu.extend.shipped_attributes import SHIPPED_ATTRIBUTES


def seed(apps, schema_editor):
    Attribute = apps.get_model("extend", "Attribute")
    for position, shipped in enumerate(SHIPPED_ATTRIBUTES, start=1):
        fields = asdict(shipped)
        Attribute.objects.get_or_create(name=fields.pop("name"), defaults={**fields, "position": position * 10})


class Migration(migrations.Migration):
    dependencies = [("extend", "0001_first")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
