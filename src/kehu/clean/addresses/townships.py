"""Streets, towns and townships (街道, 镇, 乡): found after the district, whole or without the word for their kind."""

import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from kehu.clean.divisions import MUNICIPALITY_CODES, Place, place_of_code
from kehu.clean.text_forms import to_simplified

_KIND: Final = re.compile(r"(?:街道|地区|镇|乡|苏木|农场|林场|牧场)$")
_PEOPLES: Final = re.compile(r"[\u4e00-\u9fff]{1,4}族$")
_KIND_HERE: Final = re.compile(
    r"街?街道(?:办事处|办)?|镇(?!镇|海)|乡(?!镇)|地区|苏木|农场|林场|牧场|街(?![一二三四五六七八九十]?[0-9])"
)
# District → districts that took townships from it.
_GAVE_TOWNS: Final = {
    "330102": ("330114",),  # 江干区 → 上城区, 钱塘区
    "330109": ("330114",),  # 萧山区 → 钱塘区
    "330110": ("330113",),  # 余杭区 → 临平区
    "330105": ("330102",),  # 下城区 → 拱墅区, 上城区
    "330212": ("330203",),  # 鄞州区 → 海曙区
    "330303": ("330305",),  # 龙湾区 → 洞头区
    "330604": ("330602",),  # 上虞区 → 越城区
}


class Township(NamedTuple):
    """The nine digits ("" when several places have the name), and where in the text the word ends."""

    code: str
    end: int
    is_whole: bool


@cache
def _lines() -> dict[str, str]:
    path = Path(__file__).parent.with_name("data") / "townships.txt"
    return dict(line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())


@cache
def townships_of(district: str) -> dict[str, str]:
    """Code of nine digits → official name, of one district (six digits)."""
    line = _lines().get(district, "")
    return {district + entry[:3]: entry[3:] for entry in line.split()}


@cache
def _codes_by_stem(district: str) -> dict[str, str]:
    """东华门 → 110101001; "" where two of the district share the stem (城关街道, 城关镇)."""
    table: dict[str, str] = {}
    for code, name in townships_of(district).items():
        stem = stem_of(to_simplified(name))
        table[stem] = "" if stem in table else code
    return table


@cache
def _districts_by_stem() -> dict[str, tuple[str, ...]]:
    """Every stem of the country → the districts that have it."""
    table: dict[str, list[str]] = {}
    for district in _lines():
        for stem in _codes_by_stem(district):
            table.setdefault(stem, []).append(district)
    return {stem: tuple(districts) for stem, districts in table.items()}


def stem_of(name: str) -> str:
    """The name without the word for its kind: 雾溪畲族乡 → 雾溪; names of one character keep it (杨镇)."""
    stem = _KIND.sub("", name)
    if name.endswith("族乡") and len(bare := _PEOPLES.sub("", stem)) >= 2:
        stem = bare
    return stem if len(stem) >= 2 else name


def find_township(text: str, position: int, code: str) -> Township | None:
    """The longest township that begins here, within the division known so far (2, 4 or 6 digits of code, or none)."""
    start = text[position : position + 2]
    if len(code) == 6:
        for stem in stems_by_start(code).get(start, ()):
            if text.startswith(stem, position):
                return _township(text, position + len(stem), _codes_by_stem(code)[stem])
        return None
    for stem in stems_by_start("").get(start, ()):
        if text.startswith(stem, position):
            within = [district for district in _districts_by_stem()[stem] if district.startswith(code)]
            if within:
                found = _codes_by_stem(within[0])[stem] if len(within) == 1 else ""
                return _township(text, position + len(stem), found)
    return None


@cache
def stems_by_start(district: str) -> dict[str, tuple[str, ...]]:
    """The first two characters → stems that begin so, longest first; of the whole country for ""."""
    table: dict[str, list[str]] = {}
    for stem in sorted(_codes_by_stem(district) if district else _districts_by_stem(), key=len, reverse=True):
        table.setdefault(stem[:2], []).append(stem)
    return {start: tuple(stems) for start, stems in table.items()}


def completed_place(place: Place, written: str, is_former: bool) -> tuple[Place, str, str]:
    """What a township as written adds: the place, its official name and nine digits ("" when not certain).

    A missing district is filled in if only one of the known city has a township of that name. A district
    in force stays as it was written, one dissolved (`is_former`) is what became of this part of it.
    """
    stem, code = stem_of(written), place.code
    if code[4:] not in ("", "00"):
        district = next((one for one in (code, *_GAVE_TOWNS.get(code, ())) if _codes_by_stem(one).get(stem)), "")
    else:
        district = "" if place.district else _only_district(stem, code)
    if not district:
        return place, written, ""
    nine = _codes_by_stem(district)[stem]
    stays = district == code or (bool(place.district) and not is_former)
    return place if stays else place_of_code(district, place), townships_of(district)[nine], nine


def _only_district(stem: str, code: str) -> str:
    """The one district of the known city that has such a township. Of a province, one in fifty would be wrong."""
    if code[2:4] == "00" and code[:2] not in MUNICIPALITY_CODES:
        return ""
    known = code[:4].removesuffix("00")
    within = [one for one in _districts_by_stem().get(stem, ()) if known and one.startswith(known)]
    return within[0] if len(within) == 1 and _codes_by_stem(within[0])[stem] else ""


def _township(text: str, end: int, code: str) -> Township:
    kind = _KIND_HERE.match(text, end)
    return Township(code, kind.end() if kind else end, kind is not None or text[end - 1] in "镇乡")
