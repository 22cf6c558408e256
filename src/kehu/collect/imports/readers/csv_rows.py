"""CSV: any of the usual delimiters and encodings, with a quote somebody forgot to close."""

import csv
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from kehu.clean.row_mapping import FilePart
from kehu.collect.imports.readers.layout import ROWS_LOOKED_AT, find_delimiter, find_header
from kehu.collect.imports.readers.shape import (
    CSV,
    MAX_CELL,
    MAX_COLUMNS,
    FileRefused,
    FileShape,
    Row,
    empty_file,
    name_columns,
    parameters,
)
from kehu.collect.imports.readers.text_encoding import text_facts

_SAMPLE_CHARACTERS = 256 << 10
csv.field_size_limit(MAX_CELL)  # of the whole process: nobody else here reads CSV by the standard library


def look(path: Path, wanted: FilePart) -> FileShape:
    facts = text_facts(path)
    encoding = wanted.encoding or facts.encoding
    sample = _sample(path, encoding)
    delimiter = wanted.delimiter or find_delimiter(sample)
    first = list(islice(_sample_records(sample, delimiter), ROWS_LOOKED_AT))
    if not any(any(cell.strip() for cell in record) for record in first):
        raise empty_file()
    index = find_header(first) if wanted.header_row is None else _wanted_header(wanted.header_row, len(first))
    if index >= 0:
        headings = first[index]
        below = sorted(len(record) for record in first[index + 1 :] if record)
        usual = below[(len(below) - 1) // 2] if below else 0  # headings may stop short of the last columns
        columns = name_columns([*headings, *[""] * (usual - len(headings))])
        header_row = skipped = index + 1
    else:
        widest = max(len(record) for record in first)
        columns, header_row, skipped = name_columns([""] * widest), 0, -1 - index
    rows = max(0, facts.line_count - skipped)
    return FileShape(CSV, columns, encoding, delimiter, header_row=header_row, row_count=rows)


def first_records(path: Path, shape: FileShape, count: int) -> list[list[str]]:
    """The first rows of the file as they stand, titles and headings included."""
    return list(islice(_sample_records(_sample(path, shape.encoding), shape.delimiter), count))


def _sample(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(_SAMPLE_CHARACTERS).replace("\x00", "")


def _wanted_header(header_row: int, rows: int) -> int:
    if header_row > rows:
        raise FileRefused("no_such_header", _("The file has no row %(row)d for headings.") % {"row": header_row})
    return header_row - 1 if header_row else -1


def _sample_records(sample: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
    except csv.Error:
        return
    except TypeError as error:  # csv's own word for a delimiter it cannot use
        raise FileRefused("unusable_delimiter", _("A delimiter is one character.")) from error


class _Lines:
    """Lines for csv.reader that remembers those of the current record, to hand them out again."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._file)
        if "\x00" in line:
            line = line.replace("\x00", "")
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> str:
        first, rest = self.taken[0], self.taken[1:]
        self._again.extendleft(reversed(rest))
        return first


def read(path: Path, shape: FileShape) -> Iterator[Row]:
    columns, width = shape.columns, len(shape.columns)
    with path.open(encoding=shape.encoding, errors="replace", newline="") as file:
        lines = _Lines(file)
        records = csv.reader(lines, delimiter=shape.delimiter)
        number = 0
        while True:
            lines.taken.clear()
            number += 1
            try:
                record = next(records)
            except StopIteration:
                return
            except csv.Error:
                # A quote that never closes swallowed the lines after it: only its own line is lost.
                text = lines.give_back_all_but_first()
                yield Row(number, {"": text[:MAX_CELL]}, "unclosed_quote")
                records = csv.reader(lines, delimiter=shape.delimiter)
                continue
            if number <= shape.header_row or not record:
                continue
            if len(record) > width:
                yield _too_wide(number, record, shape)
                continue
            cells = {column: cell for column, cell in zip(columns, record, strict=False) if cell}
            if cells:
                yield Row(number, cells)


def _too_wide(number: int, record: list[str], shape: FileShape) -> Row:
    cells: dict[str, str] = dict(zip(shape.columns, record, strict=False))
    if len(record) > MAX_COLUMNS or any(cell.strip() for cell in record[len(shape.columns) :]):
        cells[""] = shape.delimiter.join(record[len(shape.columns) :])[:MAX_CELL]
        return Row(number, cells, "too_many_cells", parameters(found=len(record), columns=len(shape.columns)))
    return Row(number, {column: cell for column, cell in cells.items() if cell})
