"""Agglomeration inside a connected component: groups join while the evidence between them speaks for it."""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import compiled

Codes = NDArray[np.int32]
Matrix = NDArray[np.float64]
Evidence = NDArray[np.float64]


@compiled
def strength(total: float, pairs: float, best: float, best_share: float) -> float:
    """Evidence between two groups: the mean of their pairs, drawn towards the best one."""
    return (1.0 - best_share) * total / pairs + best_share * best


@compiled
def best_partner(
    row: int,
    active: NDArray[np.bool_],
    apart: NDArray[np.bool_],
    total: Matrix,
    pairs: Matrix,
    best: Matrix,
    best_share: float,
) -> int:
    """The later group with most evidence for joining `row`, the earlier of equals, -1 if none is above zero."""
    found, highest = -1, 0.0
    for other in range(row + 1, len(active)):
        if active[other] and not apart[row, other] and pairs[row, other] > 0:
            here = strength(total[row, other], pairs[row, other], best[row, other], best_share)
            if here > highest:
                found, highest = other, here
    return found


@compiled
def absorb(
    keep: int,
    gone: int,
    active: NDArray[np.bool_],
    apart: NDArray[np.bool_],
    total: Matrix,
    pairs: Matrix,
    best: Matrix,
) -> None:
    """Add what group `gone` has with every other group to what `keep` has (matrices are upper triangles)."""
    for other in range(len(active)):
        if not active[other] or other == keep:
            continue
        x, y = min(keep, other), max(keep, other)
        p, q = min(gone, other), max(gone, other)
        total[x, y] += total[p, q]
        pairs[x, y] += pairs[p, q]
        best[x, y] = max(best[x, y], best[p, q])
        apart[x, y] |= apart[p, q]


@compiled
def agglomerate(
    groups: Codes,
    left: Codes,
    right: Codes,
    evidence: Evidence,
    counts: Evidence,
    a: Codes,
    b: Codes,
    best_share: float,
) -> Codes:
    """Join groups of records greedily, strongest first; ties go to the earlier group.

    groups: int32[n], the starting group of each record, named by its first record. left, right, evidence: pairs of
    records with evidence for (> 0) or against (< 0); counts: what each counts for in the mean, 0..1. a, b: pairs of
    records that must stay apart (pairs inside one starting group are ignored). Returns the group of each record,
    named by its first record.
    """
    n = len(groups)
    total, pairs, best = np.zeros((n, n)), np.zeros((n, n)), np.full((n, n), -np.inf)
    apart = np.zeros((n, n), np.bool_)
    active = np.zeros(n, np.bool_)
    label = groups.copy()
    active[label] = True
    for k in range(len(left)):
        x, y = label[left[k]], label[right[k]]
        if x != y:
            x, y = min(x, y), max(x, y)
            total[x, y] += evidence[k] * counts[k]
            pairs[x, y] += counts[k]
            best[x, y] = max(best[x, y], evidence[k])
    for k in range(len(a)):
        x, y = label[a[k]], label[b[k]]
        if x != y:
            apart[min(x, y), max(x, y)] = True
    partner = np.full(n, -1, np.int32)
    for x in range(n):
        if active[x]:
            partner[x] = best_partner(x, active, apart, total, pairs, best, best_share)
    while True:
        keep, highest = -1, 0.0
        for x in range(n):
            y = partner[x]
            if active[x] and y >= 0:
                here = strength(total[x, y], pairs[x, y], best[x, y], best_share)
                if here > highest:
                    keep, highest = x, here
        if keep < 0:
            return label
        gone = partner[keep]
        active[gone] = False
        label[label == gone] = keep
        absorb(keep, gone, active, apart, total, pairs, best)
        # Only the rows whose partner changed, and those before `keep` that may prefer it now, look again.
        for x in range(n):
            if active[x] and (x <= keep or partner[x] == gone):
                partner[x] = best_partner(x, active, apart, total, pairs, best, best_share)


@compiled
def agglomerate_all(
    bounds: NDArray[np.int64],
    left: Codes,
    right: Codes,
    evidence: Evidence,
    counts: Evidence,
    edge_bounds: NDArray[np.int64],
    best_share: float,
) -> Codes:
    """agglomerate() for many components laid one after another, no decisions among them.

    Component c holds records bounds[c] to bounds[c + 1] and the pairs edge_bounds[c] to edge_bounds[c + 1], whose
    positions are counted from the component's first record.
    """
    out = np.empty(bounds[-1], np.int32)
    nothing = np.zeros(0, np.int32)
    for c in range(len(bounds) - 1):
        low, high = bounds[c], bounds[c + 1]
        e, f = edge_bounds[c], edge_bounds[c + 1]
        if high - low == 1:
            out[low] = 0
        elif high - low == 2 and f == e + 1:
            out[low] = 0
            out[low + 1] = 0 if evidence[e] > 0 else 1
        else:
            groups = np.arange(high - low).astype(np.int32)
            out[low:high] = agglomerate(
                groups, left[e:f], right[e:f], evidence[e:f], counts[e:f], nothing, nothing, best_share
            )
    return out
