"""Screens of others: a card for the page of another system, and customers that come up when a phone rings."""

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urljoin
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from ninja import Path, Router
from pydantic import BaseModel, Field, model_validator

from kehu.api.operations import acts, reads
from kehu.api.schemas import Input, PageOf
from kehu.clean.identifier_forms import normal_form
from kehu.config import config
from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import rate_limits
from kehu.govern.access import Actor, actor_of
from kehu.govern.field_policy import is_masked_for
from kehu.profile import queries
from kehu.profile.screens import services
from kehu.profile.screens.queries import screens

router = Router()
pops = Router()
ScreenId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class ScreenOut(BaseModel):
    id: int
    name: str = Field(examples=["Call centre"])
    origins: list[str] = Field(examples=[["https://desk.example.com"]])
    link_seconds: int


class CardAsked(Input):
    """Either `customer_id`, or `type` and `value` of an identifier: then the card of its present holder."""

    customer_id: UUID | None = None
    type: str = Field(default="", max_length=30, examples=["phone"])
    value: str = Field(default="", max_length=300, examples=["13800138000"])

    @model_validator(mode="after")
    def _one_of_both(self) -> "CardAsked":
        if (self.customer_id is None) != bool(self.type and self.value):
            raise ValueError("customer_id, or type and value")
        return self


class CardOut(BaseModel):
    """`url` goes into an iframe of a page of one of the screen's origins; it shows the card until `ends_at`."""

    url: str
    ends_at: datetime
    customer_id: UUID


class NewPop(Input):
    """`agent`: the e-mail of somebody who works here. `call`: the exchange's own key for the call."""

    agent: str = Field(min_length=3, max_length=200, examples=["li@example.com"])
    type: Literal["phone", "email", "member_id", "unionid", "openid"] = "phone"
    value: str = Field(min_length=1, max_length=300, examples=["13800138000"])
    call: str = Field(default="", max_length=100)


class PopOut(BaseModel):
    id: int


@reads(router, "", needs="source.manage", answers=PageOf[ScreenOut], summary="Screens that may show cards")
def list_screens(request: HttpRequest) -> PageOf[ScreenOut]:
    found = screens(actor_of(request))
    return PageOf(
        items=[
            ScreenOut(id=one.pk, name=one.name, origins=one.origins, link_seconds=one.link_seconds) for one in found
        ],
        next_cursor=None,
    )


@acts(
    router,
    "post",
    "/{screen_id}/cards",
    needs="customer.view",
    answers=CardOut,
    status=201,
    summary="A customer's card for the page of another system",
)
def give_card(request: HttpRequest, screen_id: ScreenId, body: CardAsked) -> CardOut:
    """A signed link, good for minutes. What the card shows is what the token's user may see when it is looked at; with
    the token revoked, or the screen removed, it shows nothing. Giving and looking are in the audit trail."""
    actor = actor_of(request)
    customer = body.customer_id or _holder(actor, body.type, body.value)
    link, ends_at, current = services.give_card(screen_id, customer, actor=actor)
    return CardOut(
        url=urljoin(request.build_absolute_uri("/"), reverse("web:card", args=[link])),
        ends_at=ends_at,
        customer_id=current,
    )


def _holder(actor: Actor, type_: str, value: str) -> UUID:
    if is_masked_for(actor, type_):
        rate_limits.count(rate_limits.LOOK_UP, actor)
    wanted = normal_form(type_, value, config.blind_index_key)
    if not wanted:
        raise InvalidInput("value", "this value cannot be one of its type.")
    found = queries.customer_by_identifier(actor, type_, wanted)
    if not found:
        raise NotFound("customer", type_)
    return found[0]


@acts(pops, "post", "", needs="screen.pop", answers=PopOut, status=201, summary="Bring a customer up on a screen")
def send_pop(request: HttpRequest, body: NewPop) -> PopOut:
    """The phone rings: whoever carries the number comes up on the agent's open pages within about a second, as the
    agent may see them; an unknown number says so and offers to enter a customer. Kept for an hour."""
    return PopOut(id=services.send_pop(body.agent, body.type, body.value, actor=actor_of(request), call=body.call))
