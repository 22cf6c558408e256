"""What stands between the district and the road: development zone, township, village."""

import re
from typing import Final

from kehu.clean.addresses.townships import find_township
from kehu.clean.addresses.words import HAN, NUMERAL, SIDE, Word, after_marks

_ZONE: Final = re.compile(
    r"[^\W0-9A-Za-z_镇乡村路街号]{0,6}?(?:(?:经济|技术|高新|产业|国家级?|旅游|度假|综合|保税|空港|临港)+"
    r"(?:开发区|新区|园区|产业园区|度假区|区)|(?:开发|高新|新|经开)区)"
)
_TOWN: Final = re.compile(
    r"[^\W0-9A-Za-z_弄村号区镇乡]{1,4}?路街道(?:办事处|办)?|"
    r"[^\W0-9A-Za-z_路弄村号区镇乡]{1,5}?(?:街道(?:办事处|办)?|镇|乡(?!镇)|苏木)"
)
_COMMUNITY: Final = re.compile(rf"[{HAN}]{{1,6}}?(?:村民?委(?:员)?会?|社区|居委会|行政村|自然村|(?<!新)村)")
_ROAD_KIND: Final = re.compile(r"大道|大街|胡同|公路|路|街(?!道|区|坊)|巷|弄")
# What shows that the word before was only the beginning of a name: 望乡路, 大桥镇政府, 三村一区.
_NAMES_STREET: Final = re.compile(
    rf"[{SIDE}]?(?:路|街(?!道)|大道|大街|巷|村委|花园|小区|人家|家园|公寓|苑|政府|中学|小学|医院|卫生院)"
)
_AFTER_TOWN: Final = re.compile(r"路|街(?!道)|大道|大街|巷|村委|人家|公寓|政府|中学|小学|医院|卫生院")
_AFTER_BARE: Final = re.compile(
    rf"[{SIDE}内外上下]?(?:路|街|大道|大街|巷|村|社区|广场|工业|市场|[{NUMERAL}]+区)|小区|花园|公寓|家园|中学|小学|医院|"
    r"大酒店|国际|新|商|镇|桥|[内外区县市]"
)
_AFTER_COMMUNITY: Final = re.compile(
    rf"(?:[{SIDE}前后]?(?:路|街|大道|大街|巷|弄)|小区|花园|公寓|[{NUMERAL}]+(?:区|幢|栋|期|号楼|座|排|单元))"
)
_SHORT_ROAD: Final = re.compile(rf"[{HAN}]{{0,3}}?(?:路|街(?!道)|大道|大街|巷)")
_OWN_ROAD: Final = re.compile(rf"[{HAN}]{{1,3}}[^\W{SIDE}A-Za-z0-9](?:[{SIDE}]?(?:[{NUMERAL}]?路|街)|大道|大街)")
_MORE_TO_COME: Final = re.compile(rf"[{HAN}]{{2}}|[0-9]+号?(?:大街|路)")
_REPEATS: Final = "省市区县镇道"


def read_areas(text: str, position: int, code: str, words: list[Word]) -> int:
    """Append zone, township and village from `position` on; `code`: digits of the division known. Where they end."""
    kinds: set[str] = set()
    while len(kinds) < 3:
        repeated = _repeated_end(text, position, words)
        if repeated:
            position = after_marks(text, repeated)
            continue
        kind, end = _next_area(text, position, code, kinds)
        if not end:
            break
        words.append(Word(kind, position, end))
        if kind in kinds:
            return after_marks(text, end)
        kinds.add(kind)
        position = after_marks(text, end)
    return position


def _next_area(text: str, position: int, code: str, kinds: set[str]) -> tuple[str, int]:
    if "community" in kinds:
        return "", 0
    if "zone" not in kinds and (end := _zone_end(text, position)):
        return "zone", end
    if end := _town_end(text, position, code, "town" in kinds):
        return "town", end
    return "community", _community_end(text, position)


def _repeated_end(text: str, position: int, words: list[Word]) -> int:
    """良渚镇余杭区良渚镇: what was said before says nothing new."""
    for word in words:
        end = position + word.end - word.start
        if (
            word.end - word.start > 1
            and text[word.end - 1] in _REPEATS
            and text.startswith(text[word.start : word.end], position)
            and _NAMES_STREET.match(text, end) is None
        ):
            return end
    return 0


def _zone_end(text: str, position: int) -> int:
    found = _ZONE.match(text, position)
    return found.end() if found is not None and _NAMES_STREET.match(text, found.end()) is None else 0


def _town_end(text: str, position: int, code: str, is_second: bool) -> int:
    town = find_township(text, position, code)
    if town is None and len(code) > 4 and not is_second:
        town = find_township(text, position, code[:4])
        town = town if town is not None and town.is_whole else None
    if town is not None and town.is_whole and _AFTER_TOWN.match(text, town.end) is None:
        return town.end
    found = _TOWN.match(text, position)
    if found is not None:
        spoils = _NAMES_STREET if found[0][-1] == "乡" else _AFTER_TOWN
        if spoils.match(text, found.end()) is None:
            return found.end()
    if is_second or town is None or _AFTER_BARE.match(text, town.end) is not None:
        return 0
    # A bare name (临平迎宾路) counts where the district is known, or where a whole road's name remains.
    if len(code) < 4 or _SHORT_ROAD.match(text, town.end) is not None:
        return town.end if _OWN_ROAD.match(text, town.end) is not None else 0
    return town.end if _MORE_TO_COME.match(text, town.end) is not None else 0


def _community_end(text: str, position: int) -> int:
    found = _COMMUNITY.match(text, position)
    if found is None or _AFTER_COMMUNITY.match(text, found.end()) is not None:
        return 0
    road = _ROAD_KIND.search(text, position, found.end())
    return 0 if road is not None and road.end() < found.end() - 1 else found.end()
