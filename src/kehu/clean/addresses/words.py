"""Which characters of a Chinese address are the road, which the estate, which the door."""

import re
from typing import Final, NamedTuple

HAN: Final = "\u4e00-\u9fff"
NUMERAL: Final = "零〇一二三四五六七八九十百两0-9"
SIDE: Final = "东南西北中"
BETWEEN: Final = re.compile(r"[\s,;:。、_|.\-/*?]+")


class Word(NamedTuple):
    """A run of characters of the text and what it tells.

    kind, from the largest to the smallest: province, city, district, zone (开发区), town (街道, 镇, 乡), community (村,
    社区), road, number, subroad, subnumber, estate, block (A区, 二期), building, unit, floor, room.
    """

    kind: str
    start: int
    end: int


def after_marks(text: str, position: int) -> int:
    """Where the next word begins: blanks, dashes and other marks say nothing."""
    found = BETWEEN.match(text, position)
    return found.end() if found is not None else position
