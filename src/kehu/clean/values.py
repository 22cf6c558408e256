"""One attribute as a channel sent it → the value we keep, the identifiers it carries, and what was odd about it."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from kehu.clean.birth_dates import BirthDate
from kehu.clean.company_names import CompanyName
from kehu.clean.email_addresses import EmailAddress
from kehu.clean.genders import parse_gender
from kehu.clean.id_numbers import IdNumber
from kehu.clean.person_names import PersonName
from kehu.clean.phone_numbers import PhoneNumber
from kehu.clean.placeholders import is_placeholder
from kehu.clean.postal_addresses import PostalAddress
from kehu.clean.text_forms import tidy
from kehu.clean.touches import Identifier, Value

MAX_LENGTH = 2000


class CleanContext(NamedTuple):
    """What a normaliser must be told: the day it is, and the key under which id numbers are hashed."""

    today: date
    id_key: bytes


class Cleaned(NamedTuple):
    """value None: nothing worth keeping was said. warnings: "field:code"."""

    value: Value | None
    identifiers: tuple[Identifier, ...] = ()
    warnings: tuple[str, ...] = ()


NOTHING = Cleaned(None)


def clean_attribute(name: str, text: str, context: CleanContext) -> Cleaned:
    """Normalise one attribute. A value that fails is kept as text and marked, never dropped."""
    if not text or not (text := text.strip()):
        return NOTHING
    if is_placeholder(text, name):
        return Cleaned(None, warnings=(f"{name}:placeholder",))
    cleaner = _CLEANERS.get(name, _clean_text)
    return cleaner(name, text[:MAX_LENGTH], context)


def _clean_text(name: str, text: str, context: CleanContext) -> Cleaned:
    value = tidy(text)
    return Cleaned(Value(value)) if value else NOTHING


def _clean_name(name: str, text: str, context: CleanContext) -> Cleaned:
    parsed = PersonName.parse(text)
    if parsed is None:
        return Cleaned(None, warnings=(f"{name}:placeholder",))
    flags = ("partial",) if parsed.is_partial else ()
    return Cleaned(Value(parsed.display, parsed.pinyin, flags))


def _clean_phone(name: str, text: str, context: CleanContext) -> Cleaned:
    parsed = PhoneNumber.parse(text)
    if parsed is None:
        return Cleaned(None, warnings=(f"{name}:placeholder",))
    if parsed.kind == "masked":
        return Cleaned(Value(parsed.masked, "", ("masked",)))
    if not parsed.e164:
        return Cleaned(Value(tidy(text), "", ("invalid",)), warnings=(f"{name}:not_a_number",))
    identifiers = (Identifier("phone", parsed.e164),) if parsed.kind != "service" else ()
    return Cleaned(Value(parsed.e164, parsed.e164), identifiers)


def _clean_email(name: str, text: str, context: CleanContext) -> Cleaned:
    parsed = EmailAddress.parse(text)
    if parsed is None:
        return Cleaned(Value(tidy(text), "", ("invalid",)), warnings=(f"{name}:not_an_address",))
    flags = ("disposable",) if parsed.is_disposable else ()
    return Cleaned(
        Value(parsed.address, parsed.match_form or parsed.address, flags),
        (Identifier("email", parsed.match_form or parsed.address),),
    )


def _clean_birth_date(name: str, text: str, context: CleanContext) -> Cleaned:
    parsed = BirthDate.parse(text, context.today)
    if parsed is None or parsed.value is None:
        return Cleaned(Value(tidy(text), "", ("invalid",)), warnings=(f"{name}:not_a_date",))
    flags = tuple(flag for flag, on in (("default_like", parsed.is_default_like), ("lunar", parsed.is_lunar)) if on)
    if parsed.problem:
        flags = (*flags, parsed.problem)
    return Cleaned(Value(parsed.value.isoformat(), parsed.value.isoformat(), flags))


def _clean_address(name: str, text: str, context: CleanContext) -> Cleaned:
    parsed = PostalAddress.parse(text)
    return Cleaned(Value(parsed.text, parsed.key)) if parsed else NOTHING


def _clean_company(name: str, text: str, context: CleanContext) -> Cleaned:
    parsed = CompanyName.parse(text)
    return Cleaned(Value(parsed.display, parsed.key)) if parsed else NOTHING


def _clean_gender(name: str, text: str, context: CleanContext) -> Cleaned:
    parsed = parse_gender(text)
    if parsed is None:
        return Cleaned(None, warnings=(f"{name}:unknown_word",))
    return Cleaned(Value(parsed, parsed))


def _clean_id_number(name: str, text: str, context: CleanContext) -> Cleaned:
    parsed = IdNumber.parse(text, context.id_key)
    if parsed is None:
        return Cleaned(None, warnings=(f"{name}:checksum",))
    return Cleaned(Value(f"****{parsed.last4}", parsed.hashed), (Identifier("id_number", parsed.hashed),))


_CLEANERS: dict[str, Callable[[str, str, CleanContext], Cleaned]] = {
    "name": _clean_name,
    "phone": _clean_phone,
    "email": _clean_email,
    "birth_date": _clean_birth_date,
    "address": _clean_address,
    "company": _clean_company,
    "gender": _clean_gender,
    "id_number": _clean_id_number,
}
