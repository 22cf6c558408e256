"""One window of touches settled: records folded, evidence gathered, components solved, ids kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import NamedTuple, Protocol
from uuid import UUID

from kehu.clean.touches import DEVICE, Touch
from kehu.core.database import Connection
from kehu.core.ids import RecordId, birth_id, record_id
from kehu.core.write_behind import write
from kehu.resolve.components import Move, solve_components
from kehu.resolve.evidence import find_candidates, gather_evidence
from kehu.resolve.fan_out import review_fan_out
from kehu.resolve.match_model import MatchModel
from kehu.resolve.records import RecordState, absorb, see
from kehu.resolve.store.evidence import queue_resettle
from kehu.resolve.store.records import load_records, save_bindings, save_records


class SourceIdentity(Protocol):
    """What resolve needs of a source."""

    @property
    def id(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def department_id(self) -> int | None: ...
    @property
    def unique_types(self) -> Sequence[str]: ...


class PlacedTouch(NamedTuple):
    """A touch and the place of its message in the log. record and device: the ids its references stand for."""

    touch: Touch
    source: SourceIdentity
    shard: int
    seq: int
    record: UUID | None
    device: UUID | None


@dataclass(slots=True)
class Settled:
    """states: the records of the window as they are now. dirty: customers whose golden record may differ.
    shared_devices: devices that more than one user was bound to. compared: records known before
    whose households were found anew.
    at_hand: the records of customers that were solved, where all of them are in memory."""

    states: dict[UUID, RecordState]
    moves: list[Move] = field(default_factory=list)
    dirty: set[UUID] = field(default_factory=set)
    new_records: int = 0
    scored_pairs: int = 0
    shared_devices: set[UUID] = field(default_factory=set)
    seen_again: set[UUID] = field(default_factory=set)
    compared: set[UUID] = field(default_factory=set)
    households: set[tuple[UUID, UUID]] = field(default_factory=set)
    at_hand: dict[UUID, list[RecordState]] = field(default_factory=dict)


def place(touch: Touch, source: SourceIdentity, shard: int, seq: int) -> PlacedTouch:
    record = record_id(touch.record.source, touch.record.external_id) if touch.record else None
    device = record_id(touch.device.source, touch.device.external_id) if touch.device else None
    return PlacedTouch(touch, source, shard, seq, record, device)


def settle(
    connection: Connection,
    touches: Iterable[PlacedTouch],
    *,
    resettle: Iterable[UUID],
    sources: Mapping[int, SourceIdentity],
    model: MatchModel,
) -> Settled:
    """Apply the touches to the identity graph. resettle: records to be looked at again though nothing new was said."""
    placed = list(touches)
    again = set(resettle)
    wanted = {id_ for touch in placed for id_ in (touch.record, touch.device) if id_} | again
    states = load_records(connection, wanted)
    known = set(states)
    for touch in placed:
        _fold(states, touch)
    window = set(states)
    born = window - known
    _mint_birth_ids(connection, [states[record] for record in states if record in born])
    save_bindings(connection, states.values())
    flipped = review_fan_out(connection, states)
    states.update(load_records(connection, flipped - states.keys()))
    subjects = {r for r in window if states[r].evidence_changed} | (again & states.keys()) | flipped
    candidates = find_candidates(connection, states, subjects)
    save_records(connection, states.values())
    evidence = gather_evidence(connection, states, candidates, model, born)
    queue_resettle(connection, candidates.crossed, "match key crossed its limit")
    unique_types = {source.id: source.unique_types for source in sources.values() if source.unique_types}
    solved = solve_components(connection, states, evidence, model, unique_types, born)
    settled = Settled(states, solved.moves, new_records=len(born))
    settled.scored_pairs = len(candidates.pairs)
    settled.compared, settled.households = candidates.subjects.keys() - born, evidence.households
    settled.seen_again = {r for r in window if states[r].seen_again}
    settled.shared_devices = _shared_devices(connection, states, window)
    settled.dirty = {customer for move in solved.moves for customer in (move.before, move.after) if customer}
    changed = [record for record in window if states[record].values_changed]
    settled.dirty |= {solved.customer_of[record] for record in changed if record in solved.customer_of}
    settled.dirty |= _customers_of(connection, [record for record in changed if record not in solved.customer_of])
    settled.at_hand = _customers_at_hand(states, solved.customer_of)
    return settled


def _customers_at_hand(
    states: Mapping[UUID, RecordState], customer_of: Mapping[UUID, UUID]
) -> dict[UUID, list[RecordState]]:
    """Those of the customers just solved whose every record is in memory: nobody need read them again."""
    found: dict[UUID, list[RecordState]] = {}
    elsewhere: set[UUID] = set()
    for record, customer in customer_of.items():
        state = states.get(record)
        if state is None:
            elsewhere.add(customer)
        else:
            found.setdefault(customer, []).append(state)
    return {customer: members for customer, members in found.items() if customer not in elsewhere}


def _fold(states: dict[UUID, RecordState], placed: PlacedTouch) -> None:
    touch = placed.touch
    anonymous_id = None
    if placed.device is not None and touch.device is not None:
        device = _state(states, placed, placed.device, touch.device.external_id, DEVICE)
        anonymous_id = device.anonymous_id
        see(device, touch.occurred_at.astimezone(UTC))
    if placed.record is None or touch.record is None:
        return
    state = _state(states, placed, placed.record, touch.record.external_id, touch.kind)
    bindings = len(state.new_bindings)
    absorb(state, touch, anonymous_id)
    if anonymous_id is not None and placed.device is not None and len(state.new_bindings) != bindings:
        states[placed.device].evidence_changed = True


def _state(
    states: dict[UUID, RecordState], placed: PlacedTouch, record: UUID, external_id: str, kind: str
) -> RecordState:
    state = states.get(record)
    if state is None:
        at = placed.touch.occurred_at.astimezone(UTC)
        state = states[record] = RecordState(
            id=record,
            source_id=placed.source.id,
            external_id=external_id,
            kind=kind,
            first_shard=placed.shard,
            first_seq=placed.seq,
            first_at=at,
            last_at=at,
            department_id=placed.source.department_id,
            changed=True,
            values_changed=True,
            evidence_changed=True,
        )
    return state


def _mint_birth_ids(connection: Connection, born: Sequence[RecordState]) -> None:
    """Each record has one birth id for ever: a rebuild finds it in the ledger again."""
    if not born:
        return
    write(
        connection,
        "INSERT INTO resolve_ledgerentry (record_id, customer_id, born_no) "
        "SELECT record_id, customer_id, nextval('resolve_born_no') "
        "FROM unnest(%s::uuid[], %s::uuid[]) AS b(record_id, customer_id) ON CONFLICT DO NOTHING",
        ([state.id for state in born], [birth_id(RecordId(state.id)) for state in born]),
    )


def _shared_devices(connection: Connection, states: Mapping[UUID, RecordState], window: set[UUID]) -> set[UUID]:
    devices = {states[r].anonymous_id: r for r in window if states[r].kind == DEVICE}
    if not devices:
        return set()
    rows = connection.execute(
        "SELECT value FROM resolve_binding WHERE type = 'anonymous_id' AND value = ANY(%s) "
        "GROUP BY value HAVING count(*) > 1",
        (list(devices),),
    ).fetchall()
    return {devices[value] for (value,) in rows}


def _customers_of(connection: Connection, records: Sequence[UUID]) -> set[UUID]:
    if not records:
        return set()
    rows = connection.execute(
        "SELECT DISTINCT customer_id FROM resolve_recordcustomer WHERE record_id = ANY(%s)", (list(records),)
    ).fetchall()
    return {customer for (customer,) in rows}
