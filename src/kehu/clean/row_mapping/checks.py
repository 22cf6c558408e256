"""Whether a mapping makes sense, by itself and for a file with given columns."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Final

import msgspec

from kehu.clean.row_mapping.mapping import (
    Columns,
    Condition,
    IdentifierColumn,
    KeyColumn,
    RowMapping,
    StateColumn,
)
from kehu.clean.row_mapping.steps import check_step, columns_made, missing_columns
from kehu.clean.touches import ORGANISATION, PERSON
from kehu.core.errors import InvalidInput

_WORDS = """
name surname given_name nickname phone email birth_date gender address
company job_title city language avatar id_number
"""
PERSON_ATTRIBUTES: Final = frozenset(_WORDS.split())
ORGANISATION_ATTRIBUTES: Final = frozenset({"name", "phone", "email", "address", "website", "tax_no"})
_TYPES = """
member_id unionid id_number erp_no crm_id native openid user_id
phone email device_id plate address_key anonymous_id
"""
IDENTIFIER_TYPES: Final = frozenset(_TYPES.split())
EVENT_KINDS: Final = frozenset({"behaviour", "trade", "service", "marketing", "contact"})
RELATIONS: Final = frozenset(
    {"contact_of", "employee_of", "owner_of", "partner_of", "household", "parent_of", "subsidiary_of", "branch_of"}
)


def check_mapping(
    mapping: RowMapping, columns: Collection[str] | None = None, custom_attributes: Iterable[str] = ()
) -> None:
    """Raise InvalidInput for a mapping that can give nothing, or that names what does not exist."""
    if not (mapping.record or mapping.order or mapping.events):
        raise InvalidInput("mapping", "says neither whom a row is about (record), nor an order, nor an event.")
    if mapping.attributes and mapping.record is None:
        raise InvalidInput("mapping.record", "is missing: attributes need somebody they belong to.")
    if mapping.record is not None and mapping.record.kind not in (PERSON, ORGANISATION):
        raise InvalidInput("mapping.record.kind", f"is {mapping.record.kind!r}: use person or organisation.")
    _check_words(mapping, frozenset(custom_attributes))
    for step in mapping.steps:
        check_step(step)
    if columns is not None:
        _check_columns(mapping, columns)


def _check_words(mapping: RowMapping, custom: frozenset[str]) -> None:
    is_person = mapping.record is None or mapping.record.kind == PERSON
    known = (PERSON_ATTRIBUTES if is_person else ORGANISATION_ATTRIBUTES) | custom
    _check_known("mapping.attributes", mapping.attributes.values(), known)
    if mapping.organisation is not None:
        attributes = mapping.organisation.attributes.values()
        _check_known("mapping.organisation.attributes", attributes, ORGANISATION_ATTRIBUTES | custom)
        _check_known("mapping.organisation.relation", [mapping.organisation.relation], RELATIONS)
    identifiers = [*mapping.identifiers.values()]
    if mapping.organisation is not None:
        identifiers += mapping.organisation.identifiers.values()
    types = (i.type if isinstance(i, IdentifierColumn) else i for i in identifiers)
    _check_known("mapping.identifiers", types, IDENTIFIER_TYPES)
    _check_known("mapping.event.kind", (event.kind for event in mapping.events), EVENT_KINDS)
    for consent in mapping.consents:
        if isinstance(consent.state, str) and consent.state not in ("=granted", "=withdrawn"):
            raise InvalidInput(
                "mapping.consent.state",
                "must be =granted, =withdrawn, or a column with the words that mean each.",
            )


def _check_known(field: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise InvalidInput(field, f"{name!r} is none of {', '.join(sorted(known))}.{hint}")


def _check_columns(mapping: RowMapping, columns: Collection[str]) -> None:
    known = {*columns, *columns_made(mapping.steps)}
    read = dict.fromkeys((*missing_columns(mapping.steps, columns), *columns_of(mapping)))
    missing = [column for column in read if column not in known]
    if missing:
        near = {column: get_close_matches(column, known, n=1) for column in missing}
        told = (f"{c!r} (did you mean {near[c][0]!r}?)" if near[c] else repr(c) for c in missing)
        raise InvalidInput("mapping", f"names columns the file does not have: {', '.join(told)}.")


def columns_of(mapping: RowMapping) -> Iterator[str]:
    """Every column the mapping reads, in no particular order, repeats included; nested ones as list.field."""
    yield from mapping.attributes
    yield from mapping.identifiers
    yield from _named(mapping.occurred_at)
    if mapping.organisation is not None:
        yield from mapping.organisation.attributes
        yield from mapping.organisation.identifiers
    for part in (mapping.record, mapping.organisation, mapping.order, *mapping.events, *mapping.consents):
        if part is not None:
            yield from _columns_in(part)


_NO_COLUMNS: Final = {
    "prefix",
    "kind",
    "source",
    "namespace",
    "type",
    "relation",
    "attributes",
    "identifiers",
    "each",
}


def _columns_in(part: Any) -> Iterator[str]:
    """Columns named by a part. Its text fields are columns, but for the few that are plain words."""
    nested = f"{part.each}." if getattr(part, "each", "") else ""
    for field in msgspec.structs.fields(part):
        value = getattr(part, field.name)
        is_payment_kind = field.name == "kind" and hasattr(part, "method")
        if field.name in _NO_COLUMNS and not is_payment_kind:
            continue
        for column in _values(value):
            yield nested + column if not column.startswith(nested) else column


def _values(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield from _named(value)
        case KeyColumn() | Condition() | StateColumn():
            yield from _named(value.column)
        case tuple():
            for one in value:
                yield from _values(one)
        case dict():
            for one in value.values():
                yield from _values(one)
        case msgspec.Struct():
            yield from _columns_in(value)


def _named(columns: Columns) -> Iterator[str]:
    for column in (columns,) if isinstance(columns, str) else columns:
        if column and not column.startswith("="):
            yield column
