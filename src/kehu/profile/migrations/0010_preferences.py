import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("profile", "0009_relations_told_and_found"),
    ]

    operations = [
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "customer_id", "kind", "place", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("customer_id", models.UUIDField()),
                ("kind", models.CharField(max_length=7)),
                ("place", models.SmallIntegerField()),
                ("value", models.TextField(db_collation="C")),
                ("share", models.DecimalField(decimal_places=4, max_digits=5)),
                ("facts", models.IntegerField()),
                ("evidence", models.JSONField()),
                ("last_at", models.DateTimeField()),
                ("is_clear", models.BooleanField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "db_table": "profile_preference",
                "indexes": [
                    models.Index(
                        models.F("kind"),
                        django.db.models.functions.text.Lower("value"),
                        condition=models.Q(("is_clear", True)),
                        name="preference_by_value",
                    ),
                    models.Index(fields=["expires_at"], name="preference_by_expiry"),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE public.profile_preference SET SCHEMA live",
            "ALTER TABLE live.profile_preference SET SCHEMA public",
        ),
        # Everybody is due: the loop that works figures out fills the new table.
        migrations.RunSQL(
            "INSERT INTO live.profile_figuredue (subject_id) SELECT id FROM live.profile_customer",
            migrations.RunSQL.noop,
        ),
    ]
