"""What follows from the inbox about a person: told to them on request, and taken out of every generation."""

from typing import Any, Final

from psycopg import sql

from kehu.core import bus
from kehu.core.database import AdvisoryLock, current_connection, fetch_all, lock_in_transaction
from kehu.core.registries import Subject
from kehu.govern.privacy import rows
from kehu.govern.privacy.errors import NotYet
from kehu.profile.models import Export, Rebuild
from kehu.profile.services.export import export_store

# Whoever shared an identifier, a link or a household with the person is looked at again.
_NEIGHBORS = """
INSERT INTO resolve_resettle (record_id, reason)
SELECT DISTINCT other, 'a neighbor was erased' FROM (
    SELECT right_id AS other FROM resolve_link WHERE left_id = ANY(%(r)s)
    UNION SELECT left_id FROM resolve_link WHERE right_id = ANY(%(r)s)
    UNION SELECT o.record_id FROM resolve_binding b JOIN resolve_binding o ON o.type = b.type AND o.value = b.value
          WHERE b.record_id = ANY(%(r)s)) AS neighbors
WHERE other <> ALL(%(r)s) AND other IN (SELECT id FROM resolve_sourcerecord)
ON CONFLICT DO NOTHING
"""
_IDENTIFIERS = (
    "DELETE FROM {schema}.resolve_identifierstatus s USING {schema}.resolve_binding b WHERE b.record_id = ANY(%(r)s) "
    "AND s.type = b.type AND s.value = b.value AND NOT EXISTS (SELECT FROM {schema}.resolve_binding o "
    "WHERE o.type = b.type AND o.value = b.value AND o.record_id <> ALL(%(r)s))",
    "DELETE FROM public.resolve_blockedvalue v USING {schema}.resolve_binding b WHERE b.record_id = ANY(%(r)s) "
    "AND v.type = b.type AND v.value = b.value AND NOT EXISTS (SELECT FROM {schema}.resolve_binding o "
    "WHERE o.type = b.type AND o.value = b.value AND o.record_id <> ALL(%(r)s))",
)
# An order a company stands for as well stays with the company.
_LEAVE_TO_THE_COMPANY = (
    "UPDATE {schema}.profile_order SET record_id = NULL WHERE record_id = ANY(%(r)s) "
    "AND organisation_record_id <> ALL(%(r)s)"
)
_SUBJECTS = (
    "DELETE FROM {schema}.profile_messagesubject WHERE record_id = ANY(%(o)s) OR (shard, seq) IN "
    "(SELECT * FROM unnest(%(shards)s::smallint[], %(seqs)s::bigint[]))"
)


class DerivedRows:
    """Golden record, timeline, orders, search, identity graph: in the live generation and in those being built."""

    name, order = "derived_rows", 20

    def copy(self, subject: Subject) -> list[dict[str, Any]]:
        return [
            {"table": table.table, "rows": found}
            for table in rows.tables_that_hang(is_derived=True)
            if (found := rows.copy_rows_of(table, subject))
        ]

    def erase(self, subject: Subject) -> int:
        if Rebuild.objects.filter(state=Rebuild.State.BUILDING).exists():
            raise NotYet("A new generation is being built: the run goes on when it is done.")
        connection = current_connection()
        lock_in_transaction(connection, AdvisoryLock.LEADER)
        asked = {
            "r": list(subject.record_ids),
            "o": list(subject.order_ids),
            "shards": [shard for shard, _ in subject.places],
            "seqs": [seq for _, seq in subject.places],
        }
        connection.execute(_NEIGHBORS, asked)
        gone = 0
        for (schema,) in fetch_all("SELECT nspname FROM pg_namespace WHERE nspname = 'live' OR nspname ~ '^gen_'"):
            for statement in (*_IDENTIFIERS, _LEAVE_TO_THE_COMPANY, _SUBJECTS):
                connection.execute(sql.SQL(statement).format(schema=sql.Identifier(schema)), asked)
            for table in rows.tables_that_hang(is_derived=True):
                gone += rows.delete_rows_of(table, subject, schema)
        bus.publish("customers.changed", {"created": [], "updated": [], "moved": [],
                                          "gone": [str(one) for one in subject.customer_ids]})  # fmt: skip
        return gone


class ExportFiles:
    """Lists of customers written to files, the person's line among them: they live a day, and now not even that."""

    name, order = "export_files", 25

    def copy(self, subject: Subject) -> list[dict[str, Any]]:
        return []

    def erase(self, subject: Subject) -> int:
        keys = set(Export.objects.exclude(file_key="").values_list("file_key", flat=True))
        for key in keys:
            try:
                export_store().delete(key)
            except FileNotFoundError:
                continue
        Export.objects.filter(file_key__in=keys).update(file_key="", size=None)
        return len(keys)


STORES: Final = (DerivedRows(), ExportFiles())
