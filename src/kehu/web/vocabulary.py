"""The words of the page for codes of the rooms: identifiers, events, levels of agreement, rules, states."""

from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from kehu.extend import queries as catalogue
from kehu.web.components import Text


class Sign(NamedTuple):
    """An icon and a word; tone colors the dot of a timeline row."""

    icon: str
    label: Text
    tone: str = ""


IDENTIFIERS: Final = {
    "phone": Sign("device-mobile", _("Phone")),
    "email": Sign("mail", _("E-mail")),
    "member_id": Sign("id-badge-2", _("Member number")),
    "unionid": Sign("brand-wechat", "unionid"),
    "openid": Sign("brand-wechat", "openid"),
    "id_number": Sign("id", _("Identity card")),
    "user_id": Sign("user", _("User number")),
    "erp_no": Sign("building", _("ERP number")),
    "crm_id": Sign("address-book", _("CRM number")),
    "tax_no": Sign("receipt", _("Tax number")),
    "company_name": Sign("building", _("Company name")),
    "anonymous_id": Sign("device-desktop", _("Browser")),
    "device_id": Sign("device-desktop", _("Device")),
    "plate": Sign("hash", _("Number plate")),
    "address_key": Sign("home", _("Address")),
    "native": Sign("keyboard", _("Typed in")),
}
STRENGTHS: Final = {
    "unique": Sign("", _("unique"), "accent"),
    "strong": Sign("", _("strong"), "accent"),
    "weak": Sign("", _("weak")),
    "device": Sign("", _("visit")),
    "demoted": Sign("", _("shared · weak")),
}
KINDS: Final = {
    "trade": Sign("shopping-bag", _("Trade"), "trade"),
    "behaviour": Sign("eye", _("Behaviour")),
    "service": Sign("headset", _("Service"), "service"),
    "marketing": Sign("speakerphone", _("Marketing")),
    "contact": Sign("message-circle", _("Conversations"), "service"),
    "consent": Sign("check", _("Consent")),
    "merge": Sign("git-merge", _("Merges")),
}
RULES: Final = {
    "trust": _("most trusted source"),
    "recency": _("newest value"),
    "frequency": _("most frequent value"),
    "completeness": _("most complete value"),
    "verified": _("verified value, then the newest"),
    "pin": _("pinned by a person"),
}
LEVELS: Final = {
    "exact": _("same"),
    "same sound": _("same sound"),
    "same sound or nickname": _("same sound or nickname"),
    "close": _("close"),
    "similar": _("similar"),
    "swapped": _("swapped"),
    "part": _("part of it"),
    "initial": _("same initial"),
    "masked agrees": _("same as far as shown"),
    "one digit off": _("one digit apart"),
    "same mailbox name": _("same mailbox name"),
    "exact, 1 January": _("same, but 1 January"),
    "day and month swapped": _("day and month swapped"),
    "same day and month": _("same day and month"),
    "same year": _("same year"),
    "same door": _("same door"),
    "nearly same door": _("nearly the same door"),
    "same street": _("same street"),
    "similar street": _("similar street"),
    "same district": _("same district"),
    "same city": _("same city"),
    "same area": _("same area"),
    "different": _("differs"),
    "missing": _("missing"),
    "could be two people of one household": _("could be two of one household"),
    "nothing that agrees points at one person": _("nothing that agrees points at one person"),
}
COMPARED: Final = {
    "surname": _("Surname"),
    "given_name": _("Given name"),
    "middle_name": _("Middle name"),
    "identifier": _("Identifier"),
    "street_number": _("House number"),
    "address_2": _("Address, second line"),
    "province": _("Province"),
    "postcode": _("Postcode"),
    "birth_place": _("Place of birth"),
    "household": _("Household"),
    "caution": _("Caution"),
}
PURPOSES: Final = {
    "marketing": _("marketing"),
    "service": _("service messages"),
    "analytics": _("analysis"),
    "profiling": _("profiling"),
}
CHANNELS: Final = {
    "sms": _("SMS"),
    "phone": _("Telephone"),
    "email": _("E-mail"),
    "wechat": _("WeChat"),
    "app": _("App"),
    "post": _("Post"),
    "web": _("Website"),
    "any": _("Every channel"),
}
ORDER_STATES: Final = {
    "completed": Sign("", _("completed")),
    "paid": Sign("", _("paid")),
    "placed": Sign("", _("placed")),
    "created": Sign("", _("placed")),
    "shipped": Sign("", _("on its way")),
    "delivered": Sign("", _("delivered")),
    "pending": Sign("", _("unpaid"), "warn"),
    "refunded": Sign("", _("refunded"), "warn"),
    "partially_refunded": Sign("", _("partly refunded"), "warn"),
    "cancelled": Sign("", _("cancelled"), "warn"),
    "canceled": Sign("", _("cancelled"), "warn"),
}
GENDERS: Final = {"male": _("Mr"), "female": _("Ms")}


def attribute_label(name: str) -> Text:
    """The catalogue's word for an attribute, ours for what is only compared, else the name itself."""
    found = catalogue.attribute(name)
    return found.label if found else COMPARED.get(name, name.replace("_", " "))


def identifier_sign(type_: str) -> Sign:
    return IDENTIFIERS.get(type_, Sign("hash", type_.replace("_", " ")))


def level_label(level: str) -> Text:
    return LEVELS.get(level, level)


def order_sign(status: str) -> Sign:
    return ORDER_STATES.get(status, Sign("", status.replace("_", " ")))


def consent_label(purpose: str, channel: str) -> str:
    where = CHANNELS.get(channel, channel)
    return _("%(channel)s: %(purpose)s") % {"channel": where, "purpose": PURPOSES.get(purpose, purpose)}
