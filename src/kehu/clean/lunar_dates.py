"""Dates of the Chinese calendar as people write them: 农历1995年正月二十, 腊月廿三, 闰四月初八."""

import re
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from kehu.clean.chinese_numerals import NUMERALS, chinese_number

_MARK: Final = re.compile(r"农历|阴历|旧历|夏历|[正冬腊]月|闰|初[一二三四五六七八九十]|廿")
_DATE: Final = re.compile(
    rf"(?:([0-9]{{2,4}}|[{NUMERALS}]{{2,4}})年?)?(闰)?"
    rf"(?:([正冬腊]|[{NUMERALS}]{{1,2}}|[0-9]{{1,2}})月|[\-/.]([0-9]{{1,2}})[\-/.])"
    rf"(?:初?([{NUMERALS}]{{1,3}}|[0-9]{{1,2}})[日号]?)?"
)
_MONTHS: Final = {"正": 1, "冬": 11, "腊": 12}


class LunarReading(NamedTuple):
    """Numbers as written, 0 when absent. value: the solar date, None if a part is missing or there is no such day."""

    value: date | None
    year: int
    month: int
    day: int


def is_lunar(text: str) -> bool:
    """Whether a text names the Chinese calendar or uses words only it has."""
    return _MARK.search(text) is not None


def read_lunar(text: str) -> LunarReading | None:
    """Read the date and convert it (1900-2099); None if the text holds none."""
    found = _DATE.search(text)
    if found is None:
        return None
    year_text, leap, named_month, plain_month, day_text = found.groups()
    year = (chinese_number(year_text) or 0) if year_text else 0
    if 0 < year < 100:
        year += 1900
    month_text = named_month or plain_month
    month = _MONTHS.get(month_text) or chinese_number(month_text) or 0
    day = (chinese_number(day_text) or 0) if day_text else 0
    return LunarReading(_to_solar(year, month, day, bool(leap)), year, month, day)


def _to_solar(year: int, month: int, day: int, is_leap: bool) -> date | None:
    if not (year and month and day):
        return None
    first, length = _months_of(year).get((month, is_leap), (0, 0))
    return date.fromordinal(first + day - 1) if day <= length else None


@cache
def _months_of(year: int) -> dict[tuple[int, bool], tuple[int, int]]:
    """(month, is leap) → ordinal of its first day and its length; empty outside 1900-2099."""
    from lunardate import LunarDate

    firsts: list[tuple[int, bool, int]] = []
    for month in range(1, 13):
        for is_leap in (False, True):
            try:
                firsts.append((month, is_leap, LunarDate(year, month, 1, is_leap).to_solar_date().toordinal()))
            except ValueError:
                continue
    try:
        end = LunarDate(year + 1, 1, 1).to_solar_date().toordinal()
    except ValueError:
        return {}
    bounds = [*(first for _, _, first in firsts), end]
    return {(m, leap): (first, bounds[i + 1] - first) for i, (m, leap, first) in enumerate(firsts)}
