"""Levels of agreement → bits: the sum over attributes, for every pair."""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import compiled

Levels = NDArray[np.uint8]
Table = NDArray[np.float64]
Bits = NDArray[np.float64]


@compiled
def attribute_bits(
    levels: Levels, rarity: NDArray[np.float32], parents: NDArray[np.int64], plain: Table, given_parent: Table
) -> Table:
    """float64[n, attributes]: what each attribute adds.

    parents: the attribute whose exact agreement makes another one expected (postcode and city), or -1; where it agrees
    exactly, given_parent holds instead of plain and rarity is not added. Tables: float64[attributes, levels].
    """
    out = np.zeros(levels.shape)
    for k in range(levels.shape[0]):
        for a in range(levels.shape[1]):
            level = levels[k, a]
            if level == 0:
                continue
            if parents[a] >= 0 and levels[k, parents[a]] == 1:
                out[k, a] = given_parent[a, level]
            else:
                out[k, a] = plain[a, level] + rarity[k, a]
    return out


@compiled
def sum_bits(
    levels: Levels,
    rarity: NDArray[np.float32],
    parents: NDArray[np.int64],
    match: Table,
    match_given: Table,
    rival: Table,
    rival_given: Table,
) -> tuple[Bits, Bits]:
    """float64[n] each: log2 likelihood ratios to chance of "one person" and of "one household", priors apart.

    A household shares a rare surname because it is one, but a rare given name only by chance: what exceeds chance is
    worth more with rarity, chance itself is not.
    """
    n, width = levels.shape
    one, other = np.zeros(n), np.zeros(n)
    for k in range(n):
        for a in range(width):
            level = levels[k, a]
            if level == 0:
                continue
            if parents[a] >= 0 and levels[k, parents[a]] == 1:
                one[k] += match_given[a, level]
                other[k] += rival_given[a, level]
                continue
            bits, extra = rival[a, level], np.float64(rarity[k, a])
            one[k] += match[a, level] + extra
            if extra != 0.0:
                bits = np.log2(max(2.0**bits - 1.0, 0.0) * 2.0**extra + 1.0)
            other[k] += bits
    return one, other
