"""What people call themselves in WeChat: a few by their name, most by anything else."""

# ruff: noqa: E501 - tables of Chinese text, whose characters count double

from random import Random

from kehu.demo.population import Person

WORDS = (
    "清风", "向日葵", "阳光", "小确幸", "岁月静好", "星空", "云淡风轻", "一米阳光", "柠檬", "蓝天白云", "时光", "晴天",
    "平安是福", "努力奋斗", "知足常乐", "茉莉", "小太阳", "花开半夏", "随风", "心若向阳", "梦想", "麦子", "橙子", "可乐",
)  # fmt: skip
BABIES = (
    "朵朵",
    "糖糖",
    "豆豆",
    "果果",
    "乐乐",
    "小宝",
    "安安",
    "萌萌",
    "团团",
    "米粒",
    "元宝",
    "可可",
    "多多",
    "石头",
)
LATIN = (
    "Lily",
    "Jack",
    "Amy",
    "Kevin",
    "Coco",
    "Leo",
    "Vivian",
    "Tony",
    "Sunny",
    "Eric",
    "Mia",
    "Jason",
    "Luna",
)
EMOJI = ("🌸", "🌻", "☀️", "🐼", "🍀", "✨", "🌙", "")


def draw_nickname(rng: Random, person: Person) -> str:
    roll = rng.random()
    if roll < 0.28:
        return person.name
    if roll < 0.36:
        return f"{rng.choice(('小', '阿', '老'))}{rng.choice((person.surname, person.given[-1]))}"
    if roll < 0.52:
        return f"{rng.choice(BABIES)}{'妈妈' if person.gender == 'female' else '爸爸'}{rng.choice(EMOJI)}"
    if roll < 0.66:
        return rng.choice(LATIN)
    if roll < 0.72:
        return person.given
    return f"{rng.choice(WORDS)}{rng.choice(EMOJI)}"
