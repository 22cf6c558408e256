"""People and access: who there is, in which department and team, with which role."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern import queries as govern
from kehu.govern.access import Actor
from kehu.govern.duties import FOUNDER
from kehu.govern.models import User
from kehu.web.components import Action, Empty, Figure, Tab
from kehu.web.pages.account import SessionRow, session_rows
from kehu.web.wording import format_ago, format_count, format_moment

PAGE_SIZE = 50
_LIST = "people"
TABS = (
    (gettext_lazy("Staff"), "web:people", "user.view"),
    (gettext_lazy("Departments and teams"), "web:departments", "user.view"),
    (gettext_lazy("Roles"), "web:roles", "user.view"),
    (gettext_lazy("API tokens"), "web:tokens", "token.create"),
    (gettext_lazy("Screens of others"), "web:screens", "source.manage"),
)


def access_tabs(actor: Actor, current: str) -> list[Tab]:
    return [
        Tab(label, reverse(route), is_current=route == current)
        for label, route, permission in TABS
        if actor.can(permission) or (route == "web:tokens" and actor.can("token.manage"))
    ]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    tabs: list[Tab]
    rows: list[govern.PersonLine]
    query: str
    count_text: str
    shown: str
    actions: list[Action]
    empty: Empty
    notice: str = ""
    next_url: str = ""
    first_url: str = ""


def people_page(actor: Actor, wishes: Mapping[str, str]) -> PeoplePage:
    query, cursor = wishes.get("q", ""), wishes.get("cursor", "")
    after = decode_cursor(_LIST, cursor)
    found = govern.people(actor, text=query, after=(after[0], after[1]) if after else None, limit=PAGE_SIZE + 1)
    rows = found[:PAGE_SIZE]
    here = reverse("web:people")
    next_url = ""
    if len(found) > PAGE_SIZE:
        next_url = f"{here}?q={query}&cursor={encode_cursor(_LIST, [rows[-1].name, rows[-1].id])}"
    new = Action(_("New person"), reverse("web:person_new"), "user-plus", is_main=True, key="c")
    return PeoplePage(
        access_tabs(actor, "web:people"),
        rows,
        query,
        format_count(User.objects.count()),
        _("%(n)s shown") % {"n": format_count(len(rows))},
        [new] if actor.can("user.manage") else [],
        Empty("users", _("Nobody of that name"), _("Look for a part of the name or of the address.")),
        _founders(),
        next_url,
        here if cursor else "",
    )


def _founders() -> str:
    """A word of warning while one hand holds every duty beside people who could share them."""
    founders = User.objects.filter(role__slug=FOUNDER, is_active=True).count()
    if not founders or User.objects.filter(is_active=True).count() < 5:
        return ""
    return _(
        "%(n)s people hold the founder's role: system, security and audit in one hand. Give these duties to three "
        "people and switch the founder's accounts off."
    ) % {"n": format_count(founders)}


@dataclass(frozen=True, slots=True)
class PersonPage:
    id: int
    name: str
    tabs: list[Tab]
    figures: list[Figure]
    facts: list[tuple[str, str]]
    actions: list[Action]
    sessions: list[SessionRow]
    can_manage: bool


def person_page(actor: Actor, user_id: int) -> PersonPage:
    """Raises NotFound."""
    found = govern.person(actor, user_id)
    line = found.line
    may_change = actor.can("user.manage") or actor.can("role.manage")
    return PersonPage(
        user_id,
        line.name,
        access_tabs(actor, ""),
        [
            Figure(
                _("State"), _("may sign in") if line.is_active else _("is not let in"), "" if line.is_active else "warn"
            ),
            Figure(_("Role"), line.role_name),
            Figure(_("Second factor"), _("yes") if line.has_second_factor else _("no")),
            Figure(_("API tokens"), format_count(found.tokens)),
            Figure(_("Last sign-in"), format_ago(line.last_login) if line.last_login else "—"),
        ],
        [
            (_("E-mail"), line.email),
            (_("Department"), line.department or "—"),
            (_("Teams"), ", ".join(found.teams) or "—"),
            (_("Language"), {"zh-hans": "简体中文", "en": "English"}.get(found.language, found.language)),
            (_("Since"), format_moment(found.created_at)),
        ],
        [
            Action(_("History"), reverse("web:row_history", args=["person", user_id]), "history"),
            *([Action(_("Change"), reverse("web:person_edit", args=[user_id]), "edit", key="e")] if may_change else []),
        ],
        session_rows(user_id, can_end=actor.can("user.manage")),
        actor.can("user.manage"),
    )


def password_link(request: HttpRequest, parts: tuple[str, str]) -> str:
    uidb36, key = parts
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": key})
    return request.build_absolute_uri(path)
