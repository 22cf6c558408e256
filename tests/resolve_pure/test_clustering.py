"""Splitting components into customers: decisions are obeyed, and nothing but the evidence decides the rest."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.resolve.clustering import ClusterSettings, cluster, solve_component

Pair = tuple[int, int]


@st.composite
def components(draw: st.DrawFn) -> tuple[int, list[tuple[int, int, float]], list[Pair], list[Pair]]:
    """A number of records, scored pairs among them, must-links and cannot-links."""
    count = draw(st.integers(2, 9))
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda p: p[0] < p[1])
    weights = st.floats(-20, 25).map(lambda w: round(w, 2))
    scored = draw(st.dictionaries(pair, weights, max_size=20))
    must = draw(st.lists(pair, max_size=2))
    cannot = draw(st.lists(pair.filter(lambda p: p not in must), max_size=3))
    return count, [(a, b, w) for (a, b), w in scored.items()], must, cannot


def partition(keys: Sequence[Any], labels: Sequence[int]) -> set[frozenset[Any]]:
    groups: dict[int, set[Any]] = {}
    for key, label in zip(keys, labels, strict=True):
        groups.setdefault(int(label), set()).add(key)
    return {frozenset(group) for group in groups.values()}


@given(components(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_records_edges_and_decisions_is_irrelevant(case: Any, random: Any) -> None:
    count, edges, must, cannot = case
    keys = [f"record {i}" for i in range(count)]
    plain = partition(keys, solve_component(keys, edges, must, cannot))
    order = list(range(count))
    random.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    shuffled = [(place[b], place[a], w) for a, b, w in edges]
    random.shuffle(shuffled)
    moved_must = [(place[b], place[a]) for a, b in reversed(must)]
    moved_cannot = [(place[b], place[a]) for a, b in reversed(cannot)]
    moved_keys = [keys[old] for old in order]
    assert partition(moved_keys, solve_component(moved_keys, shuffled, moved_must, moved_cannot)) == plain


@given(components())
@settings(deadline=None)
def test_a_record_without_evidence_changes_nothing(case: Any) -> None:
    count, edges, must, cannot = case
    keys = list(range(count))
    alone = partition([*keys, -1], solve_component([*keys, -1], edges, must, cannot))
    assert alone == partition(keys, solve_component(keys, edges, must, cannot)) | {frozenset([-1])}


@given(components())
@settings(deadline=None)
def test_what_people_decided_is_obeyed(case: Any) -> None:
    count, edges, must, cannot = case
    labels = solve_component(range(count), edges, must, cannot)
    assert all(labels[a] != labels[b] for a, b in cannot)
    if not cannot:
        assert all(labels[a] == labels[b] for a, b in must)


@given(components())
@settings(deadline=None)
def test_a_batch_gives_what_its_components_give(case: Any) -> None:
    count, edges, must, cannot = case
    apart = [(a + count, b + count, w) for a, b, w in edges]
    both = [*edges, *apart]
    left, right = (np.array([e[i] for e in both], np.int32) for i in (0, 1))
    batch = cluster(2 * count, left, right, np.array([e[2] for e in both], np.float64), must=must, cannot=cannot)
    first = partition(range(count), solve_component(range(count), edges, must, cannot))
    second = partition(range(count, 2 * count), solve_component(range(count), edges))
    assert partition(range(2 * count), batch) == first | second


def test_one_strong_pair_does_not_join_two_groups_that_disagree() -> None:
    within = [(0, 1, 9.0), (0, 2, 9.0), (1, 2, 9.0), (3, 4, 9.0), (3, 5, 9.0), (4, 5, 9.0)]
    across = [(a, b, -8.0) for a in range(3) for b in range(3, 6) if (a, b) != (2, 3)]
    labels = solve_component(range(6), [*within, *across, (2, 3, 8.0)])
    assert labels.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_conflict_of_guaranteed_identifiers_holds_against_evidence_and_ties_but_not_against_people() -> None:
    edges = [(0, 1, 20.0)]
    assert solve_component("ab", edges, unique_conflicts=[(0, 1)]).tolist() == [0, 1]
    assert solve_component("ab", edges, unique_conflicts=[(1, 0)], ties=[(0, 1)]).tolist() == [0, 1]
    assert solve_component("ab", edges, must=[(0, 1)], unique_conflicts=[(0, 1)]).tolist() == [0, 0]


def test_a_tie_joins_what_the_evidence_alone_would_not() -> None:
    assert solve_component("ab", [(0, 1, -9.0)], ties=[(0, 1)]).tolist() == [0, 0]


def test_a_chain_of_must_links_never_breaks_a_cannot_link() -> None:
    labels = solve_component("abc", [], must=[(0, 1), (1, 2)], cannot=[(0, 2)])
    assert labels.tolist() == [0, 0, 1]


def test_the_threshold_moves_what_counts_as_evidence() -> None:
    edges = [(0, 1, 3.0)]
    assert solve_component("ab", edges, settings=ClusterSettings(link_bits=2.0)).tolist() == [0, 0]
    assert solve_component("ab", edges, settings=ClusterSettings(link_bits=4.0)).tolist() == [0, 1]


def test_a_component_too_large_for_dense_matrices_is_still_solved() -> None:
    count = 4000
    left = np.arange(count - 1, dtype=np.int32)
    weight = np.where(left % 10 == 9, 2.0, 9.0)
    labels = cluster(count, left, left + np.int32(1), weight)
    assert labels.max() + 1 >= count // 10
    assert len(np.unique(labels[:10])) < 10
