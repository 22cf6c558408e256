"""How times, spans, money and phones read."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from kehu.web import wording

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
THIN = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("amount", "currency", "whole", "text"),
    [
        (Decimal("1299"), "CNY", False, f"¥{THIN}1,299.00"),
        (Decimal("48260.4"), "CNY", True, f"¥{THIN}48,260"),
        (Decimal("-5.5"), "BRL", False, f"−R${THIN}5.50"),
        (Decimal("7"), "CHF", False, f"CHF{THIN}7.00"),
    ],
)
def test_money_reads_with_its_sign(amount: Decimal, currency: str, whole: bool, text: str) -> None:
    assert wording.format_money(amount, currency, is_whole=whole) == text


@pytest.mark.parametrize(
    ("seconds", "english"),
    [(0.2, "under 1 s"), (3, "3 s"), (240, "4 min"), (7200, "2 h"), (86400 * 5, "5 days")],
)
def test_spans_are_told_in_their_largest_unit(seconds: float, english: str) -> None:
    with translation.override("en"):
        assert wording.format_span(seconds) == english


def test_times_are_told_as_people_do() -> None:
    with translation.override("en"):
        assert wording.format_ago(NOW - timedelta(seconds=3), now=NOW) == "just now"
        assert wording.format_ago(NOW - timedelta(minutes=4), now=NOW) == "4 min ago"
        assert wording.format_day(NOW - timedelta(days=1), now=NOW) == "Yesterday"
        assert wording.format_ago(NOW - timedelta(days=19), now=NOW) == "2 November"
    with translation.override("zh-hans"):
        assert wording.format_day(NOW - timedelta(days=19), now=NOW) == "11 月 2 日"
        assert wording.format_day(NOW - timedelta(days=800), now=NOW) == "2024 年 9 月 12 日"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+8613800131234", "138 0013 1234"),
        ("138****1234", "138****1234"),
        ("+862158001121", "2158001121"),
        ("+4915112345678", "+4915112345678"),
    ],
)
def test_phones_are_grouped_for_reading(text: str, shown: str) -> None:
    assert wording.format_phone(text) == shown
