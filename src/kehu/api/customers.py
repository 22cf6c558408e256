"""Customers: list, look up, the 360, the timeline."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import AwareDatetime

from kehu.api.customer_schemas import (
    CustomerBrief,
    CustomerOut,
    CustomerWhole,
    TimelineRowOut,
    brief,
    customer_out,
    timeline_rows,
    whole,
)
from kehu.api.operations import reads
from kehu.api.schemas import Cursor, Limit, PageOf
from kehu.clean.identifier_forms import normal_form
from kehu.config import config
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern import rate_limits
from kehu.govern.access import actor_of
from kehu.govern.field_policy import is_masked_for
from kehu.profile import queries
from kehu.profile.filters.tree import filter_from
from kehu.profile.queries.sorts import SORTS
from kehu.profile.queries.timeline import TimelineAsked

router = Router()
SORT_DESCRIPTION = f"{', '.join(SORTS)}, or attribute.<name>; `-` turns an order round."
RowNumber = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@reads(router, "", needs="customer.view", answers=PageOf[CustomerBrief], summary="List and search customers")
def list_customers(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200, description="Name, pinyin, phone, e-mail, order number …")] = "",
    kind: Literal["", "person", "organisation"] = "",
    source_id: RowNumber = None,
    owner_id: RowNumber = None,
    filter: Annotated[str, Query(max_length=8000, description="A filter as JSON: see `GET /lists/fields`.")] = "",
    sort: Annotated[str, Query(max_length=80, examples=["-seen"], description=SORT_DESCRIPTION)] = "name",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[CustomerBrief]:
    """Those the caller sees. A search answers its best matches on one page; without one, the list goes on by cursor."""
    actor = actor_of(request)
    list_name = f"customers/{sort}/{kind}/{source_id}/{owner_id}/{filter}"
    position = decode_cursor(list_name, cursor)
    found = queries.customer_list(
        actor,
        text=q,
        kind=kind,
        source_id=source_id,
        owner_id=owner_id,
        filter=filter_from(filter),
        sort=sort,
        after=(position[0], position[1]) if position else None,
        limit=limit,
    )
    return PageOf(
        items=[brief(line) for line in found.lines],
        next_cursor=encode_cursor(list_name, found.next) if found.next else None,
    )


@reads(
    router,
    "/by/{type}/{value}",
    needs="customer.view",
    answers=PageOf[CustomerOut],
    summary="Customers by an identifier",
)
def list_customers_by_identifier(
    request: HttpRequest,
    type: Annotated[str, Path(max_length=30, examples=["phone"])],
    value: Annotated[str, Path(max_length=300, examples=["13800138000"])],
) -> PageOf[CustomerOut]:
    """Who carries it now or did before, the present holder first. Phones, e-mails and id numbers in any way of writing.

    Counted for callers who see such values masked only: it could tell them whose a number is.
    """
    actor = actor_of(request)
    if is_masked_for(actor, type):
        rate_limits.count(rate_limits.LOOK_UP, actor)
    wanted = normal_form(type, value, config.blind_index_key)
    found = queries.customer_by_identifier(actor, type, wanted) if wanted else []
    views = [queries.customer_view(actor, customer, timeline_limit=1) for customer in found[:20]]
    return PageOf(items=[customer_out(view) for view in views])


@reads(router, "/{customer_id}", needs="customer.view", answers=CustomerOut, summary="One customer")
def get_customer(request: HttpRequest, customer_id: UUID) -> CustomerOut:
    """By any id it ever had: a merged id answers with the customer of today and `redirected_from`."""
    return customer_out(queries.customer_view(actor_of(request), customer_id, timeline_limit=1))


@reads(router, "/{customer_id}/view", needs="customer.view", answers=CustomerWhole, summary="The 360 view")
def view_customer(request: HttpRequest, customer_id: UUID, timeline: Limit = 50) -> CustomerWhole:
    """Golden record with lineage, identifiers, source records, orders, consents, relations, merges, timeline."""
    view = queries.customer_view(actor_of(request), customer_id, timeline_limit=timeline)
    return whole(view, _timeline_cursor(view.id, "", view.timeline.next))


@reads(
    router,
    "/{customer_id}/timeline",
    needs="customer.view",
    answers=PageOf[TimelineRowOut],
    summary="What happened with a customer",
)
def list_timeline(
    request: HttpRequest,
    customer_id: UUID,
    kind: Literal["", "trade", "contact", "service", "behaviour", "marketing", "consent", "merge"] = "",
    source_id: RowNumber = None,
    q: Annotated[str, Query(max_length=100, description="Words of the event, its properties, or goods.")] = "",
    since: Annotated[AwareDatetime | None, Query(description="Nothing older.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Nothing newer: where to begin.")] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[TimelineRowOut]:
    """Newest first, from all sources; `told` says it in words, in the caller's language. A search finds no value that
    the caller sees masked."""
    actor = actor_of(request)
    current = queries.current_customer(actor, customer_id)
    asked = TimelineAsked(kind, source_id, q, since=since, until=until)
    filters = _filters_of(asked)
    position = decode_cursor(f"timeline/{current.id}/{filters}", cursor)
    page = queries.timeline_page(
        actor,
        current.id,
        asked=asked,
        before=(position[0], position[1]) if position else None,
        limit=limit,
    )
    return PageOf(items=timeline_rows(page.rows), next_cursor=_timeline_cursor(current.id, filters, page.next))


def _filters_of(asked: TimelineAsked) -> str:
    """A cursor belongs to what was asked for."""
    more = [str(part) for part in (asked.source_id, asked.text, asked.since, asked.until) if part]
    return "/".join([asked.kind, *more])


def _timeline_cursor(customer_id: UUID, filters: str, position: tuple[str, str] | None) -> str | None:
    return encode_cursor(f"timeline/{customer_id}/{filters}", position) if position else None
