"""Estate, block, building, unit, floor and room: what stands behind road and number."""

import re
from typing import Final

from kehu.clean.addresses.words import HAN, NUMERAL, SIDE, Word, after_marks

_BUILDING: Final = (
    rf"第?(?:[A-Za-z]?[{NUMERAL}]+(?:-[0-9]+)?|[A-Za-z][0-9]{{0,3}}|[{SIDE}甲乙丙丁])"
    r"(?:号楼|号?[栋幢座撞]|#楼?|楼(?=[0-9]+(?:单元|门)))"
)
_HOUSE: Final = r"[A-Za-z]?(?:[0-9]{1,3}|[一二三四五六七八九十百]+)号门?(?!楼)"
_UNIT: Final = rf"[{NUMERAL}]+街(?=[0-9])|(?:[{NUMERAL}]+|[A-Za-z甲乙丙丁{SIDE}])(?:单元|梯|单(?=[0-9]))"
_FLOOR: Final = rf"负?[{NUMERAL}]+(?:楼层|层楼|层|楼)|[0-9]+[Ff](?![0-9A-Za-z])"
_ROOM: Final = rf"[A-Za-z]{{0,2}}[0-9]+[A-Za-z]?(?:-[0-9]+)?(?:室|房间|房|户|铺|号)|[{NUMERAL}]{{2,}}室"
_PLAIN: Final = r"[A-Za-z]{0,2}[0-9]+[A-Za-z]?"
_DOOR: Final = re.compile(
    rf"(?P<building>{_BUILDING}|{_HOUSE})|(?P<unit>{_UNIT})|(?P<floor>{_FLOOR})|(?P<room>{_ROOM})"
)
_CHAIN: Final = re.compile(
    rf"({_PLAIN})[\-~—]+({_PLAIN})(?:(?:栋|幢|号楼)?[\-~—]+({_PLAIN}))?(?:室|房|号|铺)?(?![{NUMERAL}A-Za-z\-])"
)
_LONE: Final = re.compile(rf"{_PLAIN}(?![0-9A-Za-z期区])")
_START: Final = re.compile(
    rf"{_BUILDING}|{_UNIT}|{_FLOOR}|{_ROOM}|"
    rf"[A-Za-z]{{0,2}}[0-9]+[A-Za-z]?(?![0-9A-Za-z期区街路号组队]|[{HAN}]*(?:街|路|区|巷)[{NUMERAL}])"
)
_BLOCK: Final = re.compile(rf"(?<=[{HAN}]{{2}})(?:[{SIDE}]?[{NUMERAL}A-Za-z]{{1,3}}[区期]|[{SIDE}]区)$")
_REMARK: Final = re.compile(
    r"(?:电联|代?收|签收|自提|[东南西北]?(?:旁边?|对面|隔壁|附近|门口|楼下|路口|交叉口|交汇处|院?内|[东南西北]侧))$"
)
_LEADING: Final = re.compile(r"(?:与|交叉口|交汇处?|[东南西北]+[侧面角边]|路口|对面|内)+")
_ORDER: Final = {"building": 0, "unit": 1, "floor": 2, "room": 3}


def read_door(text: str, position: int, words: list[Word]) -> None:
    """Append the estate and the numbers of its door; what comes behind them is a remark."""
    position = after_marks(text, position)
    if (aside := _LEADING.match(text, position)) is not None:
        position = aside.end()
    start = _START.search(text, position)
    at = start.start() if start is not None else len(text)
    _append_estate(text, position, at, words)
    if start is not None:
        _read_numbers(text, at, words)


def _append_estate(text: str, start: int, end: int, words: list[Word]) -> None:
    while end > start and (text[end - 1] in " ,-_.·/第"):
        end -= 1
    remark = _REMARK.search(text, start, end)
    if remark is not None:
        end = remark.start()
    block = _BLOCK.search(text, start, end)
    middle = block.start() if block is not None else end
    if middle > start:
        words.append(Word("estate", start, middle))
    if block is not None:
        words.append(Word("block", middle, end))


def _read_numbers(text: str, position: int, words: list[Word]) -> None:
    reached = -1
    while position < len(text):
        chain = _CHAIN.match(text, position)
        if chain is not None and reached < 0:
            _append_chain(chain, words)
            return
        found = _DOOR.match(text, position)
        kind = found.lastgroup if found is not None else None
        if found is None or kind is None or _ORDER[kind] <= reached:
            found = _LONE.match(text, position)
            if found is None or reached == _ORDER["room"]:
                return
            kind = "room" if reached >= 0 or found.end() - position > 2 else "building"
        words.append(Word(kind, position, found.end()))
        reached = _ORDER[kind]
        position = after_marks(text, found.end())


def _append_chain(chain: re.Match[str], words: list[Word]) -> None:
    first, second, third = chain.span(1), chain.span(2), chain.span(3)
    words.append(Word("building", *first))
    if third[0] >= 0:
        words += (Word("unit", *second), Word("room", third[0], chain.end()))
    else:
        words.append(Word("room", second[0], chain.end()))
