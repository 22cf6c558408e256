"""Transforms of cells before a row is read: split, join, map values, read a date … Each works on what the last left.

They are part of the mapping, so a replay of a row does them again; the row in the inbox stays as it was in the file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
import re2

from kehu.clean.moments import DAY_FIRST, MONTH_FIRST, parse_moment, zone_of
from kehu.clean.person_names import PersonName
from kehu.clean.text_forms import has_han, tidy
from kehu.core.errors import InvalidInput

Row = Mapping[str, Any]
_UTC: Final = zone_of("UTC")
_MAX_CELL: Final = 32 * 1024
_FORMAT_WORDS: Final = (
    ("YYYY", "%Y"), ("YY", "%y"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"),
)  # fmt: skip
_QUIET: Final = re2.Options()
_QUIET.log_errors = False  # a steward's slip is told to the steward, not to the log
_CLOCK: Final = ("%H", "%I", "%M", "%S", "%p", "%X", "%c")


class _Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="do"):
    """reads: columns that must be there. makes: new ones."""

    @property
    def makes(self) -> tuple[str, ...]:
        return ()


class _OfColumn(_Step, frozen=True):
    """A step that changes the cells of a column, or makes others from them."""

    column: str

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.column,)


class Trim(_OfColumn, frozen=True, tag="trim"):
    """Full-width and repeated blanks become one, those at the ends none."""


class Case(_OfColumn, frozen=True, tag="case"):
    to: Literal["upper", "lower", "title"]


class Replace(_OfColumn, frozen=True, tag="replace"):
    """Every occurrence of a text, as it stands."""

    find: str
    by: str = ""


class MapValues(_OfColumn, frozen=True, tag="values"):
    """Words of the file to words of ours. others: what becomes of the rest."""

    values: dict[str, str]
    others: Literal["keep", "empty"] = "keep"


class Default(_OfColumn, frozen=True, tag="default"):
    """For cells that are empty."""

    value: str


class Constant(_Step, frozen=True, tag="constant"):
    """A new column that holds the same in every row."""

    into: str
    value: str

    @property
    def reads(self) -> tuple[str, ...]:
        return ()

    @property
    def makes(self) -> tuple[str, ...]:
        return (self.into,)


class Date(_OfColumn, frozen=True, tag="date"):
    """format: "dmy", "mdy", a pattern such as DD.MM.YYYY or YYYYMMDDHHmm, or one of strptime. What is no date stays."""

    format: str


class Extract(_OfColumn, frozen=True, tag="extract"):
    """The first group of an RE2 pattern, or all it finds. Without a find: nothing."""

    pattern: str
    into: str = ""

    @property
    def makes(self) -> tuple[str, ...]:
        return (self.into,) if self.into else ()


class Split(_OfColumn, frozen=True, tag="split"):
    """At each occurrence of `at`; the last part keeps the rest."""

    into: tuple[str, ...]
    at: str = " "

    @property
    def makes(self) -> tuple[str, ...]:
        return self.into


class SplitName(_OfColumn, frozen=True, tag="split_name"):
    """欧阳娜娜 → 欧阳, 娜娜; Chen, Lin → Chen, Lin. What is no person's name stays whole, as the given name."""

    surname: str
    given_name: str

    @property
    def makes(self) -> tuple[str, ...]:
        return (self.surname, self.given_name)


class Join(_Step, frozen=True, tag="join"):
    """What is filled of several columns, in one."""

    columns: tuple[str, ...]
    into: str
    by: str = " "

    @property
    def reads(self) -> tuple[str, ...]:
        return self.columns

    @property
    def makes(self) -> tuple[str, ...]:
        return (self.into,)


Step = Trim | Case | Replace | MapValues | Default | Constant | Date | Extract | Split | SplitName | Join


def parse_step(data: Mapping[str, Any]) -> Step:
    """Raises InvalidInput("step", …) for one that is not well formed."""
    try:
        step: Step = msgspec.convert(dict(data), Step)
    except msgspec.ValidationError as error:
        raise InvalidInput("step", str(error)) from error
    check_step(step)
    return step


def columns_made(steps: Iterable[Step]) -> tuple[str, ...]:
    """New columns, each once, in the order they are made."""
    return tuple(dict.fromkeys(column for step in steps for column in step.makes))


def missing_columns(steps: Iterable[Step], columns: Iterable[str]) -> Iterator[str]:
    """Columns that steps read though neither the file nor a step before has them."""
    known = set(columns)
    for step in steps:
        yield from (column for column in step.reads if column not in known)
        known.update(step.makes)


def check_step(step: Step) -> None:
    match step:
        case Extract(pattern=pattern):
            _pattern(pattern)
        case Replace(find="") | Split(at=""):
            raise InvalidInput("step", "says no text to look for.")
        case Split(into=into) if len(into) < 2:
            raise InvalidInput("step", "must name at least two columns to split into.")
        case Join(columns=columns) if len(columns) < 2:
            raise InvalidInput("step", "must name at least two columns to join.")
        case _:
            pass
    if not all(made.strip() for made in step.makes):
        raise InvalidInput("step", "must name the columns it makes.")


def apply_steps(row: Row, steps: Sequence[Step]) -> dict[str, Any]:
    """The row with its cells transformed; empty cells are left out, lists are left alone."""
    cells = dict(row)
    for step in steps:
        match step:
            case Join():
                parts = [text for column in step.columns if (text := _text(cells, column))]
                _put(cells, step.into, step.by.join(parts))
            case Split():
                parts = _text(cells, step.column).split(step.at, len(step.into) - 1)
                for place, column in enumerate(step.into):
                    _put(cells, column, parts[place].strip() if place < len(parts) else "")
            case SplitName():
                surname, given_name = _name_parts(_text(cells, step.column))
                _put(cells, step.surname, surname)
                _put(cells, step.given_name, given_name)
            case Extract():
                _put(cells, step.into or step.column, _extracted(step.pattern, _text(cells, step.column)))
            case Constant():
                _put(cells, step.into, step.value)
            case Default():
                if not _text(cells, step.column) and not isinstance(cells.get(step.column), list):
                    cells[step.column] = step.value
            case _:
                if text := _text(cells, step.column):
                    _put(cells, step.column, _changed(step, text))
    return cells


def _text(cells: Row, column: str) -> str:
    cell = cells.get(column)
    return cell.strip() if isinstance(cell, str) else ""


def _put(cells: dict[str, Any], column: str, text: str) -> None:
    if text:
        cells[column] = text[:_MAX_CELL]
    else:
        cells.pop(column, None)


def _changed(step: Trim | Case | Replace | MapValues | Date, text: str) -> str:
    match step:
        case Trim():
            return tidy(text)
        case Case():
            return _CASES[step.to](text)
        case Replace():
            return text.replace(step.find, step.by)
        case MapValues():
            return step.values.get(text, text if step.others == "keep" else "")
        case Date():
            return _date(text, step.format)


_CASES: Final[dict[str, Callable[[str], str]]] = {"upper": str.upper, "lower": str.lower, "title": str.title}


def _date(text: str, wanted: str) -> str:
    pattern = _strptime(wanted)
    moment = parse_moment(text, _UTC, pattern)
    if moment is None:
        return text
    if "%z" in pattern:
        return moment.isoformat(" ")
    has_clock = any(word in pattern for word in _CLOCK) or (moment.hour, moment.minute, moment.second) != (0, 0, 0)
    return f"{moment:%Y-%m-%d %H:%M:%S}" if has_clock else f"{moment:%Y-%m-%d}"


@lru_cache(maxsize=256)
def _strptime(wanted: str) -> str:
    if wanted in (DAY_FIRST, MONTH_FIRST) or "%" in wanted:
        return wanted
    for word, directive in _FORMAT_WORDS:
        wanted = wanted.replace(word, directive)
    return wanted


def _name_parts(text: str) -> tuple[str, str]:
    name = PersonName.parse(text) if text else None
    if name is None or not name.surname or not name.given:
        return "", text
    if has_han(text) and text.startswith(name.surname):
        return name.surname, text.removeprefix(name.surname).strip()
    return name.surname.title(), name.given.title()


def _extracted(pattern: str, text: str) -> str:
    found = _pattern(pattern).search(text) if text else None
    if found is None:
        return ""
    groups = found.groups()
    return (groups[0] if groups else found.group(0)) or ""


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> Any:
    try:
        return re2.compile(pattern, _QUIET)
    except re2.error as error:
        raise InvalidInput("step", f"pattern {pattern!r} cannot be read: {_told(error)}") from error


def _told(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
