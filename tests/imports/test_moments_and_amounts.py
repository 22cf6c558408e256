"""Times and amounts as exports write them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.amounts import parse_amount
from kehu.clean.moments import parse_moment, zone_of

SHANGHAI = zone_of("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1299", "1299"),
        ("1299.50", "1299.5"),
        ("¥1,299.00", "1299"),
        ("￥ 1，299．00元", "1299"),
        ("1.299,00", "1299"),
        ("1.299.000", "1299000"),
        ("1,299", "1299"),
        ("12,5", "12.5"),
        ("0,99", "0.99"),
        ("1 299,00 €", "1299"),
        ("R$ 1.299,90", "1299.9"),
        ("1'299.00", "1299"),
        ("(12.00)", "-12"),
        ("-12", "-12"),
        ("¥-12.00", "-12"),
        ("CNY 88", "88"),
        ("1.2万", "12000"),
        ("3件", "3"),
        ("+5", "5"),
        (".5", "0.5"),
        ("", None),
        ("x", None),
        ("1e5", None),
        ("1.23E+17", None),
        ("NaN", None),
        ("Infinity", None),
        ("12-3", None),
        ("1.2.3", None),
        ("9" * 40, None),
        ("--", None),
    ],
)
def test_amounts(text: str, expected: str | None) -> None:
    assert parse_amount(text) == (Decimal(expected) if expected is not None else None)


@given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False), st.sampled_from(["{:,}", "{}", "¥{:,}", "{:,}元"]))
def test_an_amount_survives_being_written(amount: Decimal, form: str) -> None:
    assert parse_amount(form.format(amount)) == amount


@given(st.text(max_size=30))
def test_no_text_makes_reading_amounts_or_moments_fail(text: str) -> None:
    amount, moment = parse_amount(text), parse_moment(text, SHANGHAI)
    assert amount is None or amount.is_finite()
    assert moment is None or moment.tzinfo is not None


NOON = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)  # twelve o'clock in Shanghai


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-06 12:00:00", NOON),
        ("2024-05-06T12:00", NOON),
        ("2024-05-06T04:00:00Z", NOON),
        ("2024-05-06T04:00:00.000Z", NOON),
        ("2024-05-06 14:00:00+10:00", NOON),
        ("2024/5/6 12:00", NOON),
        ("2024.5.6 12:00", NOON),
        ("2024年5月6日 12时00分00秒", NOON),
        ("2024年5月6日 12:00", NOON),
        ("2024-05-06 中午12:00", NOON),
        ("2024-05-06 下午3:30", datetime(2024, 5, 6, 7, 30, tzinfo=UTC)),
        ("2024/5/6 3:30 PM", datetime(2024, 5, 6, 7, 30, tzinfo=UTC)),
        ("2024-05-06 12:30 am", datetime(2024, 5, 5, 16, 30, tzinfo=UTC)),
        ("2024-05-06", datetime(2024, 5, 5, 16, tzinfo=UTC)),
        ("20240506", datetime(2024, 5, 5, 16, tzinfo=UTC)),
        ("20240506120000", NOON),
        ("202405061200", NOON),
        ("1714968000", NOON),
        ("1714968000000", NOON),
        ("1714968000000000", NOON),
        ("45418.5", NOON),
        ("05/06/2024 12:00", NOON),
        ("25/04/2024 12:00", datetime(2024, 4, 25, 4, tzinfo=UTC)),
        ("06.05.2024 12:00", NOON),
        ("6 May 2024 12:00", NOON),
        ("May 6, 2024 12:00", NOON),
        ("Mon, 06 May 2024 12:00:00 +0800", NOON),
        ("0000-00-00 00:00:00", None),
        ("2024-13-06", None),
        ("2024-02-30", None),
        ("13800138000", None),
        ("yesterday", None),
        ("1899-01-01", None),
        ("", None),
    ],
)
def test_moments(text: str, expected: datetime | None) -> None:
    assert parse_moment(text, SHANGHAI) == expected


def test_a_format_or_an_order_of_day_and_month_can_be_given() -> None:
    assert parse_moment("05/06/2024", SHANGHAI, "dmy") == datetime(2024, 6, 4, 16, tzinfo=UTC)
    assert parse_moment("05/06/2024", SHANGHAI, "mdy") == datetime(2024, 5, 5, 16, tzinfo=UTC)
    assert parse_moment("2024|126", SHANGHAI, "%Y|%j") == datetime(2024, 5, 4, 16, tzinfo=UTC)
    assert parse_moment("126", SHANGHAI, "%Y|%j") is None


def test_a_clock_that_was_turned_back_reads_its_first_pass() -> None:
    assert parse_moment("2018-02-17 23:30:00", zone_of("America/Sao_Paulo")) == datetime(2018, 2, 18, 1, 30, tzinfo=UTC)
