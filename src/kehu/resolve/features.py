"""Records turned into columns the kernels compare: the only place where raw text is read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
from kehu.resolve.attributes import GENDER_CODES, IDENTIFIER_ATTRIBUTES
from kehu.resolve.name_features import NameFeatures, name_features
from kehu.resolve.nicknames import full_name_numbers
from kehu.resolve.raw_columns import RawColumn, RawColumns
from kehu.resolve.text_columns import Codes, ListColumn, TextColumn
from kehu.resolve.usual_forms import usual_mailboxes, usual_phones

_PLAIN_TEXTS: Final = (
    "id_number",
    "street_number",
    "address_2",
    "city",
    "province",
    "birth_place",
    "job_title",
)
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
    """Per distinct e-mail address: where the part before the @ ends in the dictionary's characters, and the hash of
    the provider.
    """

    ends: NDArray[np.int32]
    domains: NDArray[np.uint64]


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
        from kehu.resolve.kernels import hash_joined

        a, b = self.names.surname_sound, self.names.given_sound
        found = hash_joined(
            a.codes, a.dictionary.chars, a.dictionary.start, b.codes, b.dictionary.chars, b.dictionary.start
        )
        return np.where(self.names.is_nickname, np.uint64(0), found)

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
        from kehu.resolve.phone_kernels import visible_ends

        return PhoneForms(*visible_ends(self.phones.dictionary.chars, self.phones.dictionary.start))

    @cached_property
    def mailboxes(self) -> Mailboxes:
        """Each distinct e-mail address in its halves."""
        from kehu.resolve.kernels import find_char

        values = self.emails.dictionary
        at = find_char(values.chars, values.start, ord("@"))
        return Mailboxes(at, values.hashes_between(np.minimum(at + 1, values.start[1:]), values.start[1:]))

    def packed(self, order: Codes) -> "Features":
        """The features of records order[0], order[1], …, with what belongs to one record side by side in memory.

        Comparing two records that lie anywhere then waits for memory twice, not fifty times.
        """
        columns: dict[str, TextColumn] = {
            **{f"name.{name}": column for name, column in self.names.columns().items()},
            **{f"address.{name}": column for name, column in self.address.columns().items()},
            **{f"text.{name}": column for name, column in self.texts.items()},
        }
        # Names and addresses are compared whole: a column left out would have a layout, and so a kernel, of its own.
        arrays: dict[str, NDArray[Any]] = {
            name: column.codes
            for name, column in columns.items()
            if len(column.dictionary) or not name.startswith("text.")
        }
        words = ("surname_words", "given_words", "whole_words")
        arrays |= {name: getattr(self, name) for name in (*words, "birth", "gender")}
        arrays |= {name: getattr(self.names, name) for name in ("is_han", "is_nickname")}
        fields = sorted(((name, array.dtype) for name, array in arrays.items()), key=lambda field: -field[1].itemsize)
        table = np.empty(len(order), np.dtype(fields, align=True))
        for name, array in arrays.items():
            table[name] = array[order]
        found = {
            name: TextColumn(table[name] if name in arrays else column.codes, column.dictionary)
            for name, column in columns.items()
        }
        out = Features(
            count=len(order),
            names=replace(
                self.names,
                **{name: found[f"name.{name}"] for name in self.names.columns()},
                is_han=table["is_han"],
                is_nickname=table["is_nickname"],
                gender=self.names.gender[order],
            ),
            address=AddressFeatures(*(found[f"address.{name}"] for name in self.address.columns())),
            texts={name: found[f"text.{name}"] for name in self.texts},
            phones=self.phones.taken(order),
            emails=self.emails.taken(order),
            identifiers=self.identifiers.taken(order),
            birth=table["birth"],
            gender=table["gender"],
        )
        out.__dict__.update({name: table[name] for name in words})  # the cached properties of that name
        return out

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
    raw = RawColumns(rows)
    names = name_features(raw)
    address = address_features(raw["address"])
    texts = {name: _coded(raw[name], _plain_text) for name in _PLAIN_TEXTS}
    texts["postcode"] = _coded(raw["postcode"], _postcode).filled_from(
        _respelt(address.postcode, lambda text: text.replace(" ", ""))
    )
    texts["company"] = _coded(raw["company"], _company)
    texts["middle_name"] = names.middle
    gender = _numbers(raw["gender"], lambda text: GENDER_CODES.get(parse_gender(text) or "", 0)).astype(np.uint8)
    return Features(
        count=raw.count,
        names=names,
        address=address,
        texts=texts,
        phones=_listed(raw["phone"], usual_phones(raw["phone"].values, phone_form)),
        emails=_listed(raw["email"], usual_mailboxes(raw["email"].values, email_form)),
        identifiers=_identifiers(raw),
        birth=_numbers(raw["birth_date"], birth_number),
        gender=np.where(gender > 0, gender, names.gender),
    )


def _coded(column: RawColumn, form: Callable[[str], str]) -> TextColumn:
    return TextColumn.recoded(column.first(), [form(text) for text in column.values])


def _respelt(column: TextColumn, form: Callable[[str], str]) -> TextColumn:
    return TextColumn.recoded(column.codes, [form(text) for text in column.dictionary.values])


def _numbers(column: RawColumn, form: Callable[[str], int]) -> NDArray[np.int32]:
    return np.array([*map(form, column.values), 0], np.int32)[column.first()]


def _listed(column: RawColumn, forms: Sequence[str]) -> ListColumn:
    return ListColumn.recoded(column.count, column.owners, column.codes, forms)


@lru_cache(maxsize=1 << 16)
def _simple(text: str) -> str:
    return to_simplified(tidy(text)).lower()


def _plain_text(text: str) -> str:
    return "" if not text or is_placeholder(text, "") else _simple(text)


def _postcode(text: str) -> str:
    return _plain_text(text).replace(" ", "")


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


def _identifiers(raw: RawColumns) -> ListColumn:
    """Identifiers of every type in one column."""
    owners, codes, forms = [], [], list[str]()
    for name in IDENTIFIER_ATTRIBUTES:
        if name in raw:
            column = raw[name]
            owners.append(column.owners)
            codes.append(np.where(column.codes >= 0, column.codes + len(forms), -1).astype(np.int32))
            forms += ["" if is_placeholder(text, name) else f"{name}:{text.strip()}" for text in column.values]
    pairs = [
        (record, f"{kind}:{value}")
        for record, held in enumerate(raw.identifier_pairs)
        for kind, value in held or ()
        if value
    ]
    owners.append(np.array([record for record, _ in pairs], np.int32))
    codes.append(np.arange(len(forms), len(forms) + len(pairs), dtype=np.int32))
    forms += [text for _, text in pairs]
    owner, code = np.concatenate(owners), np.concatenate(codes)
    order = np.argsort(owner, kind="stable")
    return ListColumn.recoded(raw.count, owner[order], code[order], forms)
