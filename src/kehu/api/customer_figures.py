"""What is worked out about a customer, and the tags it carries."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Path
from pydantic import BaseModel, Field

from kehu.api.customers import router
from kehu.api.operations import acts, reads
from kehu.api.schemas import Done, Input
from kehu.govern.access import actor_of
from kehu.profile import queries
from kehu.profile.figures.queries import figures_of
from kehu.profile.preferences.queries import preferences_of
from kehu.profile.tags import services
from kehu.profile.tags.queries import CarriedTag, tags_of

Slug = Annotated[str, Path(max_length=50, pattern=r"^[a-z0-9][a-z0-9_-]*$", examples=["vip"])]


class ComputedOut(BaseModel):
    """`value` null: nothing to tell."""

    name: str = Field(examples=["orders_90_days"])
    label: str
    kind: Literal["number", "text", "moment"]
    value: Decimal | datetime | str | None


class CarriedTagOut(BaseModel):
    """`until` null: carried now."""

    slug: str = Field(examples=["vip"])
    label: str
    tag_class: str = Field(examples=["value"])
    value: str
    source: Literal["manual", "rule"]
    since: datetime
    until: datetime | None


class PreferenceOut(BaseModel):
    """What the customer goes for, by events and orders of the last 365 days. `evidence`: what was done, how often."""

    kind: Literal["product", "content", "channel", "hours"]
    value: str = Field(examples=["evening"])
    share: Decimal = Field(description="Of all that speaks for anything of its kind.", examples=["0.62"])
    facts: int
    evidence: dict[str, int] = Field(examples=[{"bought": 2, "viewed": 9}])
    last_at: datetime


class FiguresOut(BaseModel):
    """`lifecycle` and `tier` are empty until they are worked out; `scores` (recency, frequency, money, 1 to 5) are null
    for who bought nothing in the window."""

    lifecycle: str = Field(examples=["active"])
    tier: str = Field(examples=["high"])
    scores: tuple[int, int, int] | None = Field(examples=[[5, 4, 4]])
    counted_at: datetime | None
    computed: list[ComputedOut]
    tags: list[CarriedTagOut]
    preferences: list[PreferenceOut] = Field(description="Clear ones only, the strongest of each kind first.")


class NewTagging(Input):
    tag: str = Field(min_length=1, max_length=50, pattern=r"^[a-z0-9][a-z0-9_-]*$", examples=["vip"])
    value: str = Field(default="", max_length=100)
    reason: str = Field(default="", max_length=200)


@reads(
    router,
    "/{customer_id}/figures",
    needs="customer.view",
    answers=FiguresOut,
    summary="Standing, figures, tags, preferences",
)
def get_customer_figures(request: HttpRequest, customer_id: UUID, history: bool = False) -> FiguresOut:
    """Lifecycle, RFM, computed attributes, tags and preferences; with `history`, also the tags it carried before."""
    actor = actor_of(request)
    customer = queries.current_customer(actor, customer_id).id
    figures = figures_of(actor, customer)
    return FiguresOut(
        lifecycle=figures.lifecycle,
        tier=figures.tier,
        scores=figures.scores,
        counted_at=figures.counted_at,
        computed=[ComputedOut.model_validate(line, from_attributes=True) for line in figures.computed],
        tags=[_tag(one) for one in tags_of(actor, customer, with_history=history)],
        preferences=[
            PreferenceOut.model_validate(line, from_attributes=True) for line in preferences_of(actor, customer)
        ],
    )


@acts(router, "post", "/{customer_id}/tags", needs="customer.edit", answers=Done, status=201, summary="Tag a customer")
def tag_customer(request: HttpRequest, customer_id: UUID, body: NewTagging) -> Done:
    """Give a tag that people give. Another value of the same tag ends the one before."""
    services.tag_customer(customer_id, body.tag, actor=actor_of(request), value=body.value, reason=body.reason)
    return Done()


@acts(router, "delete", "/{customer_id}/tags/{slug}", needs="customer.edit", answers=Done, summary="Untag a customer")
def untag_customer(request: HttpRequest, customer_id: UUID, slug: Slug) -> Done:
    """It stays in the history, with the time it ended."""
    services.untag_customer(customer_id, slug, actor=actor_of(request))
    return Done()


def _tag(one: CarriedTag) -> CarriedTagOut:
    return CarriedTagOut.model_validate(one, from_attributes=True)
