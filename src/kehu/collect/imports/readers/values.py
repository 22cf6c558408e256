"""Typed values of JSON, workbooks and Parquet as the text a person would have written."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from kehu.collect.imports.readers.shape import MAX_CELL, MAX_COLUMNS, parameters

_EXACT = 2**53
MAX_DEPTH = 20


class UnreadableValue(Exception):
    """code and detail of a row that cannot be taken."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def as_text(value: Any) -> str:
    """A float beyond 2**53 keeps its exponent, so that later stages see that digits were lost."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            if value != value:
                return ""
            if value.is_integer() and abs(value) < _EXACT:
                return str(int(value))
            return f"{value:.15E}" if abs(value) >= _EXACT else repr(value)
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case timedelta():
            return str(value.total_seconds())
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return str(value)


def flatten(value: dict[str, Any]) -> dict[str, Any]:
    """Nested objects become dotted paths; a list of objects stays a list, of plain values becomes text with commas.

    Raises UnreadableValue for what goes too deep, too wide or too far.
    """
    cells: dict[str, Any] = {}
    _flatten(value, "", cells, 0)
    return cells


def _flatten(value: dict[str, Any], prefix: str, cells: dict[str, Any], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UnreadableValue("too_deep", parameters(most=MAX_DEPTH))
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict):
            _flatten(inner, f"{name}.", cells, depth + 1)
        elif isinstance(inner, list):
            cells[name] = _flat_list(inner, depth)
        elif inner is not None:
            text = as_text(inner)
            if len(text) > MAX_CELL:
                raise UnreadableValue("cell_too_long", parameters(column=name))
            if text:
                cells[name] = text.replace("\x00", "")
        if len(cells) > MAX_COLUMNS:
            raise UnreadableValue("too_many_columns", parameters(most=MAX_COLUMNS))


def _flat_list(values: list[Any], depth: int) -> Any:
    if len(values) > MAX_COLUMNS:
        raise UnreadableValue("list_too_long", parameters(found=len(values), most=MAX_COLUMNS))
    if not any(isinstance(value, dict | list) for value in values):
        return ", ".join(as_text(value) for value in values)[:MAX_CELL]
    flat = []
    for value in values:
        inner: dict[str, Any] = {}
        _flatten(value if isinstance(value, dict) else {"": value}, "", inner, depth + 1)
        flat.append(inner)
    return flat
