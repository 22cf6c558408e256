from django.db import migrations

CACHE = """
CREATE TABLE core_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX core_cache_expires ON core_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_first")]
    operations = [
        migrations.RunSQL("CREATE SCHEMA IF NOT EXISTS live", "DROP SCHEMA live"),
        migrations.RunSQL(CACHE, "DROP TABLE core_cache"),
    ]
