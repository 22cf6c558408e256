"""What is measured of each attribute of each source. The words of the field (DAMA), each with its formula."""

from enum import StrEnum
from typing import Final

FRESH_DAYS: Final = 365
# Where two records of one source with the same value are one too many.
EXPECTED_UNIQUE: Final = ("email", "phone", "tax_no", "id_number")
# What the normalisers mark when a value cannot be what it should be.
INVALID_FLAGS: Final = ("invalid", "impossible", "future", "too_old")


class Check(StrEnum):
    """good of total, per source and attribute.

    COMPLETENESS: records with a value, of all the source's records, for attributes it ever sends.
    VALIDITY: values neither their normaliser nor a rule holds anything against, of all values.
    UNIQUENESS: values no other record of the source has, of all values; only where one expects it.
    CONSISTENCY: values another source of the same customer says as well, of those another source speaks of.
    TIMELINESS: values heard of within a year, of all values.
    """

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
