"""How a file is laid out, a row of it, and what makes us refuse one."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext as _

from kehu.core.errors import DomainError

CSV, JSONL, JSON, XLSX, PARQUET = "csv", "jsonl", "json", "xlsx", "parquet"
MAX_COLUMNS = 1_000
MAX_CELL = 32 * 1024
MAX_ROWS = 20_000_000
MAX_UNPACKED_BYTES = 2 << 30
MAX_RATIO = 100
SMALL_BYTES = 10 << 20  # a ratio means nothing for a file that stays small when unpacked


class FileShape(msgspec.Struct, frozen=True):
    """header_row: counted from 1 as spreadsheets do; 0 = no headings, columns are then column_1, column_2 …

    row_count: rows of data, None when only reading the file through would tell. lists: fields that hold lists of
    objects (JSON lines, Parquet); their columns are named list.field.
    """

    format: str
    columns: tuple[str, ...]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int = 1
    row_count: int | None = None
    lists: tuple[str, ...] = ()


class Row(NamedTuple):
    """number: as a spreadsheet counts, headings included. cells: column → text, or a list of such objects.

    code, detail: set when the row could not be read; cells then hold what was there as text, under "". detail:
    parameters for the code's sentence in collect.problem_texts.
    """

    number: int
    cells: dict[str, Any]
    code: str = ""
    detail: str = ""


class FileRefused(DomainError):
    """The file cannot be imported; `reason` is stable."""

    code = "file_refused"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason, self.message = reason, message

    def __str__(self) -> str:
        return self.message


def shape_hash(columns: Sequence[str]) -> str:
    """The same for files with the same columns in any order: what a remembered mapping is found by."""
    return hashlib.blake2b("\x1f".join(sorted(columns)).encode(), digest_size=8).hexdigest()


def name_columns(headings: Sequence[str]) -> tuple[str, ...]:
    """Every column a name of its own: empty ones become column_3, repeated ones 备注_2. Refuses more than 1,000."""
    check_column_count(len(headings))
    names: list[str] = []
    seen: set[str] = set()
    for position, heading in enumerate(headings, start=1):
        name = base = " ".join(heading.replace("\x00", "").split())[:200] or f"column_{position}"
        times = 1
        while name in seen:
            times += 1
            name = f"{base}_{times}"
        seen.add(name)
        names.append(name)
    return tuple(names)


def check_column_count(count: int) -> None:
    if count > MAX_COLUMNS:
        raise FileRefused(
            "too_many_columns",
            _("The file has %(count)d columns; at most %(limit)d can be imported.")
            % {"count": count, "limit": MAX_COLUMNS},
        )


def parameters(**told: str | int) -> str:
    """The detail of a row's problem: what its sentence is filled with."""
    return msgspec.json.encode(told).decode()


def too_many_rows() -> FileRefused:
    return FileRefused("too_many_rows", _("The file has more than %(limit)d rows: split it.") % {"limit": MAX_ROWS})


def empty_file() -> FileRefused:
    return FileRefused("empty", _("The file holds no rows."))
