"""The stores no other room owns: rows kept for good, answers and jobs kept a while, packages, the audit trail."""

from typing import Any, Final

from kehu.core import redaction
from kehu.core.database import current_connection, fetch_all
from kehu.core.files import file_store
from kehu.core.registries import Subject, SubjectKey, subject_tables
from kehu.govern.privacy import rows, scan
from kehu.govern.privacy.models import Request
from kehu.govern.privacy.traces import Traces

_ID_TRACES: Final = ("customer_ids", "record_ids", "order_ids")


class KeptRows:
    """What people decided and said: rows of registered tables that no rebuild makes anew."""

    name, order = "kept_rows", 30

    def copy(self, subject: Subject) -> list[dict[str, Any]]:
        return [
            {"table": table.table, "rows": found}
            for table in rows.tables_that_hang(is_derived=False)
            if (found := rows.copy_rows_of(table, subject))
        ]

    def erase(self, subject: Subject) -> int:
        return sum(rows.delete_rows_of(table, subject) for table in rows.tables_that_hang(is_derived=False))


class PassingRows:
    """Answers to callers, announcements, jobs that ended: kept for days, but not if they tell of the person."""

    name, order = "passing_rows", 40

    def copy(self, subject: Subject) -> list[dict[str, Any]]:
        return []

    def erase(self, subject: Subject) -> int:
        traces = _with_ids(subject)
        passing = {table.table for table in subject_tables() if table.key is SubjectKey.TRANSIENT} | {"core_cache"}
        gone = 0
        for table in scan.tables():
            if table.schema == "public" and table.name in passing:
                gone += rows.delete_by_ctid(
                    table.schema, table.name, [found.ctid for found in scan.rows_that_tell(table, traces)]
                )
            elif table.name == "core_job":
                gone += _blank_jobs([found.ctid for found in scan.rows_that_tell(table, traces)])
        return gone


class Packages:
    """Copies that were made for the person: access and portability packages."""

    name, order = "packages", 50

    def copy(self, subject: Subject) -> list[dict[str, Any]]:
        return []

    def erase(self, subject: Subject) -> int:
        requests = Request.objects.filter(record_id__in=subject.record_ids).exclude(package_key="")
        keys = list(requests.values_list("package_key", flat=True))
        for key in keys:
            if not Request.objects.filter(package_key=key).exclude(record_id__in=subject.record_ids).exists():
                delete_file(key)
        requests.update(package_key="")
        return len(keys)


class AuditTrail:
    """Entries that tell of the person keep who did what when, and a salted hash of the rest: the chain still holds."""

    name, order = "audit", 90

    def copy(self, subject: Subject) -> list[dict[str, Any]]:
        return []

    def erase(self, subject: Subject) -> int:
        ids = [str(one) for kind in _ID_TRACES for one in getattr(subject, kind)]
        traces = _with_ids(subject)
        likes = [f"%{needle.replace('%', '')}%" for needle in traces.needles]
        found = fetch_all(
            "SELECT id, coalesce(before::text, '') || ' ' || coalesce(after::text, '') || ' ' || reason, "
            "row_id = ANY(%s::text[]) FROM govern_auditentry WHERE forgotten_at IS NULL AND (row_id = ANY(%s::text[]) "
            "OR before::text LIKE ANY(%s::text[]) OR after::text LIKE ANY(%s::text[]) OR reason LIKE ANY(%s::text[]))",
            [ids, ids, likes, likes, likes],
        )
        entries = [entry for entry, told, is_theirs in found if is_theirs or traces.are_in(told)]
        # Entries of this very transaction are not to be seen from outside; they are forgotten by the next run.
        with redaction.redacting() as connection:
            row = connection.execute("SELECT govern_forget_audit(%s::bigint[])", (entries,)).fetchone()
        return int(row[0]) if row else 0


OWN_STORES: Final = (KeptRows(), PassingRows(), Packages(), AuditTrail())


def delete_file(key: str) -> None:
    try:
        file_store().delete(key)
    except FileNotFoundError:
        return


def _with_ids(subject: Subject) -> Traces:
    ids = [str(one) for kind in _ID_TRACES for one in getattr(subject, kind)]
    return Traces([*Traces.of(subject.values).needles, *ids])


def _blank_jobs(ctids: list[str]) -> int:
    """A job's row stays, for what points at it; what it was told and what it answered goes."""
    found = [one.partition("/") for one in set(ctids)]
    if not found:
        return 0
    return (
        current_connection()
        .execute(
            "UPDATE core_job SET payload = '{}', result = NULL, error = '', progress_note = '' "
            "WHERE state IN ('done', 'failed', 'cancelled') AND (tableoid, ctid) IN "
            "(SELECT * FROM unnest(%s::oid[], %s::tid[]))",
            ([int(oid) for oid, _, _ in found], [ctid for _, _, ctid in found]),
        )
        .rowcount
    )
