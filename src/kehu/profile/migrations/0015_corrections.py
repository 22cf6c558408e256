import django.db.models.functions.datetime
from django.db import migrations, models

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger


class Migration(migrations.Migration):
    dependencies = [
        ("profile", "0014_one_index_of_tokens"),
        ("govern", "0003_audit_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.UUIDField(db_index=True)),
                ("source_id", models.IntegerField()),
                ("attribute", models.CharField(max_length=50)),
                ("wrong", models.TextField()),
                ("wrong_form", models.TextField()),
                ("right", models.TextField()),
                ("right_form", models.TextField()),
                ("sent_by_id", models.BigIntegerField(null=True)),
                ("sent_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "profile_correction",
            },
        ),
        migrations.RunSQL(audit_trigger("profile_correction"), no_audit_trigger("profile_correction")),
    ]
