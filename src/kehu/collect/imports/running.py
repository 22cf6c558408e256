"""The import itself: rows of a file into the inbox, batch by batch, each batch one transaction with its position."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from psycopg.types.json import Jsonb

from kehu.clean.row_mapping import RowMapping, mapping_hash, parse_mapping
from kehu.clean.values import CleanContext
from kehu.collect import inbox
from kehu.collect.imports.proposing import source_view
from kehu.collect.imports.readers import FileShape, Row, look, read_rows
from kehu.collect.imports.rows import Batch, Problem, Target, prepare
from kehu.collect.models import Import, Source
from kehu.config import config
from kehu.core.database import copy_rows, current_connection
from kehu.core.files import file_store

logger = logging.getLogger(__name__)
BATCH_ROWS = 1_000
MAX_PROBLEMS_KEPT = 100_000
_PROBLEM_COLUMNS = ("imported_id", "row", "field", "code", "detail", "raw")


class Position(NamedTuple):
    """rows handled so far, and of how many (None = not known yet)."""

    handled: int
    total: int | None


def run_import(
    import_id: int, start_at: int, checkpoint: Callable[[], None], save: Callable[[Position], None]
) -> dict[str, int]:
    """Append the rows after the first `start_at`. Doing it twice adds nothing: every row has its message id.

    checkpoint: called between batches, outside a transaction. save: called as the last statement of each batch's
    transaction, so that position and effects are committed together. Returns the import's counts.
    """
    imported = Import.objects.select_related("source").get(pk=import_id)
    assert imported.source is not None
    mapping = parse_mapping(imported.mapping)
    path = file_store().path(imported.file_path)
    shape = look(path, mapping.file)
    target = _target(imported, imported.source, mapping)
    handled = start_at
    for rows in _batches(islice(read_rows(path, shape), start_at, None)):
        checkpoint()
        now = datetime.now(UTC)
        batch = prepare(rows, target, now, CleanContext(now.date(), config.blind_index_key))
        handled += batch.handled
        _commit(import_id, batch, Position(handled, _total(shape, handled)), save)
    _finish(import_id, handled, save)
    return counts_of(import_id)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _target(imported: Import, source: Source, mapping: RowMapping) -> Target:
    return Target(source_view(source), source.pk, imported.pk, mapping, mapping_hash(mapping), imported.file_hash)


def _total(shape: FileShape, handled: int) -> int | None:
    return max(shape.row_count, handled) if shape.row_count is not None else None


def _commit(import_id: int, batch: Batch, position: Position, save: Callable[[Position], None]) -> None:
    with transaction.atomic():
        connection = current_connection()
        appended = inbox.append(connection, batch.messages)
        repeated = sum(1 for place in appended if place.seq is None)
        _keep_problems(import_id, batch.problems)
        Import.objects.filter(pk=import_id).update(
            rows_sent=F("rows_sent") + len(appended) - repeated,
            rows_repeated=F("rows_repeated") + repeated,
            rows_problem=F("rows_problem") + batch.troubled,
            rows_total=position.total,
        )
        save(position)


def _keep_problems(import_id: int, problems: list[Problem]) -> None:
    if not problems:
        return
    connection = current_connection()
    row = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM collect_importproblem WHERE imported_id = %s LIMIT %s) AS kept",
        (import_id, MAX_PROBLEMS_KEPT),
    ).fetchone()
    room = MAX_PROBLEMS_KEPT - (row[0] if row else 0)
    copy_rows(
        connection,
        "collect_importproblem",
        _PROBLEM_COLUMNS,
        (
            (import_id, p.row, _clean(p.field, 60), p.code[:60], _clean(p.detail, 500), Jsonb(p.raw))
            for p in problems[: max(0, room)]
        ),
    )


def _clean(text: str, length: int) -> str:
    return text.replace("\x00", "")[:length]


def _finish(import_id: int, handled: int, save: Callable[[Position], None]) -> None:
    with transaction.atomic():
        Import.objects.filter(pk=import_id).update(rows_total=handled)
        save(Position(handled, handled))


def counts_of(import_id: int) -> dict[str, int]:
    """rows = sent + repeated + rejected. problems: rows with any problem, taken or not."""
    imported = Import.objects.get(pk=import_id)
    rows = imported.rows_total or 0
    return {
        "rows": rows,
        "sent": imported.rows_sent,
        "repeated": imported.rows_repeated,
        "rejected": max(0, rows - imported.rows_sent - imported.rows_repeated),
        "problems": imported.rows_problem,
    }
