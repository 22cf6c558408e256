"""What somebody wants to see of a timeline, and where in it they are. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from kehu.core.errors import InvalidInput

KINDS: Final = ("trade", "contact", "service", "behaviour", "marketing", "consent", "merge")
MOST_WORDS: Final = 5


class Position(NamedTuple):
    """Of a row: rows are in the order of their times, and of their ids where times are equal."""

    at: datetime
    id: UUID

    @classmethod
    def parse(cls, said: tuple[str, str]) -> "Position":
        try:
            at = datetime.fromisoformat(said[0])
            if at.tzinfo is None or not 1 < at.year < 9999:
                raise ValueError(said[0])
            return cls(at, UUID(said[1]))
        except (ValueError, OverflowError) as error:
            raise InvalidInput("before", "this is no position in the timeline: start again from its top") from error


@dataclass(frozen=True, slots=True)
class TimelineAsked:
    """kind: one of KINDS, "" for all. name: events of one name alone. since and until: moments, both within."""

    kind: str = ""
    source_id: int | None = None
    text: str = ""
    name: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.kind and self.kind not in KINDS:
            raise InvalidInput("kind", f"{self.kind[:40]!r} is none of {', '.join(KINDS)}")
        for field, moment in (("since", self.since), ("until", self.until)):
            if moment is not None and not 1 < moment.year < 9999:
                raise InvalidInput(field, "this is no time at which anything happened")

    @property
    def words(self) -> list[str]:
        return self.text.replace("\x00", " ").split()[:MOST_WORDS]

    @property
    def is_plain(self) -> bool:
        """Everything, as it comes: what the customer page begins with."""
        return self == TimelineAsked()


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """kind: one of KINDS. name: the event's name, or Order, Consent, Merge, Unmerge. properties: presented."""

    id: str
    kind: str
    name: str
    occurred_at: datetime
    source_id: int | None
    record_id: UUID | None
    properties: dict[str, Any]
    amount: Decimal | None = None
    currency: str | None = None
    order_id: UUID | None = None

    @property
    def position(self) -> Position:
        return Position(self.occurred_at, UUID(self.id))


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """next: (time, id) of the last row for the next page, None at the end."""

    rows: list[TimelineRow]
    next: tuple[str, str] | None
