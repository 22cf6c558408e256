"""What is worked out about one customer, and the rules by which, as the actor may see it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from kehu.core.database import fetch_all
from kehu.govern.access import Actor, require
from kehu.govern.field_policy import present_properties
from kehu.profile.figures.definitions import Definition, ValueKind
from kehu.profile.figures.models import ComputedAttribute, FigureRules
from kehu.profile.figures.rules import LifecycleRules, RatingRules, lifecycle_rules, rating_rules


@dataclass(frozen=True, slots=True)
class ComputedLine:
    """value: a Decimal, a text or a moment; None where there is nothing to tell."""

    name: str
    label: str
    kind: str
    value: Decimal | str | datetime | None


@dataclass(frozen=True, slots=True)
class CustomerFigures:
    """lifecycle "": not worked out yet. scores: recency, frequency, money, 1 to 5; None for who was not rated."""

    lifecycle: str
    tier: str
    scores: tuple[int, int, int] | None
    counted_at: datetime | None
    computed: list[ComputedLine]


@dataclass(frozen=True, slots=True)
class Rules:
    lifecycle: LifecycleRules
    rating: RatingRules
    version: int
    rated_at: datetime | None


NOTHING = CustomerFigures("", "", None, None, [])


def figures_of(actor: Actor, customer_id: UUID) -> CustomerFigures:
    """Of a customer the actor sees. Nothing for who sees only some of its records: figures tell of all of them."""
    if actor.is_strict:
        return NOTHING
    standing = fetch_all(
        "SELECT lifecycle, tier, recency, frequency, money, counted_at FROM profile_standing WHERE customer_id = %s",
        [customer_id],
    )
    lines = fetch_all(
        "SELECT a.name, a.label_en, a.label_zh, a.over, a.function, a.field, v.number, v.text, v.at "
        "FROM profile_computedattribute a LEFT JOIN profile_computedvalue v "
        "ON v.attribute_id = a.id AND v.customer_id = %s ORDER BY a.id",
        [customer_id],
    )
    computed = [_line(actor, row) for row in lines]
    if not standing:
        return CustomerFigures("", "", None, None, computed)
    lifecycle, tier, recency, frequency, money, counted_at = standing[0]
    scores = (recency, frequency, money) if recency is not None else None
    return CustomerFigures(lifecycle, tier, scores, counted_at, computed)


def rules(actor: Actor) -> Rules:
    require(actor, "profile.manage")
    kept = FigureRules.objects.get(pk=1)
    return Rules(lifecycle_rules(kept.lifecycle), rating_rules(kept.rating), kept.version, kept.rated_at)


def standing_counts(actor: Actor) -> dict[str, int]:
    """How many customers stand where: `lifecycle:active` → n, `tier:high` → n."""
    require(actor, "profile.manage")
    rows = fetch_all(
        "SELECT 'lifecycle:' || lifecycle, count(*) FROM profile_standing GROUP BY 1 "
        "UNION ALL SELECT 'tier:' || tier, count(*) FROM profile_standing WHERE tier <> '' GROUP BY 1"
    )
    return dict(rows)


def computed_attributes(actor: Actor) -> list[ComputedAttribute]:
    require(actor, "profile.manage")
    return list(ComputedAttribute.objects.order_by("pk"))


def label_of(label_en: str, label_zh: str) -> str:
    return label_zh if (get_language() or "").startswith("zh") else label_en


def _line(actor: Actor, row: tuple[Any, ...]) -> ComputedLine:
    name, label_en, label_zh, over, function, field, number, text, at = row
    kind = Definition(name, over, function, field).kind
    value = number if kind is ValueKind.NUMBER else at if kind is ValueKind.MOMENT else text
    if isinstance(value, str):
        value = present_properties(actor, value, field)
    return ComputedLine(name, label_of(label_en, label_zh), kind.value, value)
