"""What the components of the design system take: frozen values, filled by pages, drawn by templates."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

# gettext_lazy strings are welcome wherever a Text is asked for.
Text = Any


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a page header, an empty state or a card. `key` is its keyboard shortcut."""

    label: Text
    url: str
    icon: str = ""
    is_main: bool = False
    key: str = ""
    opens_drawer: bool = False
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    label: Text
    url: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    label: Text
    value: Text
    tone: str = ""
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Chip:
    text: Text
    icon: str = ""
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One short line under a customer's name: an icon that says what it is, and the value."""

    icon: str
    label: Text
    text: str


@dataclass(frozen=True, slots=True)
class SourceMark:
    """Where a value comes from: a short name, and the whole story as a title."""

    label: str
    title: Text = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one source says of an attribute: the winner or a loser of survivorship.

    pin_value names its record, for pinning and verifying. also: who says the same.
    """

    value: str
    source: str
    at: datetime | None = None
    has_won: bool = False
    pin_value: str = ""
    also: Text = ""
    is_verified: bool = False
    can_verify: bool = False
    can_correct: bool = False


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One attribute of the golden record, with its source mark and everything that was said about it."""

    attribute: str
    label: Text
    value: str
    source: SourceMark | None = None
    agreeing: int = 0
    conflicts: int = 0
    candidates: tuple[Candidate, ...] = ()
    rule: Text = ""
    is_pinned: bool = False
    pinned_by: Text = ""
    can_pin: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class IdentityRow:
    icon: str
    label: Text
    value: str
    strength: Text
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRow:
    label: Text
    is_granted: bool
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderLineRow:
    name: str
    quantity: Text
    amount: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A recording or an attachment. host: where it lies."""

    icon: str
    name: str
    host: str
    url: str


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One thing that happened, or a flood of the same. `tone` is trade, service or plain; `at` is aware.

    url: where this one row is shown, for ever. count and flood_url: of a flood, how many, and each of them.
    """

    id: str
    icon: str
    title: Text
    at: datetime
    text: Text = ""
    source: str = ""
    quote: str = ""
    tone: str = ""
    tag: Text = ""
    tag_tone: str = ""
    amount: str = ""
    is_refund: bool = False
    lines: tuple[OrderLineRow, ...] = ()
    details: tuple[tuple[Text, str], ...] = ()
    why_url: str = ""
    undo_url: str = ""
    url: str = ""
    is_marked: bool = False
    files: tuple[FileRow, ...] = ()
    count: int = 1
    flood_url: str = ""


@dataclass(frozen=True, slots=True)
class MergeRow:
    """One tie that made two records or customers one, told in a sentence, with why and undo."""

    text: Text
    at: datetime | None = None
    note: Text = ""
    why_url: str = ""
    undo_url: str = ""
    is_undone: bool = False


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One attribute of two records. `level`: same, near, differs or missing."""

    label: Text
    left: str
    right: str
    level: str
    level_label: Text


@dataclass(frozen=True, slots=True)
class WaterfallBar:
    """One step of evidence in bits, placed on a scale of 0..100. `sign`: plus, minus or start."""

    label: Text
    level: Text
    bits: float
    x: float
    width: float
    sign: str


@dataclass(frozen=True, slots=True)
class Waterfall:
    bars: tuple[WaterfallBar, ...]
    zero: float
    total_bits: float
    probability: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `done` of `total`; total None while unknown."""

    label: Text
    state: str
    done: int = 0
    total: int | None = None
    note: Text = ""
    poll_url: str = ""
    cancel_url: str = ""
    error: Text = ""

    @property
    def is_live(self) -> bool:
        return self.state in {"queued", "running"}


@dataclass(frozen=True, slots=True)
class Empty:
    icon: str
    title: Text
    text: Text = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Spark:
    """Counts of equal spans, oldest first, as bars in a box of 100 × 30."""

    bars: tuple[tuple[float, float, float, float], ...]
    label: Text


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Text
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One select of a filter bar."""

    name: str
    label: Text
    choices: tuple[Choice, ...] = field(default_factory=tuple)
