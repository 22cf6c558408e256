"""The road: raw messages in, customers out. Read `travel` and you have read Kehu's first four rooms."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from kehu import retraction
from kehu.clean.messages import touches_of
from kehu.clean.rules.store import RuleBook, RuleWindow
from kehu.clean.source_view import SourceView
from kehu.clean.touches import Rejected, Touch
from kehu.clean.values import CleanContext
from kehu.collect import inbox
from kehu.collect.inbox import Message
from kehu.collect.source_cache import SourceCache
from kehu.core import traffic
from kehu.core.database import Connection
from kehu.core.ids import order_id
from kehu.govern.privacy.tombstones import keep_out
from kehu.profile import facts, forgetting, orders, refresh
from kehu.profile.customer_store import move_times
from kehu.profile.organisations.finding import relate_touched
from kehu.profile.settling import announce, rules_by_attribute
from kehu.read_ahead import ReadAhead, context_of
from kehu.resolve.match_model import MatchModel
from kehu.resolve.window import PlacedTouch, place, settle


@dataclass(slots=True)
class WindowReport:
    """What one window did. rejected: reasons of the messages that went to the dead letters. warned: by shard and seq,
    what could not be taken as it was."""

    messages: int = 0
    touches: int = 0
    events: int = 0
    orders: int = 0
    new_records: int = 0
    scored_pairs: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    warned: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    created: list[UUID] = field(default_factory=list)
    updated: list[UUID] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)

    def add(self, other: "WindowReport") -> None:
        """Sum up several windows; ids and places are left to the single reports."""
        for name in ("messages", "touches", "events", "orders", "new_records", "scored_pairs"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.rejected += other.rejected
        self.warnings += other.warnings


@dataclass(slots=True)
class Road:
    """What the road must know: the sources, the cleaning rules, the matching model. is_replay: a rebuild, which
    buries nothing and tells nobody."""

    model: MatchModel
    sources: SourceCache = field(default_factory=SourceCache)
    ahead: ReadAhead | None = None
    rules: RuleBook = field(default_factory=RuleBook)
    is_replay: bool = False

    @classmethod
    def today(cls, *, is_replay: bool = False) -> "Road":
        return cls(MatchModel.default(), is_replay=is_replay)


class Arrival(NamedTuple):
    """A message together with what clean made of it."""

    message: Message
    source: SourceView
    touches: list[Touch]


def travel(
    connection: Connection, messages: Sequence[Message], road: Road, *, resettle: Sequence[UUID] = ()
) -> WindowReport:
    """Take a window of messages down the road, in the caller's transaction and under the leader's lock.

    resettle: records whose component is to be solved again though no message of theirs came in.
    """
    report = WindowReport(messages=len(messages))
    sources = road.sources.all(connection)
    if any(message.source_id not in sources for message in messages):  # made since they were last read
        road.sources.refresh(connection)
        sources = road.sources.all(connection)
    # what was taken back is forgotten, and what else was told of the same is told anew
    coming = retraction.take_back(connection, messages, is_replay=road.is_replay)
    rules = road.rules.open_window(connection)
    # 2 clean: raw message → touches; what cannot be read becomes a dead letter with a reason
    arrivals = [
        Arrival(message, source, touches)
        for message in coming.messages
        if (source := road.sources.all(connection).get(message.source_id))
        and (touches := _clean(connection, message, source, road, rules, report)) is not None
    ]
    arrivals = keep_out(connection, arrivals, report.warnings, is_replay=road.is_replay)
    arrived = [
        (place(touch, arrival.source, arrival.message.shard, arrival.message.seq), arrival.message.received_at)
        for arrival in arrivals
        for touch in arrival.touches
    ]
    placed = [touch for touch, _ in arrived]
    rules.write(connection, placed, is_replay=road.is_replay)
    # 3 resolve: touches → source records → customers
    unsettled = [*resettle, *coming.disturbed]
    settled = settle(connection, placed, resettle=unsettled, sources=sources, model=road.model)
    settled.dirty |= coming.customers
    # 4 profile: who they are, and what happened
    refreshed = refresh.refresh_customers(
        connection, settled.dirty, sources=sources, rules=rules_by_attribute(), at_hand=settled.at_hand
    )
    trust = {source.id: source.trust for source in sources.values()}
    report.events = facts.write_events(connection, arrived)
    changed_orders = orders.write_orders(connection, placed, trust)
    facts.hang_events_by_order(connection, changed_orders | _orders_spoken_of(placed))
    facts.rehang_shared_devices(connection, settled.shared_devices)
    facts.write_consents(connection, placed)
    facts.write_relations(connection, placed)
    relate_touched(connection, placed)
    facts.replace_households(connection, settled.compared, settled.households)
    facts.write_subjects(connection, placed)
    forgetting.note_subjects(connection, placed, {(m.shard, m.seq) for m in coming.messages if m.kind == "row"})
    move_times(connection, settled.seen_again)
    if road.ahead:
        road.ahead.begin()  # the server has yet to write most of this: time to read on
    report.touches, report.orders = len(placed), len(changed_orders)
    report.new_records, report.scored_pairs = settled.new_records, settled.scored_pairs
    report.created, report.updated, report.gone = refreshed
    if not road.is_replay:
        traffic.record_window(connection, messages, coming.worked(arrival.message for arrival in arrivals))
        announce(settled.moves, refreshed, connection)
    return report


def _read(
    connection: Connection, message: Message, source: SourceView, road: Road, context: CleanContext
) -> list[Touch]:
    """An import stores its mapping before its first row comes in, but sources are only read again every few seconds."""
    if road.ahead and (touches := road.ahead.touches_of(message)) is not None:
        return touches
    try:
        return touches_of(message, source, context)
    except Rejected as rejected:
        if rejected.code != "mapping_missing":
            raise
    road.sources.refresh(connection)
    return touches_of(message, road.sources.by_id(connection, message.source_id), context)


def _clean(
    connection: Connection, message: Message, source: SourceView, road: Road, rules: RuleWindow, report: WindowReport
) -> list[Touch] | None:
    if not message.payload:  # redacted: the person asked to be forgotten
        return None
    context = context_of(message)
    try:
        touches = rules.apply(_read(connection, message, source, road, context), source, context)
    except Rejected as rejected:
        code, detail = rejected.code, rejected.detail
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        code, detail = "unreadable", f"{type(error).__name__}: {error}"
    else:
        for touch in touches:
            report.warnings.update(touch.warnings)
        if warned := {warning for touch in touches for warning in touch.warnings}:
            report.warned[message.shard, message.seq] = tuple(sorted(warned))
        return touches
    report.rejected[code] += 1
    if not road.is_replay:
        inbox.bury(connection, message, code, detail)
    return None


def _orders_spoken_of(touches: Sequence[PlacedTouch]) -> set[UUID]:
    return {order_id(*event.order) for placed in touches for event in placed.touch.events if event.order}
