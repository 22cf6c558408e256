"""What people say to being contacted, the gate itself, answers to messages, and requests about data."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from kehu.api.customers import router as customers
from kehu.api.operations import acts, reads
from kehu.api.schemas import Input, PageOf
from kehu.govern import rate_limits
from kehu.govern.access import actor_of, customer_for, require
from kehu.govern.consent import gate, queries, services
from kehu.govern.consent.models import EVERY
from kehu.govern.consent.people import current_id
from kehu.govern.consent.services import Door
from kehu.govern.consent.wording import reason_label
from kehu.govern.field_policy import is_masked_for
from kehu.govern.privacy import queries as desk
from kehu.govern.privacy import services as desk_services

router, requests = Router(), Router()
PurposeName = Annotated[str, Field(max_length=40, pattern=r"^([a-z0-9_-]+|\*)$", examples=["marketing"])]
Channel = Literal["email", "sms", "phone", "wechat", "app", "post"]


class StandingOut(BaseModel):
    """allowed: whether the gate is open, reason: why (a stable code), text: the same in words."""

    purpose: str
    channel: str
    allowed: bool
    reason: str
    text: str


class ConsentsOut(BaseModel):
    customer_id: UUID
    standings: list[StandingOut]
    marks: list[str]


class ConsentWord(Input):
    """granted names its purpose; withdrawn takes "*" for all of them, and no channel for all of those."""

    purpose: PurposeName
    channels: list[Channel] = Field(default=[], max_length=6)
    state: Literal["granted", "withdrawn"]
    is_separate: bool = False
    has_guardian: bool = False
    proof: dict[str, Any] = Field(
        default={}, max_length=20, description="What shows it: form, recording, text version."
    )

    model_config = {"json_schema_extra": {"examples": [
        {"purpose": "marketing", "channels": ["sms"], "state": "granted", "proof": {"form": "checkout-7"}}
    ]}}  # fmt: skip


class ConsentQuestion(Input):
    purpose: PurposeName
    channel: Channel | Literal[""] = ""
    customer_id: UUID | None = None
    address: str = Field(default="", max_length=300)


class ReplyIn(Input):
    channel: Channel
    address: str = Field(min_length=1, max_length=300)
    text: str = Field(max_length=2000)
    message_id: str = Field(default="", max_length=100)


class ReplyOut(BaseModel):
    """heard: stop, start, or nothing for what was no answer to this question."""

    heard: str


class PrivacyRequestOut(BaseModel):
    id: int
    kind: str
    state: str
    customer_id: UUID | None
    received_at: datetime
    due_at: datetime
    clock: str


class NewPrivacyRequest(Input):
    kind: Literal["access", "copy", "portability", "correction", "deletion", "restriction", "objection", "next_of_kin"]
    requester_name: str = Field(min_length=1, max_length=100)
    requester_contact: str = Field(default="", max_length=200)
    customer_id: UUID | None = None
    details: str = Field(default="", max_length=5000)
    is_for_another: bool = False


@reads(
    customers, "/{customer_id}/consents", needs="customer.view", answers=ConsentsOut, summary="Where a customer stands"
)
def get_consents(request: HttpRequest, customer_id: UUID) -> ConsentsOut:
    """Per purpose and channel, with the reason."""
    return _consents(request, customer_id)


@acts(
    customers,
    "post",
    "/{customer_id}/consents",
    needs="consent.record",
    answers=ConsentsOut,
    status=201,
    summary="Write down a yes or a no",
)
def record_consent(request: HttpRequest, customer_id: UUID, body: ConsentWord) -> ConsentsOut:
    """A no counts when this is answered: nothing is sent after it."""
    actor = actor_of(request)
    door = Door("api", request.META.get("REMOTE_ADDR"), body.proof)
    if body.state == "granted":
        services.give_consent(
            customer_id,
            [(body.purpose, channel) for channel in body.channels],
            door=door,
            actor=actor,
            is_separate=body.is_separate,
            has_guardian=body.has_guardian,
        )
    else:
        channels: list[str] = [*body.channels] or [EVERY]
        choices = [(body.purpose, channel) for channel in channels]
        services.withdraw_consent(customer_id, choices, door=door, actor=actor)
    return _consents(request, customer_id)


@acts(router, "post", "/check", needs="customer.view", answers=StandingOut, summary="May we?")
def check_consent(request: HttpRequest, body: ConsentQuestion) -> StandingOut:
    """For this purpose, by this channel, to this customer and address, now. Whoever sends asks right before sending."""
    actor = actor_of(request)
    if body.customer_id is not None:
        customer_for(actor, current_id(body.customer_id))
    elif is_masked_for(actor, "phone"):
        rate_limits.count(rate_limits.LOOK_UP, actor)
    answer = gate.may(body.purpose, body.channel, customer_id=body.customer_id, address=body.address)
    return StandingOut(
        purpose=body.purpose,
        channel=body.channel,
        allowed=answer.allowed,
        reason=answer.reason.value,
        text=reason_label(answer.reason),
    )


@acts(router, "post", "/replies", needs="consent.record", answers=ReplyOut, summary="An answer to a message of ours")
def hear_reply(request: HttpRequest, body: ReplyIn) -> ReplyOut:
    """退订, TD, STOP: the address is left alone from now on; 订阅, START undoes that."""
    heard = services.hear_reply(
        body.channel, body.address, body.text, actor=actor_of(request), message_id=body.message_id
    )
    return ReplyOut(heard=heard.value)


@reads(requests, "", needs="privacy.view", answers=PageOf[PrivacyRequestOut], summary="Open privacy requests")
def list_privacy_requests(request: HttpRequest) -> PageOf[PrivacyRequestOut]:
    """What is due first comes first."""
    return PageOf(items=[_request_out(view) for view in desk.requests(actor_of(request))], next_cursor=None)


@acts(
    requests,
    "post",
    "",
    needs="privacy.manage",
    answers=PrivacyRequestOut,
    status=201,
    summary="Enter a privacy request",
)
def open_privacy_request(request: HttpRequest, body: NewPrivacyRequest) -> PrivacyRequestOut:
    """Its clock runs from now."""
    actor = actor_of(request)
    made = desk_services.open_request(actor=actor, **body.model_dump())
    return _request_out(desk.request(actor, made))


def _consents(request: HttpRequest, customer_id: UUID) -> ConsentsOut:
    actor = actor_of(request)
    require(actor, "customer.view")
    person = queries.person_consents(actor, customer_id)
    standings = [
        StandingOut(
            purpose=one.purpose.slug,
            channel=channel,
            allowed=answer.allowed,
            reason=answer.reason.value,
            text=reason_label(answer.reason),
        )
        for one in person.standings
        for channel, answer in one.answers.items()
    ]
    return ConsentsOut(customer_id=person.customer_id, standings=standings, marks=person.marks)


def _request_out(view: desk.RequestView) -> PrivacyRequestOut:
    found = view.request
    return PrivacyRequestOut(
        id=found.pk,
        kind=found.kind,
        state=found.state,
        customer_id=found.customer_id,
        received_at=found.received_at,
        due_at=found.due_at,
        clock=view.clock.value,
    )
