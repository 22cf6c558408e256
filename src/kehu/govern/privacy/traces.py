"""Does a text tell of a person? Their telephone number, address and keys, in the ways they are written. Pure."""

import json
import re
from collections.abc import Iterable
from typing import Self

SHORTEST = 6
"""Shorter texts say nothing: 1001 is in everything."""
_CHINESE_MOBILE = re.compile(r"\+86(1\d{2})(\d{4})(\d{4})", re.A)
_ALNUM = re.compile(r"[0-9A-Za-z]")


class Traces:
    """Needles of one person. A needle inside a longer number or word is somebody else's."""

    def __init__(self, needles: Iterable[str]) -> None:
        self.needles = tuple(sorted({needle for needle in needles if len(needle) >= SHORTEST}))
        self._pattern = re.compile("|".join(_bounded(needle) for needle in self.needles)) if self.needles else None

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        return cls(way for value in values for way in ways_of_writing(value))

    def are_in(self, text: str) -> bool:
        return self._pattern is not None and self._pattern.search(text) is not None

    def are_in_bytes(self, content: bytes) -> bool:
        return self.are_in(content.decode(errors="replace")) or (
            any(not needle.isascii() for needle in self.needles) and self.are_in(content.decode("gb18030", "replace"))
        )


def ways_of_writing(value: str) -> list[str]:
    """A value as it stands in messages and notes: with and without country code, grouped, JSON-escaped."""
    ways = [value]
    if match := _CHINESE_MOBILE.fullmatch(value):
        ways += ["".join(match.groups()), " ".join(match.groups()), "-".join(match.groups())]
    if not value.isascii():
        ways.append(json.dumps(value)[1:-1])
    return ways


def _bounded(needle: str) -> str:
    before = "(?<![0-9A-Za-z])" if _ALNUM.match(needle[0]) else ""
    after = "(?![0-9A-Za-z])" if _ALNUM.match(needle[-1]) else ""
    return f"{before}{re.escape(needle)}{after}"
