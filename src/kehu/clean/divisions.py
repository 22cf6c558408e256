"""Provinces, cities and districts of China: found at the head of an address, whole or abbreviated."""

import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from kehu.clean.text_forms import to_simplified

_FULL, _ALIAS, _SHORT = 0, 1, 2
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
# What shows that a bare name before it was the beginning of a road's, a town's or an estate's.
_NAMES_ROAD: Final = re.compile(r"[\u4e00-\u9fff]?[一二三四五六七八九十]?(?:路|街|大道|大街|巷|弄)")
_NAMES_MORE: Final = re.compile(
    r"街道|镇(?![海江平远宁雄原坪巴安赉康沅])|乡(?!宁)|(?:高新|经济|技术)*开发区|工业|经济技术|港[东南西北]"
)
_NAMES_OTHER: Final = re.compile(r"[县区市岛山胡]|新[城区村]|人家|中心城")
_MOST_WORDS: Final = 12
_FILLER: Final = re.compile(
    r"中国|中华人民共和国|市辖区|省直辖县级行政区划?|自治区直辖县级行政区划?|省直辖行政单位|[\s,_/?*.\-]+|null"
)
# A division the table does not have. 小区, 新区, 二区 and a lone 东区 are none; nor is 市 in 市场 or 市心路.
_OTHER_DISTRICT: Final = re.compile(
    r"[^\W0-9A-Za-z_路街道镇乡村巷弄号组园]{1,5}?"
    r"(?:(?<![小社校厂景片业宅活苑居墅市新发一二三四五六七八九十])(?<!\b[东南西北])区(?!块)|县|"
    r"(?<!城)市(?![场区政镇街乡心]))"
)


class Place(NamedTuple):
    """Official names ("" unknown), the code of the deepest, and where in the text the rest begins.

    words: (level 1 to 3, start, end) of every name as it stands in the text.
    """

    province: str
    city: str
    district: str
    code: str
    end: int
    words: tuple[tuple[int, int, int], ...] = ()


NOWHERE: Final = Place("", "", "", "", 0)


class _Form(NamedTuple):
    text: str
    kind: int
    level: int
    code: str


@cache
def former_names() -> dict[str, str]:
    """Not in force any more, still in many address books → the code of what they became (part of)."""
    path = Path(__file__).with_name("data") / "former_divisions.txt"
    return dict(line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())


def is_former_name(written: str) -> bool:
    """江干区, 江干: not in force any more."""
    return written in former_names() or written + "区" in former_names()


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
    forms: set[_Form] = set()
    for name, code in former_names().items():
        forms.add(_Form(name, _ALIAS, len(code) // 2, code))
        if len(name) > 2:
            forms.add(_Form(name[:-1], _SHORT, len(code) // 2, code))
    for code, name in division_names().items():
        if not _is_filler(name):
            # Addresses come simplified by character, also 乾县.
            ways = _ways_to_write(to_simplified(name), code)
            forms.update(_Form(text, kind, len(code) // 2, code) for text, kind in ways)
    table: dict[str, list[_Form]] = {}
    for form in sorted(forms, key=lambda form: (-len(form.text), form.kind, form.level, form.code)):
        table.setdefault(form.text[:2], []).append(form)
    return {start: tuple(found) for start, found in table.items()}


def _ways_to_write(name: str, code: str) -> list[tuple[str, int]]:
    """恩施土家族苗族自治州 → itself, 恩施州, 恩施; 浦东新区 → 浦东; 偃师区 → 偃师市, 偃师县, 偃师."""
    ways = [(name, _FULL)]
    if name.endswith(("自治州", "地区")):
        ways.append((name[:-1], _ALIAS))
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
    words: list[tuple[int, int, int]] = []
    for _ in range(_MOST_WORDS):
        form = _best_form(table.get(text[position : position + 2], ()), text, position, code, level)
        if form is None:
            filler = _FILLER.match(text, position)
            if filler is not None:
                position = filler.end()
                continue
            form = _another_province(text, position) if code else None
            if form is None:
                break
            code, level, loose, words = "", 0, "", []  # what a form proposed, then the place itself
        words.append((form.level, position, position + len(form.text)))
        position += len(form.text)
        if not form.code:
            loose, level = form.text, 3
        elif form.level >= level or not code:
            code, level = (form.code, form.level) if len(form.code) >= len(code) else (code, level)
    if level < 3 and not loose:
        found = _OTHER_DISTRICT.match(text, position)
        if found is not None and _NAMES_ROAD.match(text, found.end()) is None:
            loose, position = found[0], found.end()
            words.append((3, found.start(), found.end()))
    return _named(code, loose, position, tuple(words))


_places_by_head: dict[str, Place] = {}
_MOST_HEADS: Final = 50_000
_FILLERS: Final = frozenset(" ,_/-")
_FILLER_STARTS: Final = frozenset(" ,_/-?*.中市省自n")
_LOOKS_AHEAD: Final = 8  # characters of a street name that can follow a place name


def place_at_head(text: str) -> Place:
    """As find_place, remembering the heads seen: 省市区 repeat from address to address as nothing else does."""
    end = text.find("区", 2, 24)
    while end > 0 and text[end - 1] in "治地":  # 内蒙古自治区, 塔城地区: the district is still to come
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
    if place is not None:
        at = end + 1
        if place.end < at:
            return place
        forms = _forms_by_start().get(text[at : at + 2])
        if forms is None:
            if text[at : at + 1] not in _FILLER_STARTS or _FILLER.match(text, at) is None:
                return place
        elif not _goes_on(forms, text, at, place.code):
            return place
    place = find_place(text)
    # Good for all that begin so, unless the reading hung on what follows the head.
    is_whole = place.end == end + 1 and place.code[4:] not in ("", "00")
    if is_whole or place.end + _LOOKS_AHEAD <= end + 1:
        if len(_places_by_head) >= _MOST_HEADS:
            _places_by_head.clear()
        _places_by_head[head] = place
    return place


def _goes_on(forms: tuple[_Form, ...], text: str, position: int, code: str) -> bool:
    """Whether a head may be longer than where it was seen to end."""
    return (
        forms[0].level == 1
        or forms[-1].level == 1
        or (text[position] in _FILLER_STARTS and _FILLER.match(text, position) is not None)
        or _best_form(forms, text, position, code, 3) is not None
    )


def late_place(text: str) -> Place | None:
    """A province or city written out after something else: 天山路街道上海市长宁区, 收货地址 宁波市镇海区."""
    for at in range(1, min(_LATEST, len(text) - 2)):
        if text[at - 1].isdigit():
            return None  # 浣纱路356号杭州市第一人民医院: an address before the name of an institution
        if any(_is_written_out(form, text, at) for form in _forms_by_start().get(text[at : at + 2], ())):
            place = find_place(text[at:])
            words = tuple((level, at + start, at + end) for level, start, end in place.words)
            return place._replace(end=place.end + at, words=words)
    return None


_LATEST: Final = 12  # characters that may stand before it


def _is_written_out(form: _Form, text: str, at: int) -> bool:
    return form.kind == _FULL and form.level < 3 and form.text[-1] in "省市州盟区" and text.startswith(form.text, at)


def _best_form(forms: tuple[_Form, ...], text: str, position: int, code: str, level: int) -> _Form | None:
    """The longest form that stands here and lies within what is known; its code "" if several places fit."""
    best: _Form | None = None
    for form in forms:
        if best is not None and (len(form.text) < len(best.text) or form.kind > best.kind):
            break
        if not text.startswith(form.text, position) or not _fits(form, code, level):
            continue
        if form.text[-1] == "市" and text.startswith("心", position + len(form.text)):
            continue  # 萧山市心路
        if form.kind == _SHORT and not _stands_alone(form, text, position + len(form.text), code):
            continue
        if best is None:
            best = form
        elif form.level == best.level and form.code != best.code:
            return _Form(best.text, best.kind, 3, "") if best.kind != _SHORT and best.level == 3 else None
    return best


def _another_province(text: str, position: int) -> _Form | None:
    """A province written out here, whatever was read before it."""
    form = _best_form(_forms_by_start().get(text[position : position + 2], ()), text, position, "", 0)
    return form if form is not None and form.level == 1 and form.kind != _SHORT else None


def _stands_alone(form: _Form, text: str, end: int, code: str) -> bool:
    """Whether a bare name is the place itself, not the start of a street's, a town's or a zone's name."""
    if form.level == 3 and not code and not _is_county(form.code) and form.text not in _lone_names():
        return False
    if form.level == 3 and _NAMES_ROAD.match(text, end) is not None:
        return False
    if form.level == 3 and len(code) == 4:
        return _NAMES_MORE.match(text, end) is None
    if form.level < 3 and any(
        text.startswith(inner.text, end) and inner.kind != _SHORT and inner.code.startswith(form.code)
        for inner in _forms_by_start().get(text[end : end + 2], ())
    ):
        return True  # 杭州西湖区, though 西湖 alone might name a street
    if form.level == 2 and (
        text.startswith(("经济", "高新", "国家"), end) or _OTHER_DISTRICT.match(text, end) is not None
    ):
        return True
    return (
        _NAMES_STREET.match(text, end) is None
        and _NAMES_MORE.match(text, end) is None
        and (form.level < 3 or bool(code) or _NAMES_OTHER.match(text, end) is None)
    )


@cache
def _lone_names() -> frozenset[str]:
    """Bare names of city districts that no other division shares: 萧山, 海曙; not 朝阳, 西湖."""
    count: dict[str, int] = {}
    for forms in _forms_by_start().values():
        for text in {(form.text, form.code) for form in forms if form.kind == _SHORT}:
            count[text[0]] = count.get(text[0], 0) + 1
    return frozenset(text for text, times in count.items() if times == 1)


def _fits(form: _Form, code: str, level: int) -> bool:
    if not code:
        return level < 3
    return form.code.startswith(code) or code.startswith(form.code)


def _is_county(code: str) -> bool:
    """County towns go by their bare name (义乌); districts of a city do not without the city."""
    return division_names()[code][-1] in "县市旗"


def _named(code: str, loose: str, position: int, words: tuple[tuple[int, int, int], ...]) -> Place:
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
    return Place(province, city, district, code.ljust(6, "0") if code else "", position, words)


def place_of_code(code: str, place: Place) -> Place:
    """The same reading with the divisions of a district's code."""
    return _named(code, "", place.end, place.words)


MUNICIPALITY_CODES: Final = frozenset({"11", "12", "31", "50"})
_MUNICIPALITIES: Final = frozenset({"北京", "上海", "天津", "重庆"})


@cache
def _leading_names() -> dict[str, tuple[str, ...]]:
    """The first two characters → names that say where a company sits, longest first; no bare city districts."""
    return {
        start: tuple(
            dict.fromkeys(form.text for form in forms if form.kind != _SHORT or form.level < 3 or _is_county(form.code))
        )
        for start, forms in _forms_by_start().items()
    }


def leading_division(text: str) -> str:
    """The words at the head of a company name that say where it sits, as written: 深圳市, 广东, 中国; "" for none."""
    if text.startswith("中国"):
        return "中国" + leading_division(text[2:])
    best = ""
    for name in _leading_names().get(text[:2], ()):
        if text.startswith(name):
            best = name
            break
    if not best or len(best) == len(text):
        return best
    return best + (leading_division(text[len(best) :]) if best[-1] in "省市区" else "")
