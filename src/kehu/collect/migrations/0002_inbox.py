"""The inbox: an append-only log in shards, partitioned by month, and the table that knows what came before."""

from django.db import migrations

SHARDS = 4
DEDUPE_PARTITIONS = 8

INBOX = """
CREATE TABLE collect_inbox (
    shard smallint NOT NULL,
    seq bigint NOT NULL,
    source_id integer NOT NULL,
    kind text NOT NULL,
    message_id text NOT NULL,
    received_at timestamptz NOT NULL,
    sent_at timestamptz,
    client_ip text,
    import_id bigint,
    supersedes bigint,
    is_inline boolean NOT NULL DEFAULT false,
    payload bytea NOT NULL,
    redacted_at timestamptz,
    PRIMARY KEY (shard, seq, received_at)
) PARTITION BY RANGE (received_at);
CREATE TABLE collect_inbox_rest PARTITION OF collect_inbox DEFAULT;
CREATE INDEX inbox_of_import ON collect_inbox (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX inbox_superseding ON collect_inbox (shard, supersedes) WHERE supersedes IS NOT NULL;
COMMENT ON TABLE collect_inbox IS
    'Raw messages, append-only. Sequence order is commit order within a shard: seq is drawn under the lock of the shard.';

CREATE TABLE collect_dedupe (
    source_id integer NOT NULL,
    message_hash uuid NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source_id, message_hash)
) PARTITION BY HASH (source_id, message_hash);
"""

# Owned by the migrating role, because the app's role may not create tables. Takes nothing from its caller but a count.
PARTITIONS = """
CREATE FUNCTION collect_ensure_inbox_partitions(months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first_day date;
    made integer := 0;
BEGIN
    FOR i IN -1..least(months_ahead, 24) LOOP
        first_day := date_trunc('month', now() AT TIME ZONE 'UTC')::date + make_interval(months => i);
        IF to_regclass('public.collect_inbox_' || to_char(first_day, 'YYYYMM')) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE public.%I PARTITION OF public.collect_inbox FOR VALUES FROM (%L) TO (%L)',
                'collect_inbox_' || to_char(first_day, 'YYYYMM'),
                first_day::timestamp AT TIME ZONE 'UTC',
                (first_day + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
SELECT collect_ensure_inbox_partitions(2);
"""


class Migration(migrations.Migration):
    dependencies = [("collect", "0001_first"), ("core", "0002_live_schema_and_cache")]
    operations = [
        migrations.RunSQL(INBOX, "DROP TABLE collect_inbox; DROP TABLE collect_dedupe"),
        *(
            migrations.RunSQL(
                f"CREATE TABLE collect_dedupe_{n} PARTITION OF collect_dedupe "
                f"FOR VALUES WITH (MODULUS {DEDUPE_PARTITIONS}, REMAINDER {n})",
                migrations.RunSQL.noop,
            )
            for n in range(DEDUPE_PARTITIONS)
        ),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION collect_ensure_inbox_partitions(integer)"),
        *(
            migrations.RunSQL(f"CREATE SEQUENCE collect_inbox_seq_{n}", f"DROP SEQUENCE collect_inbox_seq_{n}")
            for n in range(SHARDS)
        ),
        *(
            migrations.RunSQL(
                f"INSERT INTO collect_shardoffset (shard, seq, window_attempts) VALUES ({n}, 0, 0)",  # noqa: S608
                f"DELETE FROM collect_shardoffset WHERE shard = {n}",  # noqa: S608
            )
            for n in range(SHARDS)
        ),
        migrations.RunSQL(
            "INSERT INTO collect_leader (id, fence, window_no) VALUES (1, 0, 0)", "DELETE FROM collect_leader"
        ),
    ]
