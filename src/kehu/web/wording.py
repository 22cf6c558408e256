"""How times, spans and money read, in the reader's language and zone."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language, gettext, ngettext

SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$", "TWD": "NT$", "BRL": "R$"}


def format_money(amount: Decimal | float | int, currency: str = "CNY", *, is_whole: bool = False) -> str:
    """¥ 1,299.00; whole units for figures that are read at a glance."""
    places = 0 if is_whole else 2
    sign = "−" if amount < 0 else ""
    return f"{sign}{SIGNS.get(currency, currency)}\N{NO-BREAK SPACE}{abs(amount):,.{places}f}"


def format_count(number: int) -> str:
    return f"{number:,}"


def format_span(seconds: float) -> str:
    """A lag or a duration in its largest unit: 3 s, 4 min, 2 h, 5 d."""
    if seconds < 1:
        return gettext("under 1 s")
    if seconds < 90:
        return gettext("%(n)d s") % {"n": round(seconds)}
    if seconds < 5400:
        return gettext("%(n)d min") % {"n": round(seconds / 60)}
    if seconds < 129600:
        return gettext("%(n)d h") % {"n": round(seconds / 3600)}
    return ngettext("%(n)d day", "%(n)d days", round(seconds / 86400)) % {"n": round(seconds / 86400)}


def format_ago(at: datetime, *, now: datetime | None = None) -> str:
    """just now, 4 min ago, 2 h ago, then the date."""
    passed = (now or timezone.now()) - at
    if passed < timedelta(seconds=45):
        return gettext("just now")
    if passed < timedelta(hours=36):
        return gettext("%(span)s ago") % {"span": format_span(passed.total_seconds())}
    return format_day(at, now=now)


def format_day(at: datetime, *, now: datetime | None = None) -> str:
    """Today, Yesterday, 19 November, 2 November 2019."""
    local, today = timezone.localtime(at), timezone.localtime(now or timezone.now())
    days = (today.date() - local.date()).days
    if days == 0:
        return gettext("Today")
    if days == 1:
        return gettext("Yesterday")
    is_chinese = (get_language() or "").startswith("zh")
    if local.year == today.year:
        return f"{local.month} 月 {local.day} 日" if is_chinese else format_date(local, "j F")
    return f"{local.year} 年 {local.month} 月 {local.day} 日" if is_chinese else format_date(local, "j F Y")


def format_moment(at: datetime) -> str:
    """Date and time to the minute, for tables: 2026-11-19 22:10."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def format_phone(text: str) -> str:
    """+8613800131234 as 138 0013 1234; masked and foreign numbers as they are."""
    if text.startswith("+86") and len(text) == 14 and text[3:].isdecimal():
        national = text[3:]
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    return text.removeprefix("+86") if text.startswith("+86") else text


def shown_value(name: str, value: str) -> str:
    """A value of an attribute as people read it: phones in groups, codes in words."""
    if name == "phone":
        return format_phone(value)
    if name == "gender":
        return {"male": gettext("male"), "female": gettext("female")}.get(value, value)
    return value
