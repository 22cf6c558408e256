"""What a person sees before an import starts: columns with samples and guesses, and what rows would become."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from kehu.clean.row_mapping import FilePart, RowMapping, read_row
from kehu.clean.source_view import SourceView
from kehu.clean.touches import Touch
from kehu.clean.values import CleanContext
from kehu.collect.imports.guessing import ColumnProposal, MappingGuess, guess_mapping
from kehu.collect.imports.readers import FileShape, Row, look, read_rows, shape_hash
from kehu.config import config

ROWS_SAMPLED = 200
SHAPES = "shapes"
_OWN_COLUMNS = "kehu_"


@dataclass(frozen=True, slots=True)
class Proposal:
    """mapping: JSON to confirm or change. is_remembered: it is the one last used for a file of these columns."""

    import_id: int
    shape: FileShape
    columns: tuple[ColumnProposal, ...]
    mapping: dict[str, Any]
    confidence: float
    is_remembered: bool


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


def guess(path: Path, shape: FileShape) -> MappingGuess:
    samples = _samples(shape, list(islice(read_rows(path, shape), ROWS_SAMPLED)))
    return guess_mapping(shape.columns, samples, shape.lists)


def remembered(source_mapping: dict[str, Any], shape: FileShape) -> dict[str, Any] | None:
    key = source_mapping.get(SHAPES, {}).get(shape_key(shape.columns))
    found: dict[str, Any] | None = source_mapping.get(key) if key else None
    return found


def propose(import_id: int, path: Path, file: FilePart | None, source_mapping: dict[str, Any] | None) -> Proposal:
    shape = look(path, file)
    guessed = guess(path, shape)
    known = remembered(source_mapping or {}, shape)
    return Proposal(
        import_id,
        shape,
        guessed.columns,
        known or guessed.mapping,
        1.0 if known else guessed.confidence,
        known is not None,
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


def _samples(shape: FileShape, rows: list[Row]) -> dict[str, list[str]]:
    """Values of every column, "" where a row has none, so that positions stay comparable between columns."""
    good = [row.cells for row in rows if not row.code]
    samples: dict[str, list[str]] = {}
    for column in shape.columns:
        values = [_text(cells, column, shape.lists) for cells in good]
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
