"""Files as rows of text, whatever their format: look at a file once, then read its rows as often as needed."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kehu.clean.row_mapping import FilePart
from kehu.collect.imports.readers import csv_rows, excel_rows, json_rows, parquet_rows
from kehu.collect.imports.readers.shape import (
    CSV,
    JSON,
    JSONL,
    MAX_ROWS,
    PARQUET,
    XLSX,
    FileRefused,
    FileShape,
    Row,
    empty_file,
    shape_hash,
    too_many_rows,
)

__all__ = [
    "CSV",
    "JSON",
    "JSONL",
    "PARQUET",
    "XLSX",
    "FileRefused",
    "FileShape",
    "Row",
    "first_records",
    "look",
    "read_rows",
    "sample_rows",
    "shape_hash",
]

# First bytes of what people take for a table. The name of the file says nothing we would rely on.
_REFUSED = {
    b"\xd0\xcf\x11\xe0": ("old_workbook", _("This is an old Excel workbook (.xls): save it as .xlsx or CSV.")),
    b"%PDF": ("not_a_table", _("This is a PDF, not a table.")),
    b"\x1f\x8b": ("compressed", _("The file is compressed: unpack it first.")),
    b"\x28\xb5\x2f\xfd": ("compressed", _("The file is compressed: unpack it first.")),
    b"7z\xbc\xaf": ("compressed", _("The file is compressed: unpack it first.")),
    b"Rar!": ("compressed", _("The file is compressed: unpack it first.")),
    b"\x89PNG": ("not_a_table", _("This is a picture, not a table.")),
    b"\xff\xd8\xff": ("not_a_table", _("This is a picture, not a table.")),
}


def look(path: Path, wanted: FilePart | None = None) -> FileShape:
    """Format (by its first bytes), encoding, delimiter, sheet, headings. Raises FileRefused saying what to do."""
    wanted = wanted or FilePart()
    if wanted.encoding:
        _check_encoding(wanted.encoding)
    match _format(path):
        case "xlsx":
            return excel_rows.look(path, wanted)
        case "parquet":
            return parquet_rows.look(path)
        case "jsonl":
            return json_rows.look(path, wanted, is_list=False)
        case "json":
            return json_rows.look(path, wanted, is_list=True)
        case _:
            return csv_rows.look(path, wanted)


def _check_encoding(name: str) -> None:
    try:
        "a".encode(name)
    except (LookupError, ValueError) as error:
        raise FileRefused(
            "unknown_encoding", gettext("The file cannot be read as %(encoding)s.") % {"encoding": repr(name)[1:41]}
        ) from error


def _format(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b" \t\r\n"):
        raise empty_file()
    for magic, (reason, message) in _REFUSED.items():
        if head.startswith(magic):
            raise FileRefused(reason, str(message))
    if head.startswith(b"PK"):
        return XLSX
    if head.startswith(b"PAR1"):
        return PARQUET
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip(b"\xff\xfe \t\r\n")
    if text.startswith(b"{"):
        return JSONL
    if text.startswith(b"[") and text[1:].lstrip()[:1] in (b"{", b"]"):
        return JSON
    return CSV


def read_rows(path: Path, shape: FileShape) -> Iterator[Row]:
    """Every row of data, in order. Raises FileRefused past 20 million."""
    match shape.format:
        case "xlsx":
            rows = excel_rows.read(path, shape)
        case "parquet":
            rows = parquet_rows.read(path, shape)
        case "jsonl" | "json":
            rows = json_rows.read(path, shape)
        case _:
            rows = csv_rows.read(path, shape)
    for count, row in enumerate(rows):
        if count >= MAX_ROWS:
            raise too_many_rows()
        yield row


def first_records(path: Path, shape: FileShape, count: int) -> list[list[str]]:
    """The first rows as they stand in a text file or a sheet, for people to point at the headings; else none."""
    match shape.format:
        case "xlsx":
            return excel_rows.first_records(path, shape, count)
        case "csv":
            return csv_rows.first_records(path, shape, count)
        case _:
            return []


def sample_rows(path: Path, shape: FileShape, count: int) -> list[Row]:
    return list(islice(read_rows(path, shape), count))
