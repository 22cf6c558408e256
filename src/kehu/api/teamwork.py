"""What colleagues say about customers, whom they follow, and what they are told."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from kehu.api.customer_schemas import CustomerBrief, brief
from kehu.api.customers import router
from kehu.api.operations import acts, reads
from kehu.api.schemas import MAX_ID, Cursor, Done, Input, Limit, PageOf, RowId
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import actor_of
from kehu.teamwork import queries, services
from kehu.teamwork.queries import CommentView, NotificationView, RememberedCustomer

comments, notifications, my = Router(), Router(), Router()
NOTIFICATIONS = "notifications"
Kind = Literal["mention", "assigned", "changed", "merged", "split", "job"]
CommentText = Annotated[
    str, Field(min_length=1, max_length=4000, examples=["@李娜 客户改约周五"], description="`@name` calls a colleague.")
]


class CommentOut(BaseModel):
    """`mentions`: the people it calls."""

    id: int = Field(examples=[12])
    author_id: int
    author: str = Field(examples=["陈静"])
    text: str = Field(examples=["@李娜 客户改约周五"])
    mentions: list[int]
    version: int
    created_at: datetime
    edited_at: datetime | None


class NewComment(Input):
    text: CommentText


class CommentChange(NewComment):
    """`version` as last read: a comment changed since is refused (409)."""

    version: int = Field(ge=1, le=2**31 - 1)


class NewRow(BaseModel):
    id: int = Field(examples=[12])


class FollowerOut(BaseModel):
    user_id: int
    name: str
    since: datetime


class RememberedOut(CustomerBrief):
    """`remembered_at`: when the caller looked at the customer last, or began to follow it."""

    remembered_at: datetime


class NotificationOut(BaseModel):
    """`times`: how often it happened as long as it was unread; `customer_id` null: it is about none, or about many.

    Customers and comments are named by id alone: reading them asks for consent.
    """

    id: int
    kind: Kind
    at: datetime
    is_read: bool
    times: int
    customer_id: UUID | None
    actor: str
    comment_id: int | None
    job_id: int | None
    job_state: str


class Read(Input):
    """Either `ids`, or everything up to the number `up_to`."""

    ids: list[Annotated[int, Field(ge=1, le=MAX_ID)]] = Field(default=[], max_length=1000)
    up_to: int | None = Field(default=None, ge=1, le=MAX_ID)


class WantedKinds(Input):
    kinds: list[Kind] = Field(max_length=20)


@reads(
    router,
    "/{customer_id}/comments",
    needs="customer.view",
    answers=PageOf[CommentOut],
    summary="Comments on a customer",
)
def list_comments(
    request: HttpRequest, customer_id: UUID, cursor: Cursor = "", limit: Limit = 50
) -> PageOf[CommentOut]:
    """Newest first; they follow their source records through merge and unmerge. Partners see none."""
    name = f"comments/{customer_id}"
    position = decode_cursor(name, cursor)
    found = queries.comments_of(actor_of(request), customer_id, before=position[0] if position else None, limit=limit)
    after = encode_cursor(name, [found[-1].id]) if len(found) == limit else None
    return PageOf(items=[_comment(one) for one in found], next_cursor=after)


@acts(
    router,
    "post",
    "/{customer_id}/comments",
    needs="customer.view",
    answers=NewRow,
    status=201,
    summary="Comment on a customer",
)
def add_comment(request: HttpRequest, customer_id: UUID, body: NewComment) -> NewRow:
    """Whoever is called by `@name` is told. Calling somebody who may not see the customer is refused (422)."""
    return NewRow(id=services.add_comment(customer_id, body.text, actor=actor_of(request)))


@acts(comments, "patch", "/{comment_id}", needs="customer.view", answers=Done, summary="Change one's comment")
def edit_comment(request: HttpRequest, comment_id: RowId, body: CommentChange) -> Done:
    services.edit_comment(comment_id, body.text, actor=actor_of(request), version=body.version)
    return Done()


@acts(comments, "delete", "/{comment_id}", needs="customer.view", answers=Done, summary="Delete one's comment")
def delete_comment(request: HttpRequest, comment_id: RowId) -> Done:
    services.delete_comment(comment_id, actor=actor_of(request))
    return Done()


@reads(
    router,
    "/{customer_id}/followers",
    needs="customer.view",
    answers=PageOf[FollowerOut],
    summary="Who follows a customer",
)
def list_followers(request: HttpRequest, customer_id: UUID) -> PageOf[FollowerOut]:
    found = queries.followers_of(actor_of(request), customer_id)
    return PageOf(items=[FollowerOut.model_validate(one, from_attributes=True) for one in found])


@acts(router, "put", "/{customer_id}/follow", needs="customer.view", answers=Done, summary="Follow a customer")
def follow_customer(request: HttpRequest, customer_id: UUID) -> Done:
    """Be told when others change, merge or split it."""
    services.follow_customer(customer_id, actor=actor_of(request))
    return Done()


@acts(router, "delete", "/{customer_id}/follow", needs="customer.view", answers=Done, summary="Stop following")
def unfollow_customer(request: HttpRequest, customer_id: UUID) -> Done:
    services.unfollow_customer(customer_id, actor=actor_of(request))
    return Done()


@reads(my, "/recent-customers", needs="customer.view", answers=PageOf[RememberedOut], summary="Recently viewed")
def list_recent_customers(request: HttpRequest) -> PageOf[RememberedOut]:
    """Customers whose page the caller opened lately, the last first."""
    return _remembered(queries.visited_customers(actor_of(request)))


@reads(my, "/followed-customers", needs="customer.view", answers=PageOf[RememberedOut], summary="Customers one follows")
def list_followed_customers(request: HttpRequest) -> PageOf[RememberedOut]:
    return _remembered(queries.followed_customers(actor_of(request)))


@reads(notifications, "", needs="home.view", answers=PageOf[NotificationOut], summary="What one was told")
def list_notifications(
    request: HttpRequest, unread: Annotated[bool, Query()] = False, cursor: Cursor = "", limit: Limit = 50
) -> PageOf[NotificationOut]:
    """Newest first. What is about a customer the caller no longer sees is left out."""
    name = f"{NOTIFICATIONS}/{unread}"
    position = decode_cursor(name, cursor)
    before = (position[0], position[1]) if position else None
    found = queries.notifications_page(actor_of(request), before=before, is_unread=unread, limit=limit)
    after = encode_cursor(name, [found[-1].at.isoformat(), found[-1].id]) if len(found) == limit else None
    return PageOf(items=[_notification(one) for one in found], next_cursor=after)


@acts(notifications, "post", "/read", needs="home.view", answers=Done, summary="Mark notifications as read")
def read_notifications(request: HttpRequest, body: Read) -> Done:
    """`count`: how many were unread."""
    actor = actor_of(request)
    count = services.mark_read(actor, body.ids)
    return Done(count=count + (services.mark_all_read(actor, up_to=body.up_to) if body.up_to else 0))


@reads(notifications, "/settings", needs="home.view", answers=WantedKinds, summary="Kinds one is told")
def get_notification_settings(request: HttpRequest) -> WantedKinds:
    return WantedKinds.model_validate({"kinds": queries.wanted_kinds(actor_of(request))})


@acts(notifications, "put", "/settings", needs="home.view", answers=WantedKinds, summary="Choose what to be told")
def choose_notification_kinds(request: HttpRequest, body: WantedKinds) -> WantedKinds:
    services.choose_kinds(actor_of(request), body.kinds)
    return body


def _comment(one: CommentView) -> CommentOut:
    called = dict.fromkeys(piece.user_id for piece in one.pieces if piece.user_id)
    return CommentOut(
        id=one.id,
        author_id=one.author_id,
        author=one.author,
        text=one.text,
        mentions=list(called),
        version=one.version,
        created_at=one.created_at,
        edited_at=one.edited_at,
    )


def _notification(one: NotificationView) -> NotificationOut:
    return NotificationOut(
        id=one.id,
        kind=one.kind,  # type: ignore[arg-type]  # NotificationKind and Kind name the same; a test compares them
        at=one.at,
        is_read=one.is_read,
        times=one.times,
        customer_id=one.customer_id,
        actor=one.actor,
        comment_id=one.comment_id,
        job_id=one.job_id,
        job_state=str(one.job.get("state", "")),
    )


def _remembered(found: list[RememberedCustomer]) -> PageOf[RememberedOut]:
    return PageOf(items=[RememberedOut(**dict(brief(one.line)), remembered_at=one.at) for one in found])
