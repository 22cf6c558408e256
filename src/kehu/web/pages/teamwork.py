"""The team around a customer: comments, followers; and the customers somebody looked at or follows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from kehu.govern.access import Actor
from kehu.profile.queries import current_customer
from kehu.teamwork import queries
from kehu.teamwork.mentions import Piece
from kehu.teamwork.queries import CommentView, RememberedCustomer
from kehu.web.components import Empty, Tab
from kehu.web.pages.found import Found, found_from

SHOWN_AT_FIRST = 20


@dataclass(frozen=True, slots=True)
class CommentRow:
    """typed: for the author's form; error: why what they typed was refused."""

    id: int
    author: str
    at: datetime
    is_edited: bool
    pieces: tuple[Piece, ...]
    is_own: bool
    typed: str
    version: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class TeamCard:
    """draft: what was typed and refused, with the error."""

    customer_id: UUID
    comments: list[CommentRow]
    followers: int
    follower_names: str
    follows: bool
    more_url: str
    draft: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A comment as it was typed and could not be taken. comment_id None: a new one."""

    text: str
    error: str
    comment_id: int | None = None


@dataclass(frozen=True, slots=True)
class MyCustomersPage:
    tabs: list[Tab]
    rows: list[tuple[Found, datetime]]
    empty: Empty


def team_card(
    actor: Actor, customer_id: UUID, *, before: int | None = None, refused: Refused | None = None
) -> TeamCard:
    """Raises NotFound."""
    current = current_customer(actor, customer_id).id
    found = queries.comments_of(actor, current, before=before, limit=SHOWN_AT_FIRST + 1)
    followers = queries.followers_of(actor, current)
    shown = found[:SHOWN_AT_FIRST]
    more = f"{reverse('web:customer_team', args=[current])}?before={shown[-1].id}" if len(found) > len(shown) else ""
    is_new = refused is not None and refused.comment_id is None
    return TeamCard(
        current,
        [_row(one, refused) for one in shown],
        len(followers),
        _(", ").join(one.name for one in followers),
        any(one.user_id == actor.user_id for one in followers),
        more,
        refused.text if refused and is_new else "",
        refused.error if refused and is_new else "",
    )


def _row(one: CommentView, refused: Refused | None) -> CommentRow:
    is_refused = refused is not None and refused.comment_id == one.id
    return CommentRow(
        one.id,
        one.author,
        one.created_at,
        one.edited_at is not None,
        one.pieces,
        one.is_own,
        refused.text if refused and is_refused else one.typed,
        one.version,
        refused.error if refused and is_refused else "",
    )


def my_customers_page(actor: Actor, shown: str) -> MyCustomersPage:
    """shown: "followed", else those looked at lately."""
    here, follows = reverse("web:my_customers"), shown == "followed"
    found = queries.followed_customers(actor) if follows else queries.visited_customers(actor)
    tabs = [
        Tab(_("Recently viewed"), here, not follows),
        Tab(_("Followed"), f"{here}?show=followed", follows),
    ]
    empty = (
        Empty("star", _("You follow nobody yet"), _("Press f on a customer's page to be told what happens."))
        if follows
        else Empty("history", _("Nothing looked at yet"), _("Customers whose page you open stand here."))
    )
    return MyCustomersPage(tabs, [_remembered(one) for one in found], empty)


def _remembered(one: RememberedCustomer) -> tuple[Found, datetime]:
    return found_from(one.line), one.at
