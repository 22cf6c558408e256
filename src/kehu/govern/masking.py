"""How a value looks to somebody who may not see it whole. Pure; what is already masked stays as it is.

13800138000 → 138****8000      zhang.wei@example.com → z***@example.com      330106199001011234 → ****1234
浙江省杭州市西湖区文三路90号1幢301室 → 浙江省杭州市西湖区文三路***
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

HIDDEN: Final = "***"

_NOT_DIGITS = re.compile(r"\D")
_CHINA = re.compile(r"^(?:(?:\+|00)86|86(?=1[3-9]\d{9}$))")
_NATIONAL = re.compile(r"1[3-9]|[48]00|0")
_TO_THE_ROAD = re.compile(r"^.*?(?:路|街|道|巷|弄|胡同)(?=[\d一二三四五六七八九十百零〇甲乙丙丁号之东西南北中\s,，]|$)")
_TO_THE_PLACE = re.compile(r"^(?:[^省市区县旗]{1,8}?(?:省|自治区|市|(?<!小)区|县|旗)){1,3}")
_ASCII_DIGITS = str.maketrans("０１２３４５６７８９＋－＠", "0123456789+-@")
_LATIN_HOUSE = re.compile(r"\b\d[\w/-]*\b|#\s*\w+")
_EMAIL_IN_TEXT = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_ID_IN_TEXT = re.compile(r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?![\dA-Za-z])")
_PHONE_IN_TEXT = re.compile(
    r"(?<![\d.])(?:(?:\+|00)?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)"
    r"|(?<![\d.])\+\d{1,3}(?:[-\s()]{0,2}\d){7,12}(?!\d)"
    r"|(?<![\d.-])\(?0\d{2,3}\)?[-\s]\d{7,8}(?!\d)"
)


def mask_phone(text: str) -> str:
    """First three and last four digits of the national number, as people write a masked phone."""
    if "*" in text:
        return text
    number = re.sub(r"[\s()-]", "", text.translate(_ASCII_DIGITS))
    national = _CHINA.sub("", number)
    if national != number and not _NATIONAL.match(national):
        national = f"0{national}"
    digits = _NOT_DIGITS.sub("", national)
    if len(digits) < 7:
        return HIDDEN
    return f"{digits[:3]}****{digits[-4:]}"


def mask_email(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at or not local:
        return HIDDEN
    return f"{local[0]}***@{domain}"


def mask_id_number(text: str) -> str:
    return f"****{text[-4:]}" if len(text) >= 8 else HIDDEN


def mask_address(text: str) -> str:
    """The road without number, building and room; the place where no road is named."""
    if found := _TO_THE_ROAD.match(text):
        return re.sub(r"\d", "", found.group()) + HIDDEN
    if found := _TO_THE_PLACE.match(text):
        return re.sub(r"\d", "", found.group()) + HIDDEN
    if text.isascii() and (bare := " ".join(_LATIN_HOUSE.sub(" ", text).split()).strip(" ,")):
        return f"{HIDDEN} {bare}"
    return HIDDEN


def mask_birth_date(text: str) -> str:
    return f"{text[:4]}-**-**" if re.match(r"\d{4}-", text) else HIDDEN


def mask_code(text: str) -> str:
    """Ids of persons in other systems, plates: the last four, when that leaves most of it hidden."""
    return f"****{text[-4:]}" if len(text) >= 8 else HIDDEN


def hide(text: str) -> str:
    return HIDDEN


MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "phone": mask_phone,
    "email": mask_email,
    "id_number": mask_id_number,
    "address": mask_address,
    "birth_date": mask_birth_date,
    # identifiers
    "address_key": hide,
    "plate": mask_code,
    "openid": mask_code,
    "unionid": mask_code,
}
"""Attribute or identifier type → mask. What is not here is shown, unless it is `sensitive`."""

_KEY_WORDS: Final = (
    ("phone", ("phone", "mobile", "tel", "手机", "电话", "mobil")),
    ("email", ("email", "e-mail", "mail", "邮箱", "邮件")),
    ("id_number", ("id_number", "id_card", "idcard", "身份证", "passport")),
    ("address", ("address", "street", "地址")),
    ("birth_date", ("birth", "生日", "出生")),
)
_NOT_A_VALUE: Final = ("tele_", "email_id", "mail_id", "campaign", "subject", "template", "mailing")


@lru_cache(maxsize=4096)  # a source repeats its few names for ever
def attribute_of_key(key: str) -> str | None:
    """The maskable attribute a property name of an event speaks of: `shippingAddress` → address."""
    lowered = key.lower()
    if any(word in lowered for word in _NOT_A_VALUE):
        return None
    for attribute, words in _KEY_WORDS:
        if any(word in lowered for word in words):
            return attribute
    return None


def mask_in_text(text: str, whole: Callable[[str], bool]) -> str:
    """Free text with phones, e-mails and id numbers masked; `whole(attribute)`: may be seen."""
    if all(whole(attribute) for attribute in ("email", "id_number", "phone")):
        return text
    text = text.translate(_ASCII_DIGITS)
    if not whole("email") and "@" in text:
        text = _EMAIL_IN_TEXT.sub(lambda found: mask_email(found.group()), text)
    if not whole("id_number"):
        text = _ID_IN_TEXT.sub(lambda found: mask_id_number(found.group()), text)
    if not whole("phone"):
        text = _PHONE_IN_TEXT.sub(lambda found: mask_phone(found.group()), text)
    return text
