"""What the palette offers: customers, pages, and what the person may do here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from kehu.core.errors import NotFound
from kehu.govern.access import Actor, actor_of
from kehu.profile.queries import current_customer
from kehu.profile.queries.saved_views import views_for
from kehu.teamwork import queries as teamwork
from kehu.web.components import Text
from kehu.web.label_matching import is_meant
from kehu.web.pages.found import find_customers, found_from
from kehu.web.shell import ROOMS, THEMES

MOST_OF_A_KIND: Final = 8
RECENT: Final = 6
LANGUAGES: Final = (("zh-hans", "中文"), ("en", "English"))


@dataclass(frozen=True, slots=True)
class Offer:
    """A line of the palette. field: (name, value) to be posted to the address; opens: a dialog of this page."""

    text: Text
    url: str = ""
    note: Text = ""
    icon: str = ""
    is_post: bool = False
    field: tuple[str, str] = ("", "")
    opens: str = ""

    @property
    def name(self) -> Text:
        return self.text


@dataclass(frozen=True, slots=True)
class Group:
    label: Text
    items: list[Offer]


# Pages below a room: label, route, icon, permission. Of the rooms themselves the shell knows.
_PAGES: Final[tuple[tuple[Text, str, str, str], ...]] = (
    (gettext_lazy("Blocked values"), "web:blocked_values", "ban", "review.view"),
    (gettext_lazy("Alerts"), "web:alerts", "bell", "operate.view"),
    (gettext_lazy("Webhooks"), "web:webhooks", "link", "webhook.manage"),
    (gettext_lazy("Departments"), "web:departments", "building", "user.view"),
    (gettext_lazy("Roles"), "web:roles", "key", "user.view"),
    (gettext_lazy("API tokens"), "web:tokens", "key", "token.create"),
    (gettext_lazy("Tags"), "web:profile_tags", "tags", "profile.manage"),
    (gettext_lazy("Lifecycle and value"), "web:profile_standing", "crown", "profile.manage"),
    (gettext_lazy("Computed attributes"), "web:profile_computed", "chart-histogram", "profile.manage"),
    (gettext_lazy("Purposes"), "web:privacy_purposes", "shield-check", "privacy.view"),
    (gettext_lazy("Retention"), "web:privacy_retention", "clock", "privacy.view"),
    (gettext_lazy("Notifications"), "web:notifications", "bell", ""),
    (gettext_lazy("My customers"), "web:my_customers", "star", "customer.view"),
    (gettext_lazy("My account"), "web:account", "user-check", ""),
)
_ACTS: Final[tuple[tuple[Text, str, str, str], ...]] = (
    (gettext_lazy("New customer"), "web:customer_new", "user-plus", "customer.create"),
    (gettext_lazy("Import a file"), "web:import_new", "file-import", "import.run"),
    (gettext_lazy("New source"), "web:source_new", "plus", "source.manage"),
    (gettext_lazy("Corrections"), "web:corrections", "corner-down-left", "customer.view"),
    (gettext_lazy("New cleaning rule"), "web:rule_new", "plus", "source.manage"),
    (gettext_lazy("New alert rule"), "web:alert_rule_new", "plus", "operate.manage"),
    (gettext_lazy("New webhook"), "web:webhook_new", "plus", "webhook.manage"),
    (gettext_lazy("New person"), "web:person_new", "user-plus", "user.manage"),
    (gettext_lazy("New privacy request"), "web:privacy_new", "plus", "privacy.manage"),
)
# With the customer whose page is open.
_ACTS_ON_CUSTOMER: Final[tuple[tuple[Text, str, str, str], ...]] = (
    (gettext_lazy("Edit"), "web:customer_edit", "edit", "customer.edit"),
    (gettext_lazy("Merge with another"), "web:merge", "git-merge", "customer.merge"),
    (gettext_lazy("Take apart"), "web:unmerge", "unlink", "customer.unmerge"),
    (gettext_lazy("Comment"), "web:customer_team", "message-circle", "customer.view"),
    (gettext_lazy("Save as PDF"), "web:customer_card", "file-text", "customer.view"),
    (gettext_lazy("History"), "web:history", "history", "customer.view"),
    (gettext_lazy("Who sees this"), "web:sight", "eye", "customer.view"),
)


def palette_groups(request: HttpRequest, query: str, here: str) -> list[Group]:
    """here: the address of the page the palette is open on. Empty groups are left out."""
    actor = actor_of(request)
    customer = _customer_at(actor, here)
    offered = [
        _customers(actor, query, customer),
        Group(_("This customer"), _meant(query, _acts_on(actor, customer))),
        Group(_("Pages"), _meant(query, [*_rooms(actor), *_allowed(actor, _PAGES)])),
        Group(_("Lists"), _meant(query, _lists(actor)) if query else []),
        Group(_("Actions"), _meant(query, [*_allowed(actor, _ACTS), *(_everywhere() if query else [])])),
    ]
    return [group for group in offered if group.items]


def _customers(actor: Actor, query: str, here: UUID | None) -> Group:
    """Who is looked for; before anything is typed who was looked at lately, but for whose page is open."""
    if not actor.can("customer.view"):
        return Group("", [])
    if query:
        found = find_customers(actor, query, MOST_OF_A_KIND)
        return Group(_("Customers"), [Offer(one.text, one.url, one.note) for one in found])
    visited = teamwork.visited_customers(actor, limit=RECENT + 1)
    recent = [found_from(one.line) for one in visited if one.line.id != here][:RECENT]
    return Group(_("Recently viewed"), [Offer(one.text, one.url, one.note) for one in recent])


def _rooms(actor: Actor) -> list[Offer]:
    return [
        Offer(room.label, reverse(f"web:{room.name}"), room.key, room.icon)
        for room in ROOMS
        if actor.can(room.permission)
    ]


def _allowed(actor: Actor, offered: Iterable[tuple[Text, str, str, str]], *args: UUID) -> list[Offer]:
    return [
        Offer(label, reverse(route, args=args), icon=icon)
        for label, route, icon, permission in offered
        if not permission or actor.can(permission)
    ]


def _lists(actor: Actor) -> list[Offer]:
    if not actor.can("customer.view"):
        return []
    here = reverse("web:customers")
    return [Offer(view.name, f"{here}?view={view.id}", icon="list") for view in views_for(actor)]


def _customer_at(actor: Actor, here: str) -> UUID | None:
    """The customer whose page is open, if the actor sees it."""
    try:
        customer = resolve(urlsplit(here).path).kwargs.get("customer_id")
        return current_customer(actor, customer).id if customer and actor.can("customer.view") else None
    except (Resolver404, NotFound, ValueError):
        return None


def _acts_on(actor: Actor, customer: UUID | None) -> list[Offer]:
    if customer is None:
        return []
    acts = _allowed(actor, _ACTS_ON_CUSTOMER, customer)
    if actor.is_strict:
        return acts
    follows = any(one.user_id == actor.user_id for one in teamwork.followers_of(actor, customer))
    route, label = ("web:customer_unfollow", _("Unfollow")) if follows else ("web:customer_follow", _("Follow"))
    return [*acts, Offer(label, reverse(route, args=[customer]), icon="star", is_post=True)]


def _everywhere() -> list[Offer]:
    """What nobody looks for until they type it."""
    theme, language = reverse("web:theme"), reverse("web:language")
    return [
        Offer(_("Show the keys"), note="?", icon="keyboard", opens="keymap"),
        *(
            Offer(_("Appearance: %(name)s") % {"name": label}, theme, icon="moon", is_post=True, field=("theme", value))
            for value, label in THEMES
        ),
        *(
            Offer(
                _("Language: %(name)s") % {"name": label},
                language,
                icon="language",
                is_post=True,
                field=("language", value),
            )
            for value, label in LANGUAGES
        ),
        Offer(_("Sign out"), reverse("account_logout"), icon="logout", is_post=True),
    ]


def _meant(query: str, offers: list[Offer]) -> list[Offer]:
    return [replace(one, text=str(one.text)) for one in offers if is_meant(query, _names(one.text))][
        : MOST_OF_A_KIND if query else None
    ]


def _names(label: Text) -> set[str]:
    """In both languages, so that 来源 is found by "source" as well."""
    names = {str(label)}
    for language, _name in LANGUAGES:
        with override(language):
            names.add(str(label))
    return names
