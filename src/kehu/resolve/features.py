"""Records turned into columns the kernels compare: the only place where raw text is read."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kehu.clean.birth_dates import BirthDate
from kehu.clean.company_names import CompanyName
from kehu.clean.email_addresses import EmailAddress
from kehu.clean.genders import parse_gender
from kehu.clean.phone_numbers import PhoneNumber
from kehu.clean.placeholders import is_placeholder
from kehu.clean.text_forms import tidy, to_simplified
from kehu.resolve.address_features import AddressFeatures, address_features
from kehu.resolve.attributes import IDENTIFIER_ATTRIBUTES, INPUT_ATTRIBUTES
from kehu.resolve.name_features import NameFeatures, name_features
from kehu.resolve.nicknames import full_name_numbers
from kehu.resolve.text_columns import Dictionary, ListColumn, TextColumn

_PLAIN_TEXTS: Final = (
    "id_number",
    "street_number",
    "address_2",
    "city",
    "province",
    "birth_place",
    "job_title",
)
_GENDER_CODES: Final = {"male": 1, "female": 2}
_MIN_PHONE_DIGITS: Final = 6
# People born after it are a mistake; a fixed day keeps features the same function of the row in every run.
_LATEST_BIRTH: Final = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class PhoneForms:
    """Per distinct number: first three and last four digits at home (-1 hidden or too short), and whether masked."""

    heads: NDArray[np.int32]
    tails: NDArray[np.int32]
    is_masked: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """Per distinct e-mail address: the part before the @, and the provider as a code."""

    names: Dictionary
    domains: NDArray[np.int32]


@dataclass(frozen=True)
class Features:
    """Everything compared, for n records in the order given.

    texts: the attributes that are one plain text each. phones, emails, identifiers: any number per record.
    birth: int32[n] as yyyymmdd with zeros for what is unknown (also impossible dates, as written); 0 = says nothing.
    gender: uint8[n], 0 unknown, 1 male, 2 female.
    """

    count: int
    names: NameFeatures
    address: AddressFeatures
    texts: Mapping[str, TextColumn]
    phones: ListColumn
    emails: ListColumn
    identifiers: ListColumn
    birth: NDArray[np.int32]
    gender: NDArray[np.uint8]

    @cached_property
    def surname_words(self) -> NDArray[np.uint64]:
        """uint64[n]: hash of the surname's sound, 0 when unknown or only a nickname hints at it."""
        return np.where(self.names.is_nickname, np.uint64(0), self.names.surname_sound.hashes())

    @cached_property
    def given_words(self) -> NDArray[np.uint64]:
        """uint64[n]: hash of the given name's sound, 0 when unknown or only a nickname hints at it."""
        return np.where(self.names.is_nickname, np.uint64(0), self.names.given_sound.hashes())

    @cached_property
    def whole_words(self) -> NDArray[np.uint64]:
        """uint64[n]: hash of the sounds of surname and given name as one word; 0 unless both are known."""
        known = (self.surname_words != 0) & (self.given_words != 0)
        surname, given = self.names.surname_sound, self.names.given_sound
        texts = [surname.text(i) + given.text(i) if ok else "" for i, ok in enumerate(known.tolist())]
        return TextColumn.of(texts).hashes()

    @cached_property
    def kin(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Numbers of the full names each distinct given name can stand for, and where each one's begin."""
        numbers = [full_name_numbers(name) for name in self.names.given.dictionary.values]
        start = np.zeros(len(numbers) + 1, np.int32)
        np.cumsum([len(found) for found in numbers], out=start[1:])
        return np.array([n for found in numbers for n in found], np.int32), start

    @cached_property
    def phone_forms(self) -> PhoneForms:
        """What of each distinct number is visible."""
        values = self.phones.dictionary.values
        shown = [_visible_ends(value) for value in values]
        return PhoneForms(
            np.array([head for head, _ in shown], np.int32),
            np.array([tail for _, tail in shown], np.int32),
            np.array(["*" in value for value in values], np.bool_),
        )

    @cached_property
    def mailboxes(self) -> Mailboxes:
        """Each distinct e-mail address in its halves."""
        halves = [value.partition("@") for value in self.emails.dictionary.values]
        return Mailboxes(Dictionary([name for name, _, _ in halves]), TextColumn.of(d for _, _, d in halves).codes)

    @cached_property
    def identifier_kinds(self) -> NDArray[np.int32]:
        """The type of each distinct identifier, as a code."""
        return TextColumn.of(value.partition(":")[0] for value in self.identifiers.dictionary.values).codes


def build_features(rows: Sequence[Mapping[str, Any]] | pl.DataFrame) -> Features:
    """Normalise records and code them column by column.

    rows: mappings (or a frame) with canonical attributes (attributes.INPUT_ATTRIBUTES); raw text is fine, unknown keys
    are ignored, None and "" mean nothing is said. phone, email and identifier attributes may be lists; `identifiers`
    may hold (type, value) pairs. Record i of the result is row i. A record's features depend on that row alone.
    """
    columns = _columns(rows)
    count = len(rows)

    def column(name: str) -> Sequence[Any]:
        return columns.get(name) or [None] * count

    names = name_features(
        zip(
            *(map(_text, column(a)) for a in ("name", "surname", "given_name", "middle_name", "nickname")),
            strict=True,
        )
    )
    address = address_features(map(_text, column("address")))
    texts = {name: TextColumn.of(map(_plain_text, column(name))) for name in _PLAIN_TEXTS}
    texts["postcode"] = TextColumn.of(
        (_plain_text(own) or found).replace(" ", "")
        for own, found in zip(column("postcode"), address.postcodes, strict=True)
    )
    texts["company"] = TextColumn.of(_company(_text(value)) for value in column("company"))
    texts["middle_name"] = names.middle
    return Features(
        count=count,
        names=names,
        address=address,
        texts=texts,
        phones=ListColumn.of([phone_form(t) for t in _texts(value)] for value in column("phone")),
        emails=ListColumn.of([email_form(t) for t in _texts(value)] for value in column("email")),
        identifiers=ListColumn.of(_identifiers(columns, i) for i in range(count)),
        birth=np.fromiter((birth_number(_text(value)) for value in column("birth_date")), np.int32, count),
        gender=np.fromiter(
            (
                _GENDER_CODES.get(parse_gender(_text(value)) or hint, 0)
                for value, hint in zip(column("gender"), names.gender_hints, strict=True)
            ),
            np.uint8,
            count,
        ),
    )


def _columns(rows: Sequence[Mapping[str, Any]] | pl.DataFrame) -> dict[str, list[Any]]:
    if isinstance(rows, pl.DataFrame):
        return {name: rows[name].to_list() for name in rows.columns if name in INPUT_ATTRIBUTES}
    present = {key for row in rows for key in row}
    return {name: [row.get(name) for row in rows] for name in INPUT_ATTRIBUTES if name in present}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return _text(value[0]) if value else ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _texts(value: object) -> list[str]:
    if value is None or value == "":
        return []
    return [_text(part) for part in value] if isinstance(value, list | tuple) else [_text(value)]


@lru_cache(maxsize=1 << 16)
def _simple(text: str) -> str:
    return to_simplified(tidy(text)).lower()


def _plain_text(value: object) -> str:
    text = _text(value)
    return "" if not text or is_placeholder(text, "") else _simple(text)


@lru_cache(maxsize=1 << 16)
def _company(text: str) -> str:
    parsed = CompanyName.parse(text) if text else None
    return (parsed.key or parsed.core) if parsed else ""


@lru_cache(maxsize=1 << 17)
def phone_form(text: str) -> str:
    """The form phones are compared in: E.164, else 138****1234, else bare digits; "" for none."""
    parsed = PhoneNumber.parse(text)
    if parsed is None or is_placeholder(text, "phone"):
        return ""
    if parsed.e164 or parsed.masked:
        return parsed.e164 or parsed.masked
    digits = (parsed.national or re.sub(r"\D", "", text)).lstrip("0")
    return digits if len(digits) >= _MIN_PHONE_DIGITS else ""


@lru_cache(maxsize=1 << 17)
def email_form(text: str) -> str:
    """The mailbox an address reaches, "" for none."""
    parsed = EmailAddress.parse(text)
    if parsed is None or is_placeholder(text, "email"):
        return ""
    return parsed.match_form or parsed.address


@lru_cache(maxsize=1 << 16)
def birth_number(text: str) -> int:
    """A birth date as yyyymmdd, zeros for unknown parts, 0 for none. Lunar dates are converted."""
    parsed = BirthDate.parse(text, _LATEST_BIRTH) if text else None
    if parsed is None:
        return 0
    if parsed.value is not None:
        return parsed.value.year * 10000 + parsed.value.month * 100 + parsed.value.day
    return min(parsed.year, 9999) * 10000 + min(parsed.month, 99) * 100 + min(parsed.day, 99)


def _visible_ends(phone: str) -> tuple[int, int]:
    plain = phone.removeprefix("+86") if phone.startswith("+86") else phone.lstrip("+")
    head = re.match(r"\d{3}", plain)
    tail = re.search(r"\d{4}$", plain)
    return int(head[0]) if head else -1, int(tail[0]) if tail else -1


def _identifiers(columns: Mapping[str, list[Any]], record: int) -> list[str]:
    found = [
        f"{name}:{text.strip()}"
        for name in IDENTIFIER_ATTRIBUTES
        if name in columns
        for text in _texts(columns[name][record])
        if text and not is_placeholder(text, name)
    ]
    pairs: Iterable[Sequence[str]] = columns["identifiers"][record] or () if "identifiers" in columns else ()
    return found + [f"{kind}:{value}" for kind, value in pairs if value]
