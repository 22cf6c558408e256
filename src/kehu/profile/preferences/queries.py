"""What one customer likes, as the actor may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from kehu.core.database import fetch_all
from kehu.govern.access import Actor
from kehu.govern.field_policy import present_text


@dataclass(frozen=True, slots=True)
class PreferenceLine:
    """share: of all that speaks for anything of its kind. evidence: what was done → how often."""

    kind: str
    value: str
    share: Decimal
    facts: int
    evidence: Mapping[str, int]
    last_at: datetime


def preferences_of(actor: Actor, customer_id: UUID) -> list[PreferenceLine]:
    """The clear ones of a customer the actor sees, the strongest of each kind first. Nothing for who sees only some of
    its records: preferences tell of all of them."""
    if actor.is_strict:
        return []
    rows = fetch_all(
        "SELECT kind, value, share, facts, evidence::text, last_at FROM profile_preference "
        "WHERE customer_id = %s AND is_clear "
        "ORDER BY array_position(ARRAY['product', 'content', 'channel', 'hours'], kind::text), place",
        [customer_id],
    )
    return [
        PreferenceLine(kind, present_text(actor, value), share, facts, msgspec.json.decode(evidence), last_at)
        for kind, value, share, facts, evidence, last_at in rows
    ]
