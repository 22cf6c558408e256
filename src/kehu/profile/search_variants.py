"""What somebody may have meant: words one slip away, and words that sound the same. Pure.

The index holds no second copy for typos: the few hundred words one slip away from what was typed are looked up among
the tokens, which costs the same at a thousand customers as at a million.
"""

import string
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Final

from kehu.clean.person_names import PersonName
from kehu.clean.text_forms import has_han

SHORTEST: Final = 4  # three letters are one slip away from everything
SHORTEST_NUMBER: Final = 7  # and so are the last four digits of a phone
LONGEST: Final = 40
_EMAIL_SIGNS: Final = ".-_@"
# Sounds that dialects do not tell apart, and how they are spelt.
_CONFUSED: Final = (
    ("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"),
    ("n", "l"), ("r", "l"), ("hu", "f"), ("f", "h"), ("lv", "lu"), ("nv", "nu"),
)  # fmt: skip


def variants(word: str) -> list[str]:
    """Words that may have been meant instead, without the word itself. Empty for what is too short to guess."""
    if has_han(word):
        return _spoken(word)
    if len(word) > LONGEST or len(word) < (SHORTEST_NUMBER if word.isdigit() else SHORTEST):
        return []
    near = set(_one_slip_away(word))
    if word.isalpha() and word.isascii():
        near.update(_sounding_alike(word))
    near.discard(word)
    return sorted(near)


def _spoken(word: str) -> list[str]:
    """章伟 → zhangwei, and what dialects make of it: whoever is called 张伟 is found under the sound."""
    parsed = PersonName.parse(word)
    if parsed is None or not parsed.pinyin:
        return []
    sound = parsed.pinyin.replace(" ", "")
    return [sound, *sorted(set(_sounding_alike(sound)) - {sound})] if len(sound) > 1 else []


def _one_slip_away(word: str) -> Iterator[str]:
    """A character too many, too few, a wrong one, or two swapped."""
    alphabet = string.digits if word.isdigit() else _alphabet(word)
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        if tail:
            yield head + tail[1:]
            if len(tail) > 1:
                yield head + tail[1] + tail[0] + tail[2:]
            for letter in alphabet:
                yield head + letter + tail[1:]
        for letter in alphabet:
            yield head + letter + tail


@cache
def _alphabet_for(is_email: bool, has_digits: bool) -> str:
    signs = _EMAIL_SIGNS if is_email else ""
    return string.ascii_lowercase + (string.digits if has_digits or is_email else "") + signs


def _alphabet(word: str) -> str:
    return _alphabet_for("@" in word, any(letter.isdigit() for letter in word))


def _sounding_alike(sound: str) -> Iterator[str]:
    """Pinyin with one or two kinds of confusion: zengshanshan for 曾珊珊 typed as zhengsansan."""
    rules = [(a, b) for pair in _CONFUSED for a, b in (pair, pair[::-1]) if a in sound]
    for one in rules:
        yield sound.replace(*one)
    for one, other in combinations(rules, 2):
        yield sound.replace(*one).replace(*other)
