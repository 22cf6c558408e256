"""Cleaning rules: the set in force, its versions, a trial on real messages, what the rules did."""

from datetime import datetime
from typing import Annotated, Any, BinaryIO, cast

import msgspec
from django.http import HttpRequest
from ninja import File, Form, Router, UploadedFile
from pydantic import BaseModel, Field

from kehu.api.operations import acts, reads
from kehu.api.schemas import Input, PageOf, RowId
from kehu.clean import queries, services
from kehu.clean.queries import RulesVersion
from kehu.clean.rules.rule import FORMAT, MOST_BYTES, RuleSet, write_rules
from kehu.govern.access import actor_of
from kehu.rule_trials import MOST_MESSAGES, Trial, try_rules

router = Router()
_EXAMPLE = {
    "key": "phone-cn",
    "name": "Chinese mobile numbers",
    "does": {"type": "pattern", "attribute": "phone", "pattern": r"\+861\d{10}"},
    "outcome": "mark",
}


class RulesOut(BaseModel):
    """A version of the whole set. Its rules and `format` are what a file of rules holds."""

    version: int = Field(examples=[4], description="0 = nobody has written a rule yet.")
    format: str = Field(examples=[FORMAT])
    rules: list[dict[str, Any]] = Field(examples=[[_EXAMPLE]])
    note: str
    author_id: int | None
    created_at: datetime | None


class VersionOut(BaseModel):
    version: int
    note: str
    author_id: int | None
    created_at: datetime
    rules: int
    added: list[str] = Field(examples=[["phone-cn"]])
    changed: list[str]
    removed: list[str]


class EffectOut(BaseModel):
    """What a rule did in the last thirty days. `seen`: touches it was held over."""

    rule: str = Field(examples=["phone-cn"])
    seen: int
    changed: int
    failed: int
    quarantined: int
    errors: int


class RulesIn(Input):
    """The rules in their order; see the file that `GET /rules` gives."""

    format: str = Field(default=FORMAT, max_length=40, examples=[FORMAT])
    rules: list[dict[str, Any]] = Field(max_length=1000, examples=[[_EXAMPLE]])


class RulesChange(RulesIn):
    base_version: int = Field(ge=0, le=2**31, description="The version you changed; another's save in between is 409.")
    note: str = Field(default="", max_length=2000, examples=["landlines are marked"])


class RulesTrial(RulesIn):
    messages: int = Field(default=MOST_MESSAGES, ge=1, le=MOST_MESSAGES)


class RestoreIn(Input):
    base_version: int = Field(ge=0, le=2**31)
    note: str = Field(default="", max_length=2000)


class SavedVersion(BaseModel):
    version: int = Field(examples=[5])


class RuleTrialOut(BaseModel):
    rule: str
    seen: int
    changed: int
    failed: int
    quarantined: int
    errors: int
    cost_us: float = Field(description="Millionths of a second per touch.")


class TrialExampleOut(BaseModel):
    source: str
    record: str
    attribute: str
    before: str
    after: str


class TrialOut(BaseModel):
    """What would be different from the rules in force, over the newest messages. Nothing is written."""

    messages: int
    touches: int
    unreadable: int
    touches_changed: int
    held_back: int
    released: int
    is_cut: bool = Field(description="The rules were so slow that the trial was cut short.")
    by_attribute: dict[str, int]
    by_rule: list[RuleTrialOut]
    examples: list[TrialExampleOut]


@reads(router, "", needs="source.view", answers=RulesOut, summary="The rules in force")
def get_rules(request: HttpRequest) -> RulesOut:
    """In the order they run over what comes in."""
    return _out(queries.rules_in_force(actor_of(request)))


@acts(router, "put", "", needs="profile.manage", answers=SavedVersion, summary="Put rules in force")
def save_rules(request: HttpRequest, body: RulesChange) -> SavedVersion:
    """The whole set, as a new version. It holds for what comes in from then on; history follows by a rebuild."""
    version = services.save_rules(_rules(body), base_version=body.base_version, actor=actor_of(request), note=body.note)
    return SavedVersion(version=version)


@acts(router, "post", "/file", needs="profile.manage", answers=SavedVersion, summary="Put a file of rules in force")
def upload_rules(
    request: HttpRequest,
    file: Annotated[UploadedFile, File(description="A set of rules as JSON: of any size the rules may have.")],
    base_version: Annotated[int, Form(ge=0, le=2**31)],
    note: Annotated[str, Form(max_length=2000)] = "",
) -> SavedVersion:
    """For sets with long tables, which a JSON body of this API cannot hold."""
    data = cast("BinaryIO", file).read(MOST_BYTES + 1)
    version = services.import_rules(data, base_version=base_version, actor=actor_of(request), note=note)
    return SavedVersion(version=version)


@acts(
    router,
    "post",
    "/trial",
    needs="profile.manage",
    answers=TrialOut,
    summary="Try rules on real messages",
    is_one_transaction=False,
)
def try_rules_out(request: HttpRequest, body: RulesTrial) -> TrialOut:
    """Beside the rules in force, over the newest messages of the sources they speak of."""
    return _trial(try_rules(_rules(body), actor=actor_of(request), messages=body.messages))


@reads(router, "/effects", needs="source.view", answers=PageOf[EffectOut], summary="What the rules did")
def list_rule_effects(request: HttpRequest) -> PageOf[EffectOut]:
    """In the last thirty days, counted once per window of messages."""
    found = queries.rule_effects(actor_of(request))
    return PageOf(
        items=[
            EffectOut(rule=rule, **{name: getattr(effect, name) for name in EffectOut.model_fields if name != "rule"})
            for rule, effect in sorted(found.items())
        ]
    )


@reads(router, "/versions", needs="source.view", answers=PageOf[VersionOut], summary="Versions of the rules")
def list_rule_versions(request: HttpRequest) -> PageOf[VersionOut]:
    """The latest fifty, newest first."""
    lines = queries.rules_versions(actor_of(request))
    return PageOf(items=[VersionOut.model_validate(line, from_attributes=True) for line in lines])


@reads(router, "/versions/{version}", needs="source.view", answers=RulesOut, summary="One version of the rules")
def get_rules_version(request: HttpRequest, version: RowId) -> RulesOut:
    return _out(queries.rules_version(actor_of(request), min(version, 2**31 - 1)))


@acts(
    router,
    "post",
    "/versions/{version}/restore",
    needs="profile.manage",
    answers=SavedVersion,
    summary="Put an earlier version in force",
)
def restore_rules_version(request: HttpRequest, version: RowId, body: RestoreIn) -> SavedVersion:
    """As a new version."""
    restored = services.restore_rules(
        min(version, 2**31 - 1), base_version=body.base_version, actor=actor_of(request), note=body.note
    )
    return SavedVersion(version=restored)


def _rules(body: RulesIn) -> RuleSet:
    return services.rules_of_file(msgspec.json.encode({"format": body.format, "rules": body.rules}))


def _out(found: RulesVersion) -> RulesOut:
    return RulesOut(
        version=found.version,
        **msgspec.json.decode(write_rules(found.rules)),
        note=found.note,
        author_id=found.author_id,
        created_at=found.created_at,
    )


def _trial(trial: Trial) -> TrialOut:
    plain = ("messages", "touches", "unreadable", "touches_changed", "held_back", "released", "is_cut")
    counts = ("seen", "changed", "failed", "quarantined", "errors", "cost_us")
    return TrialOut(
        **{name: getattr(trial, name) for name in plain},
        by_attribute=dict(trial.by_attribute),
        by_rule=[
            RuleTrialOut(rule=rule, **{name: getattr(one, name) for name in counts})
            for rule, one in trial.by_rule.items()
        ],
        examples=[TrialExampleOut.model_validate(one, from_attributes=True) for one in trial.examples],
    )
