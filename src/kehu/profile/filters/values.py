"""Tests of one value, as SQL: the same for a golden value, a record's value, a figure or a moment. Pure."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

from kehu.clean.text_forms import tidy
from kehu.core.errors import InvalidInput
from kehu.profile.filters.operators import Op
from kehu.profile.sql import Sql, sql

_DATE = r"^\d{4}-\d\d-\d\d"
_NUMBER = r"^-?\d{1,15}(\.\d{1,6})?$"
_SMALL_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def folded(text: str) -> str:
    """As the index folds: ASCII letters small. What the database folds must not depend on its locale."""
    return tidy(text).translate(_SMALL_LETTERS)


def text_test(value: Sql, op: Op, wanted: Sequence[str]) -> Sql:
    """value: a text, or NULL where there is none."""
    small = sql('lower({} COLLATE "C")', value)
    match op:
        case Op.IS:
            return sql("{} = {}", small, folded(wanted[0]))
        case Op.IS_NOT:
            return sql("{} IS DISTINCT FROM {}", small, folded(wanted[0]))
        case Op.ONE_OF:
            return sql("{} = ANY({})", small, [folded(one) for one in wanted])
        case Op.NONE_OF:
            return sql("({} = ANY({})) IS NOT TRUE", small, [folded(one) for one in wanted])
        case Op.CONTAINS:
            return sql("{} LIKE {}", small, f"%{_literal(folded(wanted[0]))}%")
        case Op.STARTS:
            return sql("{} LIKE {}", small, f"{_literal(folded(wanted[0]))}%")
        case Op.SET:
            return sql("{} IS NOT NULL", value)
        case Op.EMPTY:
            return sql("{} IS NULL", value)
    raise InvalidInput("op", f"{op} asks nothing of a text")


def number_test(value: Sql, op: Op, wanted: Sequence[str]) -> Sql:
    """value: a number, or NULL."""
    numbers = [_number(text) for text in wanted]
    match op:
        case Op.IS:
            return sql("{} = {}", value, numbers[0])
        case Op.AT_LEAST:
            return sql("{} >= {}", value, numbers[0])
        case Op.AT_MOST:
            return sql("{} <= {}", value, numbers[0])
        case Op.BETWEEN:
            return sql("{} BETWEEN {} AND {}", value, min(numbers), max(numbers))
    raise InvalidInput("op", f"{op} asks nothing of a number")


def number_holds(number: int, op: Op, wanted: Sequence[str]) -> bool:
    """What number_test answers for a number known here."""
    numbers = [_number(text) for text in wanted]
    match op:
        case Op.IS:
            return number == numbers[0]
        case Op.AT_LEAST:
            return number >= numbers[0]
        case Op.AT_MOST:
            return number <= numbers[0]
    return min(numbers) <= number <= max(numbers)


def number_in_text(value: Sql) -> Sql:
    """The number a text holds, NULL for any other text."""
    return sql("CASE WHEN {} ~ {} THEN ({})::numeric END", value, _NUMBER, value)


def date_test(value: Sql, op: Op, wanted: Sequence[str]) -> Sql:
    """value: a date as text, 1988-06-17. Such texts sort as the days they name."""
    day = sql("left(substring({} FROM {} ) || '', 10) COLLATE \"C\"", value, f"{_DATE}.*")
    match op:
        case Op.SET:
            return sql("{} IS NOT NULL", value)
        case Op.EMPTY:
            return sql("{} IS NULL", value)
        case Op.MONTH:
            month = _whole_number(wanted[0], 1, 12)
            return sql("substring({}, 6, 2) = {}", day, f"{month:02d}")
        case Op.IS:
            return sql("{} = {}", day, _date(wanted[0]).isoformat())
        case Op.BEFORE:
            return sql("{} < {}", day, _date(wanted[0]).isoformat())
        case Op.AFTER:
            return sql("{} > {}", day, _date(wanted[0]).isoformat())
        case Op.BETWEEN:
            days = sorted(_date(text).isoformat() for text in wanted)
            return sql("{} BETWEEN {} AND {}", day, *days)
    raise InvalidInput("op", f"{op} asks nothing of a date")


def moment_test(value: Sql, op: Op, wanted: Sequence[str], *, now: datetime, zone: tzinfo) -> Sql:
    """value: a timestamp, or NULL. Days are those of the zone; a day named belongs to the span."""
    match op:
        case Op.LAST_DAYS:
            return sql("{} >= {}", value, now - timedelta(days=_whole_number(wanted[0], 1, 36_500)))
        case Op.NOT_LAST_DAYS:
            return sql("({} >= {}) IS NOT TRUE", value, now - timedelta(days=_whole_number(wanted[0], 1, 36_500)))
        case Op.BEFORE:
            return sql("{} < {}", value, _start(_date(wanted[0]), zone))
        case Op.AFTER:
            return sql("{} >= {}", value, _start(_date(wanted[0]) + timedelta(days=1), zone))
        case Op.BETWEEN:
            first, last = sorted(_date(text) for text in wanted)
            return sql(
                "{} >= {} AND {} < {}", value, _start(first, zone), value, _start(last + timedelta(days=1), zone)
            )
    raise InvalidInput("op", f"{op} asks nothing of a moment")


def _start(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput("values", f"{text!r} is no date: write 2026-03-31") from error
    if not 1000 <= day.year <= 9000:
        raise InvalidInput("values", f"{text!r} lies too far away")
    return day


def _number(text: str) -> Decimal:
    try:
        if not re.fullmatch(r"\s*-?\d{1,15}(\.\d{1,6})?\s*", text, re.A):
            raise InvalidInput("values", f"{text!r} is no number: write 1200 or 99.50")
        return Decimal(text.strip())
    except InvalidOperation as error:
        raise InvalidInput("values", f"{text!r} is no number") from error


def _whole_number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"\d{1,6}", text.strip(), re.A) or not least <= int(text) <= most:
        raise InvalidInput("values", f"{text!r} is no whole number from {least} to {most}")
    return int(text)
