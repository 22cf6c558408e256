"""What several sources say of one tie, and what it comes to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Word:
    """One source's word on a tie, or what comparing two records found. left_id, right_id: the records as kept."""

    left_id: UUID
    right_id: UUID
    is_told: bool
    source_id: int | None
    trust: int
    said_at: datetime | None
    role: str
    since_on: date | None
    until_on: date | None
    is_denied: bool
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tie:
    """words: most trusted first."""

    role: str
    since_on: date | None
    until_on: date | None
    is_denied: bool
    words: tuple[Word, ...]

    def is_over(self, today: date) -> bool:
        return self.until_on is not None and self.until_on < today


def combine(words: Sequence[Word]) -> Tie:
    """The most trusted source decides whether the tie is and holds, the latest word among equals; role and beginning
    come from the first who says any. What was only found counts after everything told."""
    ordered = sorted(words, key=lambda w: (w.left_id, w.right_id))
    ordered.sort(key=lambda w: (w.is_told, w.trust, w.said_at or _LONG_AGO), reverse=True)
    first = ordered[0]
    return Tie(
        role=next((w.role for w in ordered if w.role and not w.is_denied), ""),
        since_on=next((w.since_on for w in ordered if w.since_on and not w.is_denied), None),
        until_on=first.until_on,
        is_denied=first.is_denied,
        words=tuple(ordered),
    )
