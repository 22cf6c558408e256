"""Birth dates, solar and lunar, as people and systems write them."""

import re
from datetime import date, timedelta
from typing import Final, Self

import msgspec

from kehu.clean.chinese_numerals import NUMERALS, chinese_number
from kehu.clean.lunar_dates import is_lunar, read_lunar
from kehu.clean.placeholders import is_placeholder
from kehu.clean.text_forms import has_han, tidy, to_simplified

_YEAR_FIRST: Final = re.compile(r"([0-9]{4})[\-/.年 ]([0-9]{1,2})[\-/.月 ]([0-9]{1,2})日?", re.A)
_TIME: Final = re.compile(r"(?<=[0-9日])[Tt ]+[0-9]{1,2}:[0-9]{2}.*$|(?<=[0-9日])[Tt ]*[0-9]{1,2}时.*$", re.A)
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[\-/. ]([0-9]{1,2})[\-/. ]([0-9]{4})", re.A)
_SHORT_YEAR: Final = re.compile(r"([0-9]{2})[\-/.年]([0-9]{1,2})[\-/.月]([0-9]{1,2})日?", re.A)
_YEAR_MONTH: Final = re.compile(r"([0-9]{4})[\-/.年 ]([0-9]{1,2})月?", re.A)
_YEAR: Final = re.compile(r"([0-9]{4})年?(?:生|出生)?", re.A)
_MONTH_DAY: Final = re.compile(r"(?:--)?([0-9]{1,2})[\-/.月]([0-9]{1,2})[日号]?", re.A)
_REPUBLIC: Final = re.compile(r"民国([0-9]{1,3})年", re.A)
_NAMED: Final = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th)?[\s\-.]*(?:of\s+)?([a-z]{3,9})\.?[\s\-,]*([0-9]{4}|[0-9]{2})", re.A
)
_NAMED_FIRST: Final = re.compile(r"([a-z]{3,9})\.?\s*([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})", re.A)
_NUMERAL: Final = re.compile(rf"[{NUMERALS}]+")
_MONTHS: Final = {
    name[:3]: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
         "november", "december"), 1,
    )
}  # fmt: skip
_OLDEST: Final = 120
_FIRST_YEAR: Final = 1850
_SPREADSHEET_EPOCH: Final = date(1899, 12, 30)


class BirthDate(msgspec.Struct, frozen=True):
    """A birth date as far as it is known.

    value: the solar date; None unless the day is known, exists and is not in the future.
    precision: "day", "month", "year" or "month_day" (06-17).
    is_lunar: given by the Chinese calendar and converted. is_default_like: 1 January, as systems fill in.
    alternatives: other readings: day and month swapped, lunar numbers taken for solar ones; without value.
    problem: "", "impossible", "swapped" (only day and month exchanged make a date), "future", "too_old" (120 years).
    year, month, day: the numbers as written, 0 when absent; there for impossible dates as well.
    """

    value: date | None
    precision: str = "day"
    is_lunar: bool = False
    is_default_like: bool = False
    alternatives: tuple[date, ...] = ()
    problem: str = ""
    year: int = 0
    month: int = 0
    day: int = 0

    @classmethod
    def parse(cls, text: str | None, today: date) -> Self | None:
        """Read a birth date; None for nothing, a placeholder (0000-00-00, 9999-12-31) or what is no date.

        06/07/1988 is read day first, with the other reading among the alternatives.
        """
        if not text:
            return None
        found = _YEAR_FIRST.fullmatch(text)
        if found is not None:
            year, month, day = found.groups()
        elif len(text) == 8 and text.isdigit() and text.isascii() and "00" <= text[4:6] <= "12":
            year, month, day = text[:4], text[4:6], text[6:]
        elif (found := _DAY_FIRST.fullmatch(text)) is not None:
            return cls._of_day_first(int(found[1]), int(found[2]), int(found[3]), today)
        else:
            return cls._parse_other(text, today)
        return cls._of_numbers(int(year), int(month), int(day), today)

    @classmethod
    def _of_numbers(cls, year: int, month: int, day: int, today: date) -> Self | None:
        """A solar date of three numbers, in the order their writer meant them."""
        if year == 0 or (year == 9999 and month == 12) or (year, month, day) in _FILLERS:
            return None
        default_like = month == 1 and day == 1
        problem = ""
        try:
            value = date(year, month, day)
        except ValueError:
            swapped = _date(year, day, month)
            if swapped is None or swapped > today:
                return cls(None, "day", False, False, (), "impossible", year, month, day)
            return cls(swapped, "day", False, False, (), "swapped", year, month, day)
        if value > today:
            return cls(None, "day", False, default_like, (), "future", year, month, day)
        if today.year - year > _OLDEST:
            problem = "too_old"
        other = (date(year, day, month),) if day <= 12 and day != month else ()
        return cls(value, "day", False, default_like, other, problem, year, month, day)

    @classmethod
    def _parse_other(cls, text: str, today: date) -> Self | None:
        value = to_simplified(tidy(text)).lower()
        if is_placeholder(value, "birth_date"):
            return None
        if has_han(value):
            value = value.replace(" ", "")
            if is_lunar(value):
                return cls._of_lunar(value, today)
            if (republic := _REPUBLIC.match(value)) is not None:
                value = f"{int(republic[1]) + 1911}年{value[republic.end() :]}"
            value = _NUMERAL.sub(_as_digits, value.removeprefix("公历").removeprefix("阳历").removeprefix("新历"))
        value = _TIME.sub("", value).strip().removesuffix("生")
        if value.isdigit() and value.isascii():
            return cls._of_digits(value, today)
        if (found := _YEAR_FIRST.fullmatch(value)) is not None:
            return cls._of_numbers(int(found[1]), int(found[2]), int(found[3]), today)
        if (found := _DAY_FIRST.fullmatch(value)) is not None:
            return cls._of_day_first(int(found[1]), int(found[2]), int(found[3]), today)
        if (found := _SHORT_YEAR.fullmatch(value)) is not None:
            return cls._of_numbers(_century(int(found[1]), today), int(found[2]), int(found[3]), today)
        return cls._parse_partial(value, today)

    @classmethod
    def _parse_partial(cls, value: str, today: date) -> Self | None:
        """Month names, and dates that lack a part."""
        if (found := _NAMED.fullmatch(value)) is not None and found[2][:3] in _MONTHS:
            year = int(found[3]) if len(found[3]) == 4 else _century(int(found[3]), today)
            return cls._of_numbers(year, _MONTHS[found[2][:3]], int(found[1]), today)
        if (found := _NAMED_FIRST.fullmatch(value)) is not None and found[1][:3] in _MONTHS:
            return cls._of_numbers(int(found[3]), _MONTHS[found[1][:3]], int(found[2]), today)
        if (found := _YEAR_MONTH.fullmatch(value)) is not None and 1 <= int(found[2]) <= 12:
            return cls._partial("month", int(found[1]), int(found[2]), 0, today)
        if (found := _MONTH_DAY.fullmatch(value)) is not None:
            month, day = int(found[1]), int(found[2])
            problem = "" if _date(2000, month, day) is not None else "impossible"
            return cls(None, "month_day", False, (month, day) == (1, 1), (), problem, 0, month, day)
        if (found := _YEAR.fullmatch(value)) is not None:
            return cls._partial("year", int(found[1]), 0, 0, today)
        return None

    @classmethod
    def _partial(cls, precision: str, year: int, month: int, day: int, today: date) -> Self | None:
        if not 1000 <= year < 9999:
            return None
        problem = "future" if year > today.year else "too_old" if today.year - year > _OLDEST else ""
        return cls(None, precision, False, False, (), problem, year, month, day)

    @classmethod
    def _of_digits(cls, digits: str, today: date) -> Self | None:
        if len(digits) == 8:
            is_year_last = int(digits[4:6]) > 12 and _FIRST_YEAR <= int(digits[4:]) <= today.year
            if is_year_last:  # 17061988
                return cls._of_day_first(int(digits[:2]), int(digits[2:4]), int(digits[4:]), today)
            return cls._of_numbers(int(digits[:4]), int(digits[4:6]), int(digits[6:]), today)
        if len(digits) == 14:
            return cls._of_numbers(int(digits[:4]), int(digits[4:6]), int(digits[6:8]), today)
        if len(digits) == 6:
            if digits[:2] in ("19", "20") and 1 <= int(digits[4:]) <= 12:
                return cls._partial("month", int(digits[:4]), int(digits[4:]), 0, today)
            year = _century(int(digits[:2]), today)
            return cls._of_numbers(year, int(digits[2:4]), int(digits[4:]), today)
        if len(digits) == 5 and 5000 < int(digits) < 60000:
            day = _SPREADSHEET_EPOCH + timedelta(days=int(digits))  # a spreadsheet's serial number
            return cls._of_numbers(day.year, day.month, day.day, today)
        if len(digits) == 4:
            return cls._partial("year", int(digits), 0, 0, today)
        return None

    @classmethod
    def _of_day_first(cls, first: int, second: int, year: int, today: date) -> Self | None:
        if second > 12 >= first:
            return cls._of_numbers(year, first, second, today)
        return cls._of_numbers(year, second, first, today)

    @classmethod
    def _of_lunar(cls, value: str, today: date) -> Self | None:
        reading = read_lunar(value)
        if reading is None or not reading.month:
            return None
        solar, year, month, day = reading
        if solar is None:
            precision = "day" if year and day else "month" if year else "month_day"
            return cls(None, precision, True, False, (), "impossible" if year and day else "", year, month, day)
        if solar > today:
            return cls(None, "day", True, False, (), "future", year, month, day)
        as_solar = _date(year, month, day)
        others = (as_solar,) if as_solar is not None else ()
        problem = "too_old" if today.year - year > _OLDEST else ""
        return cls(solar, "day", True, False, others, problem, year, month, day)


_FILLERS: Final = frozenset({(1900, 1, 1), (1899, 12, 30), (1899, 12, 31), (1, 1, 1), (1111, 11, 11), (2999, 12, 31)})


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _century(two_digits: int, today: date) -> int:
    """88 → 1988, 05 → 2005: the latest year that is not in the future."""
    century = today.year - today.year % 100
    return century + two_digits if two_digits <= today.year % 100 else century - 100 + two_digits


def _as_digits(numeral: re.Match[str]) -> str:
    number = chinese_number(numeral[0])
    return numeral[0] if number is None else str(number)
