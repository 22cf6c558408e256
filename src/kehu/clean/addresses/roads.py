"""Road and house number, and the lane or section that belongs to them."""

import re
from typing import Final

from kehu.clean.addresses.words import HAN, NUMERAL, SIDE, Word

_ROAD_END: Final = (
    rf"(?:大道(?:[{SIDE}]路)?|[大直支]?街(?!道|区|坊)|胡同|公路|支?路(?![口桥灯局])|巷(?!口)|弄(?!堂)|[国省县乡]道|"
    rf"(?<=[一二三四五六七八九十])[道里](?=[0-9])|(?<=[{SIDE}一二三四五六七八九十])线(?=[0-9]))"
)
_ROAD: Final = re.compile(
    rf"[A-Za-z]?[0-9]{{1,4}}[国省县乡]?道|[{HAN}]{{0,9}}?(?:[0-9]{{1,3}}号?)?[{HAN}]{{0,4}}?{_ROAD_END}"
)
_GOES_ON: Final = re.compile(rf"[{SIDE}里外新支]?[路街](?!道|口)")  # 横街东路, 机场路里街
_ONLY_KIND: Final = re.compile(rf"[{SIDE}]?[{NUMERAL}]{{0,2}}(?:大道|大街|路|街|巷|弄)")
# Words that end before a road's name begins: 康桥工业区康惠路, 检察院卧龙路.
_EDGE: Final = re.compile(
    rf"(?:(?<=[{HAN}])村|社区|小区|(?:工业|产业|科技|软件|物流|创业|创意|高新|生态|食品|服装|服饰)(?:小区|园区|区|园|城)|园区|"
    r"开发区|新区|花园|公寓|大厦|广场|公司|厂|市场|酒店|学校|大学|学院|医院|银行|商城|中心|大楼|家园|苑|检察院|法院|路口|委员会|"
    rf"[{SIDE}A-Za-z一二三四五六七八九十]区)(?=[{HAN}0-9]{{2,}})"
)
_FIRM_EDGES: Final = frozenset({"村", "社区", "小区"})  # 仙门村北路 is 北路; 广场东路 and 中关村大街 are whole
_COMMON: Final = re.compile(
    rf"(?:[经纬][{NUMERAL}]|人民|解放|中山|建设|和平|新华|文化|长江|黄河|迎宾|环城|胜利|青年|朝阳|中兴|工业|振兴|世纪|滨江|江滨|沿江|沿河|"
    rf"学院|教育|体育|创业|科技|兴业|中心|建国|复兴|光明|团结|友谊|劳动)[{SIDE}]?[{NUMERAL}]?{_ROAD_END}$"
)
# Of a longer name the last two characters are the road's, what stands before is a village: 下骆宅紫金北路.
_LONG: Final = re.compile(
    rf"[{HAN}0-9]{{2,}}?([{HAN}][^\W{NUMERAL}{SIDE}A-Za-z大][{SIDE}新]?[{NUMERAL}]{{0,2}}(?:大道|大街|路|街))"
)
_ONE_NAME: Final = re.compile(r"公园|步行|工业|科技|门[内外]|环[路镇]|[横直][路街]|号大?[路街]|山脚|制革|老.大|学校")
_SECTION: Final = re.compile(rf"[{SIDE}上下前后]段|[{NUMERAL}]+段")
_CROSSING: Final = re.compile(rf"(?:与|和|跟)?([{HAN}]{{2,5}}?(?:大道|大街|路(?![口局])|街(?!道|区)))")
_LANE: Final = re.compile(rf"[{NUMERAL}]+(?:巷|支路|街|里|支弄)|[{HAN}]{{1,4}}?(?:巷|弄)")
_GROUP: Final = re.compile(rf"[{NUMERAL}]+[组队社](?![{HAN}]*(?:公司|团))")
_GROUP_OF: Final = re.compile(rf"([^\W{NUMERAL}A-Za-z路街号]{{1,4}}?)[{NUMERAL}]+[组队](?=[{NUMERAL}]|$)")
_PEOPLES_GROUP: Final = re.compile(rf"[^\W{NUMERAL}A-Za-z路街号]{{1,5}}?(?:村民)?小?组(?=[0-9]|$)")
_APART: Final = re.compile(rf"([{HAN}A-Za-z0-9]{{2,12}}?)[_ ,]+(?=[{HAN}0-9])")
_BEFORE_NUMBER: Final = re.compile(rf"路(?=[0-9])|[_ ]+(?=[0-9])|[{SIDE}后旁侧边]{{1,2}}(?=[0-9])")
_NUMBER: Final = re.compile(
    rf"第?[甲乙丙丁]?[0-9]+(?:[\-~/、.—][0-9]+)*[A-Za-z]?(?:号院|号|弄)|[甲乙丙丁]?[{NUMERAL}]+(?:号|弄)"
)
_BARE_NUMBER: Final = re.compile(r"[甲乙丙丁]?[0-9]+(?:-[0-9]+)?[A-Za-z]?(?![0-9\-])|[甲乙丙丁]?[0-9]+[A-Za-z]?")
_DOOR_NEXT: Final = re.compile(r"楼|栋|幢|座|门(?![面市店])")
_DOOR_BARE: Final = re.compile(r"-?[0-9]*(?:楼|栋|幢|座|单元|室|层|期|区|#|号楼|排|组|米|村|店|门|铺)")
_DOOR_CHAIN: Final = re.compile(r"[0-9]+-[0-9]+-[0-9]+(?![0-9\-])")
_TWO_NUMBERS: Final = re.compile(r"([0-9]+)-([0-9]+)")
_HOUSE: Final = re.compile(rf"([{HAN}]{{0,5}}?)([0-9]+(?:-[0-9]+)?号(?![楼门栋幢])|[0-9]+$)")
_ESTATE_END: Final = re.compile(
    r"(?:花园|家园|新村|苑|区|公寓|小区|园|城|大厦|广场|中心|公司|厂|国际|市场|楼|大楼|院|店|库|商场|公馆|名邸|豪庭|庭|府|村|[栋幢座期])$"
)
_MAY_HAVE_NUMBER: Final = frozenset({"community", "town", "zone", "district"})


def read_road(text: str, position: int, words: list[Word]) -> int:
    """Append road and number, and what stands before them; where they end."""
    if (group := _GROUP.match(text, position)) is not None:
        return _read_group(text, group, words)
    last = words[-1].kind if words else ""
    if last == "community" and (group := _PEOPLES_GROUP.match(text, position)) is not None:
        words.append(Word("road", position, group.end()))
        return _read_number(text, group.end(), words, "number")
    if (group := _GROUP_OF.match(text, position)) is not None:
        words += (Word("community", position, group.end(1)), Word("road", group.end(1), group.end()))
        return _read_number(text, group.end(), words, "number")
    road = _ROAD.match(text, position)
    if road is not None:
        return _read_named_road(text, position, road.end(), words)
    apart = _APART.match(text, position)
    if apart is not None and _ROAD.match(text, apart.end()) is not None:
        words.append(Word("estate", position, apart.end(1)))
        return read_road(text, apart.end(), words)
    return _read_house(text, position, words) if last in _MAY_HAVE_NUMBER else position


def _read_group(text: str, group: re.Match[str], words: list[Word]) -> int:
    """9组12号; 2组人民路8号 has a road as well."""
    words.append(Word("road", group.start(), group.end()))
    end = group.end()
    road = None if text[end : end + 1].isdigit() else _ROAD.match(text, end)
    if road is None:
        return _read_number(text, end, words, "number")
    words.append(Word("subroad", end, road.end()))
    return _read_number(text, road.end(), words, "subnumber")


def _read_named_road(text: str, position: int, end: int, words: list[Word]) -> int:
    if (more := _GOES_ON.match(text, end)) is not None:
        end = more.end()
    start = _name_start(text, position, end)
    if start > position:
        kind = "estate" if _ESTATE_END.search(text[position:start]) else "community"
        words.append(Word(kind, position, start))
    words.append(Word("road", start, end))
    part = _SECTION.match(text, end) or _LANE.match(text, end)
    if part is None:
        after = _read_number(text, end, words, "number")
        crossing = _CROSSING.match(text, end) if after == end else None
        if crossing is None:
            return after
        words.append(Word("subroad", crossing.start(1), crossing.end(1)))
        return _read_number(text, crossing.end(1), words, "subnumber")
    words.append(Word("subroad", end, part.end()))
    return _read_number(text, part.end(), words, "subnumber")


def _name_start(text: str, position: int, end: int) -> int:
    """Where the road's own name begins in what stands before the word for its kind."""
    start = position
    for edge in _EDGE.finditer(text, position, end):
        is_firm = edge[0] in _FIRM_EDGES and text[edge.end()] in SIDE
        if is_firm or _ONLY_KIND.fullmatch(text, edge.end(), end) is None:
            start = edge.end()
    if start == position and end - start > 5:
        common = _COMMON.search(text, position, end)
        if common is not None and common.start() >= position + 2:
            start = common.start()
    if end - start > 4 and _ONE_NAME.search(text, start, end) is None:
        long = _LONG.fullmatch(text, start, end)
        if long is not None:
            start = long.start(1)
    return start


def _read_house(text: str, position: int, words: list[Word]) -> int:
    """下沈村107号: the number counts in the village, not in a road."""
    found = _HOUSE.match(text, position)
    if found is None or (found[1] and _ESTATE_END.search(found[1])) or not (found[1] or words[-1].kind != "district"):
        return position
    if found[1]:
        words.append(Word("estate", position, found.end(1)))
    words.append(Word("number", found.start(2), found.end(2)))
    return found.end()


def _read_number(text: str, position: int, words: list[Word], kind: str) -> int:
    if (before := _BEFORE_NUMBER.match(text, position)) is not None:
        position = before.end()
    if _DOOR_CHAIN.match(text, position) is not None:
        return position
    found = _NUMBER.match(text, position)
    if found is not None:
        if text[found.end() - 1] == "号" and _DOOR_NEXT.match(text, found.end()) is not None:
            return position
    else:
        found = _BARE_NUMBER.match(text, position)
        if found is None or _DOOR_BARE.match(text, found.end()) is not None:
            return position
    end = found.end()
    # 389-399号 is a row of houses, 1320-8 is house 1320, door 8.
    two = _TWO_NUMBERS.match(text, position)
    if two is not None and int(two[1]) >= int(two[2]):
        end = two.end(1)
    words.append(Word(kind, position, end))
    return end
