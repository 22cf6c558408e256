"""Names in latin letters: Western ones in either order, and Chinese ones in pinyin."""

import re
import unicodedata
from functools import cache
from typing import Final, NamedTuple

from kehu.clean.placeholders import NAME_PLACEHOLDERS
from kehu.clean.surnames import compound_surnames, frequency_by_reading
from kehu.clean.text_forms import half_width, word_set


class LatinName(NamedTuple):
    """Lower-case parts. pinyin: surname first for Chinese names, as written for Western ones."""

    shown: str
    surname: str = ""
    given: str = ""
    title: str = ""
    gender_hint: str = ""
    pinyin: str = ""
    is_partial: bool = False
    kind: str = "person"


_TITLES: Final = {
    "mr": ("Mr", "male"), "mister": ("Mr", "male"), "sir": ("Sir", "male"), "mrs": ("Mrs", "female"),
    "ms": ("Ms", "female"), "miss": ("Miss", "female"), "madam": ("Madam", "female"), "mme": ("Mme", "female"),
    "lady": ("Lady", "female"), "lord": ("Lord", "male"), "dr": ("Dr", ""), "doctor": ("Dr", ""),
    "prof": ("Prof", ""), "professor": ("Prof", ""), "mx": ("Mx", ""), "rev": ("Rev", ""), "capt": ("Capt", ""),
    "hon": ("Hon", ""), "herr": ("Herr", "male"), "frau": ("Frau", "female"), "señor": ("Señor", "male"),
    "señora": ("Señora", "female"), "monsieur": ("M", "male"),
}  # fmt: skip
_SUFFIXES: Final = word_set(
    "jr sr ii iii iv phd md mba esq cpa dds obe cbe mbe kbe bt qc kc jnr snr junior senior ph.d m.d b.a m.a"
)
_PARTICLES: Final = word_set(
    "van von der den de del della di da dos du la le ten ter bin ibn al el af av zu zur vom st"
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_LATIN_BASE: Final = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "þ": "th",
        "ð": "d",
        "\N{NO-BREAK SPACE}": " ",
    }
)
_ASIDES: Final = re.compile(r"\([^)]*\)?|\"[^\"]*\"?|“[^”]*”?|\s'[^']+'(?=\s)|\[[^\]]*\]?")
# Letters with the marks that lower-casing may set apart (İ → i̇).
_WORD: Final = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+(?:['’`.\-](?:[^\W\d_][\u0300-\u036f]*)+)*\.?")
_COMPANY: Final = re.compile(
    r"\b(?:ltd|limited|inc|corp|corporation|co|llc|llp|gmbh|plc|company|s\.?a|b\.?v|pty|group|holdings|technologies)\b\.?$"
)
_COMPANY_WORDS: Final = word_set(
    "ltd limited inc corp corporation co llc llp gmbh plc company bv pty group holdings technologies sa"
)
_NOT_USUAL: Final = frozenset(_TITLES) | _SUFFIXES | _PARTICLES | _COMPANY_WORDS
_NAME_WORD: Final = "([A-Z](?:'[A-Z])?[a-z]+(?:[A-Z][a-z]+)?)"
_USUAL: Final = re.compile(rf"{_NAME_WORD} (?:([A-Z])\.? )?{_NAME_WORD}", re.A)
_USUAL_LAST_FIRST: Final = re.compile(rf"{_NAME_WORD}, {_NAME_WORD}", re.A)
_SYLLABLE: Final = (
    "[bpmf](?:a|ai|an|ang|ao|ei|en|eng|i|ian|iao|ie|in|ing|iu|o|ou|u)|[dt](?:a|ai|an|ang|ao|e|ei|en|eng|i|ian|iao|ie|ing|iu|"
    "ong|ou|u|uan|ui|un|uo)|[nl](?:a|ai|an|ang|ao|e|ei|en|eng|i|ia|ian|iang|iao|ie|in|ing|iu|ong|ou|u|uan|un|uo|v|ve|ue)|"
    "[gkh](?:a|ai|an|ang|ao|e|ei|en|eng|ong|ou|u|ua|uai|uan|uang|ui|un|uo)|[jqx](?:i|ia|ian|iang|iao|ie|in|ing|iong|iu|u|"
    "uan|ue|un)|(?:zh|ch|sh)(?:a|ai|an|ang|ao|e|ei|en|eng|i|ong|ou|u|ua|uai|uan|uang|ui|un|uo)|[zcs](?:a|ai|an|ang|ao|e|ei|"
    "en|eng|i|ong|ou|u|uan|ui|un|uo)|r(?:an|ang|ao|e|en|eng|i|ong|ou|u|ua|uan|ui|un|uo)|y(?:a|an|ang|ao|e|i|in|ing|ong|ou|"
    "u|uan|ue|un)|w(?:a|ai|an|ang|ei|en|eng|o|u)|a|ai|an|ang|ao|e|ei|en|er|o|ou"
)
_PINYIN_ACCENTS: Final = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü", "aaaaeeeeiiiioooouuuuvvvvv")
_CERTAIN: Final = 1000.0  # a surname reading this frequent may start a name written in one word


def usual_western(text: str) -> tuple[str, str, str] | None:
    """What to show, given name and surname of "John Smith", "Mary J. Brown" and "O'Brien, Pat".

    None leaves any other text to split_latin, which finds the same in these.
    """
    found = _USUAL.fullmatch(text) or _USUAL_LAST_FIRST.fullmatch(text)
    if found is None:
        return None
    shown = text
    if found.re is _USUAL:
        first, initial, last = found[1].lower(), found[2], found[3].lower()
        given = f"{first} {initial.lower()}" if initial else first
    else:
        first, last = found[2].lower(), found[1].lower()
        shown, given = f"{found[2]} {found[1]}", first
    surnames = frequency_by_reading()
    if (
        first in surnames
        or last in surnames
        or first in _NOT_USUAL
        or last in _NOT_USUAL
        or text.lower() in NAME_PLACEHOLDERS
    ):
        return None
    return shown, given, last


def split_latin(text: str) -> LatinName | None:
    """Divide a name; None when it holds no word at all."""
    if "(" in text or '"' in text or "“" in text or "[" in text or "'" in text:
        text = _ASIDES.sub(" ", text) if _WORD.search(_ASIDES.sub(" ", text)) else text
    words = text.split()
    last_first = False
    if "," in text or not all(map(str.isalpha, words)):
        head, _, tail = text.partition(",")
        words, tail_words = _WORD.findall(head), _WORD.findall(tail)
        last_first = bool(words) and any(word.lower().strip(".") not in _SUFFIXES for word in tail_words)
        if last_first and len(words) > 1:
            # García Márquez, Gabriel: bound together, so that the surname moves as one.
            words = ["\N{NO-BREAK SPACE}".join(words)]
        words += tail_words
    if not words:
        return None
    lowered = [word.lower().rstrip(".") for word in words]
    if len(words) > 1 and _COMPANY.search(text.lower()):
        return LatinName(text, "", "", "", "", ascii_letters(text.lower()), True, "company")
    title, gender = "", ""
    while lowered and lowered[0] in _TITLES and (len(lowered) > 1 or not title):
        title, gender = _TITLES[lowered[0]]
        words, lowered = words[1:], lowered[1:]
    while len(lowered) > 1 and lowered[-1] in _SUFFIXES:
        words, lowered = words[:-1], lowered[:-1]
    if not lowered:
        return LatinName(title, "", "", title, gender, "", True)
    if len(lowered) <= 4:
        chinese = _split_romanised(words, lowered, last_first)
        if chinese is not None:
            return LatinName(*chinese[:3], title, gender, chinese[3], not chinese[2])
    return _split_western(words, lowered, last_first, title, gender)


def _split_western(words: list[str], lowered: list[str], last_first: bool, title: str, gender: str) -> LatinName:
    if last_first:
        words, lowered = words[1:] + words[:1], lowered[1:] + lowered[:1]
    elif len(lowered) > 1 and len(lowered[-1]) == 1 < len(lowered[0]):
        lowered = lowered[1:] + lowered[:1]  # Smith J.: a lone letter is never the surname
    shown = half_width(" ".join(_cased(words)).replace("\N{NO-BREAK SPACE}", " "))
    if len(lowered) == 1:
        if title:
            return LatinName(f"{title} {shown}", lowered[0], "", title, gender, ascii_letters(lowered[0]), True)
        return LatinName(shown, "", lowered[0], "", "", ascii_letters(lowered[0]), kind="nickname")
    start = len(lowered) - 1
    while start > 1 and lowered[start - 1] in _PARTICLES:
        start -= 1
    surname, given = " ".join(lowered[start:]).replace("\N{NO-BREAK SPACE}", " "), " ".join(lowered[:start])
    return LatinName(shown, surname, given, title, gender, ascii_letters(f"{given} {surname}"))


def _cased(words: list[str]) -> list[str]:
    """Names all in small letters and words in capitals get name case; mixed writing (McDonald, van der Berg) stays."""
    joined = "".join(words)
    # ß and İ do not come back from the other case.
    if joined.istitle() or not len(joined.upper()) == len(joined) == len(joined.lower()):
        return words
    is_flat = joined.isupper() or joined.islower()
    return [_name_case(word) if is_flat or (len(word) > 2 and word.isupper()) else word for word in words]


def _name_case(word: str) -> str:
    lowered = word.lower()
    return lowered if lowered in _PARTICLES else _LETTERS.sub(lambda run: run[0].capitalize(), lowered)


def ascii_letters(text: str) -> str:
    """josé → jose, straße → strasse; letters without a latin base are dropped."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_LATIN_BASE))
    return " ".join("".join(c for c in decomposed if c.isascii()).split())


def _split_romanised(words: list[str], lowered: list[str], last_first: bool) -> tuple[str, str, str, str] | None:
    """Shown, surname, given and pinyin of a Chinese name in pinyin; None if it is none.

    Which word is the surname: the one before the comma, the one in capitals, the only one that can be, the one of one
    syllable beside one of several, else the more frequent surname, so that both orders read alike.
    """
    surnames = frequency_by_reading()
    first, last = _plain_pinyin(lowered[0]), _plain_pinyin(lowered[-1])
    if len(lowered) == 1:
        return _split_one_word(words[0], first)
    if (first not in surnames and last not in surnames) or len(first) == 1 or len(last) == 1:
        return None
    plain = [_plain_pinyin(word) for word in lowered]
    if not all(is_pinyin(word) for word in plain):
        return None
    surname_first = last_first or last not in surnames
    if not surname_first and first in surnames:
        capitals = [word.isupper() and len(word) > 1 for word in words]
        if capitals[0] != capitals[-1]:
            surname_first = capitals[0]
        elif len(plain) == 2 and is_one_syllable(first) != is_one_syllable(last) and not _is_compound(first, last):
            surname_first = is_one_syllable(first)
        elif len(plain) > 2:
            surname_first = surnames[first] * 3 >= surnames[last]
        else:
            surname_first = surnames[first] >= surnames[last]
    if first not in surnames and surname_first:
        return None
    surname = first if surname_first else last
    given = "".join(plain[1:] if surname_first else plain[:-1])
    if last_first:
        words = words[1:] + words[:1]
    return " ".join(_cased_each(words)), surname, given, f"{surname} {given}"


def _split_one_word(word: str, plain: str) -> tuple[str, str, str, str] | None:
    """Zhangwei: a frequent surname and one or two syllables more. lanying stays a given name."""
    if len(plain) < 5 or not is_pinyin(plain):
        return None
    for size in (5, 4, 3, 2):
        head, rest = plain[:size], plain[size:]
        if rest and frequency_by_reading().get(head, 0.0) >= _CERTAIN and is_pinyin(rest):
            return _cased([word])[0], head, rest, f"{head} {rest}"
    return None


def _is_compound(first: str, last: str) -> bool:
    return first in _compound_readings() or last in _compound_readings()


def _cased_each(words: list[str]) -> list[str]:
    """Zhang WEI and zhang wei become Zhang Wei: capitals in pinyin mark the surname, they are not part of it."""
    return [word.capitalize() if word.isupper() or word.islower() else word for word in words]


def _plain_pinyin(word: str) -> str:
    """Lǐ → li, xiao-ming → xiaoming, Lyu → lv."""
    if not word.isascii():
        word = word.translate(_PINYIN_ACCENTS)
    if not word.isalpha():
        word = word.replace("-", "").replace("'", "").replace("’", "")
    return _UMLAUT_SPELLING.get(word, word)


_UMLAUT_SPELLING: Final = {"lyu": "lv", "nyu": "nv", "lue": "lve", "nue": "nve", "lyue": "lve"}


@cache
def _compound_readings() -> frozenset[str]:
    from kehu.clean.pinyin import surname_reading

    return frozenset(surname_reading(surname) for surname in compound_surnames())


_PINYIN: Final = re.compile(f"(?:{_SYLLABLE}){{1,4}}")
_ONE_SYLLABLE: Final = re.compile(_SYLLABLE)


def is_pinyin(word: str) -> bool:
    """Whether a lower-case word is one to four toneless syllables."""
    return _PINYIN.fullmatch(word) is not None


def is_one_syllable(word: str) -> bool:
    """Whether a lower-case word is exactly one toneless syllable."""
    return _ONE_SYLLABLE.fullmatch(word) is not None
