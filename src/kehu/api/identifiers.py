"""From an identifier as a caller writes it to the form the graph keeps."""

from collections.abc import Callable
from typing import Final

from kehu.clean.email_addresses import EmailAddress
from kehu.clean.id_numbers import IdNumber
from kehu.clean.phone_numbers import PhoneNumber
from kehu.config import config


def _phone(text: str) -> str:
    found = PhoneNumber.parse(text)
    return found.e164 if found else ""


def _email(text: str) -> str:
    found = EmailAddress.parse(text)
    return found.address if found else ""


def _id_number(text: str) -> str:
    found = IdNumber.parse(text, config.blind_index_key)
    return found.hashed if found else ""


_NORMAL_FORMS: Final[dict[str, Callable[[str], str]]] = {
    "phone": _phone,
    "email": _email,
    "id_number": _id_number,
}


def normal_form(type_: str, value: str) -> str:
    """`138-0013-8000` → `+8613800138000`; "" for a value that cannot be one of its type."""
    normalise = _NORMAL_FORMS.get(type_)
    return normalise(value) if normalise else value.strip()
