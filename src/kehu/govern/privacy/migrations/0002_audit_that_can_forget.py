"""The audit trail can forget a person and still be verified.

The chain covers a salted hash of what an entry tells, not the text. Forgetting takes text and salt away and leaves the
hash: nobody can guess the text back, and the chain holds. Entries from before this migration are covered as they were.
"""

from django.db import migrations

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger

FORGETTING = """
ALTER TABLE govern_auditentry
    ADD COLUMN salt bytea, ADD COLUMN content_hash bytea, ADD COLUMN forgotten_at timestamptz;

CREATE FUNCTION govern_audit_content(entry govern_auditentry) RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT sha256(entry.salt || convert_to(
        jsonb_build_array(entry.before, entry.after, entry.reason)::text, 'UTF8'))
$$;

CREATE FUNCTION govern_salt_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.salt := decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');
    NEW.content_hash := public.govern_audit_content(NEW);
    RETURN NEW;
END $$;
CREATE TRIGGER audit_salt BEFORE INSERT ON govern_auditentry
    FOR EACH ROW EXECUTE FUNCTION govern_salt_audit();

CREATE OR REPLACE FUNCTION govern_audit_text(entry govern_auditentry) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT (CASE
        WHEN entry.content_hash IS NULL THEN told
        WHEN entry.forgotten_at IS NOT NULL THEN
            told - 'before' - 'after' - 'reason' || jsonb_build_object('content', encode(entry.content_hash, 'hex'))
        ELSE told - 'before' - 'after' - 'reason'
            || jsonb_build_object('content', encode(govern_audit_content(entry), 'hex'))
        END)::text
    FROM (SELECT to_jsonb(entry) - 'chain_hash' - 'salt' - 'content_hash' - 'forgotten_at'
                 - CASE WHEN entry.address = '' THEN 'address' ELSE '' END AS told) AS plain
$$;

CREATE OR REPLACE FUNCTION govern_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.chain_no IS NULL AND NEW.chain_no IS NOT NULL
       AND to_jsonb(OLD) - 'chain_no' - 'chain_hash' = to_jsonb(NEW) - 'chain_no' - 'chain_hash' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.forgotten_at IS NULL AND NEW.forgotten_at IS NOT NULL AND OLD.content_hash IS NOT NULL
       AND NEW.before IS NULL AND NEW.after IS NULL AND NEW.reason = '' AND NEW.salt IS NULL
       AND to_jsonb(OLD) - 'before' - 'after' - 'reason' - 'salt' - 'forgotten_at'
         = to_jsonb(NEW) - 'before' - 'after' - 'reason' - 'salt' - 'forgotten_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The audit trail is append-only: % refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION govern_forget_audit(entries bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    forgotten bigint;
BEGIN
    UPDATE govern_auditentry SET before = NULL, after = NULL, reason = '', salt = NULL, forgotten_at = now()
     WHERE id = ANY(entries) AND forgotten_at IS NULL AND content_hash IS NOT NULL;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;
REVOKE ALL ON FUNCTION govern_forget_audit(bigint[]) FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kehu_redact') THEN
        GRANT EXECUTE ON FUNCTION govern_forget_audit(bigint[]) TO kehu_redact;
    END IF;
END $$;
"""
# Forgotten entries stay forgotten; only what was added goes again.
NO_FORGETTING = """
DROP FUNCTION govern_forget_audit(bigint[]);
CREATE OR REPLACE FUNCTION govern_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.chain_no IS NULL AND NEW.chain_no IS NOT NULL
       AND to_jsonb(OLD) - 'chain_no' - 'chain_hash' = to_jsonb(NEW) - 'chain_no' - 'chain_hash' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The audit trail is append-only: % refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER audit_salt ON govern_auditentry;
DROP FUNCTION govern_salt_audit();
CREATE OR REPLACE FUNCTION govern_audit_text(entry govern_auditentry) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT (to_jsonb(entry) - 'chain_hash' - CASE WHEN entry.address = '' THEN 'address' ELSE '' END)::text
$$;
DROP FUNCTION govern_audit_content(govern_auditentry);
ALTER TABLE govern_auditentry DROP COLUMN salt, DROP COLUMN content_hash, DROP COLUMN forgotten_at;
"""
TRIGGERS = {
    "privacy_request": audit_trigger(
        "privacy_request", secrets=("requester_name", "requester_contact", "details", "identity_note", "outcome")
    ),
    "privacy_hold": audit_trigger("privacy_hold"),
    "privacy_retentionpolicy": audit_trigger("privacy_retentionpolicy"),
}


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0001_requests_and_erasures"),
        ("govern", "0007_all_rights_and_more_roles"),
    ]
    operations = [
        migrations.RunSQL(FORGETTING, NO_FORGETTING),
        *(migrations.RunSQL(trigger, no_audit_trigger(table)) for table, trigger in TRIGGERS.items()),
    ]
