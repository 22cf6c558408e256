"""Organisations: the list, one with its orders rolled up and what stands above and below it, and its people."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kehu.api.customer_schemas import CustomerBrief, brief
from kehu.api.operations import reads
from kehu.api.relations import TieOut, tie_out
from kehu.api.schemas import Cursor, Limit, PageOf
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import actor_of
from kehu.profile.organisations.queries import Money, organisation_list, organisation_view, people_of
from kehu.profile.relations.graph import Place

router = Router()


class MoneyOut(BaseModel):
    """Orders in one currency: how many, and their totals less refunds."""

    model_config = ConfigDict(from_attributes=True)
    currency: str = Field(examples=["CNY"])
    orders: int = Field(examples=[12])
    amount: Decimal = Field(examples=["48200.0000"])


class OrganisationBrief(CustomerBrief):
    """`people`: who works there or owns it now. `below`: branches and subsidiaries next to it."""

    people: int
    below: int
    orders_billed: list[MoneyOut]


class PlaceOut(BaseModel):
    """`depth` 1: next to the organisation; `through`: the one that is nearer to it."""

    tie: TieOut
    depth: int
    through: UUID


class BilledOrderOut(BaseModel):
    """`through`: the customer who placed it."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    number: str
    status: str
    placed_at: datetime | None
    total: Decimal
    refunded: Decimal
    currency: str
    through: str


class OrganisationOut(BaseModel):
    """`own`: billed to it. `beneath`: to what stands below it. `by_people`: placed by its people without a company."""

    organisation: CustomerBrief
    redirected_from: UUID | None
    above: list[PlaceOut]
    below: list[PlaceOut]
    people: int
    own: list[MoneyOut]
    beneath: list[MoneyOut]
    by_people: list[MoneyOut]
    together: list[MoneyOut]
    orders: list[BilledOrderOut] = Field(description="The latest twenty billed to it.")


@reads(router, "", needs="customer.view", answers=PageOf[OrganisationBrief], summary="List and search organisations")
def list_organisations(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200, description="Name, pinyin, phone …")] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[OrganisationBrief]:
    """By name; a search answers its best matches on one page."""
    position = decode_cursor("organisations", cursor)
    found = organisation_list(
        actor_of(request), text=q, after=(position[0], position[1]) if position else None, limit=limit
    )
    return PageOf(
        items=[
            OrganisationBrief(
                **brief(line.customer).model_dump(),
                people=line.people,
                below=line.below,
                orders_billed=_money(line.sums),
            )
            for line in found.lines
        ],
        next_cursor=encode_cursor("organisations", found.next) if found.next else None,
    )


@reads(router, "/{organisation_id}", needs="customer.view", answers=OrganisationOut, summary="One organisation")
def get_organisation(request: HttpRequest, organisation_id: UUID) -> OrganisationOut:
    """What stands above and below it, and its orders rolled up. A person is not found here."""
    view = organisation_view(actor_of(request), organisation_id)
    return OrganisationOut(
        organisation=brief(view.line),
        redirected_from=view.redirected_from,
        above=_places(view.above),
        below=_places(view.below),
        people=view.people_count,
        own=_money(view.own),
        beneath=_money(view.beneath),
        by_people=_money(view.by_people),
        together=_money(view.together),
        orders=[BilledOrderOut.model_validate(order) for order in view.orders],
    )


@reads(
    router,
    "/{organisation_id}/people",
    needs="customer.view",
    answers=PageOf[TieOut],
    summary="People of an organisation",
)
def list_people_of_organisation(
    request: HttpRequest, organisation_id: UUID, cursor: Cursor = "", limit: Limit = 50
) -> PageOf[TieOut]:
    """Contacts, employees and owners, by name; those of the past say so."""
    name = f"people/{organisation_id}"
    position = decode_cursor(name, cursor)
    after = (position[0], position[1]) if position else None
    page = people_of(actor_of(request), organisation_id, after=after, limit=limit)
    next_cursor = encode_cursor(name, page.next) if page.next else None
    return PageOf(items=[tie_out(line) for line in page.lines], next_cursor=next_cursor)


def _money(sums: tuple[Money, ...]) -> list[MoneyOut]:
    return [MoneyOut.model_validate(one) for one in sums]


def _places(places: list[Place]) -> list[PlaceOut]:
    return [PlaceOut(tie=tie_out(place.line), depth=place.depth, through=place.through) for place in places]
