"""One spelling for text that looks the same: full-width and half-width, traditional and simplified, odd spaces."""

import re
from functools import cache
from typing import Final
from unicodedata import is_normalized as _is_normalized
from unicodedata import normalize as _normalize

# Marks that no reader sees and NFKC leaves in place: zero-width characters, direction marks, BOM, controls.
_INVISIBLE: Final = re.compile(
    r"[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+"
)
_BLANKS: Final = re.compile(r"\s+")
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def half_width(text: str) -> str:
    """The compatibility form (NFKC) without invisible characters: １３８ → 138, （ → (, ㍿ → 株式会社."""
    if not _is_normalized("NFKC", text):
        text = _normalize("NFKC", text)
    # isprintable is false for odd blanks as well, so only odd text pays for the search.
    return text if text.isprintable() else _INVISIBLE.sub("", text)


def tidy(text: str | None) -> str:
    """Half-width, trimmed, every run of blanks one space. "" for None."""
    if not text:
        return ""
    if not text.isprintable() or not _is_normalized("NFKC", text):
        return _BLANKS.sub(" ", half_width(text)).strip()
    text = text.strip()
    return _BLANKS.sub(" ", text) if "  " in text else text


def word_set(text: str) -> frozenset[str]:
    """The words of a text: how the tables of this room are written down."""
    return frozenset(text.split())


def has_han(text: str) -> bool:
    """Whether any Chinese character occurs."""
    return not text.isascii() and ("\u4e00" <= text[0] <= "\u9fff" or _HAN.search(text) is not None)


@cache
def _simplified_by_code() -> dict[int, str]:
    """Traditional character → simplified, for every character where they differ.

    By character, not by phrase as OpenCC does for prose: a key must not change with its neighbors.
    """
    import opencc  # its tables load in 30 ms, so only on first use

    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(a): b for a, b in zip(characters, converted, strict=True) if a != b and len(b) == 1}


@cache
def _traditional() -> re.Pattern[str]:
    return re.compile("[" + traditional_characters() + "]")


def traditional_characters() -> str:
    """Every character that has another, simplified form."""
    return "".join(map(chr, _simplified_by_code()))


def to_simplified(text: str) -> str:
    """Traditional characters become simplified ones: 張偉 → 张伟. Everything else stays."""
    if text.isascii() or _traditional().search(text) is None:
        return text
    return text.translate(_simplified_by_code())
