"""Values that the person confirmed: claims like email_verified, double opt-ins, words to one of the staff. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from kehu.clean.touches import Value

VERIFIED: Final = "verified"  # the flag of such a value
# Traits without case, blanks and underscores; OpenID Connect's standard claims among them.
CLAIMS: Final[Mapping[str, str]] = {
    "emailverified": "email",
    "phoneverified": "phone",
    "phonenumberverified": "phone",
    "mobileverified": "phone",
}
_CONFIRMING: Final = re.compile(r"(email|e-mail|phone|mobile)(?: address| number)? (?:verified|confirmed)")
_OPT_IN: Final = re.compile(r"(email|e-mail|sms) subscribed")
_ATTRIBUTES: Final[Mapping[str, str]] = {
    "email": "email",
    "e-mail": "email",
    "phone": "phone",
    "mobile": "phone",
    "sms": "phone",
}


def is_claimed(value: Any) -> bool:
    """`true`, as JSON has it or as a form writes it; anything else claims nothing."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def mark_verified(values: Mapping[str, Value], names: Collection[str]) -> dict[str, Value]:
    return {
        name: msgspec.structs.replace(value, flags=(*value.flags, VERIFIED)) if name in names else value
        for name, value in values.items()
    }


def confirmed_by(event: str, properties: Mapping[str, Any]) -> tuple[str, str] | None:
    """(attribute, value) that an event says was confirmed: `Email Verified` with its email, a double opt-in."""
    name = event.lower()
    found = _CONFIRMING.fullmatch(name)
    if found is None and is_claimed(properties.get("double_opt_in")):
        found = _OPT_IN.fullmatch(name)
    if found is None:
        return None
    attribute = _ATTRIBUTES[found[1]]
    value = properties.get(attribute)
    return (attribute, value.strip()) if isinstance(value, str) and value.strip() else None
