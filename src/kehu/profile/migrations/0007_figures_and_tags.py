import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger

DERIVED = ("profile_figuredue", "profile_standing", "profile_computedvalue")
AUDITED = {
    "profile_figurerules": audit_trigger("profile_figurerules", noise=("rated_at",)),
    "profile_computedattribute": audit_trigger("profile_computedattribute", noise=("is_filled",)),
    "profile_tag": audit_trigger("profile_tag", noise=("ran_at",)),
}

# Whatever writes a fact marks whose figures may differ: one row per record or customer and statement, with nothing to
# look up and nobody to wait for. A rebuild puts the same watch on the tables of a new generation.
WATCH = """
CREATE FUNCTION public.kehu_mark_due() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subjects text := CASE TG_OP
        WHEN 'INSERT' THEN format('SELECT %1$I AS s FROM after_rows', TG_ARGV[0])
        WHEN 'DELETE' THEN format('SELECT %1$I AS s FROM before_rows', TG_ARGV[0])
        ELSE format('SELECT %1$I AS s FROM after_rows UNION SELECT %1$I FROM before_rows', TG_ARGV[0])
    END;
BEGIN
    EXECUTE format('INSERT INTO %I.profile_figuredue (subject_id) SELECT DISTINCT s FROM (%s) c WHERE s IS NOT NULL',
                   TG_TABLE_SCHEMA, subjects);
    RETURN NULL;
END $$;
CREATE FUNCTION public.kehu_watch_facts(generation text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    watched record;
BEGIN
    FOR watched IN SELECT * FROM (VALUES ('profile_event', 'record_id'), ('profile_order', 'record_id'),
                                         ('resolve_recordcustomer', 'customer_id')) AS w(name, subject)
    LOOP
        EXECUTE format('CREATE TRIGGER due_by_insert AFTER INSERT ON %I.%I REFERENCING NEW TABLE AS after_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION public.kehu_mark_due(%L)',
                       generation, watched.name, watched.subject);
        EXECUTE format('CREATE TRIGGER due_by_update AFTER UPDATE ON %I.%I REFERENCING OLD TABLE AS before_rows '
                       'NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.kehu_mark_due(%L)',
                       generation, watched.name, watched.subject);
        EXECUTE format('CREATE TRIGGER due_by_delete AFTER DELETE ON %I.%I REFERENCING OLD TABLE AS before_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION public.kehu_mark_due(%L)',
                       generation, watched.name, watched.subject);
    END LOOP;
END $$;
SELECT public.kehu_watch_facts('live');
INSERT INTO live.profile_figuredue (subject_id) SELECT id FROM live.profile_customer;
"""
NO_WATCH = """
DROP FUNCTION public.kehu_watch_facts(text);
DROP FUNCTION public.kehu_mark_due() CASCADE;
"""


def seed(apps, schema_editor):
    """One row: an empty rule is the default of figures.rules."""
    apps.get_model("profile", "FigureRules").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [
        ("profile", "0006_audit_lists"),
        ("govern", "0003_audit_triggers"),
        ("resolve", "0002_derived_tables_to_live"),
    ]

    operations = [
        migrations.CreateModel(
            name="ComputedAttribute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.SlugField(unique=True)),
                ("label_en", models.CharField(max_length=80)),
                ("label_zh", models.CharField(max_length=80)),
                (
                    "over",
                    models.CharField(
                        choices=[("events", "Events"), ("orders", "Orders"), ("figures", "Figures")], max_length=8
                    ),
                ),
                ("function", models.CharField(blank=True, default="", max_length=14)),
                ("field", models.CharField(blank=True, default="", max_length=100)),
                (
                    "event_names",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("window_days", models.IntegerField(null=True)),
                ("formula", models.TextField(blank=True, default="")),
                ("is_filled", models.BooleanField(default=False)),
                ("version", models.IntegerField(default=1)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "profile_computedattribute",
            },
        ),
        migrations.CreateModel(
            name="FigureDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_id", models.UUIDField()),
            ],
            options={
                "db_table": "profile_figuredue",
            },
        ),
        migrations.CreateModel(
            name="FigureRules",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("lifecycle", models.JSONField(default=dict)),
                ("rating", models.JSONField(default=dict)),
                ("version", models.IntegerField(default=1)),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("rated_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "profile_figurerules",
            },
        ),
        migrations.CreateModel(
            name="ComputedValue",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "customer_id", "attribute_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("customer_id", models.UUIDField()),
                ("attribute_id", models.BigIntegerField()),
                ("number", models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ("text", models.TextField(null=True)),
                ("at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "profile_computedvalue",
                "indexes": [
                    models.Index(fields=["attribute_id", "number"], name="computed_by_number"),
                    models.Index(fields=["attribute_id", "at"], name="computed_by_time"),
                    models.Index(
                        condition=models.Q(("expires_at__isnull", False)),
                        fields=["expires_at"],
                        name="computed_by_expiry",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("customer_id", models.UUIDField(primary_key=True, serialize=False)),
                ("orders", models.IntegerField()),
                ("spent", models.DecimalField(decimal_places=4, max_digits=19)),
                ("first_order_at", models.DateTimeField(null=True)),
                ("last_order_at", models.DateTimeField(null=True)),
                ("counted_at", models.DateTimeField(null=True)),
                ("lifecycle", models.CharField(max_length=9)),
                ("recency", models.SmallIntegerField(null=True)),
                ("frequency", models.SmallIntegerField(null=True)),
                ("money", models.SmallIntegerField(null=True)),
                ("tier", models.CharField(blank=True, default="", max_length=6)),
            ],
            options={
                "db_table": "profile_standing",
                "indexes": [
                    models.Index(fields=["lifecycle", "customer_id"], name="standing_by_lifecycle"),
                    models.Index(fields=["tier", "customer_id"], name="standing_by_tier"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True)),
                ("label_en", models.CharField(max_length=60)),
                ("label_zh", models.CharField(max_length=60)),
                ("tag_class", models.CharField(max_length=12)),
                ("meaning", models.TextField(blank=True, default="")),
                ("owner_id", models.BigIntegerField(null=True)),
                ("rule", models.JSONField(null=True)),
                ("is_retired", models.BooleanField(default=False)),
                ("ran_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="profile.tag",
                    ),
                ),
            ],
            options={
                "db_table": "profile_tag",
            },
        ),
        migrations.CreateModel(
            name="TagEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.UUIDField()),
                ("value", models.CharField(blank=True, default="", max_length=100)),
                ("source", models.CharField(choices=[("manual", "Manual"), ("rule", "Rule")], max_length=6)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("until", models.DateTimeField(null=True)),
                ("tag", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="profile.tag")),
            ],
            options={
                "db_table": "profile_tagentry",
                "indexes": [
                    models.Index(fields=["record_id"], name="tag_of_record"),
                    models.Index(
                        condition=models.Q(("until__isnull", True)), fields=["tag", "record_id"], name="tag_carried"
                    ),
                ],
            },
        ),
        *[
            migrations.RunSQL(
                f"ALTER TABLE public.{table} SET SCHEMA live", f"ALTER TABLE live.{table} SET SCHEMA public"
            )
            for table in DERIVED
        ],
        migrations.RunSQL(WATCH, NO_WATCH),
        *[migrations.RunSQL(trigger, no_audit_trigger(table)) for table, trigger in AUDITED.items()],
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
