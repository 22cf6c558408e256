"""Whom a row speaks of: the record's key, its attributes and its identifiers."""

import hashlib
from collections.abc import Mapping, Sequence, Set
from typing import Final, NamedTuple

from kehu.clean.placeholders import is_placeholder
from kehu.clean.row_mapping.cells import CellProblem, Cells
from kehu.clean.row_mapping.mapping import IdentifierColumn, KeyColumn
from kehu.clean.text_forms import has_han, tidy
from kehu.clean.touches import ORGANISATION, Identifier, RecordRef, Value
from kehu.clean.values import CleanContext, clean_attribute

# A second column of the same kind is another number, never the continuation of the first.
_NOT_JOINED: Final = frozenset({"phone", "email", "id_number"})
# 0 and 9 stand for "unknown" and "not said" where genders are numbers (GB/T 2261.1).
_CODES_OF_UNKNOWN: Final = frozenset("09")
_LOST_DIGITS: Final = frozenset("eE")
MAX_KEY_LENGTH: Final = 200
_ROW_KEY_PREFIX: Final = "row:"


class Description(NamedTuple):
    """What a row says of one record. unusable: columns whose phone, e-mail or number cannot be a key."""

    attributes: dict[str, Value]
    identifiers: tuple[Identifier, ...]
    unusable: Set[str]
    warnings: tuple[str, ...]


def describe(
    cells: Cells,
    attributes: Mapping[str, str],
    identifiers: Mapping[str, str | IdentifierColumn],
    kind: str,
    source: str,
    context: CleanContext,
) -> Description:
    """Several columns of one attribute are joined in the order of the row (street, city, postcode)."""
    texts: list[tuple[str, str, str]] = []  # attribute, column, text
    places: dict[str, int] = {}
    for column, text in cells.texts.items():
        if not text or column not in attributes:
            continue
        attribute = attributes[column]
        if attribute in places and attribute not in _NOT_JOINED:
            place = places[attribute]
            texts[place] = (attribute, texts[place][1], _joined(texts[place][2], text))
        else:
            places[attribute] = len(texts)
            texts.append((attribute, column, text))
    if "name" not in places and ("surname" in places or "given_name" in places):
        texts.append(_composed_name(texts))
    values: dict[str, Value] = {}
    found: list[Identifier] = []
    unusable: set[str] = set()
    warnings: list[str] = []
    for attribute, column, text in texts:
        cleaner = "company" if kind == ORGANISATION and attribute == "name" else attribute
        value, carried, odd = clean_attribute(cleaner, text, context)
        if odd:
            warnings += odd
            cells.problems += _problems(column, text, odd)
        if carried:
            found += carried
        elif attribute in _NOT_JOINED:
            unusable.add(column)
        if value is not None and (attribute not in values or not values[attribute].n):
            values[attribute] = value
    for column, spec in identifiers.items():
        found += _identifiers(cells, column, spec, source, context, unusable)
    distinct = tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))
    return Description(values, distinct, unusable, tuple(warnings))


def _problems(column: str, text: str, warnings: tuple[str, ...]) -> list[CellProblem]:
    """A placeholder is no value, and no problem anybody could mend."""
    codes = (warning.rpartition(":")[2] for warning in warnings)
    return [
        CellProblem(column, code, text[:200])
        for code in codes
        if code != "placeholder" and not (code == "unknown_word" and text in _CODES_OF_UNKNOWN)
    ]


def _joined(before: str, text: str) -> str:
    return f"{before}{'' if has_han(before) and has_han(text) else ' '}{text}"


def _composed_name(texts: Sequence[tuple[str, str, str]]) -> tuple[str, str, str]:
    by_attribute = {attribute: (column, text) for attribute, column, text in texts}
    column, surname = by_attribute.get("surname", ("", ""))
    given_column, given = by_attribute.get("given_name", ("", ""))
    whole = surname + given if has_han(surname + given) else f"{given} {surname}"
    return "name", column or given_column, whole.strip()


def _identifiers(
    cells: Cells,
    column: str,
    spec: str | IdentifierColumn,
    source: str,
    context: CleanContext,
    unusable: set[str],
) -> tuple[Identifier, ...]:
    text = cells.text(column)
    kind = spec if isinstance(spec, str) else spec.type
    if not text:
        return ()
    if kind in _NOT_JOINED:
        cleaned = clean_attribute(kind, text, context)
        if not cleaned.identifiers:
            unusable.add(column)
        return cleaned.identifiers
    value = tidy(text)[:MAX_KEY_LENGTH]
    if is_placeholder(value, kind):
        unusable.add(column)
        return ()
    if has_lost_digits(value):
        unusable.add(column)
        cells.note(column, "digits_lost", value)
        return ()
    if isinstance(spec, IdentifierColumn):
        prefix = spec.prefix
        if spec.prefix_column:
            app = cells.text(spec.prefix_column)
            prefix = f"{prefix}{app}:" if app else prefix
        value = f"{prefix}{value}"
    elif kind == "user_id":
        value = f"{source}:{value}"
    return (Identifier(kind, value),)


def key_of(cells: Cells, columns: Sequence[str | KeyColumn], prefix: str, unusable: Set[str]) -> str:
    """The external id: text of the first column that holds a usable value, as written; "" when none does."""
    for entry in columns:
        column, own_prefix = (entry, "") if isinstance(entry, str) else (entry.column, entry.prefix)
        text = cells.text(column)
        if not text or column in unusable or is_placeholder(text, "key"):
            continue
        if has_lost_digits(text):
            cells.note(column, "digits_lost", text)
            continue
        return f"{prefix}{own_prefix}{text}"[:MAX_KEY_LENGTH]
    return ""


def has_lost_digits(text: str) -> bool:
    """1.23E+17: a spreadsheet rounded a long number, so that different customers now look the same."""
    if len(text) < 6 or not text[0].isdigit() or _LOST_DIGITS.isdisjoint(text) or "+" not in text:
        return False
    mantissa, _, exponent = text.upper().partition("E+")
    return exponent.isdigit() and mantissa.replace(".", "", 1).isdigit()


def names_somebody(description: Description) -> bool:
    """Whether the values alone say who it is, so that a row without key is still worth a record."""
    values = description.attributes
    if description.identifiers:
        return True
    return "name" in values and bool({"address", "birth_date", "company"} & values.keys())


def record_without_key(source: str, prefix: str, description: Description) -> RecordRef:
    """The same values give the same record, whichever file and row they stand in."""
    digest = hashlib.blake2b(digest_size=12)
    for attribute, value in sorted(description.attributes.items()):
        digest.update(f"{attribute}\x1f{value.v}\x1e".encode())
    for identifier in sorted((i.type, i.value) for i in description.identifiers):
        digest.update("\x1f".join(identifier).encode() + b"\x1e")
    return RecordRef(source, f"{prefix}{_ROW_KEY_PREFIX}{digest.hexdigest()}")
