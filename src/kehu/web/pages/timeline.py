"""The timeline of a customer as its address says it: filters, search, a day to begin at, and where to go on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.govern.access import Actor
from kehu.profile import queries as profile
from kehu.profile.list_files import Cell
from kehu.profile.queries.timeline import Position, TimelineAsked, timeline_row, timeline_slice
from kehu.web import live, vocabulary
from kehu.web.components import Choice, Tab, Text, TimelineRow
from kehu.web.pages.happenings import told_folds, told_rows
from kehu.web.wording import format_day

PAGE_SIZE: Final = 30
_KINDS: Final = (("", gettext_lazy("All")), *((kind, sign.label) for kind, sign in vocabulary.KINDS.items()))
_LAST_ID: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class TimelineAddress:
    """asked: what of the timeline. day: where to begin. before, after: a page further down or up. event: the row to
    mark, around which the page is."""

    customer_id: UUID
    asked: TimelineAsked
    day: date | None = None
    before: Position | None = None
    after: Position | None = None
    event: UUID | None = None

    @property
    def is_further(self) -> bool:
        return self.before is not None or self.after is not None

    def parameters(self, **changes: str) -> dict[str, str]:
        asked = self.asked
        said = {
            "kind": asked.kind,
            "source": str(asked.source_id) if asked.source_id is not None else "",
            "q": asked.text,
            "name": asked.name,
            "since": asked.since.isoformat() if asked.since else "",
            "until": asked.until.isoformat() if asked.until else "",
        }
        return {key: text for key, text in {**said, **changes}.items() if text}

    def url(self, route: str = "web:timeline", /, **changes: str) -> str:
        query = urlencode(self.parameters(**changes))
        address = reverse(route, args=[self.customer_id])
        return f"{address}?{query}" if query else address


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page of the timeline with its filters.

    last_day: the heading that stands above already. closing_day: the heading of what stands below, to be set anew.
    """

    url: str
    tabs: list[Tab]
    sources: tuple[Choice, ...]
    query: str
    day: str
    hidden: list[tuple[str, str]]
    rows: list[TimelineRow]
    newer_url: str
    older_url: str
    empty: Text
    reset_url: str = ""
    export_url: str = ""
    last_day: str = ""
    closing_day: str = ""
    is_above: bool = False


def timeline_asked(customer_id: UUID, said: QueryDict) -> TimelineAddress:
    """Raises InvalidInput for a kind or a position that is none; what else makes no sense is left out."""
    source = said.get("source", "")
    asked = TimelineAsked(
        kind=said.get("kind", ""),
        source_id=int(source) if source.isascii() and source.isdecimal() and len(source) < 10 else None,
        text=said.get("q", "").strip()[:100],
        name=said.get("name", "").replace("\x00", "")[:200],
        since=_moment(said.get("since", "")),
        until=_moment(said.get("until", "")),
    )
    at, row = said.get("at", ""), said.get("id", "")
    position = Position.parse((at, row)) if at and row else None
    is_upwards = said.get("to") == "newer"
    return TimelineAddress(
        customer_id,
        asked,
        _day(said.get("date", "")),
        before=None if is_upwards else position,
        after=position if is_upwards else None,
        event=_uuid(said.get("event", "")),
    )


def timeline_page(actor: Actor, at: TimelineAddress, said: QueryDict | None = None) -> TimelinePage:
    """said: what else the address carries: the headings of days that stand on the page already."""
    said = said if said is not None else QueryDict()
    found = timeline_slice(
        actor, at.customer_id, at.asked, before=at.before, after=at.after, around=_start(actor, at), limit=PAGE_SIZE
    )
    rows = told_folds(found.folds, at.customer_id, actor)
    if at.event is not None:
        rows = [replace(row, is_marked=row.id == str(at.event)) for row in rows]
    days = [format_day(row.at) for row in rows]
    top_day = said.get("top", "") if at.after is not None else ""
    return TimelinePage(
        url=reverse("web:timeline", args=[at.customer_id]),
        tabs=[Tab(label, at.url(kind=name, **_NOT_A_FLOOD), name == at.asked.kind) for name, label in _KINDS],
        sources=_sources(at, found.source_ids),
        query=at.asked.text,
        day=at.day.isoformat() if at.day else "",
        hidden=[("kind", at.asked.kind)] if at.asked.kind else [],
        rows=rows,
        newer_url=_further(at, found.newer, to="newer", top=days[0]) if found.newer and days else "",
        older_url=_further(at, found.older, day=days[-1]) if found.older and days else "",
        empty=_empty(at),
        reset_url="" if at.asked.is_plain and at.day is None else reverse("web:timeline", args=[at.customer_id]),
        export_url=at.url("web:timeline_export") if actor.can("customer.export") else "",
        last_day=said.get("day", "") if at.before is not None else "",
        closing_day=top_day if top_day and (not days or days[-1] != top_day) else "",
        is_above=at.after is not None,
    )


def flood_rows(actor: Actor, at: TimelineAddress) -> list[TimelineRow]:
    """Each of a flood that was told as one."""
    page = profile.timeline_page(actor, at.customer_id, asked=at.asked, limit=300)
    return told_rows(page.rows, at.customer_id, actor)


HEADING: Final = (
    gettext_lazy("Time"),
    gettext_lazy("Kind"),
    gettext_lazy("What happened"),
    gettext_lazy("State"),
    gettext_lazy("Amount"),
    gettext_lazy("Source"),
    gettext_lazy("Quote"),
    gettext_lazy("Details"),
    gettext_lazy("Number"),
)


def file_rows(rows: Iterable[profile.TimelineRow], customer_id: UUID, actor: Actor) -> Iterator[Sequence[Cell]]:
    """Rows of a file, in the words of the page."""
    piece: list[profile.TimelineRow] = []
    for row in rows:
        piece.append(row)
        if len(piece) == 200:
            yield from _cells(piece, customer_id, actor)
            piece = []
    yield from _cells(piece, customer_id, actor)


def _cells(piece: list[profile.TimelineRow], customer_id: UUID, actor: Actor) -> Iterator[Sequence[Cell]]:
    for row, told in zip(piece, told_rows(piece, customer_id, actor), strict=True):
        lines = [(one.name, f"{one.quantity} {one.amount}") for one in told.lines]
        details = "; ".join(f"{label}: {text}" for label, text in [*lines, *told.details])
        yield (
            row.occurred_at,
            str(vocabulary.KINDS[row.kind].label if row.kind in vocabulary.KINDS else row.kind),
            f"{told.title} {told.text}".strip(),
            str(told.tag),
            row.amount if row.amount is not None else told.amount,
            told.source,
            told.quote,
            details,
            row.id,
        )


_NOT_A_FLOOD: Final = {"name": "", "since": "", "until": ""}


def _start(actor: Actor, at: TimelineAddress) -> Position | None:
    """Where a page begins that does not begin at the top: at the marked row, or at the end of a day."""
    if at.is_further:
        return None
    if at.event is not None:
        return timeline_row(actor, at.event)[1].position
    if at.day is None:
        return None
    midnight = timezone.make_aware(datetime.combine(at.day + timedelta(days=1), time.min))
    return Position(midnight - timedelta(microseconds=1), _LAST_ID)


def _further(at: TimelineAddress, position: Position, **more: str) -> str:
    return at.url(at=position.at.isoformat(), id=str(position.id), **more)


def _sources(at: TimelineAddress, known: tuple[int, ...]) -> tuple[Choice, ...]:
    """The sources this customer is known from; no choice where there is but one."""
    if len(known) < 2 and at.asked.source_id is None:
        return ()
    everywhere = Choice("", _("Every source"), at.asked.source_id is None)
    return (everywhere, *(Choice(str(one), live.source_name(one), one == at.asked.source_id) for one in known))


def _empty(at: TimelineAddress) -> str:
    if at.asked.text:
        return _("Nothing on this timeline has these words.")
    return _("Nothing of this kind has happened.")


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and 1900 <= moment.year <= 2200 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
