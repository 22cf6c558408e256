from django.db import migrations

TABLES = (
    "resolve_sourcerecord",
    "resolve_recordcustomer",
    "resolve_binding",
    "resolve_identifierstatus",
    "resolve_matchkey",
    "resolve_link",
    "resolve_reviewpair",
    "resolve_resettle",
)


class Migration(migrations.Migration):
    """Facts that a rebuild makes anew live in their own schema, so that a new generation can be swapped in."""

    dependencies = [("resolve", "0001_first"), ("core", "0002_live_schema_and_cache")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE public.resolve_born_no", "DROP SEQUENCE public.resolve_born_no"),
        *(
            migrations.RunSQL(
                f"ALTER TABLE public.{table} SET SCHEMA live", f"ALTER TABLE live.{table} SET SCHEMA public"
            )
            for table in TABLES
        ),
    ]
