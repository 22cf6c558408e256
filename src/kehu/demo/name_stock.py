"""Chinese names as they occur: surnames by frequency, given names by decade and gender, and how they get
misspelt.
"""

from bisect import bisect
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Literal

from opencc import OpenCC
from pypinyin import lazy_pinyin

Gender = Literal["male", "female"]

# Characters in falling order of popularity for people born in the decade.
GIVEN_CHARACTERS: dict[int, dict[Gender, str]] = {
    1950: {
        "male": "国建华明平志德文军永玉福生云林荣金海春祥成忠贵富祖安庆",
        "female": "秀英桂兰玉珍凤芳淑琴素梅荣华爱云霞翠莲菊香月清莉珠",
    },
    1960: {
        "male": "建国军平明华志伟卫东文生永强红林海春玉新宏民胜利学庆",
        "female": "英秀芳玉丽红梅霞兰萍燕华琴淑桂艳敏玲云珍菊莉洁翠凤",
    },
    1970: {
        "male": "军伟强勇建明华平志涛斌波峰刚辉海文永林东鹏超杰磊亮民",
        "female": "丽艳红梅霞敏燕芳玲娟静华萍英琴莉洁云兰秀平晓琳娜蓉",
    },
    1980: {
        "male": "伟磊涛鹏超杰勇波强军斌峰辉飞宇亮明凯浩健俊龙志文博洋",
        "female": "静丽娜艳燕敏婷娟莉霞芳玲倩雪洁晶丹琳慧颖晓萍红佳玉梅",
    },
    1990: {
        "male": "浩杰宇鹏超伟涛俊凯磊博洋斌文龙飞明翔晨鑫峰帅阳志强轩",
        "female": "婷雪静倩颖丹莹欣琳佳慧悦敏丽洁雨玉璐娜晶瑶梦萍怡思蕾",
    },
    2000: {
        "male": "浩宇轩子博俊杰泽昊天文睿涵晨翔鑫宏逸豪嘉瑞阳皓彬哲航",
        "female": "欣雨怡涵梓佳思悦嘉诗琪妍婷萱玥颖语可瑶彤晓静雯梦馨若",
    },
}
SINGLE_CHARACTER_SHARE = {1950: 0.12, 1960: 0.18, 1970: 0.35, 1980: 0.38, 1990: 0.30, 2000: 0.10}

LOOK_ALIKES = (
    "丽莉", "末未", "晴睛", "玉王", "波坡", "杨扬", "刘列", "陈阵", "徐除", "林材", "吴昊", "伟玮", "涛滔", "俊峻",
    "洁浩", "燕蒸", "梅海", "敏教", "静靓", "莹萤", "婷停", "欣忻", "颖颍", "宇字", "轩杆", "明朋", "建健", "国固",
    "军车", "志态", "强张", "辉挥", "峰锋", "磊垒", "鹏朋", "凯剀", "斌武", "云去", "秀委", "兰三", "芳芬", "霞露",
    "娟捐", "玲铃", "琴瑟", "雪雷", "丹舟", "晶品", "佳住", "慧彗", "悦锐", "雨两", "怡治", "思恩", "琪棋", "妍研",
    "萱宣", "瑶谣", "彤丹", "雯斐", "梦焚", "馨磬", "泽译", "睿容", "晨震", "翔祥", "鑫金", "逸免", "豪毫", "嘉喜",
    "周固", "赵越", "黄横", "孙孔", "马鸟", "朱未", "胡湖", "郭部", "何河", "高亮", "罗萝", "郑邓", "梁粱", "谢射",
    "宋末", "唐塘", "许讦", "韩朝", "冯马", "曹遭", "彭澎", "曾会", "萧肃", "田由", "董重", "潘播", "袁哀", "蔡菜",
)  # fmt: skip

# Surnames whose usual reading is another one.
SURNAME_READINGS = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "盖": "ge", "任": "ren",
    "朴": "piao", "尉迟": "yuchi", "覃": "qin", "翟": "zhai", "乐": "yue", "冼": "xian", "华": "hua", "万": "wan",
    "石": "shi", "贾": "jia", "葛": "ge", "纪": "ji", "宁": "ning", "缪": "miao", "种": "chong", "折": "she",
    "员": "yun", "黑": "he", "秘": "bi", "召": "shao", "繁": "po", "晟": "cheng", "佟": "tong", "褚": "chu",
    "长孙": "zhangsun", "吕": "lv", "逄": "pang", "郗": "xi", "牟": "mu", "卜": "bu", "车": "che", "柏": "bai",
}  # fmt: skip

TITLES: dict[Gender, tuple[str, ...]] = {
    "male": ("先生", "先生", "先生", "总", "经理", "老师"),
    "female": ("女士", "女士", "女士", "小姐", "总", "经理"),
}


@cache
def _surnames() -> tuple[list[str], list[int]]:
    text = files("kehu.demo").joinpath("data/surnames.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return [name for name, _ in rows], list(accumulate(int(weight) for _, weight in rows))


def draw_surname(rng: Random) -> str:
    names, cumulative = _surnames()
    return names[bisect(cumulative, rng.random() * cumulative[-1])]


def draw_given_name(rng: Random, gender: Gender, born_year: int) -> str:
    """One or two characters, popular ones more often, as the decade of birth liked them."""
    decade = min(2000, max(1950, born_year // 10 * 10))
    characters = GIVEN_CHARACTERS[decade][gender]
    count = 1 if rng.random() < SINGLE_CHARACTER_SHARE[decade] else 2
    # Two out of three characters follow the fashion of the decade, the rest come from any decade and either gender.
    return "".join(_draw_character(rng, characters) for _ in range(count))


def _draw_character(rng: Random, characters: str) -> str:
    if rng.random() < 0.62:
        return characters[int(len(characters) * rng.random() ** 1.5)]
    return UNCOMMON_CHARACTERS[int(len(UNCOMMON_CHARACTERS) * rng.random())]


UNCOMMON_CHARACTERS = (
    "一乐亚亦京亭仁仪伊传伦佩侃保信修倩倪健元光全兴冬冰冲凡凌凤刚力加劲勤化北升卉卓南卫双叶向君吟启呈和品哲唯"
    "喆坚坤城培堂墨士复夏夕大天太奇奎好如姝姣娅娇婉婕媛子存孝孟季学宁守安宗官宜宝实宣家容寅寒寿尔尚尧山岩岚峥"
    "嵘川巧帆帅希帝常广序庭康延弘弛彦彩彪影征心怀恒恩悠情惠意成扬承技振捷政新方旭昌昕易星春昭晋景智曦曼朗朝木"
    "本权李杉来松柏柔柯树格桐森楠楷槐正武殿毅民水江池沁沛沫法泉泓洪流济润淇淑清渊温湘源滢演潇澄澜火灿炎炜炫烁"
    "烨然煜照熙爽牧献珂珊珏珠理琛琦琨琬琼瑄瑛瑜瑾璇璟甜田男略白皎益盈真睦知石研硕碧磬祎祖祥禄禹秋科程稳穆立竣"
    "童端竹笑筠简素紫纯纲纳纹练织绍绪维绮绿缘罡美羽耀耘聪肖育胜舒航良艺芊芝芮芷苏苑苗若茂茜茵茹荃荷莎菁菲萌葳"
    "蒙蓓蓝蔓薇藜虎虹蝶行衍西观言训诚诗谦谷豫贝贞贤资越路跃达迎迪连迪逊通道邦郁采里重量钊钢钧铁铭锋锐锦长闯阔"
    "防际陶隆雁雄雅雨霄霆霖露青靖非韬韵音顺颂领风飒香馥驰骁骏高鲁鸣鸿鹤麒麟黎齐龙"
)


@cache
def _homophones() -> dict[str, str]:
    """Character → the other name characters with the same sound, tone apart."""
    characters = sorted(
        set("".join(c for by in GIVEN_CHARACTERS.values() for c in by.values())) | set(UNCOMMON_CHARACTERS)
    )
    extra = (
        "伟玮炜威薇丽莉俐力利敏民闽静靖净婷廷亭杰洁捷涛韬滔磊蕾垒强蔷军君钧均峰锋枫丰辉晖挥慧惠会芳方燕艳彦雁娟鹃霞侠"
    )
    by_sound: dict[str, list[str]] = {}
    for character in dict.fromkeys(
        "".join(characters) + extra + "张章陈程成李黎刘柳王汪杨扬黄皇赵照周邹吴武徐许孙荪马麻朱祝胡湖郭国林临何贺高郜"
    ):
        by_sound.setdefault(lazy_pinyin(character)[0], []).append(character)
    return {c: "".join(o for o in group if o != c) for group in by_sound.values() for c in group}


@cache
def _look_alikes() -> dict[str, str]:
    table: dict[str, str] = {}
    for pair in LOOK_ALIKES:
        table[pair[0]] = table.get(pair[0], "") + pair[1]
        table[pair[1]] = table.get(pair[1], "") + pair[0]
    return table


def misspell(rng: Random, surname: str, given: str) -> str:
    """The name with one character wrong: a homophone, a look-alike or a slip of the keyboard; never the name
    itself.
    """
    name = surname + given
    # The surname is typed more carefully than the given name.
    position = rng.randrange(len(surname)) if rng.random() < 0.15 else len(surname) + rng.randrange(len(given))
    character = name[position]
    kind = rng.random()
    if kind < 0.5:
        choices = _homophones().get(character, "")
    elif kind < 0.8:
        choices = _look_alikes().get(character, "")
    else:
        choices = ""
    if choices:
        return name[:position] + rng.choice(choices) + name[position + 1 :]
    return _slip(rng, name, surname, position)


def _slip(rng: Random, name: str, surname: str, position: int) -> str:
    kind = rng.random()
    if kind < 0.25 and len(name) - len(surname) > 1:  # a character left out
        return name[:position] + name[position + 1 :] if position >= len(surname) else name[:-1]
    if kind < 0.45 and len(name) - len(surname) > 1 and name[-1] != name[-2]:  # two characters exchanged
        return name[:-2] + name[-1] + name[-2]
    if kind < 0.6:  # a character twice
        return name[: position + 1] + name[position:]
    other = UNCOMMON_CHARACTERS[rng.randrange(len(UNCOMMON_CHARACTERS))]
    if other == name[position]:
        other = "晖" if other != "晖" else "玮"
    return name[:position] + other + name[position + 1 :]


@cache
def _traditional() -> OpenCC:
    return OpenCC("s2t")


def to_traditional(text: str) -> str:
    converted: str = _traditional().convert(text)
    return converted


def spell_surname(surname: str) -> str:
    return SURNAME_READINGS.get(surname) or "".join(lazy_pinyin(surname))


def spell_given(given: str) -> str:
    return "".join(lazy_pinyin(given))


def romanise(rng: Random, surname: str, given: str) -> str:
    """As a passport, a form in English or a foreigner would write it."""
    family, first = spell_surname(surname).capitalize(), spell_given(given).capitalize()
    pattern = rng.random()
    if pattern < 0.4:
        return f"{family} {first}"
    if pattern < 0.75:
        return f"{first} {family}"
    if pattern < 0.9:
        return f"{family.upper()} {first.upper()}"
    return f"{first} {family}".lower()
