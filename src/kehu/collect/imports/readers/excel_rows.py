"""Workbooks (.xlsx). The zip is checked to the last byte before anything unpacks it into memory."""

import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from kehu.clean.row_mapping import FilePart
from kehu.collect.imports.readers.layout import ROWS_LOOKED_AT, find_header
from kehu.collect.imports.readers.shape import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_RATIO,
    MAX_UNPACKED_BYTES,
    SMALL_BYTES,
    XLSX,
    FileRefused,
    FileShape,
    Row,
    empty_file,
    name_columns,
    parameters,
)
from kehu.collect.imports.readers.values import as_text

MAX_ENTRIES: Final = 1_000
# calamine lays a sheet out as rows × columns in memory, about 32 bytes each, however few cells are filled.
MAX_SHEET_CELLS: Final = 30_000_000
_CHUNK: Final = 1 << 20
_LONGEST_TAG: Final = 200
_ROW_NUMBER: Final = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')
_CELL_ROW: Final = re.compile(rb'\br="[A-Z]{1,3}(\d{6,9})"')
_WIDTHS: Final = (
    (16_384, re.compile(rb'\br="(?:[B-Z][A-Z]{2}|A[M-Z][A-Z]|AL[M-Z])\d')),
    (MAX_COLUMNS, re.compile(rb'\br="[A-Z]{3}\d')),
    (702, re.compile(rb'\br="[J-Z][A-Z]\d')),
    (260, re.compile(rb'\br="[E-Z][A-Z]\d')),
    (130, re.compile(rb'\br="[C-Z][A-Z]\d')),
    (78, re.compile(rb'\br="[B-Z][A-Z]\d')),
    (52, re.compile(rb'\br="[A-Z]{2}\d')),
)


def look(path: Path, wanted: FilePart) -> FileShape:
    _check_package(path)
    with path.open("rb") as file:
        book = _open(file)
        names = tuple(book.sheet_names)
        if wanted.sheet and wanted.sheet not in names:
            raise FileRefused(
                "no_such_sheet",
                _("There is no sheet %(sheet)s; the workbook has %(names)s.")
                % {"sheet": wanted.sheet, "names": ", ".join(names)},
            )
        sheet = _sheet(book, wanted.sheet) if wanted.sheet else _first_filled(book)
        first = [[as_text(cell) for cell in row] for row in islice(sheet.iter_rows(), ROWS_LOOKED_AT)]
        if not first:
            raise empty_file()
        top = sheet.start[0] if sheet.start else 0
        index = find_header(first)
        if wanted.header_row is not None:
            index = wanted.header_row - 1 - top if wanted.header_row else -1
        if index >= len(first):
            raise FileRefused("no_such_header", _("The sheet has no row %(row)d for headings.") % {"row": index + 1})
        if index >= 0:
            columns, header_row = name_columns(first[index]), index + 1 + top
        else:
            columns, header_row = name_columns([""] * len(first[0])), 0
        rows = top + sheet.height - max(header_row, top)
        return FileShape(XLSX, columns, sheet=sheet.name, sheets=names, header_row=header_row, row_count=max(0, rows))


def first_records(path: Path, shape: FileShape, count: int) -> list[list[str]]:
    """The first rows of the sheet as they stand, empty ones above the table included."""
    with path.open("rb") as file:
        sheet = _sheet(_open(file), shape.sheet)
        above = sheet.start[0] if sheet.start else 0
        rows = [[as_text(cell) for cell in row] for row in islice(sheet.iter_rows(), count)]
        return [*([] for _ in range(above)), *rows][:count]


def read(path: Path, shape: FileShape) -> Iterator[Row]:
    with path.open("rb") as file:
        sheet = _sheet(_open(file), shape.sheet)
        top = sheet.start[0] if sheet.start else 0
        for number, row in enumerate(sheet.iter_rows(), start=top + 1):
            if number <= shape.header_row:
                continue
            cells = {}
            too_long = ""
            for column, value in zip(shape.columns, row, strict=False):
                if value == "":
                    continue
                text = as_text(value)
                if len(text) > MAX_CELL:
                    too_long, text = column, text[:MAX_CELL]
                cells[column] = text.replace("\x00", "")
            if too_long:
                yield Row(number, cells, "cell_too_long", parameters(column=too_long))
            elif cells:
                yield Row(number, cells)


def _open(file: Any) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(file)
    except CalamineError as error:
        raise FileRefused("unreadable_workbook", _("The workbook cannot be read: %(why)s") % {"why": error}) from error


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except CalamineError as error:
        raise FileRefused("unreadable_workbook", _("The workbook cannot be read: %(why)s") % {"why": error}) from error


def _first_filled(book: CalamineWorkbook) -> CalamineSheet:
    for name in book.sheet_names:
        sheet = _sheet(book, name)
        if sheet.height and sheet.width:
            return sheet
    raise empty_file()


def _check_package(path: Path) -> None:
    """Refuse bombs: too many parts, too much inside, a cell so far out that the grid up to it fills the memory."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            declared = sum(part.file_size for part in parts)
            if len(parts) > MAX_ENTRIES or any(part.flag_bits & 0x1 for part in parts):
                raise _bomb(_("it has too many parts, or is encrypted"))
            if declared > MAX_UNPACKED_BYTES or (declared > SMALL_BYTES and declared > MAX_RATIO * path.stat().st_size):
                raise _bomb(_("it unpacks to far more than its size"))
            for part in parts:
                _check_part(package, part)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise _bomb(str(error)) from error


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Reads the part through (its size is only declared; zipfile stops there and compares the checksum)."""
    is_sheet = part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
    rows = 0
    width, narrower = 26, list(_WIDTHS)
    tail = b""
    with package.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if not is_sheet:
                continue
            seen = tail + chunk
            for found in _ROW_NUMBER.finditer(seen):
                rows = max(rows, int(found[1]))
            for found in _CELL_ROW.finditer(seen):
                rows = max(rows, int(found[1]))
            for position, (at_most, pattern) in enumerate(narrower):
                if pattern.search(seen):
                    width, narrower = at_most, narrower[:position]
                    break
            tail = seen[-_LONGEST_TAG:]
    if width > MAX_COLUMNS:
        raise FileRefused("too_many_columns", _("A sheet has more than %(limit)d columns.") % {"limit": MAX_COLUMNS})
    if rows * width > MAX_SHEET_CELLS:
        raise _bomb(_("a sheet spans too many rows and columns; save it as CSV"))


def _bomb(why: str) -> FileRefused:
    return FileRefused("unsafe_workbook", _("The workbook was refused: %(why)s.") % {"why": why})
