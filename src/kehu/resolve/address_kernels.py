"""Levels of agreement of postal addresses (level numbers: attributes.LEVELS)."""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import allocation_free
from kehu.resolve.kernels import likeness, near, within_one_edit

Codes = NDArray[np.int32]


@allocation_free
def alike(a: int, b: int, chars: NDArray[np.uint32], start: Codes, signatures: NDArray[np.uint64]) -> int:
    """0 one is unknown, 1 equal, 2 close, 3 different."""
    if a < 0 or b < 0:
        return 0
    if a == b:
        return 1
    a0, a1, b0, b1 = start[a], start[a + 1], start[b], start[b + 1]
    shorter = min(a1 - a0, b1 - b0)
    if shorter < 3:
        return 3
    if near(signatures[a], signatures[b]) and within_one_edit(chars, a0, a1, b0, b1):
        return 2
    return 2 if likeness(chars, a0, a1, signatures[a], b0, b1, signatures[b], 0.9) > 0.0 else 3


@allocation_free
def equal(a: int, b: int) -> int:
    """0 one is unknown, 1 equal, 3 different."""
    return 0 if a < 0 or b < 0 else 1 if a == b else 3


@allocation_free
def address_level(city: int, district: int, road: int, number: int, estate: int, building: int, room: int) -> int:
    """One level from the agreement of the parts (each 0 unknown, 1 equal, 2 close, 3 different)."""
    elsewhere = city == 3 or (district == 3 and city != 1)
    if not elsewhere:
        rooms = room != 3 and building != 3
        if (road == 1 and number == 1 and rooms) or (estate == 1 and room == 1 and building != 3):
            return 1 if district != 3 else 2
        if (road == 1 or road == 2) and number == 1:
            return 2
        if (estate == 1 or estate == 2) and (room == 1 or (building == 1 and room == 0)):
            return 2
        if district != 3 and (road == 1 or estate == 1):
            return 3
        if district != 3 and (road == 2 or estate == 2):
            return 4
    if district == 1:
        return 5
    if city == 1 and district == 0:
        return 6
    return 7 if city == 3 or district == 3 or road == 3 or estate == 3 else 6 if city == 1 else 0


@allocation_free
def address_levels(
    left: Codes,
    right: Codes,
    city: Codes,
    district: Codes,
    road: Codes,
    number: Codes,
    estate: Codes,
    building: Codes,
    room: Codes,
    road_chars: NDArray[np.uint32],
    road_start: Codes,
    road_signatures: NDArray[np.uint64],
    estate_chars: NDArray[np.uint32],
    estate_start: Codes,
    estate_signatures: NDArray[np.uint64],
    out: NDArray[np.uint8],
) -> None:
    """Fill one level per pair."""
    for k in range(len(left)):
        i, j = left[k], right[k]
        out[k] = address_level(
            equal(city[i], city[j]),
            equal(district[i], district[j]),
            alike(road[i], road[j], road_chars, road_start, road_signatures),
            equal(number[i], number[j]),
            alike(estate[i], estate[j], estate_chars, estate_start, estate_signatures),
            equal(building[i], building[j]),
            equal(room[i], room[j]),
        )
