"""The rows with problems as a CSV file: correct it and import it again."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import msgspec
from django.utils.translation import get_language, override

from kehu.clean.row_mapping import parse_mapping
from kehu.collect.imports.readers import look
from kehu.collect.models import Import, ImportProblem
from kehu.collect.problem_texts import problem_label, problem_text
from kehu.core.errors import DomainError, NotFound
from kehu.core.files import file_store
from kehu.govern import audit
from kehu.govern.access import Actor, require

ROW, FIELD, PROBLEM, RAW = "kehu_row", "kehu_field", "kehu_problem", "kehu_raw"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def problem_file(import_id: int, *, actor: Actor) -> Iterator[str]:
    """Chunks of text, with a BOM so that spreadsheets read it as UTF-8. One line per row, its problems in the words of
    the language that is on now.

    Cells that a spreadsheet would run as a formula get a leading quote, which the import takes off again.
    """
    require(actor, "import.run")
    imported = Import.objects.filter(pk=import_id).first()
    if imported is None:
        raise NotFound("import", import_id)
    audit.note(actor=actor, action="import.problems_downloaded", on=str(import_id), reason=imported.file_name)
    return _lines(import_id, _columns_of_file(imported), get_language())


def _columns_of_file(imported: Import) -> tuple[str, ...]:
    """In the order of the file; lists of objects go into one cell each."""
    try:
        shape = look(file_store().path(imported.file_path), parse_mapping(imported.mapping).file)
    except (FileNotFoundError, DomainError):
        return ()
    nested = tuple(f"{name}." for name in shape.lists)
    flat = [column for column in shape.columns if not nested or not column.startswith(nested)]
    return tuple(column for column in (*flat, *shape.lists) if not column.startswith("kehu_"))


def _lines(import_id: int, file_columns: tuple[str, ...], language: str | None) -> Iterator[str]:
    """language: lines are asked for while the answer is sent, when the request's own language may be gone."""
    columns: dict[str, None] = dict.fromkeys(file_columns)
    for raw in ImportProblem.objects.filter(imported_id=import_id).values_list("raw", flat=True).iterator(2_000):
        columns.update(dict.fromkeys(column for column in raw if column and not column.startswith("kehu_")))
    headings = [*columns, ROW, FIELD, PROBLEM, RAW]
    yield "\ufeff" + _line(headings)
    found = ImportProblem.objects.filter(imported_id=import_id).order_by("row", "pk")
    current: list[ImportProblem] = []
    for problem in found.iterator(2_000):
        if current and problem.row != current[0].row:
            yield _line(_cells(current, list(columns), language))
            current = []
        current.append(problem)
    if current:
        yield _line(_cells(current, list(columns), language))


def _cells(problems: list[ImportProblem], columns: list[str], language: str | None) -> list[str]:
    first = problems[0]
    with override(language):
        told = "; ".join(_in_words(problem) for problem in problems)
    fields = ", ".join(dict.fromkeys(p.field for p in problems if p.field))
    return [
        *(_text(first.raw.get(column)) for column in columns),
        str(first.row),
        fields,
        told,
        _text(first.raw.get("")),
    ]


def _in_words(problem: ImportProblem) -> str:
    label, text = problem_label(problem.code), problem_text(problem.code, problem.detail)
    return f"{label}: {text}" if text else label


def _text(value: Any) -> str:
    """A list of objects stays readable for the import as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([neutralise(cell) for cell in cells])
    return buffer.getvalue()


def neutralise(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
