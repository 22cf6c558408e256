"""Moments as exports write them → aware datetimes in UTC. Naive ones are read in the zone of their source."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
_YEAR_FIRST: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?P<clock>\D?.*)")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?P<clock>\D.*)?")
_CLOCK: Final = re.compile(
    r"[T,，]?\s*(?P<half>上午|下午|晚上|早上|凌晨|中午|am|pm)?\s*(?P<h>\d{1,2})\s*[:：时点]\s*(?P<m>\d{1,2})\s*分?"
    r"\s*(?:[:：]?\s*(?P<s>\d{1,2})(?:[.,]\d+)?\s*秒?)?\s*(?P<half_after>am|pm)?\s*(?P<zone>z|utc|gmt|[+-]\d\d:?\d\d)?"
)
_MONTH_WORD: Final = re.compile(
    r"(?:(\d{1,2})[ -]([a-z]{3})[a-z]*\.?,?[ -](\d{4})|([a-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4}))(?P<clock>.*)"
)
_MONTHS: Final = {m: n for n, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_EXCEL_DAY_ZERO: Final = datetime(1899, 12, 30)
_EARLIEST, _LATEST = 1900, 2100
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=16_384)  # a row often has the same moment in several columns, and so have the rows around it
def parse_moment(text: str, zone: ZoneInfo, time_format: str | None = None) -> datetime | None:
    """None when the text is no moment between 1900 and 2100.

    time_format: a strptime format, or "dmy" / "mdy" for 03/04/2024 (else "/" is month first, "." and "-" day
    first). Numbers are YYYYMMDD[HHMM[SS]], seconds, milliseconds or microseconds since 1970, or spreadsheet days.
    """
    try:
        moment = _read(text, time_format)
        if moment is None or not _EARLIEST <= moment.year <= _LATEST:
            return None
        return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _read(text: str, time_format: str | None) -> datetime | None:
    if time_format is not None and time_format not in (DAY_FIRST, MONTH_FIRST):
        return datetime.strptime(text, time_format)
    if _ISO.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # 2024-01-05 9:30 pm and the like: read below
    if text.replace(".", "", 1).isdigit():
        return _from_number(text)
    lowered = text.strip().lower()
    if found := _YEAR_FIRST.fullmatch(lowered):
        return _with_clock(int(found[1]), int(found[2]), int(found[3]), found["clock"])
    if found := _YEAR_LAST.fullmatch(lowered):
        first, second = int(found[1]), int(found[3])
        is_month_first = time_format == MONTH_FIRST or (time_format is None and found[2] == "/")
        month, day = (first, second) if (is_month_first and first <= 12) or second > 12 else (second, first)
        return _with_clock(int(found[4]), month, day, found["clock"] or "")
    if found := _MONTH_WORD.fullmatch(lowered):
        day_word, word, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
        return _with_clock(int(year), _MONTHS.get(word, 0), int(day_word), found["clock"])
    return parsedate_to_datetime(text)


def _with_clock(year: int, month: int, day: int, clock: str) -> datetime | None:
    clock = clock.strip()
    if not clock:
        return datetime(year, month, day)
    found = _CLOCK.fullmatch(clock)
    if found is None:
        return None
    hour, half = int(found["h"]), found["half"] or found["half_after"] or ""
    if half in ("下午", "晚上", "pm") and hour < 12:
        hour += 12
    elif half in ("上午", "凌晨", "早上", "am") and hour == 12:
        hour = 0
    moment = datetime(year, month, day, hour, int(found["m"]), int(found["s"] or 0))
    offset = found["zone"]
    if not offset:
        return moment
    return datetime.fromisoformat(moment.isoformat() + ("+00:00" if offset in ("z", "utc", "gmt") else offset))


def _from_number(text: str) -> datetime | None:
    whole, _, fraction = text.partition(".")
    if not fraction:
        match len(whole):
            case 8:
                return datetime.strptime(whole, "%Y%m%d")
            case 12:
                return datetime.strptime(whole, "%Y%m%d%H%M")
            case 14:
                return datetime.strptime(whole, "%Y%m%d%H%M%S")
    match len(whole):
        case 5:
            return _EXCEL_DAY_ZERO + timedelta(seconds=round(float(text) * 86_400))
        case 9 | 10:
            return datetime.fromtimestamp(float(text), UTC)
        case 13:
            return datetime.fromtimestamp(float(text) / 1_000, UTC)
        case 16:
            return datetime.fromtimestamp(float(text) / 1_000_000, UTC)
    return None
