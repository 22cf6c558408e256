"""From links to customers: every component that a window touched is solved anew, and the mapping follows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import combinations
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kehu.clean.touches import DEVICE
from kehu.core.database import Connection
from kehu.core.ids import RecordId, birth_id, by_uuid, by_uuids
from kehu.core.write_behind import write
from kehu.resolve.clustering import ClusterSettings, solve_component
from kehu.resolve.evidence import Evidence, score_records
from kehu.resolve.match_model import MatchModel
from kehu.resolve.models import Link
from kehu.resolve.records import RecordState
from kehu.resolve.reviews import ReviewCandidate, questions, write_reviews
from kehu.resolve.store.decisions import cannot_links_among, survivors_among
from kehu.resolve.store.evidence import LinkRow, PairId, proof_of
from kehu.resolve.store.records import load_records

_NEIGHBOURS = """
SELECT left_id, right_id, kind, reason, weight_bits, probability FROM resolve_link WHERE left_id = ANY(%s)
UNION
SELECT left_id, right_id, kind, reason, weight_bits, probability FROM resolve_link WHERE right_id = ANY(%s)
"""
# Beyond it only the links of a component are weighed: all pairs would be thousands.
_MOST_COMPARED: Final = 80
_TIES: Final = (Link.Kind.IDENTIFIER, Link.Kind.STITCH)


class Move(NamedTuple):
    """A record's customer, before (None: it is new) and after."""

    record: UUID
    before: UUID | None
    after: UUID


class Component(NamedTuple):
    """Records (sorted) that links tie together, and those links."""

    members: list[UUID]
    links: dict[PairId, LinkRow]


class Solved(NamedTuple):
    """customer_of: every record of every component solved. moves: those whose customer changed."""

    customer_of: dict[UUID, UUID]
    moves: list[Move]
    reviews: list[ReviewCandidate]


def solve_components(
    connection: Connection,
    states: dict[UUID, RecordState],
    evidence: Evidence,
    model: MatchModel,
    unique_types: Mapping[int, Sequence[str]],
    born: Set[UUID] = frozenset(),
) -> Solved:
    """Solve the components of the affected records, and write mapping and review pairs.

    born: records of which nothing was written before this window. One that is linked to nobody is a customer by itself.
    """
    alone: dict[UUID, UUID] = {record: birth_id(RecordId(record)) for record in evidence.alone}
    records, links = _component_graph(connection, evidence.affected)
    if not records:
        return Solved(alone, _write_mapping(connection, {}, alone), [])
    cannot = cannot_links_among(connection, records)
    conflicts = _unique_conflicts(connection, records, unique_types)
    components = _components(records, links)
    weights = _all_weights(connection, states, components, links, model)
    clusters = [cluster for component in components for cluster in _solve(component, weights, cannot, conflicts, model)]
    customer_of = _name_customers(connection, clusters)
    moves = _write_mapping(connection, customer_of, alone)
    reviews = questions(links, customer_of, cannot)
    write_reviews(connection, records - born, reviews)
    return Solved(customer_of | alone, moves, reviews)


def _component_graph(connection: Connection, affected: Iterable[UUID]) -> tuple[set[UUID], dict[PairId, LinkRow]]:
    """All records reachable by links from the affected ones, breadth first, and the links between them."""
    frontier = set(affected)
    records: set[UUID] = set()
    links: dict[PairId, LinkRow] = {}
    while frontier:
        records |= frontier
        ids = list(frontier)
        reached: set[UUID] = set()
        for left, right, kind, reason, weight, probability in connection.execute(_NEIGHBOURS, (ids, ids)).fetchall():
            links[left, right] = LinkRow(kind, reason, weight, probability)
            reached.add(left)
            reached.add(right)
        frontier = reached - records
    return records, links


def _components(records: set[UUID], links: Mapping[PairId, LinkRow]) -> list[Component]:
    order = sorted(records, key=by_uuid)
    place = {record: i for i, record in enumerate(order)}
    ends = np.array([(place[left], place[right]) for left, right in links], np.int32).reshape(-1, 2)
    ties = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(len(order), len(order)))
    count, labels = connected_components(ties, directed=False)
    found = [Component([], {}) for _ in range(count)]
    for record, label in zip(order, labels.tolist(), strict=True):
        found[label].members.append(record)
    for (pair, row), label in zip(links.items(), labels[ends[:, 0]].tolist(), strict=True):
        found[label].links[pair] = row
    return found


def _all_weights(
    connection: Connection,
    states: dict[UUID, RecordState],
    components: Sequence[Component],
    links: Mapping[PairId, LinkRow],
    model: MatchModel,
) -> dict[PairId, float]:
    """Weights of the pairs inside components that are no links: what speaks against joining two groups counts too."""
    wanted = {
        (left, right)
        for component in components
        if 2 < len(component.members) <= _MOST_COMPARED
        for left, right in combinations(component.members, 2)
        if (left, right) not in links
    }
    if not wanted:
        return {}
    states.update(load_records(connection, {r for pair in wanted for r in pair} - states.keys()))
    comparable = [(left, right) for left, right in wanted if states[left].kind == states[right].kind != DEVICE]
    pairs = sorted(comparable, key=by_uuids)
    if not pairs:
        return {}
    proof = proof_of(connection, {key for pair in pairs for r in pair for key in states[r].bindings})
    return dict(zip(pairs, score_records(states, pairs, proof, model).weight_bits.tolist(), strict=True))


def _solve(
    component: Component,
    weights: Mapping[PairId, float],
    cannot: set[PairId],
    conflicts: Mapping[UUID, Mapping[str, str]],
    model: MatchModel,
) -> list[list[UUID]]:
    members = component.members
    if len(members) == 1 or _are_simply_one(component, cannot, conflicts):
        return [members]
    place = {record: i for i, record in enumerate(members)}
    inside = [(place[left], place[right], row) for (left, right), row in component.links.items()]
    pairs = list(combinations(members, 2)) if len(members) <= _MOST_COMPARED else []
    edges = [(a, b, row.weight_bits) for a, b, row in inside if row.kind == Link.Kind.MODEL]
    edges += [(place[a], place[b], weights[a, b]) for a, b in pairs if (a, b) in weights]
    labels = solve_component(
        range(len(members)),  # they are sorted
        edges,
        must=[(a, b) for a, b, row in inside if row.kind == Link.Kind.DECISION],
        cannot=[(place[a], place[b]) for a, b in cannot if a in place and b in place],
        unique_conflicts=_conflicting_pairs(members, conflicts),
        ties=[(a, b) for a, b, row in inside if row.kind in _TIES],
        settings=ClusterSettings.of(model),
    )
    clusters: dict[int, list[UUID]] = defaultdict(list)
    for record, label in zip(members, labels.tolist(), strict=True):
        clusters[label].append(record)
    return list(clusters.values())


def _are_simply_one(component: Component, cannot: set[PairId], conflicts: Mapping[UUID, Mapping[str, str]]) -> bool:
    """A person and their browser, most often: two records that a tie holds together, and nothing speaks against it."""
    return (
        len(component.members) == 2
        and any(row.kind in _TIES for row in component.links.values())
        and not any(pair in cannot for pair in component.links)
        and not all(member in conflicts for member in component.members)
    )


def _conflicting_pairs(members: Sequence[UUID], conflicts: Mapping[UUID, Mapping[str, str]]) -> list[tuple[int, int]]:
    holders = [(i, conflicts[record]) for i, record in enumerate(members) if record in conflicts]
    return [
        (i, j)
        for position, (i, ours) in enumerate(holders)
        for j, theirs in holders[position + 1 :]
        if any(ours[scope] != theirs[scope] for scope in ours.keys() & theirs.keys())
    ]


def _unique_conflicts(
    connection: Connection, records: Iterable[UUID], unique_types: Mapping[int, Sequence[str]]
) -> dict[UUID, dict[str, str]]:
    """record → {"source:type": value held now} for the types its source guarantees to be one per person."""
    scopes = [(source, type_) for source, types in unique_types.items() for type_ in types]
    if not scopes:
        return {}
    rows = connection.execute(
        """
        SELECT b.record_id, r.source_id, b.type, b.value
        FROM resolve_binding b JOIN resolve_sourcerecord r ON r.id = b.record_id
        JOIN unnest(%s::int[], %s::text[]) AS s(source_id, type) ON s.source_id = r.source_id AND s.type = b.type
        WHERE b.record_id = ANY(%s) AND b.valid_to IS NULL
        """,
        ([source for source, _ in scopes], [type_ for _, type_ in scopes], list(records)),
    ).fetchall()
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    for record, source, type_, value in rows:
        found[record][f"{source}:{type_}"] = value
    return found


def _name_customers(connection: Connection, clusters: Sequence[Sequence[UUID]]) -> dict[UUID, UUID]:
    """A customer bears the birth id of its eldest record, unless a person pinned another one of its members'."""
    everybody = [record for cluster in clusters for record in cluster]
    born: dict[UUID, int] = dict(
        connection.execute(
            "SELECT record_id, born_no FROM resolve_ledgerentry WHERE record_id = ANY(%s)", (everybody,)
        ).fetchall()
    )
    pinned = survivors_among(connection, everybody)
    customer_of: dict[UUID, UUID] = {}
    for cluster in clusters:
        members = set(cluster)
        eldest = min(cluster, key=lambda record: born[record])
        name = next((customer for customer, founding in pinned if founding in members), birth_id(RecordId(eldest)))
        customer_of.update(dict.fromkeys(cluster, name))
    return customer_of


def _write_mapping(connection: Connection, customer_of: Mapping[UUID, UUID], new: Mapping[UUID, UUID]) -> list[Move]:
    """new: the customers of records that had none."""
    before: dict[UUID, UUID] = {}
    if customer_of:
        before = dict(
            connection.execute(
                "SELECT record_id, customer_id FROM resolve_recordcustomer WHERE record_id = ANY(%s)",
                (list(customer_of),),
            ).fetchall()
        )
    moves = [
        Move(record, before.get(record), customer)
        for record, customer in customer_of.items()
        if before.get(record) != customer
    ]
    moves += [Move(record, None, customer) for record, customer in new.items()]
    if moves:
        write(
            connection,
            "INSERT INTO resolve_recordcustomer (record_id, customer_id) SELECT * FROM unnest(%s::uuid[], %s::uuid[]) "
            "ON CONFLICT (record_id) DO UPDATE SET customer_id = excluded.customer_id",
            ([move.record for move in moves], [move.after for move in moves]),
        )
    return moves
