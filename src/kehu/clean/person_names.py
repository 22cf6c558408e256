"""Names of people: Chinese, romanised Chinese and Western."""

import re
from typing import Final, Self

import msgspec

from kehu.clean.chinese_names import ChineseName, split_decorated, split_plain, usual_name
from kehu.clean.latin_names import split_latin, usual_western
from kehu.clean.pinyin import name_pinyin
from kehu.clean.placeholders import NAME_PLACEHOLDERS, is_placeholder
from kehu.clean.text_forms import has_han, tidy, to_simplified

_PLAIN_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]{2,4}")
_OTHER_SCRIPT: Final = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f\u0900-\u097f]")
_LETTER: Final = re.compile(r"[^\W\d_]")


class PersonName(msgspec.Struct, frozen=True, gc=False):
    """A person's name as written and as compared.

    display: the cleaned text as people would write it, in the script it came in (張偉 stays 張偉).
    script: "zh", "latin" or "other". surname, given: simplified Chinese or lower-case latin; "" when unknown.
    title: 先生/女士/总/Mr…, gender_hint what it says ("male", "female" or "").
    pinyin: "zhang xiaoming" in ASCII, surname first, by its surname reading; Western names as written, lower case.
    is_partial: surname and title only, or masked (张*).
    kind: "person", "nickname" (no credible surname; all of it is in `given`) or "company" (no person at all).
    company: a company's name that stood beside the person's, "" otherwise.
    """

    display: str
    script: str
    surname: str = ""
    given: str = ""
    title: str = ""
    gender_hint: str = ""
    pinyin: str = ""
    is_partial: bool = False
    kind: str = "person"
    company: str = ""

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Read a name; None for nothing, a placeholder (无, 微信用户) or a text without letters."""
        if not text:
            return None
        if usual_name().fullmatch(text) is not None:
            surname, given = text[0], text[1:]
            return cls(text, "zh", surname, given, "", "", name_pinyin(surname, given))
        value = tidy(text)
        if not has_han(value):
            return cls._parse_without_han(value)
        if value in NAME_PLACEHOLDERS:
            return None
        plain = to_simplified(value)
        if _PLAIN_CHINESE.fullmatch(plain) is not None:
            if plain in NAME_PLACEHOLDERS:
                return None
            name: ChineseName | None = split_plain(plain)
        elif is_placeholder(plain, "name"):
            return None
        else:
            name = split_decorated(plain)
        if name is None or not name.shown or (name.shown != plain and is_placeholder(name.shown, "name")):
            return None
        shown, surname, given, title, gender_hint, is_partial, kind, company = name
        if plain is not value:
            shown = _as_written(shown, plain, value)
        pinyin = name_pinyin(surname, given)
        return cls(shown, "zh", surname, given, title, gender_hint, pinyin, is_partial, kind, company)

    @classmethod
    def _parse_without_han(cls, value: str) -> Self | None:
        usual = usual_western(value)
        if usual is not None:
            shown, given, surname = usual
            return cls(shown, "latin", surname, given, "", "", f"{given} {surname}")
        if is_placeholder(value, "name") or _LETTER.search(value) is None:
            return None
        if not value.isascii() and _OTHER_SCRIPT.search(value) is not None:
            return cls(value, "other", "", value.lower())
        name = split_latin(value)
        if name is None or is_placeholder(name.shown, "name"):
            return None
        shown, surname, given, title, gender_hint, pinyin, is_partial, kind = name
        return cls(shown, "latin", surname, given, title, gender_hint, pinyin, is_partial, kind)


def _as_written(shown: str, plain: str, value: str) -> str:
    """The characters of `value` that `shown` kept of `plain`, its simplified twin of equal length."""
    kept: list[str] = []
    position = 0
    for character in shown:
        found = plain.find(character, position)
        kept.append(value[found] if found >= 0 else character)
        position = found + 1 if found >= 0 else position
    return "".join(kept)
