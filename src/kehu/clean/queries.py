"""Reads of the room: the rules in force and before, and how often they struck."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone

from kehu.clean.models import RuleEffect, RuleSetVersion
from kehu.clean.rules.rule import RuleSet
from kehu.core.errors import NotFound
from kehu.govern.access import Actor, require

_SHOWN_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class RulesVersion:
    """One version of the set; version 0 = nobody has written a rule yet."""

    version: int
    rules: RuleSet
    note: str
    author_id: int | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version, and the keys of the rules it added, changed (moved ones not) and removed."""

    version: int
    note: str
    author_id: int | None
    created_at: datetime
    rules: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule did in some time. seen: touches it was held over."""

    seen: int = 0
    changed: int = 0
    failed: int = 0
    quarantined: int = 0
    errors: int = 0

    @property
    def struck(self) -> int:
        return self.changed + self.failed + self.quarantined


def stored_rules(rules: Any) -> RuleSet:
    """The set as a version keeps it."""
    return msgspec.convert(rules, RuleSet)


def rules_in_force(actor: Actor) -> RulesVersion:
    require(actor, "source.view")
    latest = RuleSetVersion.objects.order_by("-version").first()
    return _version(latest) if latest else RulesVersion(0, RuleSet(), "", None, None)


def rules_version(actor: Actor, version: int) -> RulesVersion:
    require(actor, "source.view")
    found = RuleSetVersion.objects.filter(pk=version).first()
    if found is None:
        raise NotFound("version of the rules", version)
    return _version(found)


def rules_versions(actor: Actor) -> list[VersionLine]:
    """The latest fifty, newest first."""
    require(actor, "source.view")
    rows = list(RuleSetVersion.objects.order_by("-version")[: _SHOWN_VERSIONS + 1])
    sets = [stored_rules(row.rules) for row in rows]
    lines = []
    for number, row in enumerate(rows[:_SHOWN_VERSIONS]):
        now = {rule.key: rule for rule in sets[number].rules}
        before = {rule.key: rule for rule in sets[number + 1].rules} if number + 1 < len(sets) else {}
        lines.append(
            VersionLine(
                row.version,
                row.note,
                row.author_id,
                row.created_at,
                len(now),
                tuple(key for key in now if key not in before),
                tuple(key for key in now if key in before and now[key] != before[key]),
                tuple(key for key in before if key not in now),
            )
        )
    return lines


def rule_effects(actor: Actor, *, days: int = 30) -> dict[str, Effect]:
    """What each rule did in the last days, every source together."""
    require(actor, "source.view")
    found = _effects(days).values("rule").annotate(**{name: Sum(name) for name in Effect.__slots__})
    return {row.pop("rule"): Effect(**row) for row in found}


def rule_effect_by_day(actor: Actor, rule: str, *, days: int = 30) -> dict[date, Effect]:
    """What one rule did, day by day, every one of the days."""
    require(actor, "source.view")
    found = _effects(days).filter(rule=rule).values("day").annotate(**{name: Sum(name) for name in Effect.__slots__})
    by_day = {row.pop("day"): Effect(**row) for row in found}
    today = timezone.now().date()
    return {day: by_day.get(day, Effect()) for day in (today - timedelta(days=n) for n in range(days - 1, -1, -1))}


def _effects(days: int) -> Any:
    return RuleEffect.objects.filter(day__gt=Now() - timedelta(days=days))


def _version(row: RuleSetVersion) -> RulesVersion:
    return RulesVersion(row.version, stored_rules(row.rules), row.note, row.author_id, row.created_at)
