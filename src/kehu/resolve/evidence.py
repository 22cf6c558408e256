"""From changed records to links: keys bring candidates together, the model scores them, what is worth keeping stays.

A link exists if and only if its two records share a live key (or an identifier, or a decision) and the pair scores
above the review threshold. That is a property of the records as they are, so the order they came in leaves no trace.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kehu.clean.touches import DEVICE
from kehu.core.database import Connection
from kehu.core.ids import by_uuid, by_uuids
from kehu.resolve.attributes import ATTRIBUTE_INDEX, Agreement, different
from kehu.resolve.blocking import DEFAULT_MAX_MEMBERS
from kehu.resolve.corroboration import facts_agreeing
from kehu.resolve.features import build_features
from kehu.resolve.identity_rules import IDENTIFIER_BITS, ONE_FACT, SEVERAL_FACTS, STITCH, STITCH_BITS, UNIQUE
from kehu.resolve.match_keys import match_keys
from kehu.resolve.match_model import MatchModel
from kehu.resolve.models import Link
from kehu.resolve.records import BindingKey, Proof, RecordState, match_row
from kehu.resolve.scoring import PairScores, score_pairs
from kehu.resolve.store.decisions import must_links_of
from kehu.resolve.store.evidence import (
    LinkRow,
    PairId,
    links_of,
    live_members,
    proof_of,
    replace_links,
    replace_match_keys,
)
from kehu.resolve.store.records import bearers_of, existing, load_records

NATIVE = "native"  # binds the record that holds what was typed into Kehu to the record it was typed on


class Candidates(NamedTuple):
    """pairs: to be compared. crossed: records of keys that just died or revived, to be settled in a later window."""

    subjects: dict[UUID, RecordState]
    pairs: set[PairId]
    crossed: set[UUID]


class Evidence(NamedTuple):
    """affected: records whose component may look different now. alone: records just born that are linked to nobody.
    households: pairs that share a line or a door, but not a given name: related, not one."""

    affected: set[UUID]
    alone: set[UUID]
    households: set[PairId]


def find_candidates(connection: Connection, states: dict[UUID, RecordState], subjects: Iterable[UUID]) -> Candidates:
    """Move the subjects to their match keys of today; who shares a live key with them is worth comparing.

    `states` holds the subjects, and is filled with the neighbours that were read. The caller saves the records next.
    """
    own = {record: states[record] for record in subjects if record in states}
    people = {record: state for record, state in own.items() if state.kind != DEVICE}
    if not people:
        return Candidates(own, set(), set())
    return _share_a_key(connection, states, own, people)


def gather_evidence(
    connection: Connection,
    states: Mapping[UUID, RecordState],
    candidates: Candidates,
    model: MatchModel,
    born: Set[UUID] = frozenset(),
) -> Evidence:
    """Recompute every link of the candidates' subjects. born: those of whom nothing was written before."""
    own = candidates.subjects
    if not own:
        return Evidence(set(), set(), set())
    links, households = _scored(connection, states, candidates.pairs, model)
    links |= _stitches(connection, own)
    links |= _decided(connection, own)
    before = links_of(connection, own.keys() - born)
    changed = {pair: row for pair, row in links.items() if before.get(pair) != row}
    replace_links(connection, before.keys() - links.keys(), changed, model.version)
    alone = (own.keys() & born).difference(*links)
    affected = own.keys() - alone
    for pair in before.keys() ^ links.keys():
        affected.update(pair)
    return Evidence(affected, alone, households)


def _share_a_key(
    connection: Connection,
    states: dict[UUID, RecordState],
    own: dict[UUID, RecordState],
    people: Mapping[UUID, RecordState],
) -> Candidates:
    keys = _keys_of(connection, people)
    removed, added = [], []
    for record, state in people.items():
        old, new = set(state.match_keys), keys[record]
        if old == new:
            continue
        removed += [(key, record) for key in old - new]
        added += [(key, record) for key in new - old]
        state.match_keys, state.changed = sorted(new), True
    moved = replace_match_keys(connection, removed, added, DEFAULT_MAX_MEMBERS)
    touched = {key for key, _ in removed} | {key for key, _ in added}
    settled = {key for held in keys.values() for key in held} - touched
    members = {**moved.members, **live_members(connection, settled, DEFAULT_MAX_MEMBERS)}
    pairs: set[PairId] = set()
    for record, held in keys.items():
        for key in held:
            for other in members.get(key, ()):
                if other != record:
                    pairs.add((record, other) if record < other else (other, record))
    missing = {record for pair in pairs for record in pair} - states.keys()
    states.update(load_records(connection, missing))
    comparable = {
        (left, right)
        for left, right in pairs
        if left in states and right in states and states[left].kind == states[right].kind
    }
    return Candidates(own, comparable, moved.crossed - people.keys())


def _keys_of(connection: Connection, people: Mapping[UUID, RecordState]) -> dict[UUID, set[int]]:
    order = list(people)
    if not order:
        return {}
    proof = proof_of(connection, {key for state in people.values() for key in state.bindings})
    features = build_features([match_row(people[record], proof) for record in order])
    positions, keys = match_keys(features)
    found: dict[UUID, set[int]] = {record: set() for record in order}
    for position, key in zip(positions.tolist(), keys.tolist(), strict=True):
        found[order[position]].add(key)
    return found


def _scored(
    connection: Connection, states: Mapping[UUID, RecordState], pairs: set[PairId], model: MatchModel
) -> tuple[dict[PairId, LinkRow], set[PairId]]:
    if not pairs:
        return {}, set()
    ordered = sorted(pairs, key=by_uuids)
    proof = proof_of(connection, {key for pair in ordered for record in pair for key in states[record].bindings})
    scores = score_records(states, ordered, proof, model)
    facts = facts_agreeing(scores.levels.T)
    links: dict[PairId, LinkRow] = {}
    for pair, bits, probability, agreeing in zip(
        ordered, scores.weight_bits.tolist(), scores.probability.tolist(), facts.tolist(), strict=True
    ):
        shared = _shared_identifier(states[pair[0]], states[pair[1]], proof)
        if shared is not None:
            links[pair] = LinkRow(Link.Kind.IDENTIFIER, shared[0], max(bits, IDENTIFIER_BITS), 1.0)
        elif probability >= model.review_probability:
            reason = SEVERAL_FACTS if agreeing > 1 else ONE_FACT
            links[pair] = LinkRow(Link.Kind.MODEL, reason, round(bits, 4), round(probability, 6))
    return links, {ordered[i] for i in np.flatnonzero(_is_household(scores)).tolist()} - links.keys()


def _is_household(scores: PairScores) -> NDArray[np.bool_]:
    """Same phone or same door, given names known and different."""

    def level(attribute: str) -> NDArray[np.uint8]:
        return scores.levels[:, ATTRIBUTE_INDEX[attribute]]

    shares = (level("phone") == Agreement.EXACT) | (level("address") == Agreement.EXACT)
    return np.asarray(shares & (level("given_name") == different("given_name")))


def score_records(
    states: Mapping[UUID, RecordState], pairs: Sequence[PairId], proof: Proof, model: MatchModel
) -> PairScores:
    """Scores of the pairs, in their order. proof: identifiers that prove less than their type says."""
    involved = sorted({record for pair in pairs for record in pair}, key=by_uuid)
    position = {record: i for i, record in enumerate(involved)}
    features = build_features([match_row(states[record], proof) for record in involved])
    left = np.fromiter((position[left] for left, _ in pairs), np.int32, len(pairs))
    right = np.fromiter((position[right] for _, right in pairs), np.int32, len(pairs))
    return score_pairs(features, left, right, model)


def _shared_identifier(left: RecordState, right: RecordState, proof: Proof) -> BindingKey | None:
    shared = (left.bindings.keys() & right.bindings.keys()) - proof.nothing
    return min((key for key in shared if key[0] in UNIQUE), default=None)


def _stitches(connection: Connection, own: Mapping[UUID, RecordState]) -> dict[PairId, LinkRow]:
    """A device belongs to the user who was first bound to it; later users take over from their own events on."""
    devices = {("anonymous_id", s.anonymous_id): r for r, s in own.items() if s.kind == DEVICE}
    wanted = set(devices) | {key for state in own.values() for key in state.bindings if key[0] == STITCH}
    if not wanted:
        return {}
    rows = connection.execute(
        """
        SELECT DISTINCT ON (b.value) b.value, b.record_id, d.id
        FROM resolve_binding b
        JOIN unnest(%s::text[], %s::int[], %s::text[]) AS k(value, source_id, external_id) USING (value)
        JOIN resolve_sourcerecord d ON d.source_id = k.source_id AND d.external_id = k.external_id AND d.kind = 'device'
        WHERE b.type = %s ORDER BY b.value, b.valid_from, b.record_id
        """,
        (
            [value for _, value in wanted],
            [int(value.partition(":")[0]) for _, value in wanted],
            [value.partition(":")[2] for _, value in wanted],
            STITCH,
        ),
    ).fetchall()
    row = LinkRow(Link.Kind.STITCH, STITCH, STITCH_BITS, 1.0)
    return {(min(user, device), max(user, device)): row for _, user, device in rows if user in own or device in own}


def _decided(connection: Connection, own: Mapping[UUID, RecordState]) -> dict[PairId, LinkRow]:
    """Ties that people made, and the tie of typed values to the record they were typed on."""
    row = LinkRow(Link.Kind.DECISION, "decision", 100.0, 1.0)
    links = dict.fromkeys(must_links_of(connection, own), row)
    native = LinkRow(Link.Kind.DECISION, "native", 100.0, 1.0)
    founding = {
        record: UUID(value) for record, state in own.items() for type_, value in state.bindings if type_ == NATIVE
    }
    bound = [(NATIVE, str(record)) for record in own]
    for (_, value), holders in bearers_of(connection, bound, 100).items():
        founding.update(dict.fromkeys(holders, UUID(value)))
    links.update({(min(n, f), max(n, f)): native for n, f in founding.items() if n != f})
    # While a rebuild reads the log, a decision may speak of a record that is yet to come: its turn is then.
    there = existing(connection, {record for pair in links for record in pair})
    return {pair: row for pair, row in links.items() if there.issuperset(pair)}
