"""What happens to a true value on its way into a system: one function per field, each drawing from
`ERROR_RATES`.

Every function returns the value as the source will hold it and adds the names of the errors made to `errors`.
"""

from datetime import date
from random import Random

from kehu.demo.contact_points import reformat_phone
from kehu.demo.error_rates import ERROR_RATES as RATES
from kehu.demo.name_stock import TITLES, misspell, romanise, to_traditional
from kehu.demo.places import abbreviate
from kehu.demo.population import Person


def written_name(rng: Random, person: Person, errors: list[str]) -> str:
    roll = rng.random()
    if roll < RATES.name_typo:
        errors.append("name_typo")
        return misspell(rng, person.surname, person.given)
    roll -= RATES.name_typo
    if roll < RATES.name_traditional:
        errors.append("name_traditional")
        return to_traditional(person.name)
    roll -= RATES.name_traditional
    if roll < RATES.name_surname_title:
        errors.append("name_surname_title")
        return person.surname + rng.choice(TITLES[person.gender])
    roll -= RATES.name_surname_title
    if roll < RATES.name_romanised:
        errors.append("name_romanised")
        return romanise(rng, person.surname, person.given)
    return person.name


def known_phone(rng: Random, person: Person, errors: list[str], *, may_be_missing: bool) -> str:
    """The bare number the source has, or nothing."""
    roll = rng.random()
    if may_be_missing:
        if roll < RATES.phone_missing:
            errors.append("phone_missing")
            return ""
        roll -= RATES.phone_missing
    if roll < RATES.phone_changed:
        errors.append("phone_changed")
        return person.phone_later
    return person.phone


def written_phone(rng: Random, phone: str, errors: list[str]) -> str:
    if phone and rng.random() < RATES.phone_reformatted:
        errors.append("phone_reformatted")
        return reformat_phone(rng, phone)
    return phone


def known_email(rng: Random, person: Person, errors: list[str], *, may_be_missing: bool) -> str:
    roll = rng.random()
    if may_be_missing:
        if roll < RATES.email_missing:
            errors.append("email_missing")
            return ""
        roll -= RATES.email_missing
    if roll < RATES.email_changed:
        errors.append("email_changed")
        return person.email_later
    return person.email


def known_birth_date(rng: Random, person: Person, errors: list[str]) -> tuple[int, int, int] | None:
    """Year, month, day as entered; swapped ones need not be a date."""
    born: date = person.birth_date
    roll = rng.random()
    if roll < RATES.birth_missing:
        errors.append("birth_missing")
        return None
    roll -= RATES.birth_missing
    if roll < RATES.birth_swapped:
        errors.append("birth_swapped")
        return born.year, born.day, born.month
    roll -= RATES.birth_swapped
    if roll < RATES.birth_defaulted:
        errors.append("birth_defaulted")
        return born.year, 1, 1
    return born.year, born.month, born.day


def written_address(rng: Random, person: Person, errors: list[str]) -> str:
    address = person.address
    if rng.random() < RATES.address_moved:
        errors.append("address_moved")
        address = person.address_later
    if rng.random() < RATES.address_abbreviated:
        errors.append("address_abbreviated")
        return abbreviate(rng, address)
    return address.full
