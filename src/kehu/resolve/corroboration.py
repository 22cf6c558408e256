"""What the agreement of two records rests on: how many facts agree, and whether one of them points at one person."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.attributes import ATTRIBUTE_INDEX, LEVELS, different

Levels = NDArray[np.uint8]
Bits = NDArray[np.float64]

# A shared one of these points at a person or a door; names, dates and places are shared by ever more as a base grows.
_POINTING: Final = {
    "phone": different("phone"),
    "email": different("email"),
    "identifier": different("identifier"),
    "id_number": different("id_number"),
    "address": LEVELS["address"].index("same street"),
}
_JUST_BELOW: Final = 0.01  # bits
_POINTING_ROWS: Final = [ATTRIBUTE_INDEX[name] for name in _POINTING]
_FIRST_WEAK: Final = np.array(list(_POINTING.values()), np.uint8)
# Attributes that tell one and the same fact.
_FACTS: Final = (
    ("surname", "given_name", "middle_name"),
    ("phone",),
    ("email",),
    ("identifier",),
    ("id_number",),
    ("birth_date",),
    ("address", "street_number", "address_2", "city", "province", "postcode"),
    ("birth_place",),
    ("company", "job_title"),
)


def caution_bits(weight: Bits, levels: Levels, link_bits: float, enough_bits: float) -> Bits:
    """float64[n] ≤ 0: what is held back of weights between link_bits and enough_bits that circumstance alone supports.

    weight: float64[n], levels: uint8[attributes, n]. With it such a pair speaks neither for nor against one customer.
    """
    from kehu.resolve.weight_kernels import hold_back

    held = np.zeros(len(weight))
    if enough_bits > link_bits:
        hold_back(levels[_POINTING_ROWS], _FIRST_WEAK, link_bits - _JUST_BELOW, enough_bits, weight, held)
    return held


def facts_agreeing(levels: Levels) -> NDArray[np.int64]:
    """int64[n]: on how many independent facts two records agree, however weakly. levels: uint8[attributes, n]."""
    count = np.zeros(levels.shape[1], np.int64)
    for fact in _FACTS:
        count += _any_agrees(fact, levels)
    return count


def _any_agrees(attributes: tuple[str, ...], levels: Levels) -> NDArray[np.bool_]:
    found = np.zeros(levels.shape[1], np.bool_)
    for name in attributes:
        own = levels[ATTRIBUTE_INDEX[name]]
        found |= (own > 0) & (own < different(name))
    return found
