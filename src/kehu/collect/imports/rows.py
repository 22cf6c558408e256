"""A batch of rows → messages for the inbox and problems for people. Reads rows the way the road will."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from kehu.clean.given import GivenSource
from kehu.clean.row_mapping import CellProblem, RowMapping, read_row
from kehu.clean.touches import Touch
from kehu.clean.values import CleanContext
from kehu.collect.imports.readers import Row
from kehu.collect.inbox import NewMessage

MAX_PROBLEMS_PER_ROW = 5
_UNDECODABLE = "\ufffd".encode()  # what a byte that fits no encoding is read as
_ENCODER = msgspec.json.Encoder()


class Problem(NamedTuple):
    """field "": the row was not taken. Else the row went on without that cell."""

    row: int
    field: str
    code: str
    detail: str
    raw: dict[str, Any]


class Batch(NamedTuple):
    """handled = messages + rejected; troubled: rows with at least one problem, rejected ones included."""

    messages: list[NewMessage]
    problems: list[Problem]
    handled: int
    rejected: int
    troubled: int


class Target(NamedTuple):
    """Where rows go. key: mapping hash, as the messages name it. file_digest: makes message ids the file's own."""

    source: GivenSource
    source_id: int
    import_id: int
    mapping: RowMapping
    key: str
    file_digest: str


def prepare(rows: Sequence[Row], target: Target, now: datetime, context: CleanContext) -> Batch:
    messages: list[NewMessage] = []
    problems: list[Problem] = []
    rejected = troubled = 0
    for row in rows:
        if row.code:
            rejected += 1
            troubled += 1
            problems.append(Problem(row.number, "", row.code, row.detail, row.cells))
            continue
        message_id = f"{target.file_digest[:32]}:{target.key}:{row.number}"
        touches, found = read_row(row.cells, target.mapping, target.source, now, message_id, context)
        payload = _ENCODER.encode({"row": row.cells, "mapping": target.key})
        if _UNDECODABLE in payload:
            found = [*found, *_undecodable(row)]
        if found:
            troubled += 1
            problems += _problems(row, found)
        if not touches:
            rejected += 1
            continue
        messages.append(
            NewMessage(
                source_id=target.source_id,
                kind="row",
                message_id=message_id,
                payload=payload,
                shard_key=_shard_key(touches[0], message_id),
                import_id=target.import_id,
            )
        )
    return Batch(messages, problems, len(rows), rejected, troubled)


def _undecodable(row: Row) -> list[CellProblem]:
    return [
        CellProblem(column, "undecodable", cell[:200])
        for column, cell in row.cells.items()
        if isinstance(cell, str) and "\ufffd" in cell
    ]


def _problems(row: Row, found: Iterable[CellProblem]) -> list[Problem]:
    distinct = list(dict.fromkeys(found))[:MAX_PROBLEMS_PER_ROW]
    return [Problem(row.number, p.field, p.code, p.detail, row.cells) for p in distinct]


def _shard_key(touch: Touch, message_id: str) -> str:
    """Rows of one record keep their order; so do rows of one order that name nobody."""
    if touch.record is not None:
        return touch.record.external_id
    if touch.orders:
        return f"{touch.orders[0].namespace}:{touch.orders[0].number}"
    return message_id
