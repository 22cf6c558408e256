import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger


class Migration(migrations.Migration):
    dependencies = [
        ("profile", "0012_export_of_the_chosen"),
        ("govern", "0003_audit_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Screen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "origins",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), size=None),
                ),
                ("link_seconds", models.IntegerField(default=300)),
                ("is_enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "profile_screen",
            },
        ),
        migrations.CreateModel(
            name="ScreenPop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agent_id", models.BigIntegerField()),
                ("type", models.CharField(max_length=30)),
                ("value", models.CharField(max_length=300)),
                ("call", models.CharField(blank=True, default="", max_length=100)),
                ("sent_by_id", models.BigIntegerField(null=True)),
                ("sent_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "profile_screenpop",
                "indexes": [
                    models.Index(fields=["agent_id", "-id"], name="pop_of_agent"),
                    models.Index(fields=["sent_at"], name="pop_by_time"),
                ],
            },
        ),
        migrations.RunSQL(audit_trigger("profile_screen"), no_audit_trigger("profile_screen")),
    ]
