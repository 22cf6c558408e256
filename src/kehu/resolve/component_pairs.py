"""The pairs no match key brought together, inside components small enough to look at every pair."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]

_SMALL: Final = 60


def pairs_within(count: int, left: Codes, right: Codes, linked: NDArray[np.bool_]) -> tuple[Codes, Codes]:
    """Pairs inside the components that `linked` pairs make which are not among left, right yet.

    A component's customers are weighed on all its pairs: two records without a common key speak against each other
    as well. Components of more than 60 records are judged by the pairs that share a key.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(int(linked.sum()), np.int8), (left[linked], right[linked])), shape=(count, count))
    component = connected_components(graph, directed=False)[1]
    size = np.bincount(component, minlength=1)
    wanted = (size > 2) & (size <= _SMALL)
    members = np.lexsort((np.arange(count), component)).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(size)[:-1]])[wanted]
    from kehu.resolve.blocking_kernels import emit_pairs

    sizes = size[wanted].astype(np.int64)
    total = int((sizes * (sizes - 1) // 2).sum())
    everyone, _ = emit_pairs(members, starts.astype(np.int64), sizes, np.zeros(len(sizes), np.uint8), total)
    known = (left.astype(np.int64) << 32) | right
    new = np.setdiff1d(everyone, known, assume_unique=True)
    return (new >> 32).astype(np.int32), (new & 0xFFFFFFFF).astype(np.int32)
