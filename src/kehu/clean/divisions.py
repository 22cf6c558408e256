"""Provinces, cities and districts of China: found at the head of an address, whole or abbreviated."""

import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

_FULL, _ALIAS, _SHORT = 0, 1, 2
# Not in force any more, still in many address books; by the code of what they became part of.
_FORMER: Final = {
    "崇文区": "110101", "宣武区": "110102", "卢湾区": "310101", "闸北区": "310106", "南汇区": "310115",
    "江东区": "330212", "下城区": "330105", "江干区": "330102", "原阳区": "410725", "沧浪区": "320508",
    "平江区": "320508", "金阊区": "320508", "白下区": "320104", "下关区": "320106", "塘沽区": "120116",
    "汉沽区": "120116", "大港区": "120116", "东山区": "440104", "莱芜市": "370116",
}  # fmt: skip
_PEOPLES: Final = re.compile(
    r"(?:壮族|回族|维吾尔|满族|蒙古族|蒙古|藏族|羌族|彝族|苗族|布依族|侗族|土家族|傣族|白族|景颇族|傈僳族|朝鲜族|哈萨克族|哈萨克|"
    r"柯尔克孜|哈尼族|黎族|瑶族|仡佬族|水族|畲族|仫佬族|毛南族|土族|撒拉族|东乡族|保安族|裕固族|锡伯|塔吉克|达斡尔族|鄂温克族|"
    r"鄂伦春|佤族|拉祜族|布朗族|纳西族|独龙族|怒族|普米族|各族)+$"
)
_AUTONOMY: Final = re.compile(r"(?:自治区|自治州|自治县|自治旗|特别行政区)$")
# A street named after a place: 浦东南路, 上海大道, 朝阳门外大街, 深圳湾一号.
_NAMES_STREET: Final = re.compile(
    r"(?:[东南西北中内外前后]{0,2}(?:[一二三四五六七八九十]|环)?(?:大道|大街|路|街|道|巷|弄|胡同|公路|大桥|桥|湾|门|河|江|湖|山庄|花园|小区|"
    r"新村|家园|大厦|广场|公寓|商城|酒店|宾馆|国际|银行|大学|学院|中学|医院))"
)
_FILLER: Final = re.compile(
    r"中国|中华人民共和国|市辖区|省直辖县级行政区划|自治区直辖县级行政区划|省直辖行政单位|[\s,_/\-]+"
)
_OTHER_DISTRICT: Final = re.compile(
    r"[\u4e00-\u9fff]{1,5}?(?:(?:经济|技术|高新|产业|工业|旅游|度假)*(?:新区|开发区|高新区)|(?<![小社园校厂景片业宅活苑居墅市])区|县|市)"
)


class Place(NamedTuple):
    """Official names ("" unknown), the code of the deepest, and where in the text the rest begins."""

    province: str
    city: str
    district: str
    code: str
    end: int


class _Form(NamedTuple):
    text: str
    kind: int
    level: int
    code: str


@cache
def division_names() -> dict[str, str]:
    """Code (2, 4 or 6 digits) → official name."""
    path = Path(__file__).with_name("data") / "divisions.txt"
    pairs = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {code: name for code, name in pairs}


def _is_filler(name: str) -> bool:
    return name in ("市辖区", "县") or name.endswith("行政区划")


@cache
def _forms_by_start() -> dict[str, tuple[_Form, ...]]:
    """The first two characters → every way to write a division that begins so, longest and surest first."""
    forms: set[_Form] = {_Form(name, _ALIAS, 3, code) for name, code in _FORMER.items()}
    for code, name in division_names().items():
        if not _is_filler(name):
            forms.update(_Form(text, kind, len(code) // 2, code) for text, kind in _ways_to_write(name, code))
    table: dict[str, list[_Form]] = {}
    for form in sorted(forms, key=lambda form: (-len(form.text), form.kind, form.level, form.code)):
        table.setdefault(form.text[:2], []).append(form)
    return {start: tuple(found) for start, found in table.items()}


def _ways_to_write(name: str, code: str) -> list[tuple[str, int]]:
    """恩施土家族苗族自治州 → itself, 恩施州, 恩施; 浦东新区 → 浦东; 偃师区 → 偃师市, 偃师县, 偃师."""
    ways = [(name, _FULL)]
    stem = _AUTONOMY.sub("", name)
    if stem != name:
        people = _PEOPLES.search(stem)
        if people is not None and people.start() >= 2:  # 内蒙古 is no abbreviation of 内
            stem = stem[: people.start()]
    else:
        stem = re.sub(r"(?:新区|矿区|林区|地区|省|市|盟|区|县|旗)$", "", name)
    if len(stem) < 2 or stem == name:
        return ways
    suffixes = {2: "省", 4: "市州盟", 6: "市县区旗"}[len(code)]
    ways += [(stem + suffix, _ALIAS) for suffix in suffixes if stem + suffix != name]
    if len(code) == 4:
        ways.append((stem + "地区", _ALIAS))
    return [*ways, (stem, _SHORT)]


def find_place(text: str) -> Place:
    """Read the divisions at the head of a simplified Chinese text without blanks between words.

    Each may be missing, abbreviated or repeated; what the deeper ones imply is filled in (永仁县 → 云南省, 楚雄…).
    A district name that several cities have stays without a code unless the city is known.
    """
    table = _forms_by_start()
    code, level, position, loose = "", 0, 0, ""
    for _ in range(6):
        form = _best_form(table.get(text[position : position + 2], ()), text, position, code, level)
        if form is None:
            filler = _FILLER.match(text, position)
            if filler is None:
                break
            position = filler.end()
            continue
        position += len(form.text)
        if not form.code:
            loose, level = form.text, 3
        elif form.level >= level or not code:
            code, level = (form.code, form.level) if len(form.code) >= len(code) else (code, level)
    if level in (1, 2) and not loose:
        found = _OTHER_DISTRICT.match(text, position)
        if found is not None and _NAMES_STREET.match(text, found.end()) is None:
            loose, position = found[0], found.end()
    return _named(code, loose, position)


_places_by_head: dict[str, Place] = {}
_MOST_HEADS: Final = 50_000
_FILLERS: Final = frozenset(" ,_/-")
_LOOKS_AHEAD: Final = 8  # characters of a street name that can follow a place name


def place_at_head(text: str) -> Place:
    """As find_place, remembering the heads seen: 省市区 repeat from address to address as nothing else does."""
    end = text.find("区", 2, 24)
    if end > 0 and text[end - 1] in "治地":  # 内蒙古自治区, 塔城地区: the district is still to come
        end = text.find("区", end + 1, 24)
    county = text.find("县", 2, 24)
    if county > 0 and (county < end or end < 0):
        end = county
    if end < 0:
        end = text.rfind("市", 2, 16)
    if end < 0 or text[end + 1 : end + 2] in _FILLERS:
        return find_place(text)
    head = text[: end + 1]
    place = _places_by_head.get(head)
    forms = _forms_by_start().get(text[end + 1 : end + 3])
    if place is not None and (forms is None or _best_form(forms, text, end + 1, place.code, 3) is None):
        return place
    place = find_place(text)
    # Good for all that begin so, unless the reading hung on what follows the head.
    is_whole = place.end == end + 1 and (place.code[4:] != "00" or not place.district)
    if is_whole or place.end + _LOOKS_AHEAD <= end + 1:
        if len(_places_by_head) >= _MOST_HEADS:
            _places_by_head.clear()
        _places_by_head[head] = place
    return place


def _best_form(forms: tuple[_Form, ...], text: str, position: int, code: str, level: int) -> _Form | None:
    """The longest form that stands here and lies within what is known; its code "" if several places fit."""
    best: _Form | None = None
    for form in forms:
        if best is not None and (len(form.text) < len(best.text) or form.kind > best.kind):
            break
        if not text.startswith(form.text, position) or not _fits(form, code, level):
            continue
        if form.kind == _SHORT and (
            (not code and form.level == 3 and not _is_county(form.code))
            or _NAMES_STREET.match(text, position + len(form.text)) is not None
        ):
            continue
        if best is None:
            best = form
        elif form.level == best.level and form.code != best.code:
            return _Form(best.text, best.kind, 3, "") if best.kind != _SHORT and best.level == 3 else None
    return best


def _fits(form: _Form, code: str, level: int) -> bool:
    if not code:
        return level < 3
    return form.code.startswith(code) or code.startswith(form.code)


def _is_county(code: str) -> bool:
    """County towns go by their bare name (义乌); districts of a city do not without the city."""
    return division_names()[code][-1] in "县市旗"


def _named(code: str, loose: str, position: int) -> Place:
    names = division_names()
    province = names.get(code[:2], "")
    city = names.get(code[:4], "") if len(code) >= 4 else ""
    if province and (province[:2] in _MUNICIPALITIES):
        city = province
    elif _is_filler(city):
        city = ""
    district = names[code] if len(code) == 6 else loose
    if code[:2] in ("71", "81", "82"):
        code = code[:2]  # the finer numbers of these are ours alone
    return Place(province, city, district, code.ljust(6, "0") if code else "", position)


_MUNICIPALITIES: Final = frozenset({"北京", "上海", "天津", "重庆"})


def leading_division(text: str) -> str:
    """The words at the head of a company name that say where it sits, as written: 深圳市, 广东, 中国; "" for none."""
    if text.startswith("中国"):
        return "中国" + leading_division(text[2:])
    best = ""
    for form in _forms_by_start().get(text[:2], ()):
        if text.startswith(form.text) and (form.kind != _SHORT or form.level < 3 or _is_county(form.code)):
            best = form.text
            break
    if not best or len(best) == len(text):
        return best
    return best + (leading_division(text[len(best) :]) if best[-1] in "省市区" else "")
