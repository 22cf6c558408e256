"""The timeline: what happened, in words, with an icon and a place to look closer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu.govern.access import Actor
from kehu.profile import queries as profile
from kehu.profile.queries.order_lines import LineOfOrder, lines_of_orders
from kehu.web import live, vocabulary
from kehu.web.components import OrderLineRow, Tab, TimelineRow
from kehu.web.wording import format_money, format_span

PAGE_SIZE = 30
FILTERS = (
    ("", gettext_lazy("All")),
    ("trade", gettext_lazy("Trade")),
    ("service", gettext_lazy("Service")),
    ("contact", gettext_lazy("Conversations")),
    ("behaviour", gettext_lazy("Behaviour")),
    ("marketing", gettext_lazy("Marketing")),
    ("merge", gettext_lazy("Merges")),
)
# The first of these that is there stands behind the title; the first of the quotes below it.
TEXTS = ("name", "title", "subject", "query", "product", "item", "page", "path", "url", "category", "note")
QUOTES = ("text", "message", "body", "comment", "content", "summary")
SECONDS = ("seconds", "duration", "duration_seconds")


@dataclass(frozen=True, slots=True)
class Happenings:
    """A page of the timeline with its filters."""

    tabs: list[Tab]
    timeline: list[TimelineRow]
    timeline_next_url: str


def happenings(customer_id: UUID, page: profile.TimelinePage, kind: str, *, actor: Actor) -> Happenings:
    address = reverse("web:timeline", args=[customer_id])
    lines = lines_of_orders([row.order_id for row in page.rows if row.name == "Order" and row.order_id])
    rows = [_row(row, lines.get(row.order_id, []) if row.order_id else [], customer_id, actor) for row in page.rows]
    next_url = ""
    if page.next:
        next_url = f"{address}?{urlencode({'kind': kind, 'at': page.next[0], 'id': page.next[1]})}"
    tabs = [Tab(label, f"{address}?kind={name}", name == kind) for name, label in FILTERS]
    return Happenings(tabs, rows, next_url)


def _row(row: profile.TimelineRow, lines: list[LineOfOrder], customer_id: UUID, actor: Actor) -> TimelineRow:
    match row.kind, row.name:
        case "trade", "Order":
            return _order(row, lines)
        case "consent", _:
            return _consent(row)
        case "merge", _:
            return _merge(row, customer_id, actor)
        case _:
            return _event(row)


def _order(row: profile.TimelineRow, lines: list[LineOfOrder]) -> TimelineRow:
    told = row.properties
    sign = vocabulary.order_sign(str(told.get("status", "")))
    currency = row.currency or "CNY"
    refunded = _number(told.get("refunded"))
    names = [line.name for line in lines if line.name]
    return TimelineRow(
        id=row.id,
        icon="shopping-bag",
        title=_("Order %(number)s") % {"number": told.get("number", "")},
        at=timezone.localtime(row.occurred_at),
        text=names[0] if names else "",
        source=live.source_name(row.source_id),
        tone="trade",
        tag=_("refunded") if refunded and not sign.tone else sign.label,
        tag_tone="warn" if refunded else sign.tone,
        amount=format_money(row.amount, currency) if row.amount is not None else "",
        lines=tuple(
            OrderLineRow(line.name or line.sku, f"× {line.quantity.normalize():f}", format_money(line.amount, currency))
            for line in lines
        ),
        details=((_("Refunded"), format_money(refunded, currency)),) if refunded else (),
    )


def _consent(row: profile.TimelineRow) -> TimelineRow:
    told = row.properties
    is_granted = told.get("state") == "granted"
    return TimelineRow(
        id=row.id,
        icon="check" if is_granted else "ban",
        title=_("Consent given") if is_granted else _("Consent withdrawn"),
        at=timezone.localtime(row.occurred_at),
        text=vocabulary.consent_label(str(told.get("purpose", "")), str(told.get("channel", ""))),
        source=live.source_name(row.source_id),
    )


def _merge(row: profile.TimelineRow, customer_id: UUID, actor: Actor) -> TimelineRow:
    told = row.properties
    is_merge = row.name == "Merge"
    may_undo = is_merge and not told.get("is_undone") and actor.can("customer.unmerge")
    return TimelineRow(
        id=row.id,
        icon="git-merge" if is_merge else "unlink",
        title=_("Merged by hand") if is_merge else _("Taken apart"),
        at=timezone.localtime(row.occurred_at),
        text=str(told.get("reason", "")),
        source=live.people_names().get(told.get("actor") or 0, ""),
        tag=_("undone") if told.get("is_undone") else "",
        undo_url=f"{reverse('web:unmerge', args=[customer_id])}?act={told['act']}" if may_undo else "",
    )


def _event(row: profile.TimelineRow) -> TimelineRow:
    sign = vocabulary.event_sign(row.name, row.kind)
    told = {key: value for key, value in row.properties.items() if value not in (None, "", [], {})}
    text_key = next((key for key in TEXTS if isinstance(told.get(key), str)), "")
    quote_key = next((key for key in QUOTES if isinstance(told.get(key), str)), "")
    seconds_key = next((key for key in SECONDS if _number(told.get(key))), "")
    source = live.source_name(row.source_id)
    if seconds_key:
        source = " · ".join(filter(None, [source, format_span(_number(told[seconds_key]))]))
    return TimelineRow(
        id=row.id,
        icon=sign.icon,
        title=sign.label,
        at=timezone.localtime(row.occurred_at),
        text=_short(told.get(text_key, "")),
        source=source,
        quote=_quoted(told.get(quote_key, "")),
        tone=sign.tone,
        details=_details(told, {text_key, quote_key, seconds_key}),
    )


def _details(told: Mapping[str, Any], shown: set[str]) -> tuple[tuple[str, str], ...]:
    """What is left, as far as it is plain: at most eight lines."""
    plain = [
        (key.replace("_", " "), _short(value))
        for key, value in told.items()
        if key not in shown and isinstance(value, str | int | float) and not isinstance(value, bool)
    ]
    if isinstance(products := told.get("products"), list):
        count = ngettext("%(n)d product", "%(n)d products", len(products)) % {"n": len(products)}
        plain.insert(0, ("products", count))
    return tuple(plain[:8])


def _short(value: Any) -> str:
    text = str(value)
    return f"{text[:117]}…" if len(text) > 118 else text


def _quoted(text: str) -> str:
    return _("“%(text)s”") % {"text": _short(text)} if text else ""


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
