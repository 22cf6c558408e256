"""Chinese addresses in parts: divisions, township, village, road and number, estate, building, unit, floor, room."""

import re
from typing import Final

from kehu.clean.addresses.reading import read_address, read_local
from kehu.clean.addresses.townships import completed_place, stems_by_start
from kehu.clean.addresses.words import Word
from kehu.clean.chinese_numerals import NUMERALS, chinese_number
from kehu.clean.divisions import Place, is_former_name, place_at_head

_SPACED_NUMBERS: Final = re.compile(r"(?<=[0-9])[\s_]+(?=[0-9])")
_SIX_DIGITS: Final = re.compile(r"[0-9]{6}")
_POSTCODE: Final = re.compile(r"(?:邮政?编码?[:\s]*)?(?<![0-9])([0-9]{6})(?![0-9\-])")
_NUMERAL: Final = re.compile(rf"[{NUMERALS}]+")
# Words without any character that the reading word by word would stop or look twice at.
_ROAD_WORD: Final = (
    r"(?!.?[花家]园)[^\W0-9A-Za-z_路街巷弄道号村镇乡区场苏国省县期楼司厂厦寓店校院行心苑城会口组队社门湾里线段大第"
    r"一二三四五六七八九十〇零百两]{1,3}"
)
_ROAD_NAME: Final = rf"{_ROAD_WORD}(?:路|街|大道)"
_ESTATE_WORD: Final = (
    r"[^\W0-9A-Za-z_路街巷弄道号村镇乡场苏室层楼栋幢座期组队屯内院与交叉口旁对面附近第社旗线侧边收联"
    r"一二三四五六七八九十〇零百两甲乙丙丁]{2,8}"
)
_USUAL: Final = re.compile(
    rf"(?:({_ROAD_NAME})([0-9]{{1,5}})号)?"
    rf"(?:({_ESTATE_WORD})(?:([0-9]{{1,3}})(?:号楼|栋|幢)(?:([0-9]{{1,2}})单元)?([0-9]{{3,4}})室?|"
    rf"([0-9]{{1,3}})-([0-9]{{1,2}})-([0-9]{{3,4}})))?"
    rf"(?:\(({_ROAD_NAME})([0-9]{{1,5}})号\))?"
)
_COARSE: Final = frozenset({"", "00"})
_HAS_MORE: Final = re.compile(r"[(\[【]|[0-9]{6}")
_ASIDE: Final = re.compile(r"[(\[【]([^)\]】]*)[)\]】]?")
_NUMBER_WORDS: Final = re.compile(r"^第|(?:号院|号|弄|#)$")
_DOOR_WORDS: Final = re.compile(
    r"^第|(?:号?[栋幢座撞]|号楼|#楼?|号门|单元|梯|单|街|楼层|层楼|层|楼|[Ff](?=$)|室|房间|房|户|铺|号)$"
)
_RANGES: Final = re.compile(r"[~之/、.—]")
_GROUP: Final = re.compile(rf"[{NUMERALS}0-9]+[组队社]")

# province, city, district, street, road, number, estate, building, unit, room, postcode, region code, zone, community,
# floor, street code. A plain tuple: this runs once per record, and a named one would cost a tenth of it.
Parts = tuple[str, str, str, str, str, str, str, str, str, str, str, str, str, str, str, str]


def split_chinese_address(plain: str) -> Parts:
    """Split a tidy, simplified address. What stands in brackets is read as well and fills what is missing."""
    # Most addresses are of a few shapes that one match reads; the reading word by word finds the same in them.
    compact = _SPACED_NUMBERS.sub("-", plain).replace(" ", "") if " " in plain else plain
    place = place_at_head(compact)
    if place.code[4:] not in _COARSE:
        usual = _USUAL.fullmatch(compact, place.end)
        if usual is not None:
            road, estate = usual.group(1, 3)
            # Nothing but an estate's name stands there: no township before it, no zone (高新区) instead of it.
            if estate is None or (
                (road is not None or estate[:2] not in stems_by_start(place.code))
                and ("区" not in estate or estate[-2:] == "小区")
            ):
                return _parts_of(usual, place)
    if _HAS_MORE.search(plain) is None:
        return _split_words(compact, place, "", "")
    return split_in_steps(plain)


def _parts_of(usual: re.Match[str], place: Place) -> Parts:
    road, number, estate, building, unit, room, dashed, dashed_unit, dashed_room, later_road, later_number = (
        usual.groups("")
    )
    return (
        place.province, place.city, place.district, "", road or later_road, number or later_number, estate,
        building or dashed, unit or dashed_unit, room or dashed_room, "", place.code, "", "", "", "",
    )  # fmt: skip


def split_in_steps(plain: str) -> Parts:
    """Any address: postcode, what stands in brackets, then word by word."""
    postcode = ""
    if (
        _SIX_DIGITS.search(plain) is not None
        and (found := _POSTCODE.search(plain)) is not None
        and _is_postcode(plain, found)
    ):
        postcode = found[1]
        plain = (plain[: found.start()] + " " + plain[found.end() :]).strip()
    if " " in plain:
        plain = _SPACED_NUMBERS.sub("-", plain).replace(" ", "")
    aside = ""
    if "(" in plain or "[" in plain or "【" in plain:
        found = _ASIDE.search(plain)
        if found is not None:
            aside = found[1]
            plain = plain[: found.start()] + _ASIDE.sub("", plain[found.end() :])
    return _split_words(plain, place_at_head(plain), aside, postcode)


def _split_words(plain: str, place: Place, aside: str, postcode: str) -> Parts:
    place, words = read_address(plain, place)
    street, street_code = "", ""
    town = next((word for word in reversed(words) if word.kind == "town"), None)
    if town is not None:
        district = next((plain[word.start : word.end] for word in words if word.kind == "district"), "")
        place, street, street_code = completed_place(place, plain[town.start : town.end], is_former_name(district))
    zone, community, road, number, estate, building, unit, floor, room = _local_values(plain, words)
    if aside:
        more: list[Word] = []
        read_local(aside, 0, "", more)
        _, _, other_road, other_number, other_estate, other_building, other_unit, _, other_room = _local_values(
            aside, more
        )
        if not road and other_road:
            road, number = other_road, other_number
        if not building and not room and (other_building or other_room):
            estate, building, unit, room = other_estate or estate, other_building, other_unit, other_room
    return (
        place.province, place.city, place.district, street, road, number, estate, building, unit, room, postcode,
        place.code, zone, community, floor, street_code,
    )  # fmt: skip


def _local_values(text: str, words: list[Word]) -> tuple[str, str, str, str, str, str, str, str, str]:
    """Zone, community, road, number, estate, building, unit, floor, room: the words as values to compare."""
    told: dict[str, str] = {}
    for kind, start, end in words:
        told[kind] = text[start:end]
    community = told.get("community", "")
    road, number = _road_and_number(told, community)
    building, room = told.get("building", ""), told.get("room", "")
    if building[-1:] == "号":  # 100弄5号 is the house in the lane; 花园8号 is the only door there is
        if (told.get("number") or told.get("subnumber", ""))[-1:] == "弄":
            number, building = f"{number}-{_plain(building, _NUMBER_WORDS)}", ""
        elif not room:
            room, building = building, ""
    unit, floor = _plain(told.get("unit", ""), _DOOR_WORDS), _plain(told.get("floor", ""), _DOOR_WORDS)
    building, room = _plain(building, _DOOR_WORDS).upper(), _plain(room, _DOOR_WORDS).upper()
    estate = told.get("estate", "") + told.get("block", "")
    if not estate and (building or room) and road != community:
        estate = community
    return told.get("zone", ""), community, road, number, estate, building, unit, floor, room


def _road_and_number(told: dict[str, str], community: str) -> tuple[str, str]:
    road, number = told.get("road", ""), _plain(told.get("number", ""), _NUMBER_WORDS)
    part = told.get("subroad", "")
    if part and not number:
        number = _plain(told.get("subnumber", ""), _NUMBER_WORDS)
        road = part if number and part[-1] in "路街道" and len(part) > 2 else road + part
    elif not road and number:
        road = community  # 下沈村107号
    elif _GROUP.fullmatch(road) is not None:
        road = community + road
    return road, _RANGES.sub("-", number)


def _plain(text: str, around: re.Pattern[str]) -> str:
    """十二号楼 → 12, 3204室 → 3204."""
    if text.isdigit() and text.isascii():
        return text
    return _NUMERAL.sub(_as_digits, around.sub("", text))


def _as_digits(numeral: re.Match[str]) -> str:
    number = chinese_number(numeral[0])
    return numeral[0] if number is None else str(number)


def _is_postcode(text: str, found: re.Match[str]) -> bool:
    """Six digits that stand apart: 200000 上海市…, …室 200000, 邮编200000."""
    if found[0] != found[1]:
        return True
    before, after = text[: found.start()], text[found.end() :]
    return (not before or before[-1] in " ,(") and (not after or after[0] in " ,)" or not before)
