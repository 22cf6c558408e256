import django.contrib.postgres.indexes
from django.db import migrations, models

# profile.filters.fields asks for the same terms: attribute, "=", value (or its normal form), ASCII letters small.
FUNCTION = """
CREATE FUNCTION public.kehu_golden_terms(golden jsonb) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    terms text[] := '{}';
    name text;
    chosen jsonb;
BEGIN
    FOR name, chosen IN SELECT * FROM jsonb_each(golden) LOOP
        IF chosen ->> 'v' IS NOT NULL THEN
            terms := terms || (name || '=' || lower(left(chosen ->> 'v', 80) COLLATE "C"));
        END IF;
        IF chosen ->> 'n' <> chosen ->> 'v' THEN
            terms := terms || (name || '=' || lower(left(chosen ->> 'n', 80) COLLATE "C"));
        END IF;
    END LOOP;
    RETURN terms;
END $$
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
