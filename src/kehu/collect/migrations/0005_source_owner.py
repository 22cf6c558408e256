from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("collect", "0004_import_undo"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="owner_id",
            field=models.BigIntegerField(null=True),
        ),
    ]
