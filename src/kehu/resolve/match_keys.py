"""Match keys: the hashes that bring candidate pairs together, several per record, from that record alone.

The online resolver keeps them in a table, a batch sorts them; both see the same candidates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.features import Features
from kehu.resolve.text_columns import Dictionary, ListColumn, TextColumn

Words = NDArray[np.uint64]
Records = NDArray[np.int32]

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
    words = _word_makers(features)
    made: dict[str, tuple[Records, Words]] = {}
    records: list[Records] = []
    keys: list[NDArray[np.int64]] = []
    for number, family in enumerate(KEY_FAMILIES):
        for name in family.words:
            if name not in made:
                made[name] = words[name]()
            if not made[name][1].any():
                break
        else:
            _add_keys(made, family, number, features.count, records, keys)
    return _sorted_once(records, keys)


def _add_keys(
    made: dict[str, tuple[Records, Words]],
    family: KeyFamily,
    number: int,
    count: int,
    records: list[Records],
    keys: list[NDArray[np.int64]],
) -> None:
    owner, value = made[family.words[0]]
    for name in family.words[1:]:
        per_record = _one_per_record(made[name], count)
        value = np.where((value != 0) & (per_record[owner] != 0), mixed(value, per_record[owner]), np.uint64(0))
    kept = value != 0
    records.append(owner[kept])
    keys.append(((mixed(value[kept], np.uint64(number + 1)) << _FAMILY_BITS) | np.uint64(number)).view(np.int64))


def _sorted_once(records: list[Records], keys: list[NDArray[np.int64]]) -> tuple[Records, NDArray[np.int64]]:
    if not records:
        return np.zeros(0, np.int32), np.zeros(0, np.int64)
    record, key = np.concatenate(records), np.concatenate(keys)
    order = np.lexsort((key, record))
    record, key = record[order], key[order]
    fresh = np.ones(len(key), np.bool_)
    fresh[1:] = (record[1:] != record[:-1]) | (key[1:] != key[:-1])
    return record[fresh], key[fresh]


def family_of(keys: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The number in KEY_FAMILIES of each key."""
    return np.asarray(keys.view(np.uint64) & _FAMILY_MASK).astype(np.uint8)


def mixed(a: Words, b: Words | np.uint64) -> Words:
    """One well-spread word from two; not symmetric."""
    value = a * np.uint64(0x9E3779B97F4A7C15) + b
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)))


def _one_per_record(made: tuple[Records, Words], count: int) -> Words:
    owner, value = made
    if len(owner) == count:
        return value
    out = np.zeros(count, np.uint64)
    out[owner] = value
    return out


def _word_makers(features: Features) -> dict[str, Callable[[], tuple[Records, Words]]]:
    everyone = np.arange(features.count, dtype=np.int32)
    names, address = features.names, features.address

    def text(column: TextColumn) -> Callable[[], tuple[Records, Words]]:
        return lambda: (everyone, column.hashes())

    def start(column: TextColumn, length: int, without: NDArray[np.uint8]) -> Callable[[], tuple[Records, Words]]:
        return lambda: (everyone, np.where(without, np.uint64(0), _shortened(column, length).hashes()))

    def number(values: NDArray[np.int32]) -> Callable[[], tuple[Records, Words]]:
        return lambda: (
            everyone,
            np.where(values > 0, mixed(values.astype(np.uint64), np.uint64(7)), np.uint64(0)),
        )

    def both(*columns: TextColumn) -> Callable[[], tuple[Records, Words]]:
        return lambda: (everyone, _joined([column.hashes() for column in columns]))

    birth = features.birth
    whole = np.where((birth > 9999) & (birth % 100 > 0), birth, 0).astype(np.int32)
    day = np.where(birth % 10000 != 101, birth % 10000, 0).astype(np.int32)
    return {
        "surname": lambda: (everyone, features.surname_words),
        "given": lambda: (everyone, features.given_words),
        "initial": start(names.given_sound, 1, names.is_nickname),
        "surname_start": start(names.surname_sound, 4, names.is_nickname),
        "name": lambda: (everyone, _unordered(features.surname_words, features.given_words)),
        "phone": lambda: _of_list(features.phones, lambda values: ["" if "*" in v else v for v in values]),
        "phone_ends": lambda: _of_list(features.phones, _ends),
        "phone_start": lambda: _of_list(features.phones, _starts),
        "phone_tail": lambda: _of_list(features.phones, _tails),
        "email": lambda: _of_list(features.emails, lambda values: values),
        "mailbox": lambda: _of_list(features.emails, lambda values: [v.partition("@")[0] for v in values]),
        "identifier": lambda: _of_list(features.identifiers, lambda values: values),
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


def _shortened(column: TextColumn, length: int) -> TextColumn:
    return TextColumn(column.codes, Dictionary([value[:length] for value in column.dictionary.values]))


def _joined(words: list[Words]) -> Words:
    value, *rest = words
    for other in rest:
        value = np.where((value != 0) & (other != 0), mixed(value, other), np.uint64(0))
    return value


def _unordered(a: Words, b: Words) -> Words:
    low, high = np.minimum(a, b), np.maximum(a, b)
    return np.where(low != 0, mixed(low, high), np.uint64(0))


def _of_list(column: ListColumn, form: Callable[[list[str]], list[str]]) -> tuple[Records, Words]:
    values = form(column.dictionary.values)
    hashes = np.where([value != "" for value in values], Dictionary(values).hashes, np.uint64(0))
    return column.owners(), hashes[column.codes]


def _starts(values: list[str]) -> list[str]:
    return [value[:-4] if "*" not in value else "" for value in values]


def _tails(values: list[str]) -> list[str]:
    return [value[-4:] if value[-4:].isdigit() else "" for value in values]


def _ends(values: list[str]) -> list[str]:
    plain = [value.removeprefix("+86") if value.startswith("+86") else value for value in values]
    return [f"{v[:3]}*{v[-4:]}" if len(v) >= 7 and (v[:3] + v[-4:]).isdigit() else "" for v in plain]
