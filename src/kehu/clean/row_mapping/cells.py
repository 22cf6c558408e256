"""The cells of one row, read with tolerance: what cannot be read is absent and noted, and the row goes on."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from kehu.clean.amounts import parse_amount
from kehu.clean.moments import parse_moment
from kehu.clean.row_mapping.mapping import Columns, Condition

Row = Mapping[str, Any]
FUTURE_ALLOWED: Final = timedelta(hours=24)
_QUOTES: Final = frozenset("'=")
_ODD: Final = frozenset(["", *"'= \t\r\n\x0b\x0c\u00a0\u3000\ufeff"])
_FORMULA_SIGNS: Final = frozenset("=+-@\t\r")
_EMPTY_NUMBERS: Final = frozenset({"-", "--", "/", "无", "null", "NULL", "None", "N/A", "n/a", "nan", "NaN", "\\N"})


class CellProblem(NamedTuple):
    """field: the column ("" = the whole row). code is stable; detail shows the value."""

    field: str
    code: str
    detail: str = ""


def plain_text(cell: Any) -> str:
    """A cell as its author meant it: trimmed, without ="…" and without the quote that stops a formula."""
    if not isinstance(cell, str):
        return "" if cell is None or isinstance(cell, list | dict) else str(cell)
    text = cell.strip()
    if text and text[0] in _QUOTES:
        if text[0] == "'" and (text[1:2] in _FORMULA_SIGNS or text[1:].isdigit()):
            return text[1:].strip()
        if text[0] == "=" and text[1:2] == '"' and text[-1] == '"':
            return text[2:-1].strip()
    return text


class Cells:
    """One row, and what was found wrong with it."""

    __slots__ = ("latest", "problems", "row", "texts", "time_format", "zone")

    def __init__(
        self,
        row: Row,
        zone: ZoneInfo,
        time_format: str | None,
        latest: datetime,
        problems: list[CellProblem],
    ) -> None:
        self.row, self.zone, self.time_format, self.latest, self.problems = row, zone, time_format, latest, problems
        # Most cells need nothing done; a call for each of them would cost as much as reading the row.
        self.texts: dict[str, str] = {
            column: cell if cell.__class__ is str and cell[:1] not in _ODD and cell[-1] > " " else plain_text(cell)
            for column, cell in row.items()
        }

    def inside(self, element: Any) -> "Cells":
        """An element of a list in the row. Only its own fields: an amount of the row is none of every line's."""
        inner = element if isinstance(element, dict) else {"": element}
        return Cells(inner, self.zone, self.time_format, self.latest, self.problems)

    def text(self, columns: Columns) -> str:
        if columns.__class__ is str:
            text = self.texts.get(columns)
            if text is not None:
                return text
            return columns[1:] if columns[:1] == "=" else ""
        return next((text for column in columns if (text := self.text(column))), "")

    def amount(self, columns: Columns) -> Decimal | None:
        text = self.text(columns)
        if not text or text in _EMPTY_NUMBERS:
            return None
        amount = parse_amount(text)
        if amount is None:
            self.note(columns, "not_a_number", text)
        return amount

    def day(self, columns: Columns) -> date | None:
        """A calendar day where the source is; it may lie ahead, as the end of a contract does."""
        text = self.text(columns)
        if not text or text in _EMPTY_NUMBERS or text.startswith("0000-00-00"):
            return None
        moment = parse_moment(text, self.zone, self.time_format)
        if moment is None:
            self.note(columns, "not_a_time", text)
            return None
        return moment.astimezone(self.zone).date()

    def moment(self, columns: Columns) -> datetime | None:
        text = self.text(columns)
        if not text or text in _EMPTY_NUMBERS or text.startswith("0000-00-00"):
            return None
        moment = parse_moment(text, self.zone, self.time_format)
        if moment is None:
            self.note(columns, "not_a_time", text)
        elif moment > self.latest:
            self.note(columns, "in_the_future", text)
            return None
        return moment

    def holds(self, condition: Condition) -> bool:
        text = self.text(condition.column)
        return text in condition.values if condition.values else bool(text)

    def elements(self, each: str) -> "list[Cells]":
        """The row itself, or (each = a field) one view per element of that list."""
        if not each:
            return [self]
        found = self.row.get(each)
        if isinstance(found, str) and found.lstrip().startswith("["):  # a list that came through a CSV
            found = _list_in(found)
        if not isinstance(found, list):
            if plain_text(found):
                self.note(each, "not_a_list", plain_text(found))
            return []
        return [self.inside(element) for element in found]

    def note(self, columns: Columns, code: str, detail: str) -> None:
        self.problems.append(CellProblem(_first(columns), code, detail[:200]))


def _list_in(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _first(columns: Columns) -> str:
    return columns if isinstance(columns, str) else next(iter(columns), "")
