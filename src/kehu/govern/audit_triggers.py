"""The SQL of the audit trail, for migrations: a new table that people change gets `audit_trigger(…)` in its own.

Row triggers see every way of writing: the ORM, bulk statements, COPY and SQL by hand.
"""

AUDIT_FUNCTIONS = """
CREATE FUNCTION govern_audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
-- Arguments: columns never to be shown, columns whose change alone is not worth a row; each as 'a,b'.
DECLARE
    secret_columns text[] := string_to_array(TG_ARGV[0], ',');
    noisy_columns text[] := string_to_array(TG_ARGV[1], ',');
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - noisy_columns END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - noisy_columns END;
    whole_row jsonb := coalesce(new_row, old_row);
    changed_columns text[];
    secret_column text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF old_row = new_row THEN
            RETURN NULL;
        END IF;
        SELECT array_agg(key) INTO changed_columns
          FROM jsonb_each(new_row) AS n WHERE old_row -> n.key IS DISTINCT FROM n.value;
        SELECT jsonb_object_agg(key, value) INTO old_row FROM jsonb_each(old_row) WHERE key = ANY(changed_columns);
        SELECT jsonb_object_agg(key, value) INTO new_row FROM jsonb_each(new_row) WHERE key = ANY(changed_columns);
    END IF;
    FOREACH secret_column IN ARRAY secret_columns LOOP
        IF old_row ? secret_column THEN
            old_row := old_row || jsonb_build_object(secret_column, '(hidden)');
        END IF;
        IF new_row ? secret_column THEN
            new_row := new_row || jsonb_build_object(secret_column, '(hidden)');
        END IF;
    END LOOP;
    INSERT INTO govern_auditentry
        (action, table_name, row_id, before, after, actor_id, actor_label, reason, request_id)
    VALUES (
        lower(TG_OP), TG_TABLE_NAME, coalesce(whole_row ->> 'id', whole_row ->> 'record_id', ''), old_row, new_row,
        nullif(current_setting('kehu.actor_id', true), '')::bigint,
        coalesce(nullif(current_setting('kehu.actor', true), ''), 'database role ' || session_user),
        coalesce(current_setting('kehu.reason', true), ''),
        coalesce(current_setting('kehu.request_id', true), ''));
    RETURN NULL;
END $$;

CREATE FUNCTION govern_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.chain_no IS NULL AND NEW.chain_no IS NOT NULL
       AND to_jsonb(OLD) - 'chain_no' - 'chain_hash' = to_jsonb(NEW) - 'chain_no' - 'chain_hash' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The audit trail is append-only: % refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON govern_auditentry
    FOR EACH ROW EXECUTE FUNCTION govern_refuse_audit_change();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON govern_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION govern_refuse_audit_change();

-- What the hash of an entry covers, the same text in every session.
CREATE FUNCTION govern_audit_text(entry govern_auditentry) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT (to_jsonb(entry) - 'chain_hash')::text
$$;

CREATE FUNCTION govern_chain_audit(at_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
-- Entries get a place in the chain when they are chained, not when they are written: writers never queue, and an
-- entry whose transaction commits late is not left out.
DECLARE
    entry govern_auditentry;
    number bigint;
    hash bytea;
    made bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('govern_chain_audit'));
    SELECT chain_no, chain_hash INTO number, hash
      FROM govern_auditentry WHERE chain_no IS NOT NULL ORDER BY chain_no DESC LIMIT 1;
    number := coalesce(number, 0);
    hash := coalesce(hash, ''::bytea);
    FOR entry IN SELECT * FROM govern_auditentry WHERE chain_no IS NULL ORDER BY id LIMIT at_most LOOP
        number := number + 1;
        entry.chain_no := number;
        hash := sha256(hash || convert_to(govern_audit_text(entry), 'UTF8'));
        UPDATE govern_auditentry SET chain_no = number, chain_hash = hash WHERE id = entry.id;
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Everybody who reads and writes rows may add to the trail; nobody but its owner could change it, and the trigger
-- stops even them.
DO $$
DECLARE
    grantee text;
BEGIN
    FOR grantee IN
        SELECT DISTINCT rolname FROM pg_class, aclexplode(relacl) AS a JOIN pg_roles ON pg_roles.oid = a.grantee
         WHERE pg_class.oid = 'public.govern_auditentry'::regclass AND a.grantee <> relowner
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON public.govern_auditentry FROM %I', grantee);
    END LOOP;
END $$;
"""

NO_AUDIT_FUNCTIONS = """
DROP FUNCTION govern_chain_audit(integer);
DROP FUNCTION govern_audit_text(govern_auditentry);
DROP TRIGGER audit_is_not_emptied ON govern_auditentry;
DROP TRIGGER audit_is_append_only ON govern_auditentry;
DROP FUNCTION govern_refuse_audit_change();
DROP FUNCTION govern_audit_row();
"""

# Where a change came from: filled in by the table itself, so every way of writing an entry has it. An entry without
# one keeps the text, and so the hash, it had before there were addresses.
ADDRESS_IN_AUDIT = """
ALTER TABLE govern_auditentry ALTER COLUMN address SET DEFAULT coalesce(current_setting('kehu.address', true), '');
CREATE OR REPLACE FUNCTION govern_audit_text(entry govern_auditentry) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT (to_jsonb(entry) - 'chain_hash' - CASE WHEN entry.address = '' THEN 'address' ELSE '' END)::text
$$;
"""

NO_ADDRESS_IN_AUDIT = """
ALTER TABLE govern_auditentry ALTER COLUMN address DROP DEFAULT;
CREATE OR REPLACE FUNCTION govern_audit_text(entry govern_auditentry) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT (to_jsonb(entry) - 'chain_hash' - 'address')::text
$$;
"""


def audit_trigger(
    table: str,
    *,
    secrets: tuple[str, ...] = (),
    noise: tuple[str, ...] = (),
    on: str = "INSERT OR UPDATE OR DELETE",
) -> str:
    """SQL that audits a table. secrets: columns told as changed, never their value; noise: progress and the like."""
    return (
        f"CREATE TRIGGER audit AFTER {on} ON public.{table} FOR EACH ROW"
        f" EXECUTE FUNCTION govern_audit_row('{','.join(secrets)}', '{','.join(noise)}')"
    )


def no_audit_trigger(table: str) -> str:
    return f"DROP TRIGGER audit ON public.{table}"
