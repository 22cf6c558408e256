"""Chinese addresses in parts: divisions, street office, road and number, estate, building, unit and room."""

import re
from typing import Final

from kehu.clean.chinese_numerals import NUMERALS, chinese_number
from kehu.clean.divisions import Place, place_at_head

_NOISE: Final = re.compile(r"[\s,;:。、_|]+")
_SPACED_NUMBERS: Final = re.compile(r"(?<=[0-9])[\s_]+(?=[0-9])")
_SIX_DIGITS: Final = re.compile(r"[0-9]{6}")
_POSTCODE: Final = re.compile(r"(?:邮政?编码?[:\s]*)?(?<![0-9])([0-9]{6})(?![0-9\-])")
_NUMERAL: Final = re.compile(rf"[{NUMERALS}]+(?=号|弄|栋|幢|座|单元|室|楼|层|房|期|号院)")
# Words without any character that the steps below would stop at.
_ROAD_WORD: Final = r"[^\W0-9A-Za-z_路街巷弄道号村镇乡区园场苏国省县期楼]{1,6}"
_ESTATE_WORD: Final = (
    r"[^\W0-9A-Za-z_路街巷弄道号村镇乡场苏室层楼栋幢座期组队屯内院与交叉口旁对面附近第"
    r"一二三四五六七八九十〇零百两甲乙丙丁]{2,8}"
)
_USUAL: Final = re.compile(
    rf"(?:({_ROAD_WORD}[路街道])([0-9]{{1,5}})号)?"
    rf"(?:({_ESTATE_WORD})(?:([0-9]{{1,3}})(?:号楼|栋|幢)(?:([0-9]{{1,2}})单元)?([0-9]{{3,4}})室?|"
    rf"([0-9]{{1,3}})-([0-9]{{1,2}})-([0-9]{{3,4}})))?"
    rf"(?:\(({_ROAD_WORD}[路街道])([0-9]{{1,5}})号\))?"
)
_ASIDE: Final = re.compile(r"[(\[【]([^)\]】]*)[)\]】]?")
_STREET: Final = re.compile(
    r"([\u4e00-\u9fff]{1,7}?(?:街道(?:办事处|办)?|"
    r"[镇乡](?!镇|乡|[东南西北中]?(?:路|街|大道|大街|巷|村委|花园|小区|人家|家园|公寓|苑))|苏木|农场|林场))"
)
_ROAD: Final = re.compile(
    r"((?:[A-Za-z]?[0-9]{1,4}[国省县乡]道)|[\u4e00-\u9fff]{1,12}?(?:[路街巷弄道](?![大街路口桥])|胡同))"
    r"([东南西北中](?=段|[0-9]|$)|[一二三四五六七八九十东南西北中]{1,2}段)?"
)
# 下宅村万里公路, 康桥工业区康惠路: the road begins after the village or park.
_BEFORE_ROAD: Final = re.compile(
    r"[\u4e00-\u9fff]{1,8}?(?:村|社区|(?:工业|产业|科技|软件|物流)(?:园区|区|园)|开发区|园区|新区|小区)(?=[\u4e00-\u9fff]{2,}[路街道巷弄])"
)
_NUMBER: Final = re.compile(
    r"(?:[东西南北](?=[0-9]))?(?:第)?([甲乙丙丁]?[0-9]+(?:[\-~之][0-9]+)?[A-Za-z]?)(弄|号院|号|#)?(?!栋|幢|座|楼|单元|室|期|层)(?:([0-9]+(?:[\-之][0-9]+)?)号(?!楼|院))?"
)
_DOOR: Final = re.compile(
    r"(?:([0-9]+)期)?"
    r"(?:第?([0-9]+(?:[\-][0-9]+)?|[A-Za-z][0-9]{0,3}|[东南西北甲乙丙丁])(?:号?(?:栋|幢|座)|号楼|#楼?|楼(?=[0-9]+(?:单元|门))))?"
    r"[-]?(?:([0-9]+|[A-Za-z甲乙丙丁东南西北中])(?:单元|门(?![一-龥])|梯))?"
    r"[-]?(?:([0-9]+)(?:楼层|层|楼|[Ff](?![0-9A-Za-z])))?"
    r"[-]?(?:([A-Za-z]?[0-9]+[A-Za-z]?(?:-[0-9]+)?)(?:室|房间|房|户|号房|号(?=$|-))?)?"
)
_USUAL_DOOR: Final = re.compile(r"([0-9]+)(?:栋|幢|座|号楼)(?:([0-9]+)单元)?(?:([0-9]+)室?)?")
_DASHED: Final = re.compile(r"([A-Za-z]?[0-9]+)-([A-Za-z]?[0-9]+)-([A-Za-z]?[0-9]+)(?:室|房|号)?(?![0-9])")
_DASHED_TWO: Final = re.compile(r"([A-Za-z]?[0-9]{1,3}[A-Za-z]?)-([0-9]{3,4})(?:室|房|号)?(?![0-9])")
_DOOR_START: Final = re.compile(
    r"[0-9]|[A-Za-z][0-9]{0,3}(?:栋|幢|座|楼|单元|#)|[东南西北甲乙丙丁](?:栋|幢|座|楼|单元)"
)
_ESTATE_EDGE: Final = "-,.·/\\ 内院与交叉口旁对面附近"
_VILLAGE: Final = re.compile(r"([\u4e00-\u9fff]{1,8}?(?:社区|居委会|村委会|行政村|自然村|村|屯|组|队))")


# province, city, district, street, road, number, estate, building, unit, room, postcode, region code.
# A plain tuple: this runs once per record, and a named one would cost a tenth of it.
Parts = tuple[str, str, str, str, str, str, str, str, str, str, str, str]


def split_chinese_address(plain: str) -> Parts:
    """Split a tidy, simplified address. What stands in brackets is read as well and fills what is missing."""
    # Most addresses are of a few shapes that one match reads; the steps below find the same in them.
    compact = _SPACED_NUMBERS.sub("-", plain).replace(" ", "") if " " in plain else plain
    place = place_at_head(compact)
    usual = _USUAL.fullmatch(compact, place.end)
    if usual is not None:
        return _parts_of(usual, place)
    return split_in_steps(plain)


def _parts_of(usual: re.Match[str], place: Place) -> Parts:
    road, number, estate, building, unit, room, dashed, dashed_unit, dashed_room, later_road, later_number = (
        usual.groups("")
    )
    return (
        place.province, place.city, place.district, "", road or later_road, number or later_number, estate,
        building or dashed, unit or dashed_unit, room or dashed_room, "", place.code,
    )  # fmt: skip


def split_in_steps(plain: str) -> Parts:
    """Any address: postcode, Chinese numerals, divisions, what stands in brackets, then part by part."""
    postcode = ""
    if (
        _SIX_DIGITS.search(plain) is not None
        and (found := _POSTCODE.search(plain)) is not None
        and _is_postcode(plain, found)
    ):
        postcode = found[1]
        plain = (plain[: found.start()] + " " + plain[found.end() :]).strip()
    if _NUMERAL.search(plain) is not None:
        plain = _NUMERAL.sub(_as_digits, plain)
    if " " in plain:
        plain = _SPACED_NUMBERS.sub("-", plain)
    if not plain.isalnum() and _NOISE.search(plain) is not None:
        plain = _NOISE.sub("", plain)
    aside = ""
    if "(" in plain or "[" in plain or "【" in plain:
        found = _ASIDE.search(plain)
        if found is not None:
            aside = found[1]
            plain = plain[: found.start()] + _ASIDE.sub("", plain[found.end() :])
    province, city, district, code, position = place_at_head(plain)
    street, road, number, estate, building, unit, room = _split_local(plain, position)
    if aside:
        more = _split_local(aside, 0)
        if not road and more[1]:
            road, number = more[1], more[2]
        if not building and not room and (more[4] or more[6]):
            estate, building, unit, room = more[3] or estate, more[4], more[5], more[6]
        street = street or more[0]
    return province, city, district, street, road, number, estate, building, unit, room, postcode, code


def _split_local(text: str, position: int) -> tuple[str, str, str, str, str, str, str]:
    """Street office, road, number, estate, building, unit and room of what follows the divisions."""
    street = road = number = area = ""
    head = text[position : position + 10]
    if ("镇" in head or "乡" in head or "街道" in head or "苏木" in head or "场" in head) and (
        found := _STREET.match(text, position)
    ) is not None:
        street, position = found[1], found.end()
    if (found := _ROAD.match(text, position)) is not None:
        road, position = found[0], found.end()
        if ("村" in road or "区" in road or "园" in road) and (inner := _BEFORE_ROAD.match(road)) is not None:
            area, road = inner[0], road[inner.end() :]
        if (door := _NUMBER.match(text, position)) is not None and door[1]:
            number = f"{door[1]}-{door[3]}" if door[3] else door[1]
            position = door.end()
    elif (village := _VILLAGE.match(text, position)) is not None:
        village_number = _NUMBER.match(text, village.end())
        if village_number is not None and village_number.end() == len(text):
            return street, village[1], village_number[1], "", "", "", ""
    estate, building, unit, room = _split_door(text, position)
    estate = estate or area
    return street, road, number.replace("~", "-").replace("之", "-"), estate, building, unit, room


def _split_door(text: str, position: int) -> tuple[str, str, str, str]:
    """Estate, building, unit and room: 保利新城31幢2单元3204室, 阳光小区10-3-3201, 美都广场C座1391."""
    start = _DOOR_START.search(text, position)
    if start is None:
        return text[position:].strip(_ESTATE_EDGE), "", "", ""
    at = start.start()
    estate = text[position:at].strip(_ESTATE_EDGE).removesuffix("第")
    if "-" in text:
        if (dashed := _DASHED.match(text, at)) is not None:
            return estate, dashed[1], dashed[2], dashed[3]
        if (dashed := _DASHED_TWO.match(text, at)) is not None:
            return estate, dashed[1], "", dashed[2]
    usual = _USUAL_DOOR.fullmatch(text, at)
    if usual is not None:
        return estate, usual[1], usual[2] or "", usual[3] or ""
    door = _DOOR.match(text, at)
    if door is None or door.end() == at:
        return text[position:].strip(_ESTATE_EDGE), "", "", ""
    phase, building, unit, _floor, room = door.groups()
    if phase:
        estate += phase + "期"
    if not (building or unit or room) and door.end() < len(text):
        # A number inside a name (88酒吧): all of it is the place.
        return text[position:].strip(_ESTATE_EDGE), "", "", ""
    return estate, (building or "").upper(), unit or "", (room or "").upper()


def _as_digits(numeral: re.Match[str]) -> str:
    number = chinese_number(numeral[0])
    return numeral[0] if number is None else str(number)


def _is_postcode(text: str, found: re.Match[str]) -> bool:
    """Six digits that stand apart: 200000 上海市…, …室 200000, 邮编200000."""
    if found[0] != found[1]:
        return True
    before, after = text[: found.start()], text[found.end() :]
    return (not before or before[-1] in " ,(") and (not after or after[0] in " ,)" or not before)
