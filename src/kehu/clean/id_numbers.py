"""Numbers of the Chinese resident identity card (居民身份证): checked, then forgotten."""

import hashlib
import hmac
import re
from datetime import date
from typing import Final, Self

import msgspec

from kehu.clean.text_forms import tidy, word_set

_SHAPE: Final = re.compile(r"[1-9][0-9]{16}[0-9X]|[1-9][0-9]{14}", re.A)
_SEPARATORS: Final = re.compile(r"[\s\-.]+")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10X98765432"
_PROVINCES: Final = word_set(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91"
)
_FIRST_YEAR: Final = 1850


class IdNumber(msgspec.Struct, frozen=True):
    """What may be kept of an identity card: a keyed hash to compare, the last four, and what the digits say.

    hashed: HMAC-SHA256 in hex of the 18-digit form, so a 15-digit card and its successor are one. The number itself
    is in no field and in no repr.
    """

    hashed: str
    last4: str
    birth_date: date
    gender: str
    division_code: str

    @classmethod
    def parse(cls, text: str | None, key: bytes) -> Self | None:
        """Check an 18- or 15-digit number (GB 11643) and hash it; None if it cannot be one.

        Raises ValueError for an empty key: a hash without one is undone by trying all numbers.
        """
        if not key:
            raise ValueError("identity numbers are hashed with a key: give one that is not empty")
        value = _SEPARATORS.sub("", tidy(text)).upper()
        if _SHAPE.fullmatch(value) is None or value[:2] not in _PROVINCES:
            return None
        if len(value) == 15:
            value = value[:6] + "19" + value[6:]
            value += check_digit(value)
        elif check_digit(value[:17]) != value[17]:
            return None
        try:
            born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
        except ValueError:
            return None
        if born.year < _FIRST_YEAR:
            return None
        gender = "male" if int(value[16]) % 2 else "female"
        hashed = hmac.new(key, value.encode("ascii"), hashlib.sha256).hexdigest()
        return cls(hashed, value[-4:], born, gender, value[:6])


def check_digit(first17: str) -> str:
    """The 18th character by ISO 7064 MOD 11-2."""
    return _CHECK_DIGITS[sum(w * int(d) for w, d in zip(_WEIGHTS, first17, strict=True)) % 11]
