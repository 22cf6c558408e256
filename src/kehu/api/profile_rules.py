"""The rules by which customers are known: survivorship, lifecycle and rating, computed attributes, tags."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest
from ninja import Path, Router
from pydantic import BaseModel, Field

from kehu.api.operations import acts, reads
from kehu.api.schemas import Done, Input, PageOf, Reason
from kehu.govern.access import actor_of
from kehu.profile.figures import queries, services
from kehu.profile.figures.definitions import Definition
from kehu.profile.figures.models import ComputedAttribute
from kehu.profile.services import survivorship
from kehu.profile.tags import services as tagging
from kehu.profile.tags.queries import TagLine, tag_tree

rules, computed, tags = Router(), Router(), Router()
Name = Annotated[str, Path(max_length=50, pattern=r"^[a-z][a-z0-9_]*$", examples=["city"])]
Slug = Annotated[str, Path(max_length=50, pattern=r"^[a-z0-9][a-z0-9_-]*$", examples=["vip"])]
RuleName = Literal["trust", "recency", "frequency", "completeness", "verified"]


class JobStarted(BaseModel):
    """job_id null: nothing was to be done."""

    job_id: int | None = Field(examples=[17])


class RulesOut(BaseModel):
    lifecycle: dict[str, Any] = Field(examples=[{"basis": "orders", "active_days": 90, "dormant_days": 365}])
    rating: dict[str, Any] = Field(examples=[{"method": "quantile", "window_days": 365}])
    version: int
    rated_at: datetime | None
    counts: dict[str, int] = Field(examples=[{"lifecycle:active": 312, "tier:high": 58}])


class RulesIn(Input):
    """Fields that are not given take their shipped value."""

    lifecycle: dict[str, Any] = Field(default_factory=dict)
    rating: dict[str, Any] = Field(default_factory=dict)
    version: int = Field(ge=1, le=2**31 - 1)
    reason: str = Field(default="", max_length=2000)


class SampleOut(BaseModel):
    customer_id: UUID
    name: str
    before: str
    after: str


class PreviewOut(BaseModel):
    """`is_whole` false: only the first so many contested customers were looked at."""

    contested: int
    changed: int
    is_whole: bool
    samples: list[SampleOut]


class SurvivorshipTrial(Input):
    rule: RuleName


class SurvivorshipChange(Input):
    """seen: the rule as it was read."""

    rule: RuleName
    seen: RuleName
    reason: str = Field(default="", max_length=2000)


class ComputedDefinition(BaseModel):
    name: str = Field(examples=["orders_90_days"])
    label_en: str = Field(default="", examples=["Orders in 90 days"])
    label_zh: str = Field(default="", examples=["90 天内订单数"])
    over: Literal["events", "orders", "figures"] = Field(examples=["orders"])
    function: Literal["", "count", "sum", "first", "last", "most_frequent"] = Field(default="", examples=["count"])
    field: str = Field(default="", max_length=100)
    event_names: list[str] = Field(default_factory=list, max_length=50)
    window_days: int | None = Field(default=None, examples=[90])
    formula: str = Field(default="", max_length=2000)


class NewComputed(Input, ComputedDefinition):
    """over = figures: `formula` (CEL) over orders, spent and the other computed attributes."""


class ComputedOut(ComputedDefinition):
    is_filled: bool = Field(description="False until the first filling is through.")


class TagOut(BaseModel):
    slug: str = Field(examples=["vip"])
    label_en: str
    label_zh: str
    tag_class: str = Field(examples=["value"])
    parent: str | None
    meaning: str
    owner_id: int | None
    rule: dict[str, Any] | None
    is_retired: bool
    version: int
    carriers: int


class TagIn(Input):
    """version null: a new tag. rule: a filter as lists take it; null = given by people."""

    label_en: str = Field(min_length=1, max_length=60)
    label_zh: str = Field(min_length=1, max_length=60)
    tag_class: Literal["identity", "region", "channel", "behaviour", "transaction", "preference", "service", "value"]
    parent: str = Field(default="", max_length=50)
    meaning: str = Field(default="", max_length=2000)
    owner_id: int | None = Field(default=None, ge=1, le=2**31 - 1)
    rule: dict[str, Any] | None = None
    version: int | None = Field(default=None, ge=1, le=2**31 - 1)
    reason: str = Field(default="", max_length=2000)


@reads(rules, "", needs="profile.manage", answers=RulesOut, summary="Rules of lifecycle and rating")
def get_profile_rules(request: HttpRequest) -> RulesOut:
    """With how many customers stand where."""
    kept = queries.rules(actor_of(request))
    return RulesOut(
        lifecycle=msgspec.to_builtins(kept.lifecycle),
        rating=msgspec.to_builtins(kept.rating),
        version=kept.version,
        rated_at=kept.rated_at,
        counts=queries.standing_counts(actor_of(request)),
    )


@acts(rules, "put", "", needs="profile.manage", answers=JobStarted, status=202, summary="Change lifecycle and rating")
def change_profile_rules(request: HttpRequest, body: RulesIn) -> JobStarted:
    """Everybody is worked out anew by a job."""
    job = services.change_rules(
        actor=actor_of(request),
        lifecycle=body.lifecycle,
        rating=body.rating,
        version=body.version,
        reason=body.reason,
    )
    return JobStarted(job_id=job)


@acts(rules, "post", "/rate", needs="profile.manage", answers=JobStarted, status=202, summary="Rate everybody now")
def rate_customers(request: HttpRequest) -> JobStarted:
    """Instead of at the next round, six hours at most."""
    return JobStarted(job_id=services.rate_now(actor=actor_of(request)))


@acts(
    rules,
    "post",
    "/survivorship/{attribute}/preview",
    needs="profile.manage",
    answers=PreviewOut,
    summary="Try a survivorship rule",
)
def preview_survivorship(request: HttpRequest, attribute: Name, body: SurvivorshipTrial) -> PreviewOut:
    """What the rule would change over the base. Changes nothing."""
    found = survivorship.preview_rule(attribute, body.rule, actor=actor_of(request))
    return PreviewOut.model_validate(found, from_attributes=True)


@acts(
    rules,
    "put",
    "/survivorship/{attribute}",
    needs="profile.manage",
    answers=JobStarted,
    status=202,
    summary="Change a survivorship rule",
)
def change_survivorship(request: HttpRequest, attribute: Name, body: SurvivorshipChange) -> JobStarted:
    """A job chooses anew for every customer of whom sources say different things."""
    job = survivorship.change_rule(attribute, body.rule, actor=actor_of(request), seen=body.seen, reason=body.reason)
    return JobStarted(job_id=job)


@reads(computed, "", needs="profile.manage", answers=PageOf[ComputedOut], summary="Computed attributes")
def list_computed_attributes(request: HttpRequest) -> PageOf[ComputedOut]:
    return PageOf(items=[_computed(one) for one in queries.computed_attributes(actor_of(request))])


@acts(computed, "post", "", needs="profile.manage", answers=ComputedOut, status=201, summary="Add a computed attribute")
def add_computed_attribute(request: HttpRequest, body: NewComputed) -> ComputedOut:
    """Kept up to date with every fact, filled for everybody there is by a job."""
    definition = Definition(
        body.name, body.over, body.function, body.field, tuple(body.event_names), body.window_days, body.formula
    )
    created = services.add_computed(definition, label_en=body.label_en, label_zh=body.label_zh, actor=actor_of(request))
    return _computed(created)


@acts(computed, "delete", "/{name}", needs="profile.manage", answers=Done, summary="Remove a computed attribute")
def remove_computed_attribute(request: HttpRequest, name: Name) -> Done:
    """With its values. Refused while a formula names it."""
    services.remove_computed(name, actor=actor_of(request))
    return Done()


@reads(tags, "", needs="customer.view", answers=PageOf[TagOut], summary="The tag tree")
def list_tags(request: HttpRequest, retired: bool = False) -> PageOf[TagOut]:
    """Children below their parent."""
    lines = tag_tree(actor_of(request), with_retired=retired)
    slugs = {line.tag.pk: line.tag.slug for line in lines}
    return PageOf(items=[_tag(line, slugs) for line in lines])


@acts(tags, "put", "/{slug}", needs="profile.manage", answers=Done, summary="Make or change a tag")
def save_tag(request: HttpRequest, slug: Slug, body: TagIn) -> Done:
    """`count` is the tag's version now."""
    tag = tagging.save_tag(slug, actor=actor_of(request), **body.model_dump())
    return Done(count=tag.version)


@acts(tags, "post", "/{slug}/retire", needs="profile.manage", answers=Done, summary="Retire a tag")
def retire_tag(request: HttpRequest, slug: Slug, body: Reason) -> Done:
    """`count` says how many carried it. Its history stays."""
    return Done(count=tagging.retire_tag(slug, actor=actor_of(request), reason=body.reason))


def _computed(kept: ComputedAttribute) -> ComputedOut:
    return ComputedOut.model_validate(kept, from_attributes=True)


def _tag(line: TagLine, slugs: dict[int, str]) -> TagOut:
    tag = line.tag
    return TagOut(
        slug=tag.slug,
        label_en=tag.label_en,
        label_zh=tag.label_zh,
        tag_class=tag.tag_class,
        parent=slugs.get(tag.parent_id) if tag.parent_id else None,
        meaning=tag.meaning,
        owner_id=tag.owner_id,
        rule=tag.rule,
        is_retired=tag.is_retired,
        version=tag.version,
        carriers=line.carriers,
    )
