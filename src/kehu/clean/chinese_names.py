"""How a Chinese name divides into surname and given name, with or without a title, a mask or decoration."""

import re
from functools import cache
from typing import Final, NamedTuple

from kehu.clean.placeholders import NAME_PLACEHOLDERS
from kehu.clean.surnames import compound_surnames, frequency_by_surname
from kehu.clean.text_forms import traditional_characters


class ChineseName(NamedTuple):
    """Simplified parts. kind: "person", "nickname" or "company"; shown: what to display, before script folding."""

    shown: str
    surname: str = ""
    given: str = ""
    title: str = ""
    gender_hint: str = ""
    is_partial: bool = False
    kind: str = "person"
    company: str = ""


# Longest first where one ends another. Gender: what the word says of its bearer, "" for nothing.
_TITLES: Final = {
    "先生": "male", "女士": "female", "小姐": "female", "太太": "female", "夫人": "female", "总经理": "", "副总": "",
    "总监": "", "经理": "", "主任": "", "老师": "", "医生": "", "大夫": "", "教授": "", "工程师": "",
    "老板": "", "老板娘": "female", "董事长": "", "主管": "", "处长": "", "科长": "", "局长": "", "部长": "",
    "厂长": "", "店长": "", "校长": "", "院长": "", "所长": "", "行长": "", "会长": "", "社长": "", "书记": "",
    "队长": "", "班长": "", "组长": "", "师傅": "", "律师": "", "博士": "", "同学": "", "同志": "", "助理": "",
    "秘书": "", "会计": "", "护士": "", "教练": "", "导演": "", "阿姨": "female", "叔叔": "male", "大哥": "male",
    "大姐": "female", "大爷": "male", "大妈": "female", "爷爷": "male", "奶奶": "female", "伯伯": "male",
    "师父": "", "客户": "", "顾客": "", "采购": "", "老总": "", "先森": "male", "姑娘": "female", "帅哥": "male",
    "美女": "female", "总": "", "工": "", "董": "", "姐": "female", "哥": "male", "嫂": "female", "叔": "male",
    "姨": "female", "爷": "male", "局": "", "处": "", "科": "", "导": "", "队": "", "老": "",
}  # fmt: skip
_BARE_ONLY: Final = frozenset(
    "工董姐哥嫂叔姨爷局处科导队老"
)  # titles only right after a bare surname: 李工, not 李建工
_TITLE_END: Final = frozenset(title[-1] for title in _TITLES)
_TITLE: Final = re.compile("(" + "|".join(sorted(_TITLES, key=len, reverse=True)) + ")$")
_PREFIXES: Final = frozenset("老小阿大")
_MASK: Final = re.compile(r"[*×✕●○〇•?]+|(?<![A-Za-z])[xX]{1,3}(?![A-Za-z])|(?<=.)某+")
_COMPANY: Final = re.compile(
    r"公司|集团|有限|厂$|商行|事务所|工作室|经营部|专卖店|旗舰店|超市|酒店|学校|医院|银行|中心$|合作社|商店$|门市部|分行|支行|店$"
)
_LABEL: Final = re.compile(
    r"^(?:客户|联系人|收货人|收件人|姓名|业主|法人|会员|老客户|新客户|大客户|联系|负责人|买家)[:：\s]\s*"
)
_NOTE: Final = re.compile(r"[(\[【{〔<「『][^)\]】}〕>」』]*[)\]】}〕>」』]?")
_MIDDLE_DOT: Final = re.compile(r"(?<=[\u4e00-\u9fff])[・‧∙.](?=[\u4e00-\u9fff])")
_HAN_RUN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff·]+")
_NOT_NAME_CHARACTER: Final = re.compile(r"[^\u3400-\u4dbf\u4e00-\u9fff·*]+")
_ASIDE: Final = re.compile(r"\s+(?:收|亲收|转|代收)$")

_USUAL: Final = 15.0  # no placeholder or everyday word of two or three characters begins with these
_NAME_BESIDE: Final = 8.0  # beside a company stands a person, or a department that begins with a rare surname
_VERY_COMMON: Final = 100.0


@cache
def usual_name() -> re.Pattern[str]:
    """What nearly every name is: a frequent surname and one or two simplified characters, without a title or mask.

    One match tells it; the first character is the surname. Any other text takes the long way.
    """
    surnames = "".join(s for s, f in frequency_by_surname().items() if f > _USUAL and len(s) == 1)
    unusual = "|".join(compound_surnames() | {f"{word}$" for word in NAME_PLACEHOLDERS if word[:1] in surnames})
    other = "\\x00-\u4dff\ua000-\U0010ffff某" + traditional_characters()
    return re.compile(rf"(?!{unusual}|(.)\1)[{surnames}][^{other}]?[^{other}{''.join(_TITLE_END)}]")


def split_plain(plain: str) -> ChineseName:
    """Two to four simplified Chinese characters and nothing else: the way nearly every name arrives."""
    if "某" in plain[1:]:
        masked = _split_masked(plain)
        if masked is not None:
            return masked
    if plain[-1] in _TITLE_END:
        titled = _split_titled(plain)
        if titled is not None:
            return titled
    if plain[0] in _PREFIXES and len(plain) <= 3:
        familiar = _split_familiar(plain)
        if familiar is not None:
            return familiar
    return split_bare(plain)


def split_bare(plain: str) -> ChineseName:
    """Surname and given name of a text without title; a nickname when no credible surname begins it."""
    length = len(plain)
    if 2 < length <= 5 and plain[:2] in compound_surnames():
        return ChineseName(plain, plain[:2], plain[2:])
    if length > 4 and plain[:4] in compound_surnames():
        return ChineseName(plain, plain[:4], plain[4:])
    frequency = frequency_by_surname().get(plain[0], 0.0)
    if length == 1:
        return ChineseName(plain, plain if frequency else "", "" if frequency else plain, is_partial=True)
    if length == 2 and plain in compound_surnames():
        return ChineseName(plain, plain, is_partial=True)
    is_name = frequency > 0 and (
        (length == 3 and not plain[0] == plain[1] == plain[2])
        or (length == 2 and plain[0] != plain[1])
        or (length == 4 and frequency >= _VERY_COMMON)
    )
    if is_name:
        return ChineseName(plain, plain[0], plain[1:])
    return ChineseName(plain, "", plain, kind="nickname")


def split_decorated(text: str) -> ChineseName | None:
    """Any other simplified text with Chinese characters: with labels, notes, masks, companies, latin beside it."""
    text = _MIDDLE_DOT.sub("·", _ASIDE.sub("", _LABEL.sub("", text)))
    if _COMPANY.search(text):
        return _split_company(text)
    note = _NOTE.search(text)
    if note is not None and _HAN_RUN.search(text.replace(note[0], "")):
        text = _NOTE.sub(" ", text).strip()
    if "·" in text:
        parts = [part for part in "".join(_HAN_RUN.findall(text)).split("·") if part]
        if len(parts) > 1:
            name = "·".join(parts)
            return _split_company(name) if _COMPANY.search(name) else _split_transliterated(parts)
        text = text.replace("·", "")
    if _MASK.search(text):
        masked = _split_masked(text)
        if masked is not None:
            return masked
    runs = _HAN_RUN.findall(text)
    latin = re.findall(r"[A-Za-zÀ-ÿ]{2,}", text)
    if not runs:
        return None
    if latin and len(runs) == 1 and len(runs[0]) == 1 and runs[0] in frequency_by_surname():
        return ChineseName(" ".join(text.strip(" ,.-").split()), runs[0], latin[0].lower())
    plain = _one_name(runs)
    if "某" in plain[1:] and (masked := _split_masked(plain)) is not None:
        return masked
    is_decorated = not latin and text[:1] not in plain and not text[0].isascii()
    if is_decorated and len(plain) == 2:
        # ☀绍洋: people put marks around what friends call them, not around surname and given name.
        return ChineseName(plain, "", plain, kind="nickname")
    return split_plain(plain) if 1 < len(plain) <= 4 else split_bare(plain)


def _one_name(runs: list[str]) -> str:
    """The runs are one name if they are as long as one (彭 东, 欧阳 娜娜), else the first that reads as one."""
    if len(runs) == 1:
        return runs[0]
    if len(runs) == 2 and (len(runs[0]) == 1 or runs[0] in compound_surnames() or len(runs[1]) == 1):
        return "".join(runs)
    if all(len(run) == 1 for run in runs):
        return "".join(runs)
    return next((run for run in runs if 2 <= len(run) <= 4 and split_plain(run).surname), runs[0])


def _split_titled(plain: str) -> ChineseName | None:
    found = _TITLE.search(plain)
    if found is None:
        return None
    title, rest = found[1], plain[: found.start()]
    hint = _TITLES[title]
    if not rest:
        return ChineseName(plain, "", "", title, hint, is_partial=True)
    if rest in frequency_by_surname():
        return ChineseName(plain, rest, "", title, hint, is_partial=True)
    if title in _BARE_ONLY:
        return None
    if rest[0] in _PREFIXES and len(rest) == 2 and rest[1] in frequency_by_surname():
        return ChineseName(plain, rest[1], "", title, hint, is_partial=True)
    bare = split_plain(rest)
    if len(title) == 1 and not bare.surname:
        return None
    if bare.kind == "nickname":
        return bare._replace(shown=plain, title=title, gender_hint=hint)
    return bare._replace(title=title, gender_hint=hint)


def _split_familiar(plain: str) -> ChineseName | None:
    """老王, 小李, 大刘: a surname and how one calls its bearer. 小明, 阿强: a given name."""
    prefix, rest = plain[0], plain[1:]
    if prefix != "阿" and frequency_by_surname().get(rest, 0.0) >= (_VERY_COMMON if len(rest) == 1 else 1):
        return ChineseName(plain, rest, "", prefix, "", is_partial=True)
    if len(rest) == 1:
        return ChineseName(plain, "", rest, prefix, "", is_partial=True, kind="nickname")
    return None


def _split_masked(text: str) -> ChineseName | None:
    """张*, 王**伟, *伟, 李某某, 张XX: what the mask leaves. The mask itself is shown as stars."""
    stars = _MASK.sub(lambda hit: "*" * len(hit[0]), text.replace(" ", ""))
    known = _NOT_NAME_CHARACTER.sub("", stars)
    if "*" not in known or len(known) > 6:
        return None
    head = known.partition("*")[0]
    if not head:
        return ChineseName(known, "", "", is_partial=True) if known.strip("*") else None
    if head in frequency_by_surname():
        return ChineseName(known, head, "", is_partial=True)
    if len(head) <= 3:
        bare = split_bare(head)
        return ChineseName(known, bare.surname, "", is_partial=True)
    return None


def _split_transliterated(parts: list[str]) -> ChineseName:
    """约翰·史密斯, 买买提·吐尔逊: the given name comes first."""
    return ChineseName("·".join(parts), parts[-1], "".join(parts[:-1]))


def _split_company(text: str) -> ChineseName:
    """A company in the name field: with a person's name beside it (腾讯科技有限公司 张伟), that name; else itself."""
    pieces = [piece for piece in re.split(r"[\s()\[\]【】{}<>,，、/|_·-]+", text) if piece]
    company = " ".join(piece for piece in pieces if _COMPANY.search(piece))
    for piece in pieces:
        if _COMPANY.search(piece) is None and 2 <= len(piece) <= 5 and _HAN_RUN.fullmatch(piece):
            name = split_plain(piece)
            if name.surname in compound_surnames() or frequency_by_surname().get(name.surname, 0.0) >= _NAME_BESIDE:
                return name._replace(company=company)
    return ChineseName(text, "", "", is_partial=True, kind="company", company=text)
