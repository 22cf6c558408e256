"""What an identifier may prove. Strength by type, and when many bearers take it away again."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz

UNIQUE: Final = frozenset(
    {"member_id", "unionid", "openid", "id_number", "erp_no", "crm_id", "tax_no", "company_name", "user_id"}
)
STRONG: Final = frozenset({"phone", "email"})
STITCH: Final = "anonymous_id"

# Distinct full names that may share a value before it stops being evidence: a family, then a switchboard.
FAN_OUT_LIMIT: Final = {"phone": 8, "email": 8}
UNIQUE_FAN_OUT_LIMIT: Final = 4

_SAME_NAME: Final = 80.0  # percent of letters in common

# Bits a shared unique identifier is worth: more than any sum of differences can take back.
IDENTIFIER_BITS: Final = 60.0
STITCH_BITS: Final = 80.0

# Reasons of a link the model found: on how many independent facts the two records agree.
SEVERAL_FACTS: Final = "model"
ONE_FACT: Final = "one fact"


def fan_out_limit(type_: str) -> int:
    """How many distinct names may carry one value of this type before it is demoted to weak."""
    return FAN_OUT_LIMIT.get(type_, UNIQUE_FAN_OUT_LIMIT)


class Strength(StrEnum):
    """What a value still proves. SHARED: by a name beside it; alone it could be any of the family's. WEAK: nothing."""

    FULL = "full"
    SHARED = "shared"
    WEAK = "weak"


def strength_of(type_: str, names: Iterable[str]) -> Strength:
    """names: the sounds of the full names of all who carry the value, "" for unknown."""
    people = distinct_people(names)
    if people > fan_out_limit(type_):
        return Strength.WEAK
    return Strength.SHARED if people > 1 and type_ in STRONG else Strength.FULL


def distinct_people(names: Iterable[str]) -> int:
    """How many people the names are of: misspelt and turned-round forms of one name count once.

    Names are taken in their own order, so the count does not depend on that of their records.
    """
    found: list[str] = []
    for name in sorted({" ".join(sorted(name.split())) for name in names if name}):
        if not any(fuzz.ratio(name, other) >= _SAME_NAME for other in found):
            found.append(name)
    return len(found)
