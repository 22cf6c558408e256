"""Match keys: the hashes that bring candidate pairs together, several per record, from that record alone.

The online resolver keeps them in a table, a batch sorts them; both see the same candidates.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.features import Features
from kehu.resolve.text_columns import ListColumn, TextColumn

Words = NDArray[np.uint64]
Records = NDArray[np.int32]
FamilyKeys = tuple[int, Records, NDArray[np.int64]]

_FAMILY_BITS: Final = np.uint64(6)
_FAMILY_MASK: Final = np.uint64((1 << 6) - 1)


@dataclass(frozen=True, slots=True)
class KeyFamily:
    """One way to bring pairs together: the words a key is made of, and the attributes two such records agree on."""

    name: str
    words: tuple[str, ...]
    attributes: tuple[str, ...]


# Names are hashed by sound and regardless of order, so that homophones, romanised and swapped names meet.
# A family's place is part of its keys, which databases keep: append, and reorder only with a rebuild.
KEY_FAMILIES: Final = (
    KeyFamily("phone", ("phone",), ("phone",)),
    KeyFamily("phone ends + name", ("phone_ends", "surname"), ("phone", "surname")),
    KeyFamily("phone ends", ("phone_ends",), ("phone",)),
    KeyFamily("phone start + given", ("phone_start", "given"), ("phone", "given_name")),
    KeyFamily("phone tail + surname", ("phone_tail", "surname"), ("phone", "surname")),
    KeyFamily("email", ("email",), ("email",)),
    KeyFamily("mailbox", ("mailbox",), ("email",)),
    KeyFamily("identifier", ("identifier",), ("identifier",)),
    KeyFamily("id number", ("id_number",), ("id_number",)),
    KeyFamily("name + birth year", ("name", "year"), ("surname", "given_name", "birth_date")),
    KeyFamily("birth + initial", ("birth", "initial"), ("birth_date", "given_name")),
    KeyFamily("birth + surname", ("birth", "surname"), ("birth_date", "surname")),
    KeyFamily("birth + postcode", ("birth", "postcode"), ("birth_date", "postcode")),
    KeyFamily("birth + birth place", ("birth", "birth_place"), ("birth_date", "birth_place")),
    KeyFamily("birth + city", ("birth", "city"), ("birth_date", "city")),
    KeyFamily("birth + gender", ("birth", "gender"), ("birth_date", "gender")),
    KeyFamily("day + name", ("day", "surname", "initial"), ("birth_date", "surname", "given_name")),
    KeyFamily("name", ("name",), ("surname", "given_name")),
    KeyFamily("name + city", ("name", "city"), ("surname", "given_name", "city")),
    KeyFamily("name + birth place", ("name", "birth_place"), ("surname", "given_name", "birth_place")),
    KeyFamily("year + surname start", ("year", "surname_start", "initial"), ("birth_date", "surname", "given_name")),
    KeyFamily("road and number", ("door",), ("address",)),
    KeyFamily("estate and room", ("flat",), ("address",)),
    KeyFamily("road + surname", ("road", "surname"), ("address", "surname")),
    KeyFamily("road + given", ("road", "given"), ("address", "given_name")),
    KeyFamily("estate + name", ("estate", "name"), ("address", "surname", "given_name")),
    KeyFamily("postcode + surname", ("postcode", "surname_start"), ("postcode", "surname")),
    KeyFamily("postcode + given", ("postcode", "given"), ("postcode", "given_name")),
    KeyFamily("birth place + surname", ("birth_place", "surname", "initial"), ("birth_place", "surname", "given_name")),
    KeyFamily("birth place + given", ("birth_place", "given", "year"), ("birth_place", "given_name", "birth_date")),
    KeyFamily("company + surname", ("company", "surname"), ("company", "surname")),
    KeyFamily("company + given", ("company", "given"), ("company", "given_name")),
    KeyFamily("second line + given", ("address_2", "given"), ("address_2", "given_name")),
    KeyFamily("postcode", ("postcode",), ("postcode",)),
    KeyFamily("birth place + surname start", ("birth_place", "surname_start"), ("birth_place", "surname")),
    KeyFamily("job + surname", ("job_title", "surname", "initial"), ("job_title", "surname", "given_name")),
)  # fmt: skip


def match_keys(features: Features) -> tuple[Records, NDArray[np.int64]]:
    """Every record's match keys.

    Returns (record int32[k], key int64[k]) sorted by record, then key, without repeats. A record's keys depend on that
    record alone and stay the same in every process; the lowest six bits are the key family (family_of).
    """
    made = list(keys_by_family(features))
    if not made:
        return np.zeros(0, np.int32), np.zeros(0, np.int64)
    record, key = np.concatenate([records for _, records, _ in made]), np.concatenate([keys for _, _, keys in made])
    order = np.lexsort((key, record))
    record, key = record[order], key[order]
    fresh = np.ones(len(key), np.bool_)
    fresh[1:] = (record[1:] != record[:-1]) | (key[1:] != key[:-1])
    return record[fresh], key[fresh]


def keys_by_family(features: Features) -> Iterator[FamilyKeys]:
    """The match keys of one family after another: its number, the records in ascending order, their keys.

    A record with a list of values may have a key of one family twice.
    """
    from kehu.resolve.key_kernels import finish_keys, mix_words

    words = _word_makers(features)
    made: dict[str, tuple[Records, Words]] = {}
    for number, family in enumerate(KEY_FAMILIES):
        for name in family.words:
            if name not in made:
                made[name] = words[name]()
            if not made[name][1].any():
                break
        else:
            owner, value = made[family.words[0]]
            for name in family.words[1:]:
                other = _one_per_record(made[name], features.count)
                value = mix_words(value, other if len(owner) == features.count else other[owner])
            records, keys = finish_keys(owner, value, number, int(_FAMILY_BITS))
            if len(keys):
                yield number, records, keys


def family_of(keys: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The number in KEY_FAMILIES of each key."""
    return np.asarray(keys.view(np.uint64) & _FAMILY_MASK).astype(np.uint8)


def _one_per_record(made: tuple[Records, Words], count: int) -> Words:
    owner, value = made
    if len(owner) == count:
        return value
    out = np.zeros(count, np.uint64)
    out[owner] = value
    return out


def _word_makers(features: Features) -> dict[str, Callable[[], tuple[Records, Words]]]:
    from kehu.resolve.key_kernels import mix_numbers, mix_unordered, mix_words
    from kehu.resolve.phone_kernels import hash_parts

    everyone = np.arange(features.count, dtype=np.int32)
    names, address = features.names, features.address
    phones, emails, identifiers = features.phones, features.emails, features.identifiers

    def text(column: TextColumn) -> Callable[[], tuple[Records, Words]]:
        return lambda: (everyone, column.hashes())

    def start(column: TextColumn, length: int, without: NDArray[np.bool_]) -> Callable[[], tuple[Records, Words]]:
        return lambda: (everyone, np.where(without, np.uint64(0), column.starting_hashes(length)))

    def number(values: NDArray[np.int32]) -> Callable[[], tuple[Records, Words]]:
        return lambda: (everyone, mix_numbers(values))

    def both(a: TextColumn, b: TextColumn) -> Callable[[], tuple[Records, Words]]:
        return lambda: (everyone, mix_words(a.hashes(), b.hashes()))

    @cache
    def parts() -> tuple[Words, Words, Words]:
        return hash_parts(phones.dictionary.chars, phones.dictionary.start)

    def mailbox() -> tuple[Records, Words]:
        held = emails.dictionary.hashes_between(emails.dictionary.start[:-1], features.mailboxes.ends)
        return emails.owners(), held[emails.codes]

    # A lone name in latin letters may be either: Peel has the keys of a surname as well.
    is_lone = (names.surname.codes < 0) & ~names.is_han & ~names.is_nickname
    begun = [
        np.where(names.is_nickname, np.uint64(0), c.starting_hashes(4))
        for c in (names.surname_sound, names.given_sound)
    ]

    birth = features.birth
    whole = np.where((birth > 9999) & (birth % 100 > 0), birth, 0).astype(np.int32)
    day = np.where(birth % 10000 != 101, birth % 10000, 0).astype(np.int32)
    return {
        "surname": lambda: (everyone, np.where(is_lone, features.given_words, features.surname_words)),
        "given": lambda: (everyone, features.given_words),
        "initial": start(names.given_sound, 1, names.is_nickname),
        "surname_start": lambda: (everyone, np.where(is_lone, begun[1], begun[0])),
        "name": lambda: (everyone, mix_unordered(features.surname_words, features.given_words)),
        "phone": lambda: _of_list(phones, phones.dictionary.hashes * ~features.phone_forms.is_masked),
        "phone_ends": lambda: _of_list(phones, parts()[0]),
        "phone_start": lambda: _of_list(phones, parts()[1]),
        "phone_tail": lambda: _of_list(phones, parts()[2]),
        "email": lambda: _of_list(emails, emails.dictionary.hashes),
        "mailbox": mailbox,
        "identifier": lambda: _of_list(identifiers, identifiers.dictionary.hashes),
        "id_number": text(features.texts["id_number"]),
        "birth": number(whole),
        "year": number((birth // 10000).astype(np.int32)),
        "day": number(day),
        "gender": number(features.gender.astype(np.int32)),
        "postcode": text(features.texts["postcode"]),
        "city": text(features.texts["city"]),
        "birth_place": text(features.texts["birth_place"]),
        "company": text(features.texts["company"]),
        "job_title": text(features.texts["job_title"]),
        "address_2": text(features.texts["address_2"]),
        "door": both(address.road, address.number),
        "flat": both(address.estate, address.room),
        "road": text(address.road),
        "estate": text(address.estate),
    }  # fmt: skip


def _of_list(column: ListColumn, hashes: Words) -> tuple[Records, Words]:
    return column.owners(), hashes[column.codes]
