"""Relations as an actor may see them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from kehu.profile.relations.kinds import Side


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who says so. source_id None: found by comparing; detail then tells what the two share."""

    source_id: int | None
    said_at: datetime | None
    role: str
    since_on: date | None
    until_on: date | None
    detail: dict[str, Any]

    @property
    def is_told(self) -> bool:
        return self.source_id is not None


@dataclass(frozen=True, slots=True)
class RelationLine:
    """The other customer, and how it is tied to this one, which stands on `side`. is_found: nobody told it."""

    customer_id: UUID
    name: str
    customer_kind: str
    kind: str
    side: Side
    role: str
    since_on: date | None
    until_on: date | None
    is_over: bool
    is_found: bool
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class RelationPage:
    """next: position after the last customer, None at the end."""

    lines: list[RelationLine]
    next: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which relations. kinds: () = all. side: where the customer stands, None = either end. other_id: to whom."""

    kinds: tuple[str, ...] = ()
    side: Side | None = None
    other_id: UUID | None = None


EVERY: Final = Asked()


@dataclass(frozen=True, slots=True)
class Found:
    """lines: by the customer they were asked of."""

    lines: dict[UUID, list[RelationLine]]
    next: tuple[str, str] | None
