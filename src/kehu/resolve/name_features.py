"""What the matcher needs of a person's name: surname, given name and their sounds, per record."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kehu.clean.person_names import PersonName
from kehu.clean.text_forms import has_han, tidy, word_set
from kehu.resolve.attributes import GENDER_CODES
from kehu.resolve.raw_columns import RawColumn, RawColumns
from kehu.resolve.text_columns import Codes, TextColumn
from kehu.resolve.usual_forms import usual_words

_NOT_LETTERS = re.compile(r"[^a-z]+")
# What stands before or behind a name and is none; words that are names as well (earl, major, dean) are left.
_TITLES: Final = word_set(
    "mr mrs ms miss mister madam mme sir dame lord lady dr doctor prof professor rev reverend rt hon honourable "
    "honorable capt captain col colonel gen lt lieutenant sgt major-general lieutenant-colonel viscount viscountess "
    "baroness countess herr frau bt bart baronet esq esquire jr sr jnr snr"
) | {f"{number}{ending}" for number in range(1, 21) for ending in ("st", "nd", "rd", "th")}
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
    """Names of n records. is_han: bool[n], which comparison of given names applies. is_nickname: bool[n], the parts
    come from a nickname, which may hint at a name (老霄, 小李, yijun) and never speaks against one. gender: uint8[n] as
    attributes have it, what a title says.
    """

    surname: TextColumn
    given: TextColumn
    middle: TextColumn
    surname_sound: TextColumn
    given_sound: TextColumn
    is_han: NDArray[np.bool_]
    is_nickname: NDArray[np.bool_]
    gender: NDArray[np.uint8]

    def columns(self) -> dict[str, TextColumn]:
        """The columns of text by name."""
        return {name: getattr(self, name) for name in ("surname", "given", "middle", "surname_sound", "given_sound")}


def name_features(raw: RawColumns) -> NameFeatures:
    """Features of name, surname, given name, middle name and nickname; separate parts beat the full name."""
    columns = [raw[name] for name in ("name", "surname", "given_name", "middle_name", "nickname")]
    if not any(columns[i].values for i in (0, 3, 4)) and all(
        text.isascii() for column in columns for text in column.values
    ):
        return _of_latin_columns(columns[1], columns[2])
    row, distinct = _distinct_names([column.first() for column in columns])
    parts = [
        name_parts(*(column.values[code] if code >= 0 else "" for column, code in zip(columns, codes, strict=True)))
        for codes in distinct
    ]
    return NameFeatures(
        surname=TextColumn.recoded(row, [p.surname for p in parts]),
        given=TextColumn.recoded(row, [p.given for p in parts]),
        middle=TextColumn.recoded(row, [p.middle for p in parts]),
        surname_sound=TextColumn.recoded(row, [p.surname_sound for p in parts]),
        given_sound=TextColumn.recoded(row, [p.given_sound for p in parts]),
        is_han=np.array([has_han(p.given or p.surname) for p in parts], np.bool_)[row],
        is_nickname=np.array([p.is_nickname for p in parts], np.bool_)[row],
        gender=np.array([GENDER_CODES.get(p.gender_hint, 0) for p in parts], np.uint8)[row],
    )


def _distinct_names(codes: list[Codes]) -> tuple[Codes, list[list[int]]]:
    """The place of each record's name among the distinct ones, and the codes each of these consists of."""
    row = np.zeros(len(codes[0]), np.int64)
    for column in codes:
        if (column >= 0).any():
            row = np.unique(row * (int(column.max()) + 2) + column + 1, return_inverse=True)[1]
    first = np.zeros(int(row.max(initial=-1)) + 1, np.int64)
    first[row] = np.arange(len(row))
    return row.astype(np.int32), np.stack([column[first] for column in codes], axis=1).tolist()


def _of_latin_columns(surnames: RawColumn, givens: RawColumn) -> NameFeatures:
    """Surname and given name in columns of their own, neither with Chinese characters: each is read once."""
    surname = TextColumn.recoded(surnames.first(), [*map(_without_titles, usual_words(surnames.values, _plain))])
    plain = [*map(_without_titles, usual_words(givens.values, _plain))]
    first = TextColumn.recoded(givens.first(), [text.partition(" ")[0] for text in plain])
    rest = TextColumn.recoded(givens.first(), [" ".join(text.split()[1:]) for text in plain])
    nobody = np.zeros(surnames.count, np.bool_)
    return NameFeatures(
        surname=surname,
        given=first,
        middle=rest,
        surname_sound=TextColumn.recoded(surname.codes, [_letters(text) for text in surname.dictionary.values]),
        given_sound=TextColumn.recoded(first.codes, [_letters(text) for text in first.dictionary.values]),
        is_han=nobody,
        is_nickname=nobody,
        gender=np.zeros(surnames.count, np.uint8),
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
    surname, words = _without_titles(_plain(surname)), _without_titles(_plain(given)).split()
    rest = [w for w in _without_titles(_plain(middle or name)).split() if w not in (*surname.split(), *words)]
    if not words and given and rest:
        words = [rest.pop(0)]  # the given name is told by the full name where its column holds a title
    first = words[0] if words else ""
    return NameParts(surname, first, " ".join(words[1:] or rest), _letters(surname), _letters(first))


def _without_titles(plain: str) -> str:
    """The words that are names: "rt hon john" → "john", "1st bt" → ""."""
    if " " not in plain:
        return "" if plain in _TITLES else plain
    return " ".join(word for word in plain.split() if word not in _TITLES)


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
    if text.isascii() and text.isalpha() and text.islower():
        return text
    return _NOT_LETTERS.sub("", text.lower())
