"""What happened with a customer, over all of its source records: page by page, folded, around a row, searched."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.govern.access import Actor, sees_record_of
from kehu.profile.filters.guard import LONGEST_MS, within
from kehu.profile.queries.lookup import MemberRecord, current_customer, members_of
from kehu.profile.tellings import may_fold, tell
from kehu.profile.timeline.asked import KINDS, Position, TimelineAsked, TimelinePage, TimelineRow
from kehu.profile.timeline.files import FileLink, files_of
from kehu.profile.timeline.folding import Fold, fold
from kehu.profile.timeline.reading import Span, happened, merges, with_properties

__all__ = [
    "KINDS",
    "FileLink",
    "Fold",
    "Position",
    "TimelineAsked",
    "TimelinePage",
    "TimelineRow",
    "TimelineSlice",
    "timeline_file",
    "timeline_page",
    "timeline_row",
    "timeline_rows",
    "timeline_slice",
]
READ: Final = 150  # rows looked at for one page of floods
PIECE: Final = 300  # rows of one round of a search, and of a file
ROUNDS: Final = 10
NAMED: Final = 3  # members of a flood whose names are told


@dataclass(frozen=True, slots=True)
class TimelineSlice:
    """Folds, newest first. newer and older: from where to go on, None at that end. source_ids: of the records seen."""

    folds: list[Fold]
    newer: Position | None
    older: Position | None
    source_ids: tuple[int, ...] = ()


def timeline_page(
    actor: Actor,
    customer_id: UUID,
    *,
    kind: str = "",
    before: tuple[str, str] | None = None,
    limit: int = 50,
    members: list[MemberRecord] | None = None,
    asked: TimelineAsked | None = None,
) -> TimelinePage:
    """Newest first, row by row. Three queries however long the history; a search a few more.

    The caller has checked that the actor sees the customer.
    """
    if limit < 1:
        return TimelinePage([], None)
    asked = asked or TimelineAsked(kind)
    of = _Timeline(actor, customer_id, asked, members)
    rows = of.read(Span(Position.parse(before) if before else None), limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return TimelinePage(rows[:limit], (last.occurred_at.isoformat(), last.id) if last else None)


def timeline_slice(
    actor: Actor,
    customer_id: UUID,
    asked: TimelineAsked,
    *,
    before: Position | None = None,
    after: Position | None = None,
    around: Position | None = None,
    limit: int = 30,
) -> TimelineSlice:
    """A page with its floods folded: older than a position, newer than one, or from one downwards.

    Five queries however long the history. The caller has checked that the actor sees the customer.
    """
    of = _Timeline(actor, customer_id, asked, None)
    is_plain = not asked.words and not asked.name
    if after is not None:
        rows = list(reversed(of.read(Span(after, is_newer=True), limit + 1)))
        has_newer = len(rows) > limit
        rows = rows[1:] if has_newer else rows
        folds = [Fold((row,)) for row in rows] if not is_plain else fold(rows, _may_fold, len(rows))[0]
        return TimelineSlice(folds, rows[0].position if has_newer else None, None, of.source_ids)
    start = around or before
    span = Span(start, takes_start=around is not None)
    if not is_plain:
        rows = of.read(span, limit + 1)
        folds, taken = [Fold((row,)) for row in rows[:limit]], min(len(rows), limit)
    else:
        rows = of.read(span, READ + 1, is_light=True)
        folds, taken = fold(rows[:READ], _may_fold, limit)
        folds = _with_properties(actor, folds)
    older = rows[taken - 1].position if len(rows) > taken > 0 else None
    newer = around if around is not None and of.read(Span(around, is_newer=True), 1) else None
    return TimelineSlice(folds, newer, older, of.source_ids)


def timeline_row(actor: Actor, row_id: UUID) -> tuple[UUID, TimelineRow]:
    """(the customer it belongs to today, the row). Raises NotFound for what the actor may not see, or is not there."""
    customer_id, position = _place_of(actor, row_id)
    of = _Timeline(actor, current_customer(actor, customer_id).id, TimelineAsked(), None)
    [*found] = of.read(Span(position, takes_start=True), 1)
    if not found or found[0].id != str(row_id):
        raise NotFound("event", row_id)
    return of.customer_id, found[0]


def timeline_file(actor: Actor, row_id: UUID, number: int) -> tuple[UUID, FileLink]:
    """The customer of a row, and a file of it. Raises NotFound."""
    customer_id, row = timeline_row(actor, row_id)
    files = files_of(row.properties)
    if not 0 <= number < len(files):
        raise NotFound("file", number)
    return customer_id, files[number]


def timeline_rows(actor: Actor, customer_id: UUID, asked: TimelineAsked, at_most: int) -> Iterator[TimelineRow]:
    """Every row that is asked for, newest first, in pieces: for files."""
    of = _Timeline(actor, customer_id, asked, None)
    start: Position | None = None
    left = at_most
    while left > 0 and (rows := of.read(Span(start), min(PIECE, left))):
        yield from rows
        start, left = rows[-1].position, left - len(rows)


class _Timeline:
    """The timeline of one customer for one actor, as asked."""

    def __init__(
        self, actor: Actor, customer_id: UUID, asked: TimelineAsked, members: list[MemberRecord] | None
    ) -> None:
        members = members if members is not None else members_of([customer_id])[customer_id]
        self.customer_id, self._actor, self._asked = customer_id, actor, asked
        seen = [member for member in members if sees_record_of(actor, member.department_id)]
        self._records = [member.id for member in seen]
        self.source_ids = tuple(dict.fromkeys(member.source_id for member in seen))

    def read(self, span: Span, limit: int, *, is_light: bool = False) -> list[TimelineRow]:
        """The next rows in the direction of the span, as the actor may see them."""
        if not self._asked.words:
            return self._next(span, limit, is_light)
        return within(LONGEST_MS, lambda: self._search(span, limit))

    def _next(self, span: Span, limit: int, is_light: bool = False) -> list[TimelineRow]:
        rows = happened(self._actor, self._records, self._asked, span, limit, is_light=is_light)
        if not self._actor.is_strict:
            rows += merges(self.customer_id, self._asked, span, limit)
            rows.sort(key=lambda row: row.position, reverse=not span.is_newer)
        return rows[:limit]

    def _search(self, span: Span, limit: int) -> list[TimelineRow]:
        """What the database finds in the stored text is looked at once more as the actor sees it: whoever sees a phone
        masked shall not learn by searching that it is there."""
        found: list[TimelineRow] = []
        for _ in range(ROUNDS):
            rows = self._next(span, PIECE)
            found += [row for row in rows if _is_told(row, self._asked.words)]
            if len(found) >= limit or len(rows) < PIECE:
                break
            span = span._replace(start=rows[-1].position, takes_start=False)
        return found[:limit]


_may_fold: Callable[[TimelineRow], bool] = lambda row: row.kind != "trade" and may_fold(row.name, row.kind)  # noqa: E731


def _is_told(row: TimelineRow, words: list[str]) -> bool:
    if row.name in ("Order", "Consent", "Merge", "Unmerge"):
        return True  # nothing of theirs is masked, and goods are not among the properties
    text = f"{row.name} {tell(row.name, row.kind, {}).title} {_texts(row.properties)}".casefold()
    return all(word.casefold() in text for word in words)


def _texts(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {_texts(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return " ".join(map(_texts, value))
    return str(value)


def _with_properties(actor: Actor, folds: list[Fold]) -> list[Fold]:
    """The rows that are told, with their properties; of a flood the first few."""
    told = with_properties(actor, [row for one in folds for row in one.rows[:NAMED]])

    def whole(row: TimelineRow) -> TimelineRow:
        return replace(row, properties=told[row.id]) if row.id in told else row

    return [Fold(tuple(whole(row) for row in one.rows)) for one in folds]


def _place_of(actor: Actor, row_id: UUID) -> tuple[UUID, Position]:
    """The customer a row belongs to today and where it stands; what the record's department hides comes later."""
    if row_id.int < 2**63:
        found = fetch_all("SELECT survivor_id, created_at FROM profile_mergeact WHERE id = %s", [row_id.int])
        if found and not actor.is_strict:
            return found[0][0], Position(found[0][1], row_id)
        raise NotFound("event", row_id)
    rows = fetch_all(
        "SELECT m.customer_id, h.at FROM ("
        " SELECT record_id, occurred_at AS at FROM profile_event WHERE id = %(id)s"
        " UNION ALL SELECT record_id, placed_at FROM profile_order WHERE id = %(id)s"
        " UNION ALL SELECT record_id, occurred_at FROM profile_consent WHERE id = %(id)s"
        ") h JOIN resolve_recordcustomer m ON m.record_id = h.record_id WHERE h.at IS NOT NULL",
        {"id": row_id},
    )
    if not rows:
        raise NotFound("event", row_id)
    return rows[0][0], Position(rows[0][1], row_id)
