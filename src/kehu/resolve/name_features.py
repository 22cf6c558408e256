"""What the matcher needs of a person's name: surname, given name and their sounds, per record."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kehu.clean.person_names import PersonName
from kehu.clean.text_forms import has_han, tidy
from kehu.resolve.text_columns import TextColumn

_NOT_LETTERS = re.compile(r"[^a-z]+")
_LATIN_WORD_BREAK = re.compile(r"[\s.,]+")


@dataclass(frozen=True, slots=True)
class NameParts:
    """One name, ready to compare. "" where unknown; sounds are a–z only."""

    surname: str = ""
    given: str = ""
    middle: str = ""
    surname_sound: str = ""
    given_sound: str = ""
    gender_hint: str = ""
    is_nickname: bool = False


@dataclass(frozen=True, slots=True)
class NameFeatures:
    """Names of n records. is_han: uint8[n], which comparison of given names applies. is_nickname: uint8[n], the parts
    come from a nickname, which may hint at a name (老霄, 小李, yijun) and never speaks against one.
    """

    surname: TextColumn
    given: TextColumn
    middle: TextColumn
    surname_sound: TextColumn
    given_sound: TextColumn
    is_han: NDArray[np.uint8]
    is_nickname: NDArray[np.uint8]
    gender_hints: list[str]


def name_features(names: Iterable[tuple[str, str, str, str, str]]) -> NameFeatures:
    """Features of (name, surname, given name, middle name, nickname) per record; separate parts beat the full name."""
    parts = [name_parts(*name) for name in names]
    return NameFeatures(
        surname=TextColumn.of(p.surname for p in parts),
        given=TextColumn.of(p.given for p in parts),
        middle=TextColumn.of(p.middle for p in parts),
        surname_sound=TextColumn.of(p.surname_sound for p in parts),
        given_sound=TextColumn.of(p.given_sound for p in parts),
        is_han=np.fromiter((has_han(p.given or p.surname) for p in parts), np.uint8, len(parts)),
        is_nickname=np.fromiter((p.is_nickname for p in parts), np.uint8, len(parts)),
        gender_hints=[p.gender_hint for p in parts],
    )


@lru_cache(maxsize=1 << 17)
def name_parts(name: str, surname: str, given: str, middle: str, nickname: str) -> NameParts:
    """Split what a record says of a name into comparable parts."""
    if surname or given:
        return _from_columns(name, surname, given, middle)
    parsed = PersonName.parse(name)
    if parsed is None:
        return _of_nickname(nickname)
    return _of_han(parsed) if parsed.script == "zh" else _of_latin(parsed, middle)


def _from_columns(name: str, surname: str, given: str, middle: str) -> NameParts:
    if has_han(surname + given):
        parsed = PersonName.parse(surname + given)
        if parsed is None:
            return NameParts()
        found = _of_han(parsed)
        family, own = PersonName.parse(surname), PersonName.parse(given)
        # Columns already say where the surname ends; a surname the table does not know must not shift the given name.
        if family is None or own is None or parsed.surname == tidy(surname):
            return found
        return NameParts(
            tidy(surname), tidy(given), "", _letters(family.pinyin), _letters(own.pinyin), found.gender_hint
        )
    family_text, words = _plain(surname), _plain(given).split()
    rest = [w for w in _plain(middle or name).split() if w not in (*family_text.split(), *words)]
    first = words[0] if words else ""
    return NameParts(family_text, first, " ".join(words[1:] or rest), _letters(family_text), _letters(first))


def _of_nickname(nickname: str) -> NameParts:
    parsed = PersonName.parse(nickname)
    if parsed is None:
        return NameParts()
    parts = _of_han(parsed) if parsed.script == "zh" else _of_latin(parsed, "")
    return replace(parts, middle="", is_nickname=True)


def _of_han(parsed: PersonName) -> NameParts:
    surname, given = parsed.surname, parsed.given
    syllables = parsed.pinyin.split()
    whole = len(surname) + len(given)
    cut = len(surname) if len(syllables) == whole else (1 if surname else 0)
    sounds = ("".join(syllables[:cut]), "".join(syllables[cut:]))
    if (len(surname) == 1 and given == surname) or (not surname and len(given) == 2 and given[0] == given[1]):
        # 江江, 桐桐: a pet name doubles one character of the given name and holds no surname.
        return NameParts("", given[0], "", "", syllables[-1] if syllables else "", parsed.gender_hint)
    if surname in ("", "阿") and len(surname + given) == 2 and (surname + given)[0] == "阿":
        return NameParts("", given[-1], "", "", syllables[-1] if syllables else "", parsed.gender_hint)
    return NameParts(surname, given, "", sounds[0], sounds[1] if given else "", parsed.gender_hint)


def _of_latin(parsed: PersonName, middle: str) -> NameParts:
    surname, words = _plain(parsed.surname), _plain(parsed.given).split()
    first = words[0] if words else ""
    rest = " ".join(words[1:]) or _plain(middle)
    return NameParts(surname, first, rest, _letters(surname), _letters(first), parsed.gender_hint)


def _plain(text: str) -> str:
    """Lower case without accents and dots: "José M." → "jose m"."""
    folded = unicodedata.normalize("NFKD", tidy(text).lower())
    kept = "".join(c for c in folded if not unicodedata.combining(c)) if not folded.isascii() else folded
    return _LATIN_WORD_BREAK.sub(" ", kept).strip()


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text.lower())
