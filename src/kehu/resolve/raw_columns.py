"""A frame's columns as they came, each distinct text once: what is alike is normalised once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kehu.resolve.attributes import INPUT_ATTRIBUTES

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class RawColumn:
    """Texts of n records: the entries of record owners[k] (ascending) are values[codes[k]], -1 for nothing said."""

    count: int
    owners: Codes
    codes: Codes
    values: list[str]

    @classmethod
    def nothing(cls, count: int) -> "RawColumn":
        """A column that says nothing."""
        return cls(count, np.arange(count, dtype=np.int32), np.full(count, -1, np.int32), [])

    @classmethod
    def of(cls, cells: Sequence[Any]) -> "RawColumn":
        """A column of any values; lists and tuples hold several."""
        kinds = set(map(type, cells))
        if kinds <= {str, type(None)}:
            known: dict[str | None, int] = {None: -1, "": -1}
            said = [known.setdefault(cell, len(known) - 2) for cell in cells]
            values = [text for text in list(known)[2:] if text is not None]
            return cls(len(said), np.arange(len(said), dtype=np.int32), np.array(said, np.int32), values)
        index: dict[str, int] = {"": -1}
        owners, codes = [], []
        for record, cell in enumerate(cells):
            for part in cell if isinstance(cell, list | tuple) else (cell,):
                owners.append(record)
                codes.append(index.setdefault(as_text(part), len(index) - 1))
        return cls(len(cells), np.array(owners, np.int32), np.array(codes, np.int32), list(index)[1:])

    @classmethod
    def of_series(cls, series: pl.Series) -> "RawColumn":
        """A column of a frame."""
        if series.dtype == pl.List(pl.String):
            inner = series.explode(empty_as_null=True, keep_nulls=True)
            sizes = np.maximum(series.list.len().fill_null(1).to_numpy(), 1)
            flat = cls.of_series(inner)
            return cls(len(series), np.repeat(np.arange(len(series), dtype=np.int32), sizes), flat.codes, flat.values)
        if series.dtype in (pl.Categorical, pl.Enum):
            series = series.cast(pl.String)
        if series.dtype != pl.String:
            return cls.of(series.to_list())
        coded = series.to_arrow().dictionary_encode()
        values = coded.dictionary.to_pylist()
        codes = coded.indices.fill_null(-1).to_numpy().astype(np.int32)
        if "" in values:
            codes[codes == values.index("")] = -1
        return cls(len(series), np.arange(len(series), dtype=np.int32), codes, values)

    @property
    def is_single(self) -> bool:
        """Whether every record has one entry."""
        return len(self.owners) == self.count

    def first(self) -> Codes:
        """int32[n]: the code of each record's first entry, -1 for nothing said."""
        if self.is_single:
            return self.codes
        out = np.full(self.count, -1, np.int32)
        at = np.flatnonzero(np.diff(self.owners, prepend=-1))
        out[self.owners[at]] = self.codes[at]
        return out


class RawColumns:
    """The attributes of n records as they came."""

    def __init__(self, rows: Sequence[Mapping[str, Any]] | pl.DataFrame) -> None:
        self.count = len(rows)
        self._columns: dict[str, RawColumn] = {}
        self._nothing = RawColumn.nothing(self.count)
        self.identifier_pairs: list[Iterable[Sequence[str]] | None] = []
        if isinstance(rows, pl.DataFrame):
            names = [name for name in rows.columns if name in INPUT_ATTRIBUTES]
            cells: Mapping[str, Any] = {name: rows[name] for name in names}
        else:
            present = {key for row in rows for key in row}
            cells = {name: [row.get(name) for row in rows] for name in INPUT_ATTRIBUTES if name in present}
        for name, column in cells.items():
            if name == "identifiers":
                self.identifier_pairs = list(column)
            else:
                self._columns[name] = (
                    RawColumn.of_series(column) if isinstance(column, pl.Series) else RawColumn.of(column)
                )

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> RawColumn:
        return self._columns.get(name) or self._nothing


def as_text(value: object) -> str:
    """A cell as text; "" for none, the first entry of a list, dates in ISO form."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return as_text(value[0]) if value else ""
    return value.isoformat() if isinstance(value, date) else str(value)
