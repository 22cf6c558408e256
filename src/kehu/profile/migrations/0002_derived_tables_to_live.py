from django.db import migrations

TABLES = (
    "profile_customer",
    "profile_customerscope",
    "profile_customertoken",
    "profile_searchrow",
    "profile_event",
    "profile_order",
    "profile_orderreport",
    "profile_orderline",
    "profile_payment",
    "profile_consent",
    "profile_relation",
    "profile_messagesubject",
)


class Migration(migrations.Migration):
    """Facts that a rebuild makes anew live in their own schema, so that a new generation can be swapped in."""

    dependencies = [("profile", "0001_first"), ("core", "0002_live_schema_and_cache")]
    operations = [
        migrations.RunSQL(f"ALTER TABLE public.{table} SET SCHEMA live", f"ALTER TABLE live.{table} SET SCHEMA public")
        for table in TABLES
    ]
