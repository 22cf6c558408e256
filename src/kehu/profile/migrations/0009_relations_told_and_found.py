from django.db import migrations, models

# Rows of the time before carry no moment: whatever is told next counts as later.
ALTER = """
ALTER TABLE live.profile_relation
    ADD COLUMN basis varchar(5) NOT NULL DEFAULT 'told',
    ADD COLUMN source_id integer,
    ADD COLUMN said_at timestamptz,
    ADD COLUMN role text NOT NULL DEFAULT '',
    ADD COLUMN since_on date,
    ADD COLUMN until_on date,
    ADD COLUMN is_denied boolean NOT NULL DEFAULT false;
ALTER TABLE live.profile_relation
    ALTER COLUMN basis DROP DEFAULT, ALTER COLUMN role DROP DEFAULT, ALTER COLUMN is_denied DROP DEFAULT;
UPDATE live.profile_relation SET basis = 'found' WHERE kind = 'household' AND detail = '{}';
UPDATE live.profile_relation t SET source_id = r.source_id FROM live.resolve_sourcerecord r
WHERE r.id = t.left_id AND t.basis = 'told';
DO $$ BEGIN
    EXECUTE (SELECT format('ALTER TABLE live.profile_relation DROP CONSTRAINT %I', conname) FROM pg_constraint
             WHERE conrelid = 'live.profile_relation'::regclass AND contype = 'p');
END $$;
ALTER TABLE live.profile_relation ADD PRIMARY KEY (left_id, right_id, kind, basis);
"""
BACK = """
DELETE FROM live.profile_relation t USING live.profile_relation o
WHERE t.basis = 'found' AND o.basis = 'told' AND (o.left_id, o.right_id, o.kind) = (t.left_id, t.right_id, t.kind);
DO $$ BEGIN
    EXECUTE (SELECT format('ALTER TABLE live.profile_relation DROP CONSTRAINT %I', conname) FROM pg_constraint
             WHERE conrelid = 'live.profile_relation'::regclass AND contype = 'p');
END $$;
ALTER TABLE live.profile_relation ADD PRIMARY KEY (left_id, right_id, kind);
ALTER TABLE live.profile_relation DROP COLUMN basis, DROP COLUMN source_id, DROP COLUMN said_at, DROP COLUMN role,
    DROP COLUMN since_on, DROP COLUMN until_on, DROP COLUMN is_denied;
"""


class Migration(migrations.Migration):
    """A tie says who told it, when, in which role and from when to when; what comparing finds stands beside it."""

    dependencies = [
        ("profile", "0008_export_purpose"),
        ("resolve", "0002_derived_tables_to_live"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ALTER, BACK)],
            state_operations=[
                migrations.DeleteModel("Relation"),
                migrations.CreateModel(
                    name="Relation",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "left_id",
                                "right_id",
                                "kind",
                                "basis",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("left_id", models.UUIDField()),
                        ("right_id", models.UUIDField()),
                        ("kind", models.CharField(max_length=20)),
                        ("basis", models.CharField(max_length=5)),
                        ("source_id", models.IntegerField(null=True)),
                        ("said_at", models.DateTimeField(null=True)),
                        ("role", models.TextField(blank=True, default="")),
                        ("since_on", models.DateField(null=True)),
                        ("until_on", models.DateField(null=True)),
                        ("is_denied", models.BooleanField(default=False)),
                        ("detail", models.JSONField(default=dict)),
                    ],
                    options={
                        "db_table": "profile_relation",
                        "indexes": [models.Index(fields=["right_id"], name="relation_by_right")],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrganisationKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "record_id",
                        "kind",
                        "value",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("record_id", models.UUIDField()),
                ("kind", models.CharField(max_length=8)),
                ("value", models.TextField(db_collation="C")),
            ],
            options={
                "db_table": "profile_organisationkey",
                "indexes": [models.Index(fields=["kind", "value"], name="organisation_by_key")],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE public.profile_organisationkey SET SCHEMA live",
            "ALTER TABLE live.profile_organisationkey SET SCHEMA public",
        ),
    ]
