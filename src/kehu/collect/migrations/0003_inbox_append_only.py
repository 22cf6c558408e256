"""The inbox is append-only but for redaction, and remembers when a replayed message first came in."""

from django.db import migrations

FIRST_RECEIVED = "ALTER TABLE collect_inbox ADD COLUMN first_received_at timestamptz"

# Even the owner of the table can only redact. Months past their retention go by dropping their partition.
APPEND_ONLY = """
CREATE FUNCTION collect_inbox_only_redacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.redacted_at IS NULL
       OR (NEW.shard, NEW.seq, NEW.source_id, NEW.kind, NEW.message_id, NEW.received_at)
          IS DISTINCT FROM (OLD.shard, OLD.seq, OLD.source_id, OLD.kind, OLD.message_id, OLD.received_at) THEN
        RAISE EXCEPTION 'collect_inbox is append-only: only the payload may go, by redaction';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER collect_inbox_only_redacts BEFORE UPDATE ON collect_inbox
    FOR EACH ROW EXECUTE FUNCTION collect_inbox_only_redacts();
"""

# The roles exist in the embedded database; on another server whoever installs it may have one role for all.
ROLES = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kehu_app') THEN
        REVOKE UPDATE, DELETE ON collect_inbox FROM kehu_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kehu_redact') THEN
        REVOKE UPDATE, DELETE ON collect_inbox FROM kehu_redact;
        GRANT SELECT, UPDATE (payload, client_ip, redacted_at) ON collect_inbox TO kehu_redact;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("collect", "0002_inbox")]
    operations = [
        migrations.RunSQL(FIRST_RECEIVED, "ALTER TABLE collect_inbox DROP COLUMN first_received_at"),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER collect_inbox_only_redacts ON collect_inbox; DROP FUNCTION collect_inbox_only_redacts()",
        ),
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
    ]
