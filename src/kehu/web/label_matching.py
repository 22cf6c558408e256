"""Does what was typed mean this label? By its words, by its sound, by the first letters of its syllables. Pure."""

from collections.abc import Iterable
from typing import Final

from kehu.clean.pinyin import given_syllables
from kehu.clean.text_forms import has_han

# Read otherwise in words than in names: what the table of readings has for the character is that of names.
_SOUNDS: Final = {
    "重建": "chong jian",
    "重新": "chong xin",
    "重跑": "chong pao",
    "行为": "xing wei",
    "银行": "yin hang",
}


def is_meant(query: str, labels: Iterable[str]) -> bool:
    """labels: the same thing in the languages it may be called by. Nothing typed means everything."""
    typed = "".join(query.lower().split())
    return not typed or any(_is_meant(typed, label) for label in labels)


def _is_meant(typed: str, label: str) -> bool:
    if typed in "".join(label.lower().split()):
        return True
    if not (typed.isascii() and has_han(label)):
        return False
    syllables = _syllables(label)
    starts = range(len(syllables))
    return any("".join(syllables[start:]).startswith(typed) for start in starts) or any(
        "".join(one[0] for one in syllables[start:]).startswith(typed) for start in starts
    )


def _syllables(label: str) -> list[str]:
    for word, sound in _SOUNDS.items():
        label = label.replace(word, f" {sound} ")
    return [
        syllable for part in label.split() for syllable in ([part.lower()] if part.isascii() else given_syllables(part))
    ]
