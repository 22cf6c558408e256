"""What a column holds, judged by some of its values alone."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from kehu.clean.birth_dates import BirthDate
from kehu.clean.company_names import CompanyName
from kehu.clean.genders import parse_gender
from kehu.clean.id_numbers import IdNumber
from kehu.clean.person_names import PersonName
from kehu.clean.phone_numbers import PhoneNumber
from kehu.clean.placeholders import is_placeholder
from kehu.clean.postal_addresses import PostalAddress
from kehu.clean.text_forms import has_han

SAMPLE_SIZE: Final = 100
_ENOUGH: Final = 0.6  # share of the values that must fit before values alone decide
_EMAIL: Final = re.compile(r"\s*<?[^\s@]+[@＠][^\s@]+\.[^\s@]+\s*")
_OPENID: Final = re.compile(r"o[A-Za-z0-9_\-]{21,31}")
_AMOUNT: Final = re.compile(r"[¥￥$€£]?\s*-?[0-9]{1,3}(?:,?[0-9]{3})*\.[0-9]{2}(?:元)?")
# A day on which customers may be born; what lies later is more likely the day of an order.
_YOUNGEST_YEARS: Final = 10
_GENERATION_YEARS: Final = 15  # birthdays spread at least as far, days of orders do not
_DISTINCT_NAMES: Final = 0.7  # names of people repeat little, those of products and states do


def attribute_of_values(values: Sequence[str], today: date) -> tuple[str, float]:
    """The attribute the values look like and the share of them that does; ("", 0.0) when none fits enough."""
    sample = [v for v in values if v and not is_placeholder(v, "")][:SAMPLE_SIZE]
    if not sample:
        return "", 0.0
    for attribute, fits in _TESTS.items():
        share = sum(fits(value, today) for value in sample) / len(sample)
        if share >= _ENOUGH and _is_plausible_set(attribute, sample, today):
            return attribute, share
    return "", 0.0


def _is_plausible_set(attribute: str, sample: Sequence[str], today: date) -> bool:
    """Whether the values together look like that attribute, where one by one they could be much else."""
    if attribute == "birth_date":
        years = [born.year for value in sample if (born := _read_date(value, today)) is not None and born.year]
        return not years or max(years) - min(years) >= _GENERATION_YEARS
    if attribute == "name" and not any(has_han(value) for value in sample):
        return len(set(sample)) >= _DISTINCT_NAMES * len(sample)
    return True


def share_that_fits(attribute: str, values: Sequence[str], today: date) -> float | None:
    """How many of the values can be that attribute (0..1); None if values cannot tell or there are none."""
    fits = _TESTS.get(attribute)
    sample = [v for v in values if v and not is_placeholder(v, "")][:SAMPLE_SIZE]
    if fits is None or not sample:
        return None
    return sum(fits(value, today) for value in sample) / len(sample)


def _is_email(value: str, today: date) -> bool:
    return _EMAIL.fullmatch(value) is not None


def _is_gender(value: str, today: date) -> bool:
    return not value.strip().isdigit() and parse_gender(value) is not None


def _is_id_number(value: str, today: date) -> bool:
    return len(value.strip()) in (15, 18) and IdNumber.parse(value, b"only to check") is not None


def _is_openid(value: str, today: date) -> bool:
    return _OPENID.fullmatch(value) is not None and any(c.isdigit() for c in value)


def _is_phone(value: str, today: date) -> bool:
    if "." in value.removesuffix(".0") or has_han(value):
        return False
    phone = PhoneNumber.parse(value)
    if phone is None or phone.kind == "invalid":
        return False
    return phone.kind != "service" or len(phone.national) >= 10


def _is_birth_date(value: str, today: date) -> bool:
    born = _read_date(value, today)
    return born is not None and (born.year == 0 or 0 < born.year <= today.year - _YOUNGEST_YEARS)


def _is_moment(value: str, today: date) -> bool:
    born = _read_date(value, today)
    return born is not None and (born.year == 0 or born.year > today.year - _YOUNGEST_YEARS)


def _read_date(value: str, today: date) -> BirthDate | None:
    if not 4 < len(value) < 40 or not any(c.isdigit() for c in value) or value.strip().count(" ") > 3:
        return None
    born = BirthDate.parse(value, today)
    if born is None or born.precision in ("year", "month") or (value.isdigit() and len(value) != 8):
        return None
    return born


def _is_company(value: str, today: date) -> bool:
    company = CompanyName.parse(value)
    return company is not None and (bool(company.suffix) or company.brand != company.core)


def _is_address(value: str, today: date) -> bool:
    if len(value) < 5 or not any(c.isdigit() for c in value):
        return False
    address = PostalAddress.parse(value)
    if address is None:
        return False
    if has_han(value):
        return bool(address.region_code or address.district) or bool(address.road and address.number)
    return bool(address.number and address.road and " " in address.road)


def _is_name(value: str, today: date) -> bool:
    name = PersonName.parse(value)
    if name is None or len(value) > 40 or any(c.isdigit() or c in "_/:@" for c in value):
        return False
    return bool(name.surname) and name.kind == "person" and (name.script == "zh" or len(value.split()) <= 4)


def _is_amount(value: str, today: date) -> bool:
    return _AMOUNT.fullmatch(value.strip()) is not None


# Surest first: the first that fits enough decides.
_TESTS: Final[dict[str, Callable[[str, date], bool]]] = {
    "email": _is_email,
    "id_number": _is_id_number,
    "openid": _is_openid,
    "gender": _is_gender,
    "amount": _is_amount,
    "birth_date": _is_birth_date,
    "occurred_at": _is_moment,
    "phone": _is_phone,
    "address": _is_address,
    "company": _is_company,
    "name": _is_name,
}
