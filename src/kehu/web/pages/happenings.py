"""Rows of the timeline: what happened, in words, with an icon and a place to look closer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.govern.access import Actor
from kehu.profile import queries as profile
from kehu.profile.queries.order_lines import LineOfOrder, lines_of_orders
from kehu.profile.queries.timeline import Fold
from kehu.profile.tellings import Told, tell, tell_flood
from kehu.profile.timeline.files import files_of
from kehu.web import live, vocabulary
from kehu.web.components import FileRow, OrderLineRow, TimelineRow
from kehu.web.wording import format_money, format_span

FILE_ICONS: Final = {"audio": "player-play", "video": "player-play", "image": "file-text", "document": "file-text"}
MOST_DETAILS: Final = 8


def told_folds(folds: Sequence[Fold], customer_id: UUID, actor: Actor) -> list[TimelineRow]:
    """One row per fold. One query more when there are orders among them."""
    rows = told_rows([one.first for one in folds], customer_id, actor)
    return [_flood(one, row, customer_id) if one.is_flood else row for one, row in zip(folds, rows, strict=True)]


def told_rows(rows: Sequence[profile.TimelineRow], customer_id: UUID, actor: Actor) -> list[TimelineRow]:
    lines = lines_of_orders([row.order_id for row in rows if row.name == "Order" and row.order_id])
    return [
        replace(
            _row(row, lines.get(row.order_id, []) if row.order_id else [], customer_id, actor),
            url=reverse("web:timeline_row", args=[customer_id, row.id]),
        )
        for row in rows
    ]


def _row(row: profile.TimelineRow, lines: list[LineOfOrder], customer_id: UUID, actor: Actor) -> TimelineRow:
    match row.kind, row.name:
        case "trade", "Order":
            return _order(row, lines)
        case "consent", "Consent":
            return _consent(row)
        case "merge", _:
            return _merge(row, customer_id, actor)
        case _:
            return _event(row, customer_id)


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


def _event(row: profile.TimelineRow, customer_id: UUID) -> TimelineRow:
    told = tell(row.name, row.kind, row.properties)
    source = live.source_name(row.source_id)
    if told.seconds:
        source = " · ".join(filter(None, [source, format_span(told.seconds)]))
    return TimelineRow(
        id=row.id,
        icon=told.icon,
        title=told.title,
        at=timezone.localtime(row.occurred_at),
        text=told.about,
        source=source,
        quote=_("“%(text)s”") % {"text": told.quote} if told.quote else "",
        tone=told.tone,
        tag=told.state,
        amount=format_money(told.amount, told.currency or "CNY") if told.amount is not None else "",
        details=_details(row.properties, told),
        files=_files(row, customer_id),
    )


def _flood(one: Fold, row: TimelineRow, customer_id: UUID) -> TimelineRow:
    """The newest row of a flood becomes the telling of all of it."""
    newest, oldest = one.rows[0], one.rows[-1]
    told = tell_flood(newest.name, newest.kind, len(one.rows), [member.properties for member in one.rows[:3]])
    asked: dict[str, str | int] = {
        "name": newest.name,
        "since": oldest.occurred_at.isoformat(),
        "until": newest.occurred_at.isoformat(),
    }
    if newest.source_id is not None:
        asked["source"] = newest.source_id
    return TimelineRow(
        id=row.id,
        icon=told.icon,
        title=told.title,
        at=row.at,
        text=f"{told.about} …" if told.about and len(one.rows) > 3 else told.about,
        source=live.source_name(newest.source_id),
        tone=told.tone,
        url=row.url,
        count=len(one.rows),
        flood_url=f"{reverse('web:timeline', args=[customer_id])}?{urlencode(asked)}",
    )


def _files(row: profile.TimelineRow, customer_id: UUID) -> tuple[FileRow, ...]:
    return tuple(
        FileRow(
            FILE_ICONS[file.kind],
            file.name,
            file.host,
            reverse("web:timeline_file", args=[customer_id, row.id, number]),
        )
        for number, file in enumerate(files_of(row.properties))
    )


def _details(properties: Mapping[str, Any], told: Told) -> tuple[tuple[str, str], ...]:
    """What is left, as far as it is plain: at most eight lines. A link into the web is a file, or no use."""
    plain = [
        (key.replace("_", " "), _short(value))
        for key, value in properties.items()
        if key not in told.used and _is_plain(value)
    ]
    if isinstance(products := properties.get("products"), list):
        count = ngettext("%(n)d product", "%(n)d products", len(products)) % {"n": len(products)}
        plain.insert(0, ("products", count))
    return tuple(plain[:MOST_DETAILS])


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _short(value: Any) -> str:
    text = str(value)
    return f"{text[:117]}…" if len(text) > 118 else text


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
