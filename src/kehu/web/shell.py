"""The shell around every page: rooms one may enter, the pulse, the review count, language and theme."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kehu.govern.access import actor_of
from kehu.profile.screens.queries import pop_signs
from kehu.teamwork.queries import unread_count
from kehu.teamwork.queries.notifications import MOST_COUNTED
from kehu.web import live
from kehu.web.components import Choice, Text

THEME_COOKIE = "kehu_theme"
THEMES: tuple[tuple[str, Text], ...] = (("auto", _("Auto")), ("light", _("Light")), ("dark", _("Dark")))


@dataclass(frozen=True, slots=True)
class Room:
    """A place of the rail. `routes`: names of the pages that belong to it."""

    name: str
    label: Text
    icon: str
    permission: str
    key: str
    routes: frozenset[str]
    starts_group: bool = False


@dataclass(frozen=True, slots=True)
class RailItem:
    name: str
    label: Text
    icon: str
    url: str
    key: str
    is_current: bool
    starts_group: bool


ROOMS = (
    Room("home", _("Home"), "home", "home.view", "g h", frozenset({"home"})),
    Room(
        "customers",
        _("Customers"),
        "users",
        "customer.view",
        "g c",
        frozenset({"customers", "customer", "timeline", "merge", "unmerge", "why", "history", "sight"}),
    ),
    Room(
        "organisations",
        _("Companies"),
        "building",
        "customer.view",
        "g n",
        frozenset({"organisations", "organisation", "relations", "relate"}),
    ),
    Room("review", _("Review"), "git-merge", "review.view", "g r", frozenset({"review", "blocked"})),
    Room("sources", _("Sources"), "plug-connected", "source.view", "g s", frozenset({"sources", "source"}), True),
    Room("imports", _("Imports"), "file-import", "import.view", "g i", frozenset({"imports", "import"})),
    Room("dead_letters", _("Dead letters"), "mailbox-off", "dead_letter.view", "g d", frozenset({"dead"})),
    Room(
        "operate",
        _("Operations"),
        "activity",
        "operate.view",
        "g o",
        frozenset({"operate", "alerts", "alert", "webhooks", "webhook"}),
    ),
    Room("rules", _("Cleaning rules"), "adjustments-horizontal", "source.view", "g u", frozenset({"rules", "rule"})),
    Room("quality", _("Data quality"), "chart-histogram", "source.view", "g q", frozenset({"quality", "corrections"})),
    Room("profile_rules", _("Profile rules"), "tags", "profile.manage", "g t", frozenset({"profile"})),
    Room("rebuild", _("Rebuild"), "refresh", "rebuild.view", "g b", frozenset({"rebuild"})),
    Room(
        "people",
        _("Staff"),
        "user-check",
        "user.view",
        "g p",
        frozenset(
            {
                "people",
                "person",
                "departments",
                "department",
                "team",
                "territory",
                "roles",
                "role",
                "tokens",
                "token",
                "screens",
            }
        ),
        True,
    ),
    Room("privacy", _("Privacy"), "shield-lock", "privacy.view", "g y", frozenset({"privacy"})),
    Room("audit", _("Audit"), "history", "audit.view", "g a", frozenset({"audit"})),
)


class Shell:
    """Asked by the base templates; what costs a query is asked once, and only if a template wants it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.actor = actor_of(request)

    @cached_property
    def rooms(self) -> list[RailItem]:
        match = self.request.resolver_match
        current = (match.url_name or "") if match and match.namespace == "web" else ""
        first_word = current.split("_", 1)[0]
        return [
            RailItem(
                room.name,
                room.label,
                room.icon,
                reverse(f"web:{room.name}"),
                room.key,
                current in room.routes or first_word in room.routes,
                room.starts_group,
            )
            for room in ROOMS
            if self.actor.can(room.permission)
        ]

    @property
    def html_lang(self) -> str:
        return "zh-Hans" if self.is_chinese else "en"

    @property
    def is_chinese(self) -> bool:
        return (get_language() or "").startswith("zh")

    @property
    def theme(self) -> str:
        return theme_of(self.request)

    @property
    def themes(self) -> list[Choice]:
        return [Choice(value, label, value == self.theme) for value, label in THEMES]

    @property
    def here(self) -> str:
        return self.request.get_full_path() if self.request.method == "GET" else "/"

    @property
    def user_name(self) -> str:
        return self.actor.name

    @cached_property
    def user_role(self) -> str:
        role = getattr(self.request.user, "role", None)
        return gettext(role.name) if role else ""

    @property
    def can_view_customers(self) -> bool:
        return self.actor.can("customer.view")

    @cached_property
    def has_pop(self) -> bool:
        """Whether somebody came up within the minute: the page before may not have shown them any more."""
        return any(agent == self.actor.user_id for agent, _pop in live.keep("pops", pop_signs, 1.0))

    @property
    def can_operate(self) -> bool:
        return self.actor.can("operate.view")

    @property
    def can_manage_webhooks(self) -> bool:
        return self.actor.can("webhook.manage")

    @property
    def can_review(self) -> bool:
        return self.actor.can("review.view")

    @cached_property
    def unread(self) -> int:
        """Notifications not read yet, counted up to a hundred."""
        return unread_count(self.actor) if self.actor.user_id is not None else 0

    @property
    def unread_text(self) -> str:
        return "" if not self.unread else f"{MOST_COUNTED}+" if self.unread > MOST_COUNTED else str(self.unread)

    @property
    def can_see_customers(self) -> bool:
        return self.actor.can("customer.view")

    @cached_property
    def pulse(self) -> dict[str, Any]:
        return live.pulse()

    @cached_property
    def review_text(self) -> str:
        """The number of waiting pairs; nothing when none waits."""
        return live.review_text(self.actor) if self.can_review else ""


def theme_of(request: HttpRequest) -> str:
    """The account's choice for who signed in, else the browser's cookie, else whatever the system says."""
    theme = getattr(request.user, "theme", "") or request.COOKIES.get(THEME_COOKIE, "auto")
    return theme if theme in dict(THEMES) else "auto"
