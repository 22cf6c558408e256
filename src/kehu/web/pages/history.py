"""The audit trail on screen: searched by auditors, and as the history of one record."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.collect.imports.problem_files import neutralise
from kehu.core.errors import InvalidInput, NotFound
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern import audit_search
from kehu.govern.access import Actor, require
from kehu.govern.audit_search import Change, Entry, Wanted
from kehu.profile.queries import current_customer
from kehu.web.components import Action, Choice, Empty, Filter, Text

PAGE_SIZE = 50
ACTIONS = {
    "insert": gettext_lazy("added"),
    "update": gettext_lazy("changed"),
    "delete": gettext_lazy("deleted"),
    "sign in": gettext_lazy("signed in"),
    "sign out": gettext_lazy("signed out"),
    "sign in failed": gettext_lazy("failed to sign in"),
    "reveal": gettext_lazy("saw a masked value"),
    "export": gettext_lazy("exported"),
    "end session": gettext_lazy("ended a session"),
    "end sessions": gettext_lazy("ended all sessions"),
    "password link": gettext_lazy("made a password link"),
    "set up": gettext_lazy("set up Kehu"),
    "customer.card": gettext_lazy("saved as PDF"),
}
TABLES = {
    "govern_user": gettext_lazy("person"),
    "govern_role": gettext_lazy("role"),
    "govern_department": gettext_lazy("department"),
    "govern_team": gettext_lazy("team"),
    "govern_teammember": gettext_lazy("team member"),
    "govern_territory": gettext_lazy("territory"),
    "govern_share": gettext_lazy("share"),
    "govern_apitoken": gettext_lazy("API token"),
    "mfa_authenticator": gettext_lazy("second factor"),
    "socialaccount_socialaccount": gettext_lazy("single sign-on"),
    "govern_setuplink": gettext_lazy("set-up link"),
    "extend_attribute": gettext_lazy("attribute"),
    "collect_source": gettext_lazy("source"),
    "collect_import": gettext_lazy("import"),
    "collect_deadletter": gettext_lazy("dead letter"),
    "resolve_decision": gettext_lazy("decision"),
    "resolve_blockedvalue": gettext_lazy("blocked value"),
    "profile_pin": gettext_lazy("pinned value"),
    "profile_assignment": gettext_lazy("assignment"),
    "profile_mergeact": gettext_lazy("merge"),
    "profile_rebuild": gettext_lazy("rebuild"),
    "teamwork_comment": gettext_lazy("comment"),
    "teamwork_follow": gettext_lazy("follower"),
}
# What has a page, and who may look at it: kind in the address -> (table, permission, route of the page).
KINDS = {
    "person": ("govern_user", "user.view", "web:person"),
    "role": ("govern_role", "user.view", "web:role"),
    "department": ("govern_department", "user.view", "web:departments"),
    "source": ("collect_source", "source.view", "web:source"),
    "import": ("collect_import", "import.view", "web:import"),
}
_LIST = "audit"


@dataclass(frozen=True, slots=True)
class EntryRow:
    id: int
    at: datetime
    who: str
    act: Text
    thing: Text
    row: str
    reason: str
    request_id: str
    request_url: str
    address: str
    is_chained: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    rows: list[EntryRow]
    filters: list[Filter]
    wanted: Wanted
    since: str
    until: str
    shown: str
    actions: list[Action]
    empty: Empty
    next_url: str = ""
    first_url: str = ""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    title: str
    back_url: str
    rows: list[EntryRow]
    empty: Empty
    next_url: str = ""
    first_url: str = ""


def audit_page(actor: Actor, wishes: Mapping[str, str]) -> AuditPage:
    wanted, before = wanted_of(wishes), _before(wishes.get("cursor", ""))
    found = audit_search.search_audit(actor, wanted, before=before, limit=PAGE_SIZE + 1)
    actions, tables = audit_search.names_in_trail(actor)
    here, asked = reverse("web:audit"), {k: v for k, v in wishes.items() if v and k != "cursor"}
    query = urlencode(asked)
    return AuditPage(
        _rows(found[:PAGE_SIZE], is_auditor=True),
        [
            _filter("action", _("Act"), _("Any act"), [(one, ACTIONS.get(one, one)) for one in actions], wanted.action),
            _filter("table", _("Thing"), _("Anything"), [(one, TABLES.get(one, one)) for one in tables], wanted.table),
        ],
        wanted,
        wishes.get("since", ""),
        wishes.get("until", ""),
        _("newest first"),
        [Action(_("Export"), f"{reverse('web:audit_export')}?{query}", "download")],
        Empty("history", _("No entry like that"), _("Take a filter away, or widen the dates.")),
        f"{here}?{urlencode({**asked, 'cursor': encode_cursor(_LIST, [found[PAGE_SIZE - 1].id])})}"
        if len(found) > PAGE_SIZE
        else "",
        f"{here}?{query}" if before else "",
    )


def wanted_of(wishes: Mapping[str, str]) -> Wanted:
    """Raises InvalidInput for a date that is none."""
    until = _day(wishes.get("until", ""), "until")
    return Wanted(
        who=wishes.get("q", "").strip()[:100],
        action=wishes.get("action", ""),
        table=wishes.get("table", ""),
        row=wishes.get("row", "").strip()[:64],
        request_id=wishes.get("request", "").strip()[:64],
        since=_day(wishes.get("since", ""), "since"),
        until=until + timedelta(days=1) if until else None,
    )


def audit_csv(actor: Actor, wishes: Mapping[str, str]) -> Iterator[str]:
    """The search as a file, line by line; nothing in it runs in a spreadsheet."""
    entries = audit_search.export_audit(actor, wanted_of(wishes))
    yield "\ufeff" + _line(
        ["id", "at", "who", "action", "table", "row", "before → after", "reason", "request", "address"]
    )
    for one in entries:
        changes = "; ".join(f"{c.name}: {c.before or ''} → {c.after or ''}" for c in one.changes)
        at = one.at.isoformat(timespec="seconds")
        cells = [
            str(one.id),
            at,
            one.who,
            one.action,
            one.table,
            one.row,
            changes,
            one.reason,
            one.request_id,
            one.address,
        ]
        yield _line(cells)


def customer_history(actor: Actor, customer_id: UUID, cursor: str) -> HistoryPage:
    """Raises NotFound."""
    current = current_customer(actor, customer_id).id
    found = audit_search.history_of_customer(actor, current, before=_before(cursor), limit=PAGE_SIZE + 1)
    return _history(found, reverse("web:customer", args=[current]), reverse("web:history", args=[current]), cursor)


def row_history(actor: Actor, kind: str, row: int, cursor: str) -> HistoryPage:
    if kind not in KINDS:
        raise NotFound("history", kind)
    table, permission, route = KINDS[kind]
    require(actor, permission)
    found = audit_search.history_of_row(actor, table, str(row), before=_before(cursor), limit=PAGE_SIZE + 1)
    back = reverse(route) if kind == "department" else reverse(route, args=[row])
    return _history(found, back, reverse("web:row_history", args=[kind, row]), cursor)


def _history(found: list[Entry], back_url: str, here: str, cursor: str) -> HistoryPage:
    next_url = f"{here}?cursor={encode_cursor(_LIST, [found[PAGE_SIZE - 1].id])}" if len(found) > PAGE_SIZE else ""
    return HistoryPage(
        _("History"),
        back_url,
        _rows(found[:PAGE_SIZE]),
        Empty("history", _("Nobody has changed anything yet"), _("What people change here is kept, with who and why.")),
        next_url,
        here if cursor else "",
    )


def _rows(entries: list[Entry], *, is_auditor: bool = False) -> list[EntryRow]:
    audit = reverse("web:audit")
    return [
        EntryRow(
            one.id,
            one.at,
            one.who,
            ACTIONS.get(one.action, one.action),
            TABLES.get(one.table, one.table),
            one.row,
            one.reason,
            one.request_id,
            f"{audit}?{urlencode({'request': one.request_id})}" if is_auditor and one.request_id else "",
            one.address if is_auditor else "",
            one.is_chained,
            one.changes,
        )
        for one in entries
    ]


def _filter(name: str, label: str, anything: str, choices: list[tuple[str, Text]], current: str) -> Filter:
    return Filter(
        name, label, (Choice("", anything, not current), *(Choice(key, text, key == current) for key, text in choices))
    )


def _before(cursor: str) -> int | None:
    position = decode_cursor(_LIST, cursor)
    return int(position[0]) if position else None


def _day(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise InvalidInput(name, _("write a day as 2026-11-21."))
    return timezone.make_aware(datetime.combine(day, time.min))


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([neutralise(cell) for cell in cells])
    return buffer.getvalue()
