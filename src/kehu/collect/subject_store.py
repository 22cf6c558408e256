"""Raw data of a person: their messages are blanked by the one role that may, their letters and files removed."""

import logging
from collections.abc import Iterable, Iterator
from threading import Event
from typing import Any, Final

import django.db
import psycopg
from django.db import connection as django_connection

from kehu.collect import inbox
from kehu.collect.imports.readers import look, read_rows
from kehu.collect.models import DeadLetter, Import, ImportProblem
from kehu.core import redaction
from kehu.core.database import current_connection, fetch_all
from kehu.core.files import file_store
from kehu.core.registries import Subject
from kehu.govern.privacy.errors import NotYet
from kehu.govern.privacy.traces import Traces

logger = logging.getLogger(__name__)
PAUSE_SECONDS: Final = 5.0
Place = tuple[int, int]

# Messages nobody could connect with a record (an order by its buyer's number, a letter nobody could read).
_UNCONNECTED = """
SELECT i.shard, i.seq, i.payload FROM collect_inbox i
WHERE i.redacted_at IS NULL AND EXISTS (
    SELECT FROM unnest(%s::text[]) AS needle WHERE position(convert_to(needle, 'UTF8') IN i.payload) > 0)
AND NOT EXISTS (SELECT FROM profile_messagesubject s WHERE s.shard = i.shard AND s.seq = i.seq)
"""
_IMPORTS_OF = """
SELECT DISTINCT import_id FROM collect_inbox
WHERE import_id IS NOT NULL AND (shard, seq) IN (SELECT * FROM unnest(%s::smallint[], %s::bigint[]))
"""
_MESSAGES = """
SELECT s.name, i.kind, i.received_at::text, i.payload FROM collect_inbox i JOIN collect_source s ON s.id = i.source_id
WHERE i.redacted_at IS NULL AND (i.shard, i.seq) IN (SELECT * FROM unnest(%s::smallint[], %s::bigint[]))
ORDER BY i.received_at LIMIT 10000
"""
_BATCH = 500


class RawMessages:
    """The inbox, the dead letters, the problems of imports and the files they came in."""

    name, order = "raw_messages", 10

    def copy(self, subject: Subject) -> list[dict[str, Any]]:
        rows = fetch_all(_MESSAGES, _columns(subject.places))
        told = [
            {"source": source, "kind": kind, "received_at": at, "payload": bytes(payload).decode(errors="replace")}
            for source, kind, at, payload in rows
        ]
        return [{"table": "messages", "rows": told}] if told else []

    def erase(self, subject: Subject) -> int:
        traces = Traces.of(subject.values)
        places = {*subject.places, *_unconnected(traces)}
        files = _forget_imports(places, traces)
        letters = _forget_letters(places)
        with redaction.redacting() as connection:
            redacted = sum(inbox.redact(connection, batch) for batch in _batches(sorted(places)))
        return redacted + letters + files


def redact_queued() -> int:
    """Blank the messages that tried to bring erased people back. Returns how many were waiting."""
    rows = fetch_all("SELECT shard, seq FROM privacy_redaction ORDER BY shard, seq LIMIT 10000")
    places = [(shard, seq) for shard, seq in rows]
    if places:
        with redaction.redacting() as connection:
            for batch in _batches(places):
                inbox.redact(connection, batch)
        _forget_letters(set(places))
        current_connection().execute(
            "DELETE FROM privacy_redaction WHERE (shard, seq) IN (SELECT * FROM unnest(%s::smallint[], %s::bigint[]))",
            _columns(places),
        )
    return len(places)


def run_redaction(stop: Event) -> None:
    """Blank what is queued until told to stop; reconnect when the database goes away."""
    while not stop.is_set():
        try:
            if redact_queued():
                continue
        except (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError) as error:
            logger.warning("redaction: the database is away", extra={"error": type(error).__name__})
            django_connection.close()
        except Exception:
            logger.exception("redaction failed")
            django_connection.close()
        stop.wait(PAUSE_SECONDS)
    django_connection.close()


def _unconnected(traces: Traces) -> Iterator[Place]:
    if traces.needles:
        for shard, seq, payload in fetch_all(_UNCONNECTED, [list(traces.needles)]):
            if traces.are_in_bytes(bytes(payload)):
                yield shard, seq


def _forget_letters(places: set[Place]) -> int:
    gone = 0
    for shard, seqs in _by_shard(places).items():
        gone += DeadLetter.objects.filter(shard=shard, seq__in=seqs).delete()[0]
    return gone


def _forget_imports(places: set[Place], traces: Traces) -> int:
    """A file in which the person stands goes as a whole: its other rows are in the inbox, one by one."""
    named = {row[0] for row in fetch_all(_IMPORTS_OF, _columns(places))}
    problems = [
        (pk, imported)
        for pk, imported, raw, detail in fetch_all(
            "SELECT id, imported_id, raw::text, detail FROM collect_importproblem WHERE raw::text LIKE ANY(%s::text[])",
            [[f"%{needle.replace('%', '')}%" for needle in traces.needles]],
        )
        if traces.are_in(f"{raw} {detail}")
    ]
    ImportProblem.objects.filter(pk__in=[pk for pk, _ in problems]).delete()
    named |= {imported for _, imported in problems}
    kept = Import.objects.exclude(file_path="")
    told = {one.file_path for one in kept if one.pk in named or traces.are_in(one.file_name) or _tells(one, traces)}
    going = kept.filter(file_path__in=told)
    if going.filter(state=Import.State.RUNNING).exists():
        raise NotYet("An import in which the person stands is running: the run goes on when it is done.")
    for key in told:
        try:
            file_store().delete(key)
        except FileNotFoundError:
            continue
    going.update(file_path="")
    for one in Import.objects.filter(pk__in=named):
        if traces.are_in(one.file_name):
            Import.objects.filter(pk=one.pk).update(file_name="")
    return len(told) + len(problems)


def _tells(imported: Import, traces: Traces) -> bool:
    """Whether a file nobody imported to the end tells of the person. What cannot be read is searched as it is."""
    if imported.state == Import.State.DONE and not imported.rows_problem:
        return False  # every row of it is a message, and the messages are known
    try:
        path = file_store().path(imported.file_path)
    except FileNotFoundError:
        return False
    try:
        return any(traces.are_in(" ".join(map(str, row.cells.values()))) for row in read_rows(path, look(path)))
    except Exception:
        return traces.are_in_bytes(path.read_bytes())


def _columns(places: Iterable[Place]) -> list[list[int]]:
    found = list(places)
    return [[shard for shard, _ in found], [seq for _, seq in found]]


def _by_shard(places: set[Place]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for shard, seq in sorted(places):
        found.setdefault(shard, []).append(seq)
    return found


def _batches(places: list[Place]) -> Iterator[list[Place]]:
    for start in range(0, len(places), _BATCH):
        yield places[start : start + _BATCH]


STORES: Final = (RawMessages(),)
