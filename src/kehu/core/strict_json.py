"""JSON from strangers: one decoder that refuses what would hurt or mean two things further down the road."""

import re
from typing import Any

import msgspec

MAX_DEPTH = 32
MAX_KEYS = 1_000
MAX_INTEGER = 2**63 - 1

_decode = msgspec.json.Decoder().decode
_string = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_half_pair = re.compile(
    rb"\\u[dD][89abAB][\da-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][\da-fA-F]{2})\\u[dD][c-fC-F]"
)


class BadJson(ValueError):
    """Not JSON as we take it. `code` is stable: bad_utf8, not_json, too_deep, duplicate_key …"""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail

    def __str__(self) -> str:
        return self.detail


def decode_object(raw: bytes) -> dict[str, Any]:
    """One JSON object, of at most MAX_DEPTH levels and MAX_KEYS keys. Raises BadJson.

    Refused beside bad syntax: bytes that are no UTF-8, NUL and lone surrogates (no database stores them), NaN and
    infinities, whole numbers beyond 64 bits, and keys that occur twice in one object.
    """
    value = _decoded(raw)
    if not isinstance(value, dict):
        raise BadJson("not_an_object", "The body must be a JSON object, {…}.")
    keys = _measure(value, 1)
    if keys > MAX_KEYS:
        raise BadJson("too_many_keys", f"The object has {keys} keys; at most {MAX_KEYS} are taken.")
    if b"\\u0000" in raw and _has_nul(value):
        raise BadJson("nul_character", "A text contains the character U+0000, which cannot be stored.")
    if _colons_at_most(raw) != keys and _colons(raw) != keys:
        raise BadJson("duplicate_key", "A key occurs twice in one object.")
    return value


def _decoded(raw: bytes) -> Any:
    try:
        return _decode(raw)
    except UnicodeDecodeError as error:
        raise BadJson("bad_utf8", f"The text is not UTF-8 (byte {error.start} of a string).") from error
    except RecursionError as error:
        raise BadJson("too_deep", f"More than {MAX_DEPTH} levels are nested.") from error
    except msgspec.ValidationError as error:
        raise BadJson("number_out_of_range", "A number is too large to be stored.") from error
    except msgspec.DecodeError as error:
        code = "lone_surrogate" if _half_pair.search(raw) else "not_json"
        raise BadJson(code, f"{error}.") from error


def _measure(value: dict[Any, Any], depth: int) -> int:
    """How many keys there are at all levels; raises when too deep or when a whole number is too large."""
    if depth > MAX_DEPTH:
        raise BadJson("too_deep", f"More than {MAX_DEPTH} levels are nested.")
    keys = len(value)
    for item in value.values():
        kind = type(item)
        if kind is str:  # most are
            continue
        if kind is dict:
            keys += _measure(item, depth + 1)
        elif kind is list:
            keys += _measure_list(item, depth + 1)
        elif kind is int and not -MAX_INTEGER <= item <= MAX_INTEGER:
            raise BadJson("number_out_of_range", "A whole number has more than 64 bits: send it as text.")
    return keys


def _measure_list(items: list[Any], depth: int) -> int:
    # The numbers of a list stand for an object's, so that the rules are written once.
    return _measure(dict(enumerate(items)), depth) - len(items)


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


def _colons_at_most(raw: bytes) -> int:
    """An upper bound, quickly: a colon between key and value follows a quote or white space."""
    count = raw.count(b'":')
    for blank in (b" :", b"\t:", b"\n:", b"\r:"):
        if blank in raw:
            count += raw.count(blank)
    return count


def _colons(raw: bytes) -> int:
    """The exact number of colons outside strings, which is that of the keys as written."""
    return _string.sub(b"", raw).count(b":")
