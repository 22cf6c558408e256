"""Which part of a shown value a search met, so that the list can mark it. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from kehu.clean.pinyin import given_syllables
from kehu.clean.text_forms import has_han
from kehu.profile.search_tokens import search_form


class Segment(NamedTuple):
    text: str
    is_hit: bool


def highlight(value: str, words: Sequence[str]) -> tuple[Segment, ...]:
    """The value cut where words occur in it: as written, as digits across blanks, or by the sound of the characters."""
    marked = [False] * len(value)
    plain = search_form(value)
    for word in words:
        spans = _written(value, plain, word) or _digits(value, word) or _spoken(value, word)
        for start, end in spans:
            marked[start:end] = [True] * (end - start)
    segments: list[Segment] = []
    for letter, is_hit in zip(value, marked, strict=True):
        if segments and segments[-1].is_hit == is_hit:
            segments[-1] = Segment(segments[-1].text + letter, is_hit)
        else:
            segments.append(Segment(letter, is_hit))
    return tuple(segments)


def _written(value: str, plain: str, word: str) -> list[tuple[int, int]]:
    if len(plain) != len(value):  # the simple form has other places: only what is written the same is marked
        plain = value.lower()
    if len(plain) != len(value):
        return []
    start = plain.find(word)
    return [(start, start + len(word))] if start >= 0 and word else []


def _digits(value: str, word: str) -> list[tuple[int, int]]:
    """13800131234 in "138 0013 1234"."""
    if not word.isdigit() or len(word) < 3:
        return []
    places = [place for place, letter in enumerate(value) if letter.isdigit()]
    start = "".join(value[place] for place in places).find(word)
    if start < 0:
        return []
    chosen = places[start : start + len(word)]
    return [(place, place + 1) for place in range(chosen[0], chosen[-1] + 1)]


def _spoken(value: str, word: str) -> list[tuple[int, int]]:
    """zhangw and zw in 张伟: syllables or their initials, one after the other, the last one perhaps cut short."""
    if not (word.isascii() and word.isalpha() and has_han(value)):
        return []
    for start in range(len(value)):
        if (end := _spoken_from(value, start, word)) is not None:
            return [(start, end)]
    return []


def _spoken_from(value: str, place: int, rest: str) -> int | None:
    if not rest:
        return place
    if place == len(value):
        return None
    syllables = given_syllables(value[place])
    if not syllables or value[place].isascii():
        return None
    sound = syllables[0]
    if sound.startswith(rest):
        return place + 1
    for eaten in (len(sound), 1):
        if rest.startswith(sound[:eaten]) and (end := _spoken_from(value, place + 1, rest[eaten:])) is not None:
            return end
    return None
