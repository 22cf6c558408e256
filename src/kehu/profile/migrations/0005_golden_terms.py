import django.contrib.postgres.indexes
from django.db import migrations, models

# profile.filters.attributes writes the same terms: attribute, "=", value (or its normal form), ASCII letters small.
FUNCTION = """
CREATE FUNCTION public.kehu_golden_terms(golden jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT coalesce(array_agg(DISTINCT a.key || '=' || lower(left(said.value, 80) COLLATE "C")), '{}')
FROM jsonb_each(golden) AS a, LATERAL (VALUES (a.value ->> 'v'), (a.value ->> 'n')) AS said(value)
WHERE said.value IS NOT NULL
$$
"""


class Migration(migrations.Migration):
    """Lists filtered by any attribute in the time of the matches, not of the base."""

    dependencies = [("profile", "0004_saved_views_bulk_acts_and_exports")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION public.kehu_golden_terms(jsonb)"),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func("golden", function="kehu_golden_terms"), name="customer_by_value"
            ),
        ),
    ]
