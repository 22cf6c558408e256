"""The rules of lifecycle and rating, as they are kept and edited. Pure."""

from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, Literal

import msgspec

from kehu.core.errors import InvalidInput

MOST_DAYS: Final = 36_500
MOST_EVENTS: Final = 50


class Lifecycle(StrEnum):
    """potential: has never done what counts. active, dormant, lost: how long ago it was last done."""

    POTENTIAL = "potential"
    ACTIVE = "active"
    DORMANT = "dormant"
    LOST = "lost"


class Tier(StrEnum):
    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


class LifecycleRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """basis: what counts, orders that were not cancelled or events of these names."""

    basis: Literal["orders", "events"] = "orders"
    events: tuple[str, ...] = ()
    active_days: int = 90
    dormant_days: int = 365


class RatingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """RFM: recency, frequency and money of the orders of a window, each scored 1 to 5; their sum gives the tier.

    quantile: by the customer's place among all who bought. fixed: by thresholds, rising, four of each.
    """

    window_days: int = 365
    method: Literal["quantile", "fixed"] = "quantile"
    recency_days: tuple[int, int, int, int] = (30, 90, 180, 270)
    frequency: tuple[int, int, int, int] = (2, 3, 5, 10)
    money: tuple[float, float, float, float] = (100, 500, 2000, 10000)
    high_from: int = 12
    middle_from: int = 8


def lifecycle_rules(value: Any) -> LifecycleRules:
    """Raises InvalidInput, naming what would be right."""
    rules: LifecycleRules = _converted(value, LifecycleRules, "lifecycle")
    if not 1 <= rules.active_days < rules.dormant_days <= MOST_DAYS:
        raise InvalidInput("dormant_days", f"days rise: 1 ≤ active < dormant ≤ {MOST_DAYS}.")
    if rules.basis == "events" and not any(name.strip() for name in rules.events):
        raise InvalidInput("events", "name at least one event that counts.")
    if len(rules.events) > MOST_EVENTS or any(len(name) > 200 or "\x00" in name for name in rules.events):
        raise InvalidInput("events", f"at most {MOST_EVENTS} names of 200 characters.")
    return rules


def rating_rules(value: Any) -> RatingRules:
    """Raises InvalidInput, naming what would be right."""
    rules: RatingRules = _converted(value, RatingRules, "rating")
    if not 1 <= rules.window_days <= MOST_DAYS:
        raise InvalidInput("window_days", f"from 1 to {MOST_DAYS} days.")
    for name in ("recency_days", "frequency", "money"):
        steps = getattr(rules, name)
        if not all(0 <= a < b <= 1e12 for a, b in pairwise(steps)):
            raise InvalidInput(name, "four thresholds, each larger than the one before.")
    if not 3 < rules.middle_from < rules.high_from <= 15:
        raise InvalidInput("high_from", "sums go from 3 to 15: 3 < middle < high ≤ 15.")
    return rules


def _converted(value: Any, to: type[Any], field: str) -> Any:
    try:
        return msgspec.convert(value, type=to)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidInput(field, str(error)) from error
