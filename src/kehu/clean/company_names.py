"""Company names: legal suffix and place set apart from the brand."""

import re
from typing import Final, Self

import msgspec

from kehu.clean.divisions import leading_division
from kehu.clean.placeholders import COMPANY_PLACEHOLDERS, is_placeholder
from kehu.clean.text_forms import has_han, tidy, to_simplified, word_set

# Tried in this order at the end of the name; several may stand there: 腾讯(集团)股份有限公司上海分公司.
_BRANCH: Final = re.compile(r"公司[\u4e00-\u9fff]{2,8}(?:分公司|办事处|营业部|子公司)$")
_BRANCH_ENDS: Final = ("分公司", "办事处", "营业部", "子公司")
_BEFORE_LEGAL: Final = ("股份", "集团", "控股", "股份制")
_SUFFIX: Final = re.compile(r"(?:控股集团|集团股份|集团|合作社|有限合伙|有限|股份)$")
_BRACKETED: Final = re.compile(r"[(\[【]([^)\]】]*)[)\]】]?")
_INDUSTRY: Final = re.compile(
    r"(?:信息|网络|电子|智能|生物|环保|建筑|医疗|餐饮|文化|物业|人力|企业|供应链|国际|进出口|新能源|教育|软件|通信|汽车|房地产|装饰|机械|食品|服装|农业|"
    r"旅游|广告|投资|资产|工程|技术|科技|商务|贸易|商贸|实业|物流|器械|管理|传媒|服务|咨询|发展|工业|制造|材料|设备|资源|传播|设计|健康|制药|药业|化工|能源|"
    r"酒店|百货|零售|连锁|运输|快递|安装|开发|控股|产业|股份|集团|系统|数据|互联网|金融|保险|银行|证券|地产|置业|家居|日用品|用品)+$"
)
_INSTITUTION: Final = re.compile(
    r"(?:第?[一二三四五六七八九十0-9]+|市|省|人民|中心|儿童|妇幼|师范|理工|农业|工业)*(?:大学|学院|医院|中学|小学|学校|机场|车站|日报|晚报|电视台|啤酒|银行|地铁|公交|巴巴)"
)
_LATIN_SUFFIXES: Final = word_set(
    "co ltd limited inc incorporated corp corporation company llc llp lp plc gmbh ag kg sa sas sarl srl spa bv nv pty "
    "pte oy ab aps kk sdn bhd kft group holdings holding intl lda ltda"
)
_WORD: Final = re.compile(r"[^\W_]+")
_NOT_KEY: Final = re.compile(r"[\W_]+")


class CompanyName(msgspec.Struct, frozen=True, gc=False):
    """A company's name.

    display: cleaned text. core: without place and legal suffix (宇联科技). place: 深圳. suffix: 有限公司, "co ltd".
    key: core in one spelling, to compare: simplified, lower case, letters and digits only.
    """

    display: str
    core: str
    place: str = ""
    suffix: str = ""
    key: str = ""

    @property
    def brand(self) -> str:
        """The core without words for the trade (宇联); the core itself when too little else is left."""
        trade = _INDUSTRY.search(self.core)
        return self.core[: trade.start()] if trade is not None and trade.start() >= 2 else self.core

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Read a name; None for nothing or a placeholder (无, 个人)."""
        display = tidy(text)
        if not display or display in COMPANY_PLACEHOLDERS:
            return None
        if (display.isascii() or not display[0].isalnum()) and is_placeholder(display, "company"):
            return None
        core, place, suffix = _split_chinese(to_simplified(display)) if has_han(display) else _split_latin(display)
        key = core.lower()
        if not key.isalnum():
            key = _NOT_KEY.sub("", key)
        return cls(display, core, place, suffix, key)


def _split_chinese(plain: str) -> tuple[str, str, str]:
    """Core, place and suffix of a simplified name."""
    place = ""
    if not plain.isalnum():
        plain = plain.replace(" ", "") if " " in plain else plain
        for bracketed in _BRACKETED.findall(plain):
            division = leading_division(bracketed)
            if division and not place:
                place = division
        plain = _BRACKETED.sub("", plain) or plain
    core, suffix = _cut_suffix(plain)
    division = leading_division(core)
    if division:
        rest = core[len(division) :]
        # 青岛啤酒 and 北京银行: the place is the brand if nothing but the trade remains.
        if len(rest) >= 2 and _INDUSTRY.fullmatch(rest) is None and _INSTITUTION.fullmatch(rest) is None:
            core, place = rest, place or division
    return core, place, suffix


def _cut_suffix(plain: str) -> tuple[str, str]:
    if plain.endswith(_BRANCH_ENDS) and (branch := _BRANCH.search(plain)) is not None:
        plain = plain[: branch.start() + 2]
    length = len(plain)
    if plain.endswith("公司"):
        cut = length - 2
        for legal in ("有限责任", "有限"):
            if plain.endswith(legal, 0, cut):
                cut -= len(legal)
                break
        while plain.endswith(_BEFORE_LEGAL, 2, cut):
            cut -= 3 if plain.endswith("股份制", 0, cut) else 2
        return (plain[:cut], plain[cut:]) if cut > 1 else (plain, "")
    if length > 2 and plain[-1] in "团社伙限份" and (found := _SUFFIX.search(plain, 2)) is not None:
        return plain[: found.start()], found[0]
    return plain, ""


def _split_latin(display: str) -> tuple[str, str, str]:
    """Core, "" and the words of the legal form."""
    words = _WORD.findall(display.replace("&", " and ").replace(".", "").replace("'", ""))
    if len(words) > 1 and words[0].lower() == "the":
        words = words[1:]
    end = len(words)
    while end > 1 and words[end - 1].lower() in _LATIN_SUFFIXES:
        end -= 1
    if end and words[end - 1].lower() == "and" and end > 1:
        end -= 1  # Smith & Co.
    return " ".join(words[:end]) or display, "", " ".join(word.lower() for word in words[end:] if word != "and")
