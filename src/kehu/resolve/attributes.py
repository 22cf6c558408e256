"""What is compared between two records, and the levels of agreement each attribute can show."""

from enum import IntEnum
from typing import Final

MISSING: Final = "missing"

# Level 0 is always "one side says nothing"; level 1 the strongest agreement; the last one plain difference.
LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "surname": (MISSING, "exact", "same sound", "close", "swapped", "similar", "different"),
    "given_name": (
        MISSING,
        "exact",
        "same sound or nickname",
        "close",
        "part",
        "swapped",
        "similar",
        "different",
    ),
    "middle_name": (MISSING, "exact", "initial", "different"),
    "phone": (MISSING, "exact", "masked agrees", "one digit off", "different"),
    "email": (MISSING, "exact", "same mailbox name", "close", "different"),
    "identifier": (MISSING, "exact", "different"),
    "id_number": (MISSING, "exact", "close", "similar", "different"),
    "birth_date": (
        MISSING,
        "exact",
        "exact, 1 January",
        "day and month swapped",
        "one digit off",
        "same day and month",
        "same year",
        "different",
    ),
    "gender": (MISSING, "exact", "different"),
    "address": (
        MISSING,
        "same door",
        "nearly same door",
        "same street",
        "similar street",
        "same district",
        "same city",
        "different",
    ),
    "street_number": (MISSING, "exact", "close", "different"),
    "address_2": (MISSING, "exact", "close", "similar", "different"),
    "city": (MISSING, "exact", "close", "similar", "different"),
    "province": (MISSING, "exact", "close", "different"),
    "postcode": (MISSING, "exact", "close", "same area", "different"),
    "birth_place": (MISSING, "exact", "close", "similar", "different"),
    "company": (MISSING, "exact", "close", "similar", "different"),
    "job_title": (MISSING, "exact", "close", "similar", "different"),
}
ATTRIBUTES: Final[tuple[str, ...]] = tuple(LEVELS)
ATTRIBUTE_INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(ATTRIBUTES)}
LEVEL_COUNT: Final = max(len(levels) for levels in LEVELS.values())

# The value both sides share decides how much an exact agreement is worth: 王 says little, 欧阳 a lot.
BY_FREQUENCY: Final = ("surname", "given_name", "city", "postcode", "birth_place", "company", "job_title")
# Made to be one person's: their rarity says nothing, only that a crowd shares one of them does.
CROWDED: Final = ("phone", "email")

# Level of given names that sound alike or are short for the same name, and the table that counts such sounds.
SAME_SOUND: Final = 2
SOUNDS: Final = "given_sound"

# Attributes that an exact agreement of others makes likely: a town has few postcodes and one province, and most people
# live near the place they were born in.
PARENTS: Final = {"postcode": ("city", "birth_place"), "province": ("city",)}

GENDER_CODES: Final = {"male": 1, "female": 2}

# Shared by two records, they mostly mean one person.
IDENTIFYING: Final = ("phone", "email", "identifier", "id_number")

# Columns that hold an identifier; the value is compared as "type:value", so that two types never meet.
IDENTIFIER_ATTRIBUTES: Final = (
    "member_id",
    "unionid",
    "openid",
    "user_id",
    "erp_no",
    "crm_id",
    "native",
)

# What build_features reads from a row. Everything else is left alone.
INPUT_ATTRIBUTES: Final = (
    "name",
    "surname",
    "given_name",
    "middle_name",
    "nickname",
    "phone",
    "email",
    "birth_date",
    "gender",
    "address",
    "street_number",
    "address_2",
    "city",
    "province",
    "postcode",
    "birth_place",
    "company",
    "job_title",
    "id_number",
    "identifiers",
    *IDENTIFIER_ATTRIBUTES,
)


class Agreement(IntEnum):
    """The two levels every attribute has."""

    MISSING = 0
    EXACT = 1


def different(attribute: str) -> int:
    """The level that means: both sides say something, and it does not agree."""
    return len(LEVELS[attribute]) - 1
