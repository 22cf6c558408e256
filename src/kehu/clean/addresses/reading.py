"""The whole reading of an address: divisions, areas, road, door."""

from typing import Final

from kehu.clean.addresses.areas import read_areas
from kehu.clean.addresses.doors import read_door
from kehu.clean.addresses.roads import read_road
from kehu.clean.addresses.townships import find_township
from kehu.clean.addresses.words import Word, after_marks
from kehu.clean.divisions import MUNICIPALITY_CODES, NOWHERE, Place, late_place, place_at_head

_KINDS: Final = {1: "province", 2: "city", 3: "district"}


def read_address(text: str, place: Place | None = None) -> tuple[Place, list[Word]]:
    """The divisions a simplified text names, and its words in their order; `place`: its head, if read already."""
    place = place or place_at_head(text)
    if _is_start_of_township(place, text):
        place = NOWHERE
    elif not place.code:
        place = late_place(text) or place
    words = _division_words(place)
    read_local(text, place.end, place.code, words)
    return place, words


def read_local(text: str, position: int, code: str, words: list[Word]) -> None:
    """Append the words of what follows the divisions."""
    position = read_areas(text, after_marks(text, position), _known_digits(code), words)
    position = read_road(text, position, words)
    read_door(text, position, words)


def _is_start_of_township(place: Place, text: str) -> bool:
    """白水洋镇 is a township; 白水 alone would be a county elsewhere."""
    if len(place.words) != 1 or place.words[0][0] < 3 or text[place.end - 1] in "区县市旗":
        return False
    town = find_township(text, 0, "")
    return town is not None and town.is_whole and town.end > place.end


def _division_words(place: Place) -> list[Word]:
    """One word a level: of several the fullest (宁波宁波市)."""
    told: dict[str, Word] = {}
    for level, start, end in place.words:
        kind = "city" if level == 1 and place.code[:2] in MUNICIPALITY_CODES else _KINDS[level]
        if kind not in told or end - start > told[kind].end - told[kind].start:
            told[kind] = Word(kind, start, end)
    return list(told.values())


def _known_digits(code: str) -> str:
    return code if code[4:] != "00" else code[:4] if code[2:4] != "00" else code[:2]
