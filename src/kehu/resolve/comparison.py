"""Pairs of records → one level of agreement per attribute."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kehu.resolve import address_kernels, name_kernels, value_kernels
from kehu.resolve.attributes import ATTRIBUTE_INDEX, ATTRIBUTES, different
from kehu.resolve.chunks import chunks
from kehu.resolve.features import Features
from kehu.resolve.text_columns import TextColumn

Codes = NDArray[np.int32]
Levels = NDArray[np.uint8]

_TEXTS: Final = (
    "id_number",
    "street_number",
    "address_2",
    "city",
    "province",
    "postcode",
    "birth_place",
    "company",
    "job_title",
)


def compare_pairs(features: Features, left: Codes, right: Codes) -> Levels:
    """Levels of agreement, uint8[len(ATTRIBUTES), n_pairs], of records left[k] and right[k] (int32)."""
    out = np.zeros((len(ATTRIBUTES), len(left)), np.uint8)
    for chunk in chunks(len(left)):
        out[:, chunk] = compared(features, left[chunk], right[chunk])
    return out


def compared(features: Features, left: Codes, right: Codes) -> Levels:
    """compare_pairs of one chunk."""
    out = np.zeros((len(ATTRIBUTES), len(left)), np.uint8)
    _compare_names(features, left, right, out)
    _compare_lists(features, left, right, out)
    _compare_addresses(features, left, right, out[ATTRIBUTE_INDEX["address"]])
    value_kernels.birth_levels(left, right, features.birth, out[ATTRIBUTE_INDEX["birth_date"]])
    value_kernels.gender_levels(left, right, features.gender, out[ATTRIBUTE_INDEX["gender"]])
    for name in _TEXTS:
        _compare_texts(name, features.texts[name], left, right, out[ATTRIBUTE_INDEX[name]])
    return out


def _compare_names(features: Features, left: Codes, right: Codes, out: Levels) -> None:
    names = features.names
    surname, given = names.surname.dictionary, names.given.dictionary
    kin, kin_start = features.kin
    name_kernels.name_levels(
        left,
        right,
        names.surname.codes,
        names.given.codes,
        names.surname_sound.codes,
        names.given_sound.codes,
        features.surname_words,
        features.given_words,
        features.whole_words,
        names.is_han,
        names.is_nickname,
        surname.chars,
        surname.start,
        surname.signatures,
        given.chars,
        given.start,
        given.signatures,
        names.given_sound.dictionary.chars,
        names.given_sound.dictionary.start,
        kin,
        kin_start,
        out[ATTRIBUTE_INDEX["surname"]],
        out[ATTRIBUTE_INDEX["given_name"]],
    )
    if len(names.middle.dictionary):
        middle = names.middle.dictionary
        found = out[ATTRIBUTE_INDEX["middle_name"]]
        name_kernels.middle_levels(left, right, names.middle.codes, middle.chars, middle.start, found)


def _compare_lists(features: Features, left: Codes, right: Codes, out: Levels) -> None:
    phones, emails, identifiers = features.phones, features.emails, features.identifiers
    if len(phones.codes):
        forms = features.phone_forms
        value_kernels.phone_levels(
            left,
            right,
            phones.offsets,
            phones.codes,
            phones.dictionary.chars,
            phones.dictionary.start,
            forms.heads,
            forms.tails,
            forms.is_masked,
            out[ATTRIBUTE_INDEX["phone"]],
        )
    if len(emails.codes):
        mailbox = features.mailboxes
        value_kernels.email_levels(
            left,
            right,
            emails.offsets,
            emails.codes,
            emails.dictionary.chars,
            emails.dictionary.start,
            mailbox.ends,
            mailbox.domains,
            out[ATTRIBUTE_INDEX["email"]],
        )
    if len(identifiers.codes):
        value_kernels.identifier_levels(
            left,
            right,
            identifiers.offsets,
            identifiers.codes,
            features.identifier_kinds,
            out[ATTRIBUTE_INDEX["identifier"]],
        )


def _compare_addresses(features: Features, left: Codes, right: Codes, out: Levels) -> None:
    address = features.address
    if not len(address.text.dictionary):
        return
    road, estate = address.road.dictionary, address.estate.dictionary
    address_kernels.address_levels(
        left,
        right,
        address.city.codes,
        address.district.codes,
        address.road.codes,
        address.number.codes,
        address.estate.codes,
        address.building.codes,
        address.room.codes,
        road.chars,
        road.start,
        road.signatures,
        estate.chars,
        estate.start,
        estate.signatures,
        out,
    )


def _compare_texts(name: str, column: TextColumn, left: Codes, right: Codes, out: Levels) -> None:
    values = column.dictionary
    if len(values):
        value_kernels.text_levels(
            left,
            right,
            column.codes,
            values.chars,
            values.start,
            values.signatures,
            name == "postcode",
            different(name),
            out,
        )
