"""Parquet, a few thousand rows at a time."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from kehu.collect.imports.readers.shape import (
    MAX_CELL,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    PARQUET,
    SMALL_BYTES,
    FileRefused,
    FileShape,
    Row,
    check_column_count,
    empty_file,
    parameters,
    too_many_rows,
)
from kehu.collect.imports.readers.values import UnreadableValue, as_text, flatten

_BATCH_ROWS = 2_000


def look(path: Path) -> FileShape:
    with _open(path) as file:
        metadata = file.metadata
        check_column_count(metadata.num_columns)
        if metadata.num_rows > MAX_ROWS:
            raise too_many_rows()
        if metadata.num_rows == 0:
            raise empty_file()
        unpacked = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
        if unpacked > MAX_UNPACKED_BYTES or (unpacked > SMALL_BYTES and unpacked > MAX_RATIO * path.stat().st_size):
            raise FileRefused("unsafe_file", _("The file unpacks to far more than its size."))
        columns, lists = _columns(file.schema_arrow)
        return FileShape(PARQUET, columns, header_row=0, row_count=metadata.num_rows, lists=lists)


def _columns(schema: pa.Schema) -> tuple[tuple[str, ...], tuple[str, ...]]:
    columns: list[str] = []
    lists: list[str] = []

    def add(name: str, kind: pa.DataType) -> None:
        if pa.types.is_struct(kind):
            for field in kind:
                add(f"{name}.{field.name}", field.type)
        elif (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_struct(kind.value_type):
            lists.append(name)
            add(name, kind.value_type)
        else:
            columns.append(name)

    for field in schema:
        add(field.name, field.type)
    return tuple(columns), tuple(lists)


def read(path: Path, shape: FileShape) -> Iterator[Row]:
    number = 0
    with _open(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            is_nested = any(pa.types.is_nested(field.type) for field in batch.schema)
            if is_nested:
                for value in batch.to_pylist():
                    number += 1
                    try:
                        yield Row(number, flatten(value))
                    except UnreadableValue as error:
                        yield Row(number, {}, error.code, error.detail)
                continue
            names = batch.schema.names
            texts = [_texts(column) for column in batch.columns]
            for values in zip(*texts, strict=True):
                number += 1
                cells = {name: text for name, text in zip(names, values, strict=True) if text}
                if too_long := next((n for n, text in zip(names, values, strict=True) if len(text) > MAX_CELL), ""):
                    cells = {name: text[:MAX_CELL] for name, text in cells.items()}
                    yield Row(number, cells, "cell_too_long", parameters(column=too_long))
                elif cells:
                    yield Row(number, cells)


def _texts(column: pa.Array) -> list[str]:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return [(value or "").replace("\x00", "") for value in column.to_pylist()]
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":  # finer than Python's own moments
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return [as_text(value) for value in column.to_pylist()]


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise FileRefused(
            "unreadable_parquet", _("The Parquet file cannot be read: %(why)s") % {"why": error}
        ) from error
