"""Scored pairs → customers: a pure function of the records, the evidence and what people decided.

Two groups of records join when the evidence between all their pairs speaks for one person: mostly its mean, a little
its best pair. One strong pair is not enough to join two dense groups whose other pairs disagree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.match_model import MatchModel, bits_of

Codes = NDArray[np.int32]
Labels = NDArray[np.int32]
Bits = NDArray[np.float64]
Pair = tuple[int, int]

# Beyond this many records the dense matrices no longer fit; the weakest edges of such a component are dropped.
LARGEST_COMPONENT: Final = 2000


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """link_bits: the match weight at which a pair speaks neither for nor against one customer.

    A pair's evidence is its weight above link_bits, held between -most_against and most_for: pairs of one group
    are not independent, so no single one may outweigh all others. best_share: how much of the evidence between two
    groups is that of their best pair, 0..1; the rest is the mean of all their pairs. prior_bits: the weight of a pair
    that says nothing: such a pair does not count in the mean, and counts in full from informative_bits away on.
    """

    link_bits: float = 1.2
    most_for: float = 10.0
    most_against: float = 5.0
    best_share: float = 0.3
    prior_bits: float = -15.5
    informative_bits: float = 8.0

    @classmethod
    def of(cls, model: MatchModel, *, link_probability: float | None = None) -> "ClusterSettings":
        """The settings that fit a model; link_probability: another threshold than the model's own."""
        wanted = model.link_probability if link_probability is None else link_probability
        return cls(link_bits=bits_of(wanted), prior_bits=model.prior_bits)


def solve_component(
    record_keys: Sequence[Any],
    edges: Sequence[tuple[int, int, float]],
    must: Iterable[Pair] = (),
    cannot: Iterable[Pair] = (),
    unique_conflicts: Iterable[Pair] = (),
    *,
    ties: Iterable[Pair] = (),
    settings: ClusterSettings = ClusterSettings(),
) -> Labels:
    """Split one connected component into customers.

    record_keys: one sortable, distinct key per record (uuid, text, int). All pairs are positions in it.
    edges: (left, right, weight_bits) of scored pairs, those that speak against included; other pairs count neither way.
    must, cannot: people's decisions. unique_conflicts: records with two values of a type that one source guarantees
    unique; people may overrule them by `must`. ties: records that share a unique identifier.
    Authority: cannot, must, unique_conflicts, ties, evidence. A chain of must-links that would break a cannot-link
    is cut at its last link in key order.
    Returns int32[n]: customers numbered in the order of their smallest record key. The order of all inputs is
    irrelevant, and so are records of other components.
    """
    from kehu.resolve.cluster_kernels import agglomerate

    order = sorted(range(len(record_keys)), key=lambda position: record_keys[position])
    rank = {position: place for place, position in enumerate(order)}
    forbidden = _ranked(cannot, rank)
    conflicts = _ranked(unique_conflicts, rank)
    groups = join_groups(len(order), _ranked(must, rank), forbidden)
    groups = join_groups(len(order), _ranked(ties, rank), forbidden + conflicts, start=groups)
    found = _strongest(edges, rank)
    left, right = _pair_arrays(list(found))
    evidence, counts = evidence_of(np.fromiter(found.values(), np.float64, len(found)), settings)
    a, b = _pair_arrays(forbidden + conflicts)
    label = agglomerate(np.array(groups, np.int32), left, right, evidence, counts, a, b, settings.best_share)
    out = np.empty(len(order), np.int32)
    out[order] = np.unique(label, return_inverse=True)[1]
    return out


def join_groups(count: int, pairs: list[Pair], apart: list[Pair], *, start: list[int] | None = None) -> list[int]:
    """Group of each record (named by its first one) after joining `pairs` in order, skipping what `apart` forbids."""
    groups = list(start) if start else list(range(count))
    enemies: dict[int, set[int]] = {}
    for a, b in apart:
        x, y = groups[a], groups[b]
        if x != y:
            enemies.setdefault(x, set()).add(y)
            enemies.setdefault(y, set()).add(x)
    for a, b in pairs:
        x, y = sorted((groups[a], groups[b]))
        if x == y or y in enemies.get(x, ()):
            continue
        groups = [x if group == y else group for group in groups]
        for enemy in enemies.pop(y, set()):
            enemies[enemy].discard(y)
            enemies[enemy].add(x)
            enemies.setdefault(x, set()).add(enemy)
    return groups


def _ranked(pairs: Iterable[Pair], rank: dict[int, int]) -> list[Pair]:
    return sorted({(min(rank[a], rank[b]), max(rank[a], rank[b])) for a, b in pairs})


def _strongest(edges: Sequence[tuple[int, int, float]], rank: dict[int, int]) -> dict[Pair, float]:
    found: dict[Pair, float] = {}
    for a, b, weight in edges:
        pair = (min(rank[a], rank[b]), max(rank[a], rank[b]))
        found[pair] = max(weight, found.get(pair, -np.inf))
    return dict(sorted(found.items()))


def _pair_arrays(pairs: list[Pair]) -> tuple[Codes, Codes]:
    both = np.array(pairs, np.int32).reshape(-1, 2)
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])


def evidence_of(weight_bits: Bits, settings: ClusterSettings) -> tuple[Bits, Bits]:
    """What each pair says for (> 0) or against (< 0) one customer, in bits, and what it counts for, 0..1."""
    evidence = np.clip(weight_bits - settings.link_bits, -settings.most_against, settings.most_for)
    return evidence, np.minimum(np.abs(weight_bits - settings.prior_bits) / settings.informative_bits, 1.0)


def cluster(
    count: int,
    left: Codes,
    right: Codes,
    weight_bits: NDArray[np.float64],
    *,
    must: Iterable[Pair] = (),
    cannot: Iterable[Pair] = (),
    unique_conflicts: Iterable[Pair] = (),
    ties: Iterable[Pair] = (),
    settings: ClusterSettings = ClusterSettings(),
) -> Labels:
    """Customers of a whole batch: what solve_component says of each connected component, for many at once.

    count: records, known by their positions, which are their keys. left, right, weight_bits: distinct scored pairs.
    Returns int32[count]: customers numbered in the order of their first record.
    """
    from kehu.resolve.cluster_kernels import agglomerate_all

    decided = [sorted(pairs) for pairs in (must, cannot, unique_conflicts, ties)]
    evidence, counts = evidence_of(weight_bits, settings)
    joined = [pair for pairs in (decided[0], decided[3]) for pair in pairs]
    component = _components(count, left, right, evidence, joined)
    inside = component[left] == component[right]
    low, high = np.minimum(left, right)[inside], np.maximum(left, right)[inside]
    order = np.lexsort((high, low, component[low]))
    low, high, weights = low[order], high[order], weight_bits[inside][order]
    members = np.lexsort((np.arange(count), component))
    bounds = np.searchsorted(component[members], np.arange(component.max(initial=-1) + 2))
    place = np.empty(count, np.int32)
    place[members] = np.arange(count) - bounds[component[members]]
    edge_bounds = np.searchsorted(component[low], np.arange(len(bounds)))
    local = agglomerate_all(
        bounds,
        place[low],
        place[high],
        evidence[inside][order],
        counts[inside][order],
        edge_bounds,
        settings.best_share,
    )
    first = np.empty(count, np.int64)
    first[members] = members[bounds[component[members]] + local]
    for number in {int(component[x]) for pairs in decided for pair in pairs for x in pair}:
        own = members[bounds[number] : bounds[number + 1]]
        these = slice(edge_bounds[number], edge_bounds[number + 1])
        edges = list(zip(place[low[these]], place[high[these]], weights[these], strict=True))
        kept = [[(place[a], place[b]) for a, b in pairs if component[a] == component[b] == number] for pairs in decided]
        labels = solve_component(own.tolist(), edges, kept[0], kept[1], kept[2], ties=kept[3], settings=settings)
        first[own] = own[np.unique(labels, return_index=True)[1][labels]]
    return np.unique(first, return_inverse=True)[1].astype(np.int32)


def _components(count: int, left: Codes, right: Codes, evidence: NDArray[np.float64], joined: list[Pair]) -> Labels:
    """Connected components; those too large for dense matrices are connected by ever stronger evidence alone."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    a, b = _pair_arrays(joined)
    needed = np.zeros(count)
    while True:
        strong = evidence > np.maximum(needed[left], needed[right])
        x, y = np.concatenate([left[strong], a]), np.concatenate([right[strong], b])
        graph = coo_array((np.ones(len(x), np.int8), (x, y)), shape=(count, count))
        component: Labels = connected_components(graph, directed=False)[1]
        too_large = np.bincount(component, minlength=1)[component] > LARGEST_COMPONENT
        if not too_large.any() or not (strong & too_large[left]).any():
            return component
        needed[too_large] += 1.0
