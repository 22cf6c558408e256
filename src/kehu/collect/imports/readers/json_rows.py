"""JSON lines (one object a line), and a whole file that is one list of objects."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from kehu.clean.row_mapping import FilePart
from kehu.collect.imports.readers.shape import (
    JSON,
    JSONL,
    MAX_CELL,
    FileRefused,
    FileShape,
    Row,
    check_column_count,
    empty_file,
)
from kehu.collect.imports.readers.text_encoding import text_facts
from kehu.collect.imports.readers.values import UnreadableValue, flatten

_ROWS_LOOKED_AT = 1_000
_LARGEST_LIST_BYTES = 200 << 20


def look(path: Path, wanted: FilePart, is_list: bool) -> FileShape:
    facts = text_facts(path)
    encoding = wanted.encoding or facts.encoding
    if is_list and path.stat().st_size > _LARGEST_LIST_BYTES:
        raise FileRefused("list_too_large", _("A list this long must come as JSON lines: one object a line."))
    form = FileShape(JSON if is_list else JSONL, (), encoding, header_row=0)
    columns: dict[str, None] = {}
    lists: dict[str, None] = {}
    for row in islice(read(path, form), _ROWS_LOOKED_AT):
        if row.code:
            continue
        for name, cell in row.cells.items():
            if isinstance(cell, list):
                lists[name] = None
                columns.update(dict.fromkeys(f"{name}.{key}" for inner in cell for key in inner))
            else:
                columns[name] = None
    if not columns:
        raise empty_file()
    check_column_count(len(columns))
    count = None if is_list else facts.line_count
    return FileShape(form.format, tuple(columns), encoding, header_row=0, row_count=count, lists=tuple(lists))


def read(path: Path, shape: FileShape) -> Iterator[Row]:
    if shape.format == JSON:
        yield from _read_list(path, shape)
        return
    decode = msgspec.json.decode
    is_utf8 = shape.encoding in ("utf-8", "utf-8-sig")
    with path.open("rb") if is_utf8 else path.open(encoding=shape.encoding, errors="replace") as file:
        for number, line in enumerate(file, start=1):
            body: Any = line
            if number == 1 and isinstance(line, bytes) and line.startswith(b"\xef\xbb\xbf"):
                body = line[3:]
            if not body.strip():
                continue
            try:
                value = decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield Row(number, {"": _text_of(body)}, "not_json", str(error))
                continue
            yield _row(number, value)


def _read_list(path: Path, shape: FileShape) -> Iterator[Row]:
    try:
        values = msgspec.json.decode(path.read_bytes().decode(shape.encoding))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileRefused("not_json", str(error)) from error
    for number, value in enumerate(values, start=1):
        yield _row(number, value)


def _row(number: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(number, {"": str(value)[:MAX_CELL]}, "not_an_object")
    try:
        return Row(number, flatten(value))
    except (UnreadableValue, ValueError) as error:
        code, detail = (error.code, error.detail) if isinstance(error, UnreadableValue) else ("unreadable", str(error))
        return Row(number, {"": msgspec.json.encode(value)[:MAX_CELL].decode("utf-8", "replace")}, code, detail)


def _text_of(line: bytes | str) -> str:
    text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
    return text.strip()[:MAX_CELL].replace("\x00", "")
