"""What somebody was told, in words, each with the way to what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu.core.models import Job
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import Actor
from kehu.profile.filters.tree import Condition, Group, Match, filter_text
from kehu.teamwork import queries
from kehu.teamwork.kinds import NotificationKind
from kehu.teamwork.queries import NotificationView
from kehu.web.components import Empty, Tab, Text
from kehu.web.pages.list_asked import address
from kehu.web.vocabulary import Sign

PAGE_SIZE: Final = 50
_LIST: Final = "notifications"
ICONS: Final[Mapping[str, str]] = {
    NotificationKind.MENTION: "message-circle",
    NotificationKind.ASSIGNED: "user-check",
    NotificationKind.CHANGED: "edit",
    NotificationKind.MERGED: "git-merge",
    NotificationKind.SPLIT: "unlink",
    NotificationKind.JOB: "circle-check",
}
# Kind of job → its name, the page that tells of it, and what of its payload the address names.
JOBS: Final[Mapping[str, tuple[Text, str, str]]] = {
    "import.run": (gettext_lazy("Import"), "web:import", "import_id"),
    "import.undo": (gettext_lazy("Undoing an import"), "web:import", "import_id"),
    "profile.export": (gettext_lazy("Export"), "web:customers_export_file", "export"),
    "profile.bulk": (gettext_lazy("Act on many customers"), "web:customers_bulk_act", "bulk"),
    "profile.bulk_undo": (gettext_lazy("Undoing an act on many customers"), "web:customers_bulk_act", "bulk"),
    "profile.survivorship": (gettext_lazy("Choosing values anew"), "web:profile_rules", ""),
    "profile.figures_fill": (gettext_lazy("Working figures out"), "web:profile_computed", ""),
    "profile.figures_rate": (gettext_lazy("Rating customers"), "web:profile_standing", ""),
    "quality.measure": (gettext_lazy("Measuring the quality of data"), "web:quality", ""),
    "rebuild.build": (gettext_lazy("Rebuild"), "web:rebuild", ""),
    "rebuild.swap": (gettext_lazy("Swapping a rebuild in"), "web:rebuild", ""),
}
_NO_JOB: Final = (gettext_lazy("Job"), "", "")


@dataclass(frozen=True, slots=True)
class NotificationRow:
    sign: Sign
    text: str
    quote: str
    at: datetime
    is_read: bool
    url: str


@dataclass(frozen=True, slots=True)
class KindChoice:
    kind: str
    label: Text
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class NotificationsPage:
    """newest: the highest number shown: "all read" means those up to it."""

    tabs: list[Tab]
    rows: list[NotificationRow]
    unread: int
    newest: int
    next_url: str
    kinds: list[KindChoice]
    empty: Empty


def notifications_page(actor: Actor, shown: str, cursor: str) -> NotificationsPage:
    """shown: "unread" or everything."""
    is_unread, here = shown == "unread", reverse("web:notifications")
    position = decode_cursor(f"{_LIST}/{is_unread}", cursor)
    before = (position[0], position[1]) if position else None
    found = queries.notifications_page(actor, before=before, is_unread=is_unread, limit=PAGE_SIZE + 1)
    rows, unread = found[:PAGE_SIZE], queries.unread_count(actor)
    after = (
        encode_cursor(f"{_LIST}/{is_unread}", [rows[-1].at.isoformat(), rows[-1].id]) if len(found) > len(rows) else ""
    )
    wanted = queries.wanted_kinds(actor)
    asked = {"show": "unread"} if is_unread else {}
    return NotificationsPage(
        [Tab(_("All"), here, not is_unread), Tab(_("Unread"), f"{here}?show=unread", is_unread, unread)],
        [_row(one) for one in rows],
        unread,
        max((one.id for one in rows), default=0),
        address("web:notifications", {**asked, "cursor": after}) if after else "",
        [KindChoice(kind.value, kind.label, kind in wanted) for kind in NotificationKind],
        Empty(
            "bell",
            _("Nothing new"),
            _("Follow a customer, or be called by @ in a comment: you will be told here."),
        ),
    )


def place_of(actor: Actor, one: NotificationView) -> str:
    """The page a notification is about."""
    match one.kind:
        case NotificationKind.JOB:
            return _place_of_job(one)
        case NotificationKind.ASSIGNED if one.customer_id is None:
            mine = Group(Match.ALL, (Condition("owner", "one_of", (str(actor.user_id),)),))
            return address("web:customers", {"filter": filter_text(mine)})
        case _ if one.customer_id is not None:
            page = reverse("web:customer", args=[one.customer_id])
            return f"{page}#comment-{one.comment_id}" if one.comment_id else page
    return reverse("web:notifications")


def _place_of_job(one: NotificationView) -> str:
    _label, route, key = JOBS.get(str(one.job.get("kind")), _NO_JOB)
    job = Job.objects.filter(pk=one.job_id or 0).first() if key else None
    if not route or (key and job is None):
        return reverse("web:notifications")
    return reverse(route, args=[job.payload[key]] if job else [])


def _row(one: NotificationView) -> NotificationRow:
    has_failed = one.job.get("state") == "failed"
    sign = Sign("alert-circle" if has_failed else ICONS[one.kind], "", "warn" if has_failed else "")
    return NotificationRow(
        sign, _told(one), one.excerpt, one.at, one.is_read, reverse("web:notification", args=[one.id])
    )


def _told(one: NotificationView) -> str:
    said: dict[str, Any] = {"customer": one.customer or _("a customer"), "actor": one.actor, "n": one.times}
    match one.kind:
        case NotificationKind.MENTION:
            return _("%(actor)s calls you in a comment on %(customer)s") % said
        case NotificationKind.ASSIGNED if one.customer_id is None:
            return ngettext("%(n)d customer is yours now", "%(n)d customers are yours now", one.times) % said
        case NotificationKind.ASSIGNED:
            return _("%(customer)s is yours to look after now") % said
        case NotificationKind.CHANGED:
            return (
                ngettext("%(customer)s has changed %(n)d time", "%(customer)s has changed %(n)d times", one.times)
                % said
            )
        case NotificationKind.MERGED:
            return _("%(customer)s was merged with another customer") % said
        case NotificationKind.SPLIT:
            return _("%(customer)s was taken apart") % said
    label = JOBS.get(str(one.job.get("kind")), _NO_JOB)[0]
    if one.job.get("state") == "failed":
        return _("%(job)s has failed") % {"job": label}
    return _("%(job)s is done") % {"job": label}
