"""Birth dates, by tables and by what must hold for any text."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.birth_dates import BirthDate
from kehu.clean.chinese_numerals import chinese_number

TODAY = date(2026, 11, 21)
DAY = date(1988, 6, 17)


def read(text: str) -> BirthDate:
    parsed = BirthDate.parse(text, TODAY)
    assert parsed is not None
    return parsed


SPELLINGS = [
    "1988-06-17", "1988/6/17", "1988.6.17", "1988 06 17", "19880617", "1988年6月17日", "1988年06月17", "880617",
    "88-6-17",
    "88年6月17日", "17/06/1988", "06/17/1988", "17.06.1988", "17-06-1988", "17061988", "17 June 1988", "June 17, "
    "1988", "17-Jun-88",
    "17th of June 1988", "1988-06-17 00:00:00", "1988-06-17T08:30:00Z", "１９８８－０６－１７",
    "１９８８年６月１７日", "一九八八年六月十七日",
    "八八年六月十七", "民国77年6月17日", "民國77年6月17日", "公历1988年6月17日", "32311", "1988-06-17生", " "
    "1988-06-17 ",
    "农历1988年五月初四", "农历一九八八年五月初四", "一九八八年五月初四", "1988年五月初四(农历)", "阴历1988年5月4日",
    "農曆1988年五月初四",
]  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_of_a_day_is_that_day(text: str) -> None:
    assert (read(text).value, read(text).precision) == (DAY, "day")


LUNAR = {
    "first month": ("农历1995年正月二十", date(1995, 2, 19)),
    "winter month": ("农历1994年冬月初七", date(1994, 12, 9)),
    "last month": ("农历1990年腊月廿三", date(1991, 2, 7)),
    "leap month": ("农历2020年闰四月初八", date(2020, 5, 30)),
    "the same month, not leap": ("农历2020年四月初八", date(2020, 4, 30)),
    "new year": ("农历2000年正月初一", date(2000, 2, 5)),
}


@pytest.mark.parametrize(("text", "day"), LUNAR.values(), ids=LUNAR.keys())
def test_lunar_dates_are_converted(text: str, day: date) -> None:
    assert (read(text).value, read(text).is_lunar) == (day, True)


def test_a_lunar_date_may_have_been_typed_as_a_solar_one_elsewhere() -> None:
    assert read("农历1995年正月二十").alternatives == (date(1995, 1, 20),)


PARTIAL = {
    "month": ("1988-06", "month", (1988, 6, 0)),
    "month in Chinese": ("1988年6月", "month", (1988, 6, 0)),
    "month without separator": ("198806", "month", (1988, 6, 0)),
    "year": ("1988", "year", (1988, 0, 0)),
    "year in Chinese": ("1988年", "year", (1988, 0, 0)),
    "month and day": ("06-17", "month_day", (0, 6, 17)),
    "month and day in Chinese": ("6月17日", "month_day", (0, 6, 17)),
    "lunar month and day": ("农历正月初一", "month_day", (0, 1, 1)),
    "lunar words alone": ("腊月廿三", "month_day", (0, 12, 23)),
}


@pytest.mark.parametrize(("text", "precision", "numbers"), PARTIAL.values(), ids=PARTIAL.keys())
def test_a_date_that_lacks_a_part_has_no_day(text: str, precision: str, numbers: tuple[int, int, int]) -> None:
    parsed = read(text)
    assert (parsed.value, parsed.precision, (parsed.year, parsed.month, parsed.day)) == (None, precision, numbers)


PROBLEMS = {
    "no such month": ("1988-13-40", None, "impossible"),
    "no such day": ("1990-02-30", None, "impossible"),
    "digits": ("19339026", None, "impossible"),
    "no such lunar day": ("农历1990年八月三十", None, "impossible"),
    "day and month exchanged": ("1988-17-06", DAY, "swapped"),
    "not born yet": ("2030-01-02", None, "future"),
    "older than anybody": ("1861-02-28", date(1861, 2, 28), "too_old"),
}


@pytest.mark.parametrize(("text", "value", "problem"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_what_is_wrong_is_said(text: str, value: date | None, problem: str) -> None:
    assert (read(text).value, read(text).problem) == (value, problem)


def test_both_readings_of_an_ambiguous_date_are_kept() -> None:
    assert (read("06/07/1988").value, read("06/07/1988").alternatives) == (date(1988, 7, 6), (date(1988, 6, 7),))
    assert (read("1988-06-07").value, read("1988-06-07").alternatives) == (date(1988, 6, 7), (date(1988, 7, 6),))
    assert read("1988-06-06").alternatives == ()


def test_the_first_of_january_is_marked() -> None:
    assert read("1990-01-01").is_default_like
    assert not read("1990-01-02").is_default_like


@pytest.mark.parametrize(
    "text", [None, "", "无", "null", "abc", "0000-00-00", "9999-12-31", "1900-01-01", "80后", "-", "13800138000", "N/A"]
)
def test_no_date_at_all(text: str | None) -> None:
    assert BirthDate.parse(text, TODAY) is None


@given(st.one_of(st.text(max_size=30), st.text(alphabet="0123456789-/.年月日农历正腊初十廿闰 :T", max_size=16)))
def test_any_text_is_read_or_refused(text: str) -> None:
    parsed = BirthDate.parse(text, TODAY)
    if parsed is not None and parsed.value is not None:
        assert parsed.value <= TODAY
        again = BirthDate.parse(parsed.value.isoformat(), TODAY)
        assert again is None or again.value == parsed.value
        assert parsed.value not in parsed.alternatives


days = st.dates(date(1910, 1, 2), TODAY - timedelta(days=1))
FORMATS = st.sampled_from(
    ["{0:04}-{1:02}-{2:02}", "{0:04}/{1}/{2}", "{0:04}{1:02}{2:02}", "{0}年{1}月{2}日", "{0}.{1}.{2}"]
)


@given(days, FORMATS, st.booleans())
def test_a_day_survives_every_format(day: date, shape: str, wide: bool) -> None:
    text = shape.format(day.year, day.month, day.day)
    if wide:
        text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert read(text).value == day


@given(st.dates(date(1930, 1, 1), date(2020, 1, 1)))
def test_a_lunar_day_comes_back_to_its_solar_day(day: date) -> None:
    from lunardate import LunarDate

    lunar = LunarDate.from_solar_date(day.year, day.month, day.day)
    text = f"农历{lunar.year}年{'闰' if lunar.is_leap_month else ''}{lunar.month}月{lunar.day}日"
    assert read(text).value == day


@pytest.mark.parametrize(
    ("text", "value"),
    [("一九八八", 1988), ("二〇〇一", 2001), ("十", 10), ("十七", 17), ("二十", 20), ("二十三", 23), ("廿三", 23),
    ("卅", 30), ("一百零五", 105),
     ("三百", 300), ("12", 12), ("", None), ("张", None)],
)  # fmt: skip
def test_chinese_numerals(text: str, value: int | None) -> None:
    assert chinese_number(text) == value
