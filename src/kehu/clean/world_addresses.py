"""Addresses in latin letters: number and street, unit, city, state, postcode, country."""

import re
from typing import Final, NamedTuple

_ROAD_TYPES: Final = {
    "st": "street", "str": "street", "rd": "road", "ave": "avenue", "av": "avenue", "blvd": "boulevard",
    "dr": "drive", "ln": "lane", "ct": "court", "crt": "court", "pl": "place", "cres": "crescent",
    "cr": "crescent", "tce": "terrace", "ter": "terrace", "hwy": "highway", "pde": "parade", "pkwy": "parkway",
    "cct": "circuit", "cir": "circle", "sq": "square", "cl": "close", "gr": "grove", "gdns": "gardens",
    "fwy": "freeway", "wy": "way", "trl": "trail", "expy": "expressway", "lu": "road", "jie": "street",
}  # fmt: skip
_ROAD_WORDS: Final = frozenset(_ROAD_TYPES.values()) | {
    "way", "row", "walk", "mews", "quay", "rue", "via", "straße", "strasse", "platz", "calle", "rua", "avenida", "loop",
    "mall", "plaza", "esplanade", "broadway", "dadao",
}  # fmt: skip
_COUNTRIES: Final = {
    "usa": "US", "us": "US", "u.s.a.": "US", "united states": "US", "united states of america": "US", "uk": "GB",
    "united kingdom": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB",
    "australia": "AU", "canada": "CA", "new zealand": "NZ", "ireland": "IE", "germany": "DE", "deutschland": "DE",
    "france": "FR", "italy": "IT", "spain": "ES", "netherlands": "NL", "japan": "JP", "singapore": "SG",
    "china": "CN", "p.r. china": "CN", "prc": "CN", "hong kong": "HK", "macau": "MO", "taiwan": "TW",
    "india": "IN", "brazil": "BR", "brasil": "BR", "switzerland": "CH", "austria": "AT", "belgium": "BE",
    "malaysia": "MY", "thailand": "TH", "south korea": "KR", "korea": "KR",
}  # fmt: skip
_POSTCODES: Final = re.compile(
    r"\b(?:([a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2})|([a-z]\d[a-z]\s?\d[a-z]\d)|(\d{5}-\d{4})|(\d{5}-\d{3})|(\d{4,6}))$", re.A
)
_LEADING_POSTCODE: Final = re.compile(r"^(?:[a-z]{1,2}-)?(\d{4,5})\s+(?=[^\W\d]{3})")
_UNIT: Final = re.compile(
    r"(?:\b(?:apt|apartment|unit|flat|suite|ste|room|rm|shop|level|lvl|floor|flr|fl)\b\.?|#)\s*(?:no\.?\s*)?([a-z]?\d+[a-z]?|[a-z])\b",
    re.A,
)
_NAMES_UNIT: Final = re.compile(r"apt|part|unit|flat|suite|ste|room|rm|shop|level|lvl|fl|#", re.A)
_SLASHED: Final = re.compile(r"^(\d+[a-z]?)\s*/\s*(\d+[a-z]?(?:-\d+)?)\s+(?=[a-z])", re.A)
_NUMBER: Final = re.compile(r"^(?:no\.?\s*|nr\.?\s*)?(\d+[a-z]?(?:-\d+[a-z]?)?)[\s,]+(?=\S)", re.A)
_LAST_NUMBER: Final = re.compile(r"\s(\d+\s?[a-z]?)$", re.A)
_STATE: Final = re.compile(r"^(?:[a-z]{2,3})$", re.A)
_STATE_LAST: Final = re.compile(r"\s(\d{4,5})\s+([a-z]{2,3})$", re.A)
_BOX: Final = re.compile(r"\bp\.?\s?o\.?\s*box\s*(\d+)", re.A)


class WorldAddress(NamedTuple):
    """Parts in small letters; country as ISO code."""

    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    road: str = ""
    number: str = ""
    estate: str = ""
    unit: str = ""
    room: str = ""
    postcode: str = ""


def split_world_address(text: str) -> WorldAddress:
    """Split by commas where there are any, else by the word that names a kind of road."""
    pieces = [piece for piece in (part.strip(" .") for part in text.lower().split(",")) if piece]
    country = ""
    if len(pieces) > 1 and pieces[-1] in _COUNTRIES:
        country = _COUNTRIES[pieces.pop()]
    province = ""
    if pieces and (swapped := _STATE_LAST.search(pieces[-1])) is not None:
        province = swapped[2]  # 2050 nsw
        pieces[-1] = pieces[-1][: swapped.end(1)]
    pieces, postcode = _take_postcode(pieces)
    if len(pieces) > 1 and not province:
        head, _, tail = pieces[-1].rpartition(" ")
        if _STATE.match(tail):
            province = tail
            pieces = [*pieces[:-1], head] if head else pieces[:-1]
    if not pieces:
        return WorldAddress(country, province, postcode=postcode)
    line, unit = _take_unit(pieces)
    number, line = _take_number(line)
    road, rest = _split_road(line)
    others = [piece for piece in pieces if piece]
    district = next((piece for piece in others if piece.endswith(("district", "county"))), "")
    city = others[-1] if others and others[-1] != district else ""
    if rest and not city:
        city, rest = rest, ""
    estate = rest or (others[0] if len(others) > 1 and others[0] not in (district, city) else "")
    return WorldAddress(country, province, city, district, road, number, estate, unit, "", postcode)


def _take_postcode(pieces: list[str]) -> tuple[list[str], str]:
    """The postcode stands last, or last before a country; a lone number line (22, hoad place) is none."""
    for index in range(len(pieces) - 1, max(len(pieces) - 3, -1), -1):
        found = _POSTCODES.search(pieces[index])
        if found is not None and (index > 0 or found.start() > 0):
            rest = pieces[index][: found.start()].strip()
            return [*pieces[:index], *([rest] if rest else []), *pieces[index + 1 :]], found[0]
        leading = _LEADING_POSTCODE.match(pieces[index]) if index > 0 else None
        if leading is not None:  # 10115 Berlin
            return [*pieces[:index], pieces[index][leading.end() :], *pieces[index + 1 :]], leading[1]
    return pieces, ""


def _take_unit(pieces: list[str]) -> tuple[str, str]:
    """The line with road and number, and the unit; both are taken out of `pieces`."""
    unit = ""
    for index, piece in enumerate(pieces):
        if _NAMES_UNIT.search(piece) is not None and (found := _UNIT.search(piece)) is not None:
            unit = unit or found[1]
            pieces[index] = (piece[: found.start()] + piece[found.end() :]).strip()
    at = next((i for i, piece in enumerate(pieces) if piece[:1].isdigit() or piece.startswith("no")), None)
    if at is None:
        at = next((i for i, piece in enumerate(pieces) if piece and not piece.isdigit()), 0)
    line = pieces.pop(at)
    if line.isdigit() and at < len(pieces):
        line = f"{line} {pieces.pop(at)}"  # 22, hoad place
    return line, unit


def _take_number(line: str) -> tuple[str, str]:
    slashed = _SLASHED.match(line)
    if slashed is not None:  # 3/22 hoad place: unit 3 of number 22
        return f"{slashed[2]}", line[slashed.end() :]
    found = _NUMBER.match(line)
    if found is not None:
        return found[1].replace(" ", ""), line[found.end() :]
    box = _BOX.search(line)
    if box is not None:
        return box[1], "po box"
    last = _LAST_NUMBER.search(line)  # Hauptstraße 12
    if last is not None:
        return last[1].replace(" ", ""), line[: last.start()]
    return "", line


def _split_road(line: str) -> tuple[str, str]:
    """hoad place kondalilla → ("hoad place", "kondalilla"): the road ends with the word for its kind."""
    words = [word.strip(".") for word in line.split()]
    for index in range(len(words) - 1, 0, -1):
        kind = _ROAD_TYPES.get(words[index], words[index])
        # "st" before another word is a saint unless a name stands before it.
        if kind in _ROAD_WORDS:
            return " ".join([*words[:index], kind]), " ".join(words[index + 1 :])
    return " ".join(words), ""
