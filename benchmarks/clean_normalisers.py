"""How many records one core cleans in a second.

A record is a name, phone, e-mail, address, birth date, gender and company. The values are made by a seeded
generator in the mix of the demo company: four fifths Chinese, one fifth Western, nearly all distinct, in many spellings
(full-width, traditional, masked, lunar, abbreviated …), so that no cache can flatter the figure.

    python benchmarks/clean_normalisers.py [--records N] [--json FILE]

How right they are on real values: benchmarks/clean/real_values.py.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from kehu.clean.birth_dates import BirthDate
from kehu.clean.company_names import CompanyName
from kehu.clean.divisions import division_names
from kehu.clean.email_addresses import EmailAddress
from kehu.clean.genders import parse_gender
from kehu.clean.person_names import PersonName
from kehu.clean.phone_numbers import PhoneNumber
from kehu.clean.pinyin import name_pinyin
from kehu.clean.postal_addresses import PostalAddress
from kehu.clean.surnames import frequency_by_surname


def _words(text: str) -> list[str]:
    return text.split()


TODAY = date(2026, 6, 1)
GOAL = 50_000
# Records cleaned column by column, as the matcher and an import do: a processor likes one code at a time.
WINDOW = 1_000
CHINESE_SHARE = 0.8
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文玉建国志红春梅兰海燕鹏飞宇浩轩子涵梓睿欣怡雨泽"
    "嘉懿思诗琪梦洁晨曦佳俊"
)
TRADITIONAL = str.maketrans(
    "张陈刘杨赵黄吴孙马罗郑谢韩冯邓叶苏卢伟军丽华国兰飞鹏梦洁",
    "張陳劉楊趙黃吳孫馬羅鄭謝韓馮鄧葉蘇盧偉軍麗華國蘭飛鵬夢潔",
)
ROADS = _words("人民 解放 中山 建设 和平 新华 文化 长江 黄河 迎宾 学府 滨江 光明 胜利 青年 科技 园林 朝阳 东风 向阳")
ESTATES = _words("阳光 锦绣 翡翠 万科 保利 绿地 龙湖 恒大 碧桂 水岸 书香 香榭 金色 紫金 御景 江南 湖畔")
ESTATE_KINDS = _words("花园 小区 家园 公馆 名邸 新城 雅苑 华府")
TRADES = _words("科技 贸易 信息技术 餐饮管理 物流 文化传媒 电子商务 建筑工程 医疗器械")
BRANDS = "宏联诚博泰远恒瑞嘉达创信源智鑫宇海德华盛"
FIRST_NAMES = _words(
    "James Mary John Patricia Robert Jennifer Michael Linda William Elizabeth Emma Olivia Noah Liam Sophie Lucas"
)
LAST_NAMES = _words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis O'Brien MacDonald Wilson Anderson Taylor Moore"
)
STREETS = _words("Main Oak Pine Maple Cedar Elm Washington Lake Hill Park Church High Station Victoria Queen")
STREET_KINDS = _words("St Ave Road Lane Drive Blvd Court")
WESTERN_TRADES = _words("Trading Systems Foods")
WESTERN_SUFFIXES = ("Inc.", "LLC", "Co., Ltd.", "GmbH")
TOWNS = ["Springfield IL", "Portland OR", "Austin TX", "Denver CO", "Boston MA", "Madison WI", "Salem OR", "Dover DE"]


class Record(NamedTuple):
    """One raw record."""

    name: str
    phone: str
    email: str
    address: str
    birth_date: str
    gender: str
    company: str


def make_records(count: int, seed: int = 7) -> list[Record]:
    """Seeded raw records, mostly distinct values."""
    rng = random.Random(seed)
    surnames = [s for s, f in frequency_by_surname().items() if f >= 5]
    weights = [frequency_by_surname()[s] for s in surnames]
    places = _places()
    rng.shuffle(places)
    # Customers live where the shops are: the n-th district has 1/(n + 20) of them, 2,700 districts in all.
    places = rng.choices(places, [1 / (rank + 20) for rank in range(len(places))], k=count)
    return [
        _chinese_record(rng, rng.choices(surnames, weights)[0], places)
        if rng.random() < CHINESE_SHARE
        else _western_record(rng)
        for _ in range(count)
    ]


def _places() -> list[tuple[str, str, str]]:
    names = division_names()
    return [
        (names[code[:2]], names[code[:4]], name)
        for code, name in names.items()
        if len(code) == 6 and code[:2] < "66" and names[code[:4]] not in ("市辖区", "县")
    ]


def _chinese_record(rng: random.Random, surname: str, places: Sequence[tuple[str, str, str]]) -> Record:
    given = "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))
    return Record(
        _chinese_name(rng, surname, given),
        _chinese_phone(rng),
        _email(rng, name_pinyin(surname, given).split(" ")),
        _chinese_address(rng, *rng.choice(places)),
        _chinese_birth_date(rng),
        rng.choice(("男", "女", "M", "F", "1", "2", "")),
        _chinese_company(rng, rng.choice(places)[1]),
    )


def _chinese_name(rng: random.Random, surname: str, given: str) -> str:
    kind = rng.random()
    if kind < 0.04:
        return (surname + given).translate(TRADITIONAL)
    if kind < 0.10:
        return surname + rng.choice(("先生", "女士", "总", "经理", "老师"))
    if kind < 0.12:
        first, last = name_pinyin(surname, given).split(" ")
        return rng.choice((f"{first} {last}".title(), f"{last} {first}".title(), f"{first.upper()} {last.title()}"))
    if kind < 0.14:
        return surname + "*" * len(given)
    if kind < 0.17:
        return f"{surname} {given}"
    return surname + given


def _chinese_phone(rng: random.Random) -> str:
    number = f"1{rng.choice('3578')}{rng.randrange(10**9):09d}"
    shape = rng.random()
    if shape < 0.55:
        return number
    if shape < 0.60:
        return f"0{rng.choice(('10', '21', '755', '571'))}-{rng.randrange(2 * 10**7, 9 * 10**7)}"
    if shape < 0.65:
        return f"{number[:3]}****{number[7:]}"
    return rng.choice(
        (f"+86{number}", f"+86 {number[:3]} {number[3:7]} {number[7:]}", f"{number[:3]}-{number[3:7]}-{number[7:]}",
         f"86-{number}", f"0086{number}", f"（+86）{number}")
    )  # fmt: skip


def _email(rng: random.Random, words: Sequence[str]) -> str:
    local = rng.choice(("{0}{1}{2}", "{1}.{0}{2}", "{0}_{1}{2}", "{2}{2}")).format(*words, rng.randrange(10_000))
    return (
        f"{local}@{rng.choice(('qq.com', '163.com', '126.com', 'gmail.com', 'outlook.com', '139.com', 'foxmail.com'))}"
    )


def _chinese_address(rng: random.Random, province: str, city: str, district: str) -> str:
    head = rng.choice(
        (province + city + district, f"{province} {city} {district} ", city + district, city[:-1] + district)
    )
    side, kind = rng.choice(("", "东", "西", "南", "北")), rng.choice(("路", "街", "大道"))
    road = f"{rng.choice(ROADS)}{side}{kind}{rng.randrange(1, 2000)}号"
    estate = rng.choice(ESTATES) + rng.choice(ESTATE_KINDS)
    building, unit, room = rng.randrange(1, 40), rng.randrange(1, 5), rng.randrange(101, 3304)
    doors = ("{0}栋{1}单元{2}", "{0}号楼{1}单元{2}室", "{0}-{1}-{2}", " {0}幢{2}室")
    door = rng.choice(doors).format(building, unit, room)
    return rng.choice((head + road, head + estate + door, head + road + estate + door, f"{head}{estate}{door}({road})"))


def _chinese_birth_date(rng: random.Random) -> str:
    day = date.fromordinal(rng.randrange(date(1950, 1, 1).toordinal(), date(2008, 1, 1).toordinal()))
    if rng.random() < 0.03:
        return (
            f"农历{day.year}年{rng.choice('正二三四五六七八九十冬腊')}月{rng.choice(('初三', '十五', '廿三', '二十'))}"
        )
    return day.strftime(
        rng.choice(("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d", f"{day.year}年{day.month}月{day.day}日"))
    )


def _chinese_company(rng: random.Random, city: str) -> str:
    brand = "".join(rng.choices(BRANDS, k=rng.choice((2, 2, 3)))) + rng.choice(TRADES)
    place = rng.choice((city, city.removesuffix("市"), "", f"({city.removesuffix('市')})"))
    core = brand + place if place.startswith("(") else place + brand
    return core + rng.choice(("有限公司", "有限责任公司", "股份有限公司", "集团有限公司", ""))


def _western_record(rng: random.Random) -> Record:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    name = rng.choice(
        (f"{first} {last}", f"{last}, {first}", f"{first} {rng.choice('ABCDEFGH')}. {last}", f"Dr. {first} {last}")
    )
    phone = rng.choice(("+1 {} {} {}", "({}) {}-{}", "{}-{}-{}")).format(
        rng.choice((212, 415, 312, 617, 206)), rng.randrange(201, 990), f"{rng.randrange(10_000):04d}"
    )
    town, state = rng.choice(TOWNS).rsplit(" ", 1)
    street = f"{rng.randrange(1, 9999)} {rng.choice(STREETS)} {rng.choice(STREET_KINDS)}"
    unit = rng.choice(("", "", f", Apt {rng.randrange(1, 99)}"))
    day = date.fromordinal(rng.randrange(date(1940, 1, 1).toordinal(), date(2005, 1, 1).toordinal()))
    return Record(
        name,
        phone,
        _email(rng, (first.lower(), last.lower().replace("'", ""))),
        f"{street}{unit}, {town}, {state} {rng.randrange(10_000, 99_999)}",
        day.strftime(rng.choice(("%Y-%m-%d", "%d/%m/%Y", "%B %d, %Y"))),
        rng.choice(("male", "female", "M", "F")),
        " ".join(rng.choice(words) for words in (STREETS, LAST_NAMES, WESTERN_TRADES, WESTERN_SUFFIXES)),
    )


def _read_birth_date(text: str) -> BirthDate | None:
    return BirthDate.parse(text, TODAY)


NORMALISERS: dict[str, Callable[[str], object]] = {
    "name": PersonName.parse,
    "phone": PhoneNumber.parse,
    "email": EmailAddress.parse,
    "address": PostalAddress.parse,
    "birth_date": _read_birth_date,
    "gender": parse_gender,
    "company": CompanyName.parse,
}


def clean(record: Record) -> None:
    """What the pipeline does to a record's seven values."""
    PersonName.parse(record.name)
    PhoneNumber.parse(record.phone)
    EmailAddress.parse(record.email)
    PostalAddress.parse(record.address)
    BirthDate.parse(record.birth_date, TODAY)
    parse_gender(record.gender)
    CompanyName.parse(record.company)


def seconds_of(work: Callable[[], None], repeat: int = 3) -> float:
    """Processor seconds of this process, best of a few: others on the machine don't count."""
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def measure(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Per normaliser and together: values or records per second, microseconds each, share of distinct values."""
    for record in records[:500]:
        clean(record)  # tables are loaded on first use
    figures = {}
    for field, parse in NORMALISERS.items():
        values = [getattr(record, field) for record in records]

        def work(parse: Callable[[str], object] = parse, values: list[str] = values) -> None:
            for value in values:
                parse(value)

        figures[field] = _figure(seconds_of(work), len(values), len(set(values)))

    def by_column() -> None:
        for start in range(0, len(records), WINDOW):
            window = records[start : start + WINDOW]
            for field, parse in enumerate(NORMALISERS.values()):
                for record in window:
                    parse(record[field])

    def by_row() -> None:
        for record in records:
            clean(record)

    figures["together"] = _figure(seconds_of(by_column), len(records), len(set(records)))
    figures["together, row by row"] = _figure(seconds_of(by_row), len(records), len(set(records)))
    return figures


def _figure(seconds: float, count: int, distinct: int) -> dict[str, float]:
    return {"per_second": count / seconds, "microseconds": seconds / count * 1e6, "distinct": distinct / count}


def main() -> int:
    """Print the table, write the figures if asked; exit code 1 when the goal is missed."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    options.add_argument("--records", type=int, default=40_000)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    figures = measure(make_records(chosen.records))
    table = Table(title=f"{chosen.records:,} records, one core (processor time, best of 3)")
    for heading in ("normaliser", "per second", "µs each", "distinct"):
        table.add_column(heading, justify="left" if heading == "normaliser" else "right")
    for field, row in figures.items():
        table.add_row(field, f"{row['per_second']:,.0f}", f"{row['microseconds']:.2f}", f"{row['distinct']:.0%}")
    console = Console()
    console.print(table)
    reached = figures["together"]["per_second"]
    console.print(f"together {reached:,.0f} records/s, goal {GOAL:,}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"records": chosen.records, "goal": GOAL, "figures": figures}, indent=1))
    return 0 if reached >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
