"""What a person sees before an import starts: columns with samples and guesses, and what rows would become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from kehu.clean.columns import guess_columns
from kehu.clean.row_mapping import (
    FilePart,
    RowMapping,
    Step,
    apply_steps,
    columns_made,
    parse_mapping,
    read_row,
)
from kehu.clean.source_view import SourceView
from kehu.clean.touches import Touch
from kehu.clean.values import CleanContext
from kehu.collect.imports.drafts import steps_of
from kehu.collect.imports.guessing import SURE, ColumnProposal, guess_mapping
from kehu.collect.imports.readers import FileShape, Row, first_records, look, read_rows, shape_hash
from kehu.collect.imports.roles import roles_of
from kehu.collect.models import Source
from kehu.config import config

ROWS_SAMPLED = 200
FIRST_ROWS = 8
SHAPES = "shapes"
_OWN_COLUMNS = "kehu_"


class Origin(StrEnum):
    """Where a proposed mapping comes from."""

    GUESS = "guess"
    REMEMBERED = "remembered"  # last used for a file of these columns
    DRAFT = "draft"  # being worked on


@dataclass(frozen=True, slots=True)
class Proposal:
    """mapping: JSON to confirm or change. columns: those of the file and those its steps make, with values as the steps
    leave them. first_rows: of a text file or a sheet as they stand."""

    import_id: int
    shape: FileShape
    columns: tuple[ColumnProposal, ...]
    mapping: dict[str, Any]
    confidence: float
    origin: Origin
    first_rows: tuple[tuple[str, ...], ...] = ()

    @property
    def is_remembered(self) -> bool:
        return self.origin == Origin.REMEMBERED


@dataclass(frozen=True, slots=True)
class PreviewProblem:
    field: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What one row becomes. touches is empty when the row would not be taken; problems then say why."""

    number: int
    touches: tuple[Touch, ...]
    problems: tuple[PreviewProblem, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    rows: tuple[PreviewRow, ...]
    problem_counts: dict[str, int] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        return sum(1 for row in self.rows if row.touches)


def shape_key(columns: tuple[str, ...]) -> str:
    """Of the file's own columns: those a downloaded problem file adds do not make it another shape."""
    return shape_hash([column for column in columns if not column.startswith(_OWN_COLUMNS)])


def remembered(source_mapping: Mapping[str, Any], shape: FileShape) -> dict[str, Any] | None:
    key = source_mapping.get(SHAPES, {}).get(shape_key(shape.columns))
    found: dict[str, Any] | None = source_mapping.get(key) if key else None
    return found


def propose(
    import_id: int,
    path: Path,
    *,
    file: FilePart | None = None,
    draft: dict[str, Any] | None = None,
    source_mapping: Mapping[str, Any] | None = None,
) -> Proposal:
    """The draft, else what was confirmed for such a file before, else a guess. file: how to read it, said anew."""
    if file is None and draft:
        file = parse_mapping({"file": draft["file"]}).file if "file" in draft else None
    shape = look(path, file)
    known = draft or remembered(source_mapping or {}, shape)
    steps = steps_of(known or {})
    columns = (*shape.columns, *(c for c in columns_made(steps) if c not in shape.columns))
    samples = _samples(columns, shape.lists, list(islice(read_rows(path, shape), ROWS_SAMPLED)), steps)
    guessed = guess_mapping(columns, samples, shape.lists)
    origin = Origin.GUESS if known is None else Origin.DRAFT if draft else Origin.REMEMBERED
    proposals = guessed.columns if known is None else _as_said(guessed.columns, roles_of(known))
    first_rows = tuple(tuple(row) for row in first_records(path, shape, FIRST_ROWS))
    confidence = guessed.confidence if known is None else 1.0
    return Proposal(import_id, shape, proposals, known or guessed.mapping, confidence, origin, first_rows)


def guess_columns_of(proposal: Proposal, columns: Sequence[str]) -> list[tuple[str, str]]:
    """(column, attribute or identifier type) of those of the columns whose values or headings tell."""
    samples = {one.column: one.samples for one in proposal.columns if one.column in columns}
    guesses = guess_columns(tuple(samples), samples)
    return [(column, guess.attribute) for column, guess in guesses.items() if guess.confidence >= SURE]


def _as_said(guessed: Sequence[ColumnProposal], roles: Mapping[str, str]) -> tuple[ColumnProposal, ...]:
    """Columns with the meaning somebody confirmed; where that is the guessed one, with how sure the guess was."""
    said = []
    for one in guessed:
        role = roles.get(one.column, "")
        said.append(one if role == one.role else ColumnProposal(one.column, role, 1.0, "confirmed", one.samples))
    return tuple(said)


def source_view(source: Source | None) -> SourceView:
    """The source as cleaning sees it; without one, a trusted stranger."""
    if source is None:
        return SourceView(id=0, slug="preview", is_trusted=True)
    return SourceView(
        id=source.pk,
        slug=source.slug,
        kind=source.kind,
        time_zone=source.time_zone,
        order_namespace=source.order_namespace,
        is_trusted=source.is_trusted,
    )


def preview(path: Path, mapping: RowMapping, source: SourceView, count: int) -> Preview:
    shape = look(path, mapping.file)
    now = datetime.now(UTC)
    context = CleanContext(now.date(), config.blind_index_key)
    rows = [_preview_row(row, mapping, source, now, context) for row in islice(read_rows(path, shape), count)]
    counts: dict[str, int] = {}
    for row in rows:
        for problem in row.problems:
            counts[problem.code] = counts.get(problem.code, 0) + 1
    return Preview(tuple(rows), counts)


def _preview_row(row: Row, mapping: RowMapping, source: SourceView, now: datetime, context: CleanContext) -> PreviewRow:
    if row.code:
        return PreviewRow(row.number, (), (PreviewProblem("", row.code, row.detail),))
    touches, found = read_row(row.cells, mapping, source, now, f"preview:{row.number}", context)
    return PreviewRow(
        row.number, tuple(touches), tuple(PreviewProblem(p.field, p.code, p.detail) for p in dict.fromkeys(found))
    )


def _samples(
    columns: Sequence[str], lists: tuple[str, ...], rows: Sequence[Row], steps: Sequence[Step]
) -> dict[str, list[str]]:
    """Values of every column, "" where a row has none, so that positions stay comparable between columns."""
    good = [apply_steps(row.cells, steps) for row in rows if not row.code]
    samples: dict[str, list[str]] = {}
    for column in columns:
        values = [_text(cells, column, lists) for cells in good]
        samples[column] = values if any(values) else []
    return samples


def _text(cells: dict[str, Any], column: str, lists: tuple[str, ...]) -> str:
    value = cells.get(column)
    if isinstance(value, str):
        return value
    for name in lists:
        inner = cells.get(name)
        if column.startswith(f"{name}.") and isinstance(inner, list) and inner:
            found = inner[0].get(column.removeprefix(f"{name}."), "")
            return found if isinstance(found, str) else ""
    return ""
