"""Addresses that could exist: real provinces, cities, districts and streets; invented estates on ordinary
roads.
"""

# ruff: noqa: E501 - tables of Chinese text, whose characters count double

from bisect import bisect
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random

# Rough weights: where a national retailer's customers live.
CITY_WEIGHTS = {
    "上海市": 90, "北京市": 85, "广州市": 60, "深圳市": 60, "成都市": 50, "杭州市": 45, "重庆市": 45, "武汉市": 38,
    "苏州市": 36, "南京市": 34, "西安市": 32, "天津市": 30, "长沙市": 26, "郑州市": 26, "宁波市": 22, "青岛市": 22,
    "佛山市": 20, "合肥市": 20, "济南市": 20, "沈阳市": 18, "无锡市": 18, "厦门市": 16, "福州市": 16, "大连市": 14,
}  # fmt: skip
OTHER_CITY_WEIGHT = 7
PEOPLE_PER_ESTATE = 12

MUNICIPALITIES = ("北京市", "上海市", "天津市", "重庆市")
ROAD_NAMES = (
    "人民", "解放", "中山", "建设", "和平", "新华", "胜利", "文化", "友谊", "长江", "黄河", "科技", "学府", "光明", "幸福",
    "团结", "迎宾", "朝阳", "东风", "延安", "南京", "北京", "上海", "湖滨", "滨江", "龙泉", "锦绣", "金桥", "翠竹", "桂花",
    "梧桐", "银杏", "香樟", "玉兰", "青年", "工业", "环城", "环湖", "凤凰", "天府", "云龙", "星湖", "紫金", "明珠", "振兴",
)  # fmt: skip
ROAD_KINDS = (
    "路",
    "路",
    "路",
    "路",
    "大道",
    "街",
    "东路",
    "西路",
    "南路",
    "北路",
    "中路",
    "一路",
    "二路",
    "巷",
)
ESTATE_BRANDS = (
    "万科", "保利", "绿地", "碧桂园", "龙湖", "中海", "华润", "金地", "融创", "招商", "恒大", "世茂", "远洋", "雅居乐",
    "富力", "锦绣", "阳光", "翡翠", "香榭", "水岸", "东方", "云景", "天悦", "和谐", "紫金", "御景", "金色", "盛世",
)  # fmt: skip
ESTATE_SUFFIXES = (
    "花园", "家园", "公馆", "小区", "新城", "名邸", "华府", "国际", "雅苑", "豪庭", "城市花园", "云庭", "一号院", "嘉园",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estate:
    province: str
    city: str
    district: str
    street: str  # 街道 or 镇, may be empty
    road: str
    number: int
    name: str
    has_units: bool


@dataclass(frozen=True, slots=True)
class Address:
    estate: Estate
    building: int
    unit: int
    room: str

    @property
    def region(self) -> str:
        """Province, city and district as one text; a municipality is named once."""
        estate = self.estate
        province = "" if estate.city in MUNICIPALITIES else estate.province
        return f"{province}{estate.city}{estate.district}"

    @property
    def detail(self) -> str:
        estate = self.estate
        unit = f"{self.unit}单元" if estate.has_units else ""
        return f"{estate.road}{estate.number}号{estate.name}{self.building}号楼{unit}{self.room}室"

    @property
    def full(self) -> str:
        return f"{self.region}{self.estate.street}{self.detail}"


@dataclass(frozen=True, slots=True)
class _District:
    province: str
    city: str
    name: str
    streets: tuple[str, ...]


@cache
def _districts() -> tuple[list[_District], list[float]]:
    text = files("kehu.demo").joinpath("data/divisions.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    districts = [
        _District(province, city, district, tuple(filter(None, streets.split("|"))))
        for _, province, city, district, streets in rows
    ]
    in_city: dict[str, int] = {}
    for district in districts:
        in_city[district.city] = in_city.get(district.city, 0) + 1
    weights = [CITY_WEIGHTS.get(d.city, OTHER_CITY_WEIGHT) / in_city[d.city] for d in districts]
    return districts, list(accumulate(weights))


class AddressBook:
    """The estates of one demo company's country; few enough that neighbours share one."""

    def __init__(self, rng: Random, people: int) -> None:
        self._rng = rng
        self._estates = [_draw_estate(rng) for _ in range(max(20, people // PEOPLE_PER_ESTATE))]

    def draw(self) -> Address:
        rng = self._rng
        estate = self._estates[rng.randrange(len(self._estates))]
        room = f"{rng.randint(1, 28)}0{rng.randint(1, 4)}"
        return Address(estate, rng.randint(1, 36), rng.randint(1, 4), room)


def _draw_estate(rng: Random) -> Estate:
    districts, cumulative = _districts()
    district = districts[bisect(cumulative, rng.random() * cumulative[-1])]
    street = rng.choice(district.streets) if district.streets and rng.random() < 0.35 else ""
    road = rng.choice(ROAD_NAMES) + rng.choice(ROAD_KINDS)
    name = rng.choice(ESTATE_BRANDS) + rng.choice(ESTATE_SUFFIXES)
    number = rng.randint(1, 1999)
    return Estate(district.province, district.city, district.name, street, road, number, name, rng.random() < 0.7)


def abbreviate(rng: Random, address: Address) -> str:
    """The same place in fewer or other words, as a hurried customer or clerk writes it; the room is always
    told.
    """
    estate = address.estate
    city, district = estate.city.removesuffix("市"), _short_district(estate.district)
    unit = f"{address.unit}-" if estate.has_units else ""
    rooms = f"{address.building}-{unit}{address.room}"
    pattern = rng.random()
    if pattern < 0.30:  # 上海浦东锦绣路88号万科花园3-2-1201
        return f"{city}{district}{estate.road}{estate.number}号{estate.name}{rooms}"
    if pattern < 0.55:  # 浦东新区万科花园3-2-1201
        return f"{estate.district}{estate.name}{rooms}"
    if pattern < 0.75:  # 上海市浦东新区锦绣路88号3号楼1201
        return f"{estate.city}{estate.district}{estate.road}{estate.number}号{address.building}号楼{address.room}"
    if pattern < 0.90:  # 万科花园3栋1201室(锦绣路88号)
        return f"{city}{estate.name}{address.building}栋{address.room}室({estate.road}{estate.number}号)"
    return f"{estate.province} {estate.city} {estate.district} {estate.road}{estate.number}号 {estate.name} {rooms}"


def _short_district(name: str) -> str:
    for suffix in ("新区", "自治县", "区", "县", "市"):
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name.removesuffix(suffix)
    return name
