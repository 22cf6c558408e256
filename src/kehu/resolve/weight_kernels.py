"""Levels of agreement → bits: the sum over attributes, for every pair."""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import allocation_free

Levels = NDArray[np.uint8]
Codes = NDArray[np.int32]
Table = NDArray[np.float64]
Bits = NDArray[np.float64]


@allocation_free
def add_levels(levels: Levels, parent: Levels, table: Table, one: Bits, other: Bits) -> None:
    """Add what one attribute's levels say for one person and for one household.

    parent: levels of the attribute whose exact agreement makes this one expected (postcode and city), or empty.
    table: float64[4, levels]: for one person, the same where the parent agrees exactly, both for a household.
    """
    for k in range(len(levels)):
        level = levels[k]
        if level != 0:
            given = 1 if len(parent) and parent[k] == 1 else 0
            one[k] += table[given, level]
            other[k] += table[2 + given, level]


@allocation_free
def add_values(
    left: Codes,
    right: Codes,
    levels: Levels,
    wanted: int,
    parent: Levels,
    codes: Codes,
    extra: Bits,
    rival: Bits,
    one: Bits,
    other: Bits,
) -> None:
    """Add what the very value adds where both sides hold it at the wanted level; nothing where the parent agrees."""
    for k in range(len(levels)):
        if levels[k] == wanted and not (len(parent) and parent[k] == 1):
            code = codes[left[k]]
            if code >= 0 and code == codes[right[k]]:
                one[k] += extra[code]
                other[k] += rival[code]


@allocation_free
def add_shared(levels: Levels, plain: float, shared: Bits, one: Bits, other: Bits) -> None:
    """Add what the rarest of the values both sides hold adds to an exact agreement worth `plain` for a household."""
    for k in range(len(levels)):
        if levels[k] == 1 and shared[k] != 0.0:
            one[k] += shared[k]
            other[k] += np.log2(max(2.0**plain - 1.0, 0.0) * 2.0 ** shared[k] + 1.0) - plain


@allocation_free
def hold_back(levels: Levels, first_weak: Levels, least: float, most: float, weight: Bits, held: Bits) -> None:
    """Put into held what brings weights between least and most down to least where none of the levels is strong.

    levels: uint8[attributes, n]; first_weak: uint8[attributes], the first level of each that is too weak to count.
    """
    for k in range(len(weight)):
        if least < weight[k] < most:
            is_weak = True
            for at in range(len(first_weak)):
                if 0 < levels[at, k] < first_weak[at]:
                    is_weak = False
            if is_weak:
                held[k] = least - weight[k]
