"""Candidate pairs of a batch: records that share a match key, with a guard against keys half the world shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.match_keys import KEY_FAMILIES, family_of

DEFAULT_MAX_MEMBERS = 80


@dataclass(frozen=True, slots=True)
class CandidatePairs:
    """Distinct pairs left[k] < right[k] (int32), sorted; families: uint64[k], bit f set if a key of family f is shared.

    dead_keys: how many keys had too many members and brought no pairs.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    families: NDArray[np.uint64]
    dead_keys: int


def candidate_pairs(
    record: NDArray[np.int32], key: NDArray[np.int64], *, max_members: int = DEFAULT_MAX_MEMBERS
) -> CandidatePairs:
    """Pair up the records that share a key (record, key as match_keys returns them).

    A key with more than max_members records is dead: it says too little and would cost quadratically.
    """
    from kehu.resolve.blocking_kernels import emit_pairs

    order = np.argsort(key, kind="stable")
    key, record = key[order], record[order]
    edges = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1], [True]])) if len(key) else np.zeros(1, np.int64)
    sizes = np.diff(edges)
    alive = (sizes > 1) & (sizes <= max_members)
    starts, sizes_alive = edges[:-1][alive], sizes[alive]
    total = int((sizes_alive * (sizes_alive - 1) // 2).sum())
    packed, family = emit_pairs(record, starts, sizes_alive, family_of(key[starts]), total)
    order = np.argsort(packed, kind="stable")
    packed, family = packed[order], family[order]
    first = np.flatnonzero(np.concatenate([[True], packed[1:] != packed[:-1]])) if total else np.zeros(0, np.int64)
    families = (
        np.bitwise_or.reduceat(np.uint64(1) << family.astype(np.uint64), first) if total else np.zeros(0, np.uint64)
    )
    found = packed[first]
    return CandidatePairs(
        (found >> np.int64(32)).astype(np.int32),
        (found & np.int64(0xFFFFFFFF)).astype(np.int32),
        families,
        int((sizes > max_members).sum()),
    )


assert len(KEY_FAMILIES) <= 64
