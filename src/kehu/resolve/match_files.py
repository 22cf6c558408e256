"""Files people have, as frames: CSV in UTF-8 or GB18030, JSON lines, Parquet and Excel."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

_SNIFFED: Final = 64 * 1024


class UnreadableFile(ValueError):
    """A file that is not what its name says, or of a kind not read. The message says what to do."""


def read_table(path: Path) -> pl.DataFrame:
    """Read a table; every value stays as written, so that 010… keeps its zero. Raises UnreadableFile."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(f"{path}: the ending should be one of {', '.join(_READERS)}")
    if not path.is_file():
        raise UnreadableFile(f"{path}: there is no such file")
    try:
        frame = reader(path)
    except (pl.exceptions.PolarsError, ValueError, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise UnreadableFile(f"{path} cannot be read as {path.suffix.lower()}: {reason}") from error
    if not frame.columns:
        raise UnreadableFile(f"{path} holds no columns")
    return frame


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write CSV (UTF-8) or Parquet, by the ending. Raises UnreadableFile for any other."""
    if path.suffix.lower() == ".csv":
        frame.write_csv(path)
    elif path.suffix.lower() == ".parquet":
        frame.write_parquet(path)
    else:
        raise UnreadableFile(f"{path}: the result can be written as .csv or .parquet")


def _read_csv(path: Path) -> pl.DataFrame:
    text = _decoded(path.read_bytes())
    if not text.strip():
        raise ValueError("the file is empty")
    raw = io.BytesIO(text.encode())
    return pl.read_csv(raw, separator=_separator(text), infer_schema=False, truncate_ragged_lines=True)


def _decoded(raw: bytes) -> str:
    """UTF-8 with or without a mark, else GB18030, which Chinese tills and Excel write, else UTF-16."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _separator(text: str) -> str:
    try:
        return csv.Sniffer().sniff(text[:_SNIFFED].partition("\n")[0], ",;\t|").delimiter
    except csv.Error:
        return ","


def _read_jsonl(path: Path) -> pl.DataFrame:
    columns: dict[str, list[Any]] = {}
    lines = _decoded(path.read_bytes()).splitlines()
    rows = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError(f"line {number} is not an object")
        for name, value in row.items():
            columns.setdefault(name, [None] * rows).append(_plain(value))
        rows += 1
        for values in columns.values():
            if len(values) < rows:
                values.append(None)
    return pl.DataFrame({name: _uniform(values) for name, values in columns.items()}, strict=False)


def _plain(value: Any) -> Any:
    """Text as it is, numbers as text, lists of them as lists; what is nested deeper says nothing to a matcher."""
    if isinstance(value, list):
        return [str(part) for part in value if isinstance(part, str | int | float)]
    return None if value is None or isinstance(value, dict) else str(value)


def _uniform(values: list[Any]) -> pl.Series:
    if any(isinstance(value, list) for value in values):
        lists = [value if value is None or isinstance(value, list) else [value] for value in values]
        return pl.Series(lists, dtype=pl.List(pl.String))
    return pl.Series(values, dtype=pl.String)


def _read_excel(path: Path) -> pl.DataFrame:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        header, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    except CalamineError as error:
        raise ValueError(str(error)) from error
    names = [str(name).strip() or f"column {i + 1}" for i, name in enumerate(header)]
    cells = [[_cell(value) for value in column] for column in zip(*rows, strict=True)] or [[] for _ in names]
    return pl.DataFrame(dict(zip(names, cells, strict=True)), schema=dict.fromkeys(names, pl.String))


def _cell(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


_READERS: Final[dict[str, Callable[[Path], pl.DataFrame]]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".txt": _read_csv,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".parquet": pl.read_parquet,
    ".xlsx": _read_excel,
    ".xls": _read_excel,
}
