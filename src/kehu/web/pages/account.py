"""One's own account: how one signs in, and where one is signed in."""

import re
from dataclasses import dataclass
from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from kehu.govern import sessions
from kehu.govern.access import actor_of
from kehu.govern.queries import has_second_factor
from kehu.web.components import Action

_BROWSERS = (
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("MicroMessenger", "WeChat"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")


@dataclass(frozen=True, slots=True)
class SessionRow:
    browser: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool
    end_url: str


@dataclass(frozen=True, slots=True)
class WayIn:
    icon: str
    label: str
    state: str
    action: Action


@dataclass(frozen=True, slots=True)
class AccountPage:
    name: str
    role: str
    ways: list[WayIn]
    sessions: list[SessionRow]
    others: int


def account_page(request: HttpRequest) -> AccountPage:
    actor = actor_of(request)
    user_id = actor.user_id or 0
    rows = session_rows(user_id, can_end=True, current_key=request.session.session_key)
    is_strong = has_second_factor(user_id)
    ways = [
        WayIn("lock", _("Password"), "", Action(_("Change"), reverse("account_change_password"))),
        WayIn(
            "shield-check",
            _("Second factor"),
            _("set up") if is_strong else _("none yet"),
            Action(_("Manage") if is_strong else _("Set up"), reverse("mfa_index"), is_main=not is_strong),
        ),
    ]
    if settings.SOCIALACCOUNT_PROVIDERS:
        is_tied = SocialAccount.objects.filter(user_id=user_id).exists()
        way = Action(_("Manage") if is_tied else _("Connect"), reverse("socialaccount_connections"))
        ways.append(WayIn("plug-connected", _("Single sign-on"), _("connected") if is_tied else _("none yet"), way))
    if actor.can("token.create"):
        ways.append(WayIn("key", _("API tokens"), "", Action(_("Manage"), reverse("web:tokens"))))
    return AccountPage(actor.name, actor.role, ways, rows, sum(not row.is_this for row in rows))


def session_rows(user_id: int, *, can_end: bool, current_key: str | None = None) -> list[SessionRow]:
    return [
        SessionRow(
            browser_name(line.user_agent),
            line.address,
            line.began_at,
            line.seen_at,
            line.is_this,
            reverse("web:session_end", args=[line.id]) if can_end else "",
        )
        for line in sessions.sessions_of(user_id, current_key)
    ]


def browser_name(user_agent: str) -> str:
    """Chrome · Windows, out of the long story a browser tells."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    told = " · ".join(part for part in (browser, system.replace("Mac OS X", "macOS")) if part)
    return told or re.sub(r"[^\w ./-]", "", user_agent)[:40] or _("unknown")
