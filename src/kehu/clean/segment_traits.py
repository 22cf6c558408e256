"""Traits of identify and group calls → canonical attributes and identifiers. Names count whatever their case."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from kehu.clean.text_forms import has_han
from kehu.clean.touches import Identifier, Value
from kehu.clean.values import CleanContext, clean_attribute
from kehu.clean.verified import CLAIMS, is_claimed, mark_verified

# Keys are the names without case, blanks, hyphens and underscores, as Segment compares them.
PERSON_TRAITS: Final[Mapping[str, str]] = {
    "name": "name", "fullname": "name", "firstname": "given_name", "givenname": "given_name",
    "lastname": "surname", "surname": "surname", "familyname": "surname", "username": "nickname",
    "nickname": "nickname", "displayname": "nickname", "phone": "phone", "phonenumber": "phone",
    "mobile": "phone", "email": "email", "emailaddress": "email", "birthday": "birth_date",
    "birthdate": "birth_date", "dateofbirth": "birth_date", "gender": "gender", "sex": "gender",
    "address": "address", "city": "city", "company": "company", "title": "job_title",
    "jobtitle": "job_title", "language": "language", "locale": "language", "avatar": "avatar",
    "website": "website", "idnumber": "id_number", "idcard": "id_number", "identitynumber": "id_number",
}  # fmt: skip
GROUP_TRAITS: Final[Mapping[str, str]] = {
    "name": "name", "phone": "phone", "email": "email", "address": "address", "website": "website",
    "avatar": "avatar", "taxno": "tax_no", "taxnumber": "tax_no", "vatnumber": "tax_no",
}  # fmt: skip
IDENTIFIER_TRAITS: Final[Mapping[str, str]] = {
    "memberid": "member_id", "memberno": "member_id", "unionid": "unionid", "crmid": "crm_id",
    "erpno": "erp_no",
}  # fmt: skip
# Of the account in the system that sends them.
NOT_OF_THE_PERSON: Final = frozenset({"id", "createdat"})
ADDRESS_PARTS: Final = ("country", "state", "city", "street", "postalcode")
MAX_CUSTOM: Final = 50
MAX_NAME: Final = 40

_separators: Final = re.compile(r"[\s_\-]+")
_camel: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_not_word: Final = re.compile(r"[^a-z0-9]+")
_instant: Final = re.compile(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d")


class Traits(NamedTuple):
    """attributes: canonical and custom ones; erased: those sent as null."""

    attributes: dict[str, Value]
    erased: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    warnings: tuple[str, ...]


def read_traits(traits: Mapping[str, Any], context: CleanContext, *, of_group: bool = False) -> Traits:
    """Every trait as an attribute; what is neither text nor number (custom lists, objects) is left out."""
    known = GROUP_TRAITS if of_group else PERSON_TRAITS
    texts: dict[str, str] = {}
    erased: dict[str, None] = {}
    identifiers: list[Identifier] = []
    verified: set[str] = set()
    custom = 0
    for name, value in traits.items():
        plain = _plain_name(name)
        attribute = known.get(plain)
        if plain in IDENTIFIER_TRAITS and not of_group:
            if text := _text(value):
                identifiers.append(Identifier(IDENTIFIER_TRAITS[plain], text))
            continue
        if plain in CLAIMS:
            verified |= {CLAIMS[plain]} if is_claimed(value) else set()
            continue
        if attribute is None:
            attribute, custom = _custom_name(name), custom + 1
            if not attribute or custom > MAX_CUSTOM or isinstance(value, dict | list) or plain in NOT_OF_THE_PERSON:
                continue
        if value is None:
            erased[attribute] = None
        elif text := _attribute_text(attribute, value):
            texts.setdefault(attribute, text)
    if not of_group:
        _join_name(texts)
    read = _cleaned(texts, tuple(erased.keys() - texts.keys()), identifiers, context, of_group)
    return read._replace(attributes=mark_verified(read.attributes, verified)) if verified else read


def _cleaned(
    texts: Mapping[str, str],
    erased: tuple[str, ...],
    identifiers: list[Identifier],
    context: CleanContext,
    of_group: bool,
) -> Traits:
    values: dict[str, Value] = {}
    warnings: list[str] = []
    for name, text in texts.items():
        cleaned = clean_attribute("company" if of_group and name == "name" else name, text, context)
        warnings += cleaned.warnings
        identifiers += cleaned.identifiers
        if cleaned.value is not None:
            values[name] = cleaned.value
    return Traits(values, tuple(sorted(erased)), tuple(identifiers), tuple(warnings))


@lru_cache(4096)
def _plain_name(name: str) -> str:
    return _separators.sub("", name).lower()


@lru_cache(4096)
def _custom_name(name: str) -> str:
    """favouriteShop → favourite_shop; "" for a name that cannot be one of ours (Chinese, only signs, too long)."""
    snake = _not_word.sub("_", _camel.sub("_", name).lower()).strip("_")
    return snake if snake[:1].isalpha() and len(snake) <= MAX_NAME else ""


def _attribute_text(attribute: str, value: Any) -> str:
    if attribute == "address" and isinstance(value, dict):
        return _address_text(value)
    if attribute == "company" and isinstance(value, dict):
        return _text(next((item for key, item in value.items() if _plain_name(key) == "name"), None))
    text = _text(value)
    if attribute == "birth_date" and (found := _instant.match(text)):
        return found[1]
    return text


def _address_text(parts: Mapping[str, Any]) -> str:
    """Chinese addresses are written from the country down to the street, others the other way round."""
    by_name = {_plain_name(key): _text(value) for key, value in parts.items()}
    told = [by_name.get(name, "") for name in ADDRESS_PARTS]
    if any(map(has_han, told)):
        return "".join(told[:4])
    return ", ".join(text for text in (told[3], told[2], f"{told[1]} {told[4]}".strip(), told[0]) if text)


def _join_name(texts: dict[str, str]) -> None:
    """firstName and lastName give a name when none was sent."""
    given, surname = texts.get("given_name", ""), texts.get("surname", "")
    if "name" in texts or not (given and surname):
        return
    texts["name"] = surname + given if has_han(surname + given) else f"{given} {surname}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return msgspec.json.encode(value).decode()
