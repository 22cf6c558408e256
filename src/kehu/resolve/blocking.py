"""Candidate pairs of a batch: records that share a match key, with a guard against keys half the world shares."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.features import Features
from kehu.resolve.match_keys import KEY_FAMILIES, FamilyKeys, family_of, keys_by_family

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
    family = family_of(key)
    return _paired(
        ((number, record[family == number], key[family == number]) for number in np.unique(family).tolist()),
        max_members,
    )


def pairs_of_features(features: Features, *, max_members: int = DEFAULT_MAX_MEMBERS) -> CandidatePairs:
    """candidate_pairs of everybody's match keys, a key family at a time."""
    return _paired(keys_by_family(features), max_members)


def _paired(keys: Iterable[FamilyKeys], max_members: int) -> CandidatePairs:
    from kehu.resolve.key_kernels import merge_families, pairs_of_keys

    found, dead_keys = [np.zeros(0, np.uint64)], 0
    for number, record, key in keys:
        low = np.uint64((1 << len(key).bit_length()) - 1)
        packed = (key.view(np.uint64) & ~low) | np.arange(len(key), dtype=np.uint64)
        packed.sort()
        words, dead, is_whole = pairs_of_keys(packed, record, key, low, max_members, number)
        if not is_whole:  # two keys alike in all but the lowest bits: so rare that sorting anew costs nothing
            order = np.argsort(key, kind="stable")
            rank = np.cumsum(np.diff(key[order], prepend=key[order[:1]]) != 0).astype(np.uint64)
            packed = (rank << np.uint64(len(key).bit_length())) | order.astype(np.uint64)
            words, dead, _ = pairs_of_keys(packed, record, key, low, max_members, number)
        found.append(words)
        dead_keys += dead
    all_words = np.concatenate(found)
    found.clear()
    all_words.sort()
    return CandidatePairs(*merge_families(all_words), dead_keys)


assert len(KEY_FAMILIES) <= 64
