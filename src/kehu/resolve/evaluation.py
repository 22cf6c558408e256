"""How well a partition agrees with the truth, and the simple join every matcher has to beat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kehu.resolve.features import Features


@dataclass(frozen=True, slots=True)
class Quality:
    """Agreement with the truth, all 0..1.

    pair_*: over all pairs of records held to be one customer. b3_*: B-cubed, averaged over records.
    pairs_true, pairs_found, pairs_right: counts behind the pair figures.
    Source: Bagga & Baldwin (1998), Algorithms for Scoring Coreference Chains.
    """

    pair_precision: float
    pair_recall: float
    pair_f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float
    pairs_true: int
    pairs_found: int
    pairs_right: int


def evaluate(labels: ArrayLike, truth: ArrayLike) -> Quality:
    """Compare two partitions of the same records (any labels, same order). Exact; O(n log n)."""
    found, found_size = _sizes(labels)
    true, true_size = _sizes(truth)
    both, both_size = _sizes(found.astype(np.int64) * (int(true.max(initial=0)) + 1) + true)
    pairs_found, pairs_true, pairs_right = (_pairs(size) for size in (found_size, true_size, both_size))
    precision = pairs_right / pairs_found if pairs_found else 1.0
    recall = pairs_right / pairs_true if pairs_true else 1.0
    shared = both_size[both]
    b3_precision = float(np.mean(shared / found_size[found])) if len(found) else 1.0
    b3_recall = float(np.mean(shared / true_size[true])) if len(found) else 1.0
    return Quality(
        precision,
        recall,
        _f1(precision, recall),
        b3_precision,
        b3_recall,
        _f1(b3_precision, b3_recall),
        pairs_true,
        pairs_found,
        pairs_right,
    )


def exact_join(features: Features) -> NDArray[np.int32]:
    """Customers by equal identifiers alone: connected components over phones, e-mails and identifiers; int32[n].

    What a plain join on normalised columns gives; masked phones join nothing.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    columns = [features.phones, features.emails, features.identifiers]
    owners, values, taken = [], [], features.count
    for column in columns:
        usable = np.array(["*" not in value for value in column.dictionary.values], np.bool_)
        kept = usable[column.codes] if len(column.codes) else np.zeros(0, np.bool_)
        owners.append(column.owners()[kept])
        values.append(column.codes[kept] + taken)
        taken += len(column.dictionary)
    id_numbers = features.texts["id_number"].codes
    owners.append(np.flatnonzero(id_numbers >= 0).astype(np.int32))
    values.append(id_numbers[id_numbers >= 0] + taken)
    taken += len(features.texts["id_number"].dictionary)
    row, column_of = np.concatenate(owners), np.concatenate(values)
    graph = coo_array((np.ones(len(row), np.int8), (row, column_of)), shape=(taken, taken))
    labels: NDArray[np.int32] = connected_components(graph, directed=False)[1][: features.count]
    return np.unique(labels, return_inverse=True)[1].astype(np.int32)


def _sizes(labels: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    codes = np.unique(np.asarray(labels), return_inverse=True)[1]
    return codes, np.bincount(codes) if len(codes) else np.zeros(0, np.int64)


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
