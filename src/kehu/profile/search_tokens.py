"""The words a customer is found under, each with a rank; and a search text taken apart the same way."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from kehu.clean.company_names import CompanyName
from kehu.clean.person_names import PersonName
from kehu.clean.pinyin import name_initials
from kehu.clean.text_forms import tidy, to_simplified
from kehu.profile.survivorship import Golden

# A short beginning of a name is a token of its own: 王 or w asks for the best few of tens of thousands.
EDGE: Final = 3
LONGEST: Final = 64
_NOT_DIALLED: Final = re.compile(r"[^\d*]")
_NAME, _PHONE, _EMAIL, _COMPANY, _NUMBER, _PLACE, _OTHER = 90, 80, 70, 50, 60, 10, -30


def search_form(text: str) -> str:
    """One spelling for search: half-width, simplified, lower case."""
    return to_simplified(tidy(text)).lower()


def tokens_of(golden: Mapping[str, Golden], weight: int) -> dict[str, int]:
    """token → rank (0..127). weight 0..9: how much happened with the customer, so that regulars come first."""
    found: dict[str, int] = {}
    for name, value in golden.items():
        _add(found, _words(name, value.v, value.n), weight)
        for other in value.others:
            _add(found, _words(name, other.v, ""), weight + _OTHER)
    return found


def _add(found: dict[str, int], words: Mapping[str, int], bonus: int) -> None:
    for word, plain in words.items():
        rank = max(0, plain + bonus)
        token = word if len(word) <= LONGEST else word[:LONGEST]
        if token and found.get(token, -1) < rank:
            found[token] = rank


def _words(attribute: str, value: str, normal: str) -> Mapping[str, int]:
    match attribute:
        case "name" | "nickname":
            return _name_words(value)
        case "phone":
            return dict.fromkeys(_phone_words(normal or value), _PHONE)
        case "email":
            return {value.lower(): _EMAIL, value.lower().partition("@")[0]: _EMAIL - 10}
        case "company":
            return dict.fromkeys(_company_words(value), _COMPANY)
        case "tax_no":
            return {value.lower(): _NUMBER}
        case "city":
            return {search_form(value).removesuffix("市"): _PLACE}
        case _:
            return {}


@lru_cache(maxsize=20_000)  # names repeat: 张伟 is written down a thousand times
def _name_words(text: str) -> Mapping[str, int]:
    parsed = PersonName.parse(text)
    whole = search_form(text)
    if parsed is None:
        return dict.fromkeys((whole, *_edges(whole)), _NAME)
    sounds = parsed.pinyin.split()
    words = {whole, parsed.surname, parsed.given, "".join(sounds), *sounds, *whole.split()}
    if parsed.script == "zh":
        words |= {parsed.surname + parsed.given, "".join(sound[0] for sound in sounds)}
        initials = name_initials(parsed.surname, parsed.given)
        words |= {initials, sounds[0] + initials[1:]} if parsed.surname and parsed.given else {initials}
        if len(sounds) > 1:
            words.add(sounds[0][0] + "".join(sounds[1:]))
            words.add(sounds[0] + "".join(sound[0] for sound in sounds[1:]))
    else:
        words.add("".join(reversed(sounds)))
    return dict.fromkeys((edge for word in words for edge in (word, *_edges(word))), _NAME)


def _edges(word: str) -> set[str]:
    return {word[:length] for length in range(1, min(EDGE, len(word)) + 1)}


def _phone_words(text: str) -> set[str]:
    national = text[3:] if text.startswith("+86") and len(text) == 14 else _NOT_DIALLED.sub("", text)
    if "*" in national:
        return {national.rpartition("*")[2][-4:]}
    if national.startswith("86") and len(national) == 13:
        national = national.removeprefix("86")
    return {national, national[-4:]}


def _company_words(text: str) -> set[str]:
    parsed = CompanyName.parse(text)
    whole = search_form(text)
    core = parsed.core.lower() if parsed else whole
    return {whole, core, *_edges(core)}


def query_words(text: str) -> list[str]:
    """What a person typed → the words all of which must be found. A phone written in groups is one word."""
    words = []
    form = search_form(text)
    if form.replace(" ", "").replace("-", "").removeprefix("+").isdigit() and len(form) >= 7:
        form = form.replace(" ", "")
    for word in form.split():
        digits = word.replace("-", "").removeprefix("+")
        words.append(
            digits.removeprefix("86") if digits.isdigit() and len(digits) > 11 else digits if digits.isdigit() else word
        )
    return words[:6]
