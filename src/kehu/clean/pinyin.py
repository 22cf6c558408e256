"""Pinyin of Chinese names in ASCII: each character's reading, surnames by their surname reading."""

from functools import cache
from pathlib import Path
from typing import Final

# Where the surname reading is not the character's first dictionary reading.
_SURNAME_READING: Final = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge",
    "翟": "zhai", "覃": "qin", "缪": "miao", "卜": "bu", "柏": "bai", "隋": "sui", "乐": "yue", "冼": "xian",
    "阚": "kan", "都": "du", "薄": "bo", "那": "na", "宿": "su", "逄": "pang", "过": "guo", "贲": "ben",
    "藏": "zang", "宓": "mi", "隗": "wei", "种": "chong", "郇": "xun", "员": "yun", "黑": "he", "秘": "bi",
    "召": "shao", "折": "she", "句": "gou", "乜": "nie", "洗": "xian", "莘": "shen", "撒": "sa", "么": "yao",
    "令": "ling", "还": "huan", "佴": "nai", "钭": "tou", "适": "kuo", "繁": "po", "重": "chong", "便": "pian",
    "六": "lu", "长": "chang", "勒": "le", "尉": "wei", "任": "ren", "华": "hua", "晟": "cheng", "啜": "chuo",
    "底": "di", "哈": "ha", "祭": "zhai", "车": "che", "纪": "ji", "石": "shi", "宁": "ning", "厦": "xia",
    "尉迟": "yuchi", "万俟": "moqi", "长孙": "zhangsun", "乐正": "yuezheng", "单于": "chanyu",
    "澹台": "tantai", "令狐": "linghu", "冷狐": "linghu", "拓跋": "tuoba", "夹谷": "jiagu",
}  # fmt: skip

# Characters of given names whose first dictionary reading is not the one names use.
_GIVEN_READING: Final = {
    "曾": "zeng", "长": "chang", "了": "liao", "的": "di", "着": "zhuo", "没": "mo", "勒": "le", "卜": "bu",
    "还": "huan", "都": "du", "薄": "bo", "阚": "kan", "朴": "pu", "晟": "sheng", "茜": "qian", "似": "si",
    "得": "de", "地": "di", "翟": "zhai", "么": "mo", "娜": "na", "行": "xing", "底": "di", "奇": "qi",
    "号": "hao", "筠": "yun", "莘": "xin", "员": "yuan", "区": "qu", "骆": "luo", "祎": "yi", "喆": "zhe",
    "堃": "kun", "燊": "shen", "炅": "jiong", "骐": "qi", "嫄": "yuan", "妤": "yu", "什": "shi", "哪": "na",
    "珩": "heng", "隽": "jun",
}  # fmt: skip

_DATA: Final = Path(__file__).with_name("data")


@cache
def _reading_by_character() -> dict[str, str]:
    """Character → toneless first reading, for the whole basic plane.

    A table taken from pypinyin's dictionary once: its functions look every name up among phrases, know fewer surnames
    and cost 60 MB; a look-up per character is right for names and 20 times as fast.
    """
    table: dict[str, str] = {}
    for line in (_DATA / "readings.txt").read_text(encoding="utf-8").splitlines():
        reading, characters = line.split("\t")
        table |= dict.fromkeys(characters, reading)
    return table | _GIVEN_READING


def surname_reading(surname: str) -> str:
    """欧阳 → ouyang, 单 → shan, 尉迟 → yuchi. Expects simplified characters."""
    known = _SURNAME_READING.get(surname)
    return known if known is not None else "".join(given_syllables(surname))


def given_syllables(given: str) -> list[str]:
    """小明 → ["xiao", "ming"]. What has no reading is left out, but for ASCII letters and digits."""
    table = _reading_by_character()
    return [table[c] if c in table else c.lower() for c in given if c in table or (c.isascii() and c.isalnum())]


def name_pinyin(surname: str, given: str) -> str:
    """曾, 小明 → "zeng xiaoming": two words, surname first, ASCII. Either part may be empty."""
    table = _reading_by_character()
    try:
        if len(given) == 2:
            rest = table[given[0]] + table[given[1]]
        else:
            rest = "".join([table[c] for c in given])
    except KeyError:
        rest = "".join(given_syllables(given))
    if not surname:
        return rest
    first = _usual_surname_reading().get(surname) or surname_reading(surname)
    return f"{first} {rest}" if rest else first


@cache
def _usual_surname_reading() -> dict[str, str]:
    """Surname → reading, for every surname known."""
    from kehu.clean.surnames import frequency_by_surname

    return {surname: surname_reading(surname) for surname in frequency_by_surname()}


def name_initials(surname: str, given: str) -> str:
    """曾, 小明 → "zxm", as people type it into a search box."""
    return surname_reading(surname)[:1] + "".join(s[:1] for s in given_syllables(given))
