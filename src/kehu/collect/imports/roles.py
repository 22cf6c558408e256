"""What a mapping says of each column, in one word per column: pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_ORDER_PARTS: Final = ("line", "payment", "refund")


def roles_of(mapping: Mapping[str, Any]) -> dict[str, str]:
    """column → attribute:phone, identifier:member_id, order.total, line.sku, organisation:name, occurred_at, key …

    A column that is the record's key and something else besides is told by the latter.
    """
    found: dict[str, str] = {}
    for column, role in _roles(mapping):
        found.setdefault(column, role)
    return found


def _roles(mapping: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _order_roles(mapping.get("order", {}))
    for column, attribute in mapping.get("attributes", {}).items():
        yield column, f"attribute:{attribute}"
    for column, spec in mapping.get("identifiers", {}).items():
        yield column, f"identifier:{spec if isinstance(spec, str) else spec['type']}"
    yield from _organisation_roles(mapping.get("organisation", {}))
    for event in _several(mapping.get("event")):
        yield from ((column, "event.key") for column in event.get("key", ()))
        for columns in event.get("properties", {}).values():
            yield from ((column, "event.property") for column in _columns(columns))
    for consent in _several(mapping.get("consent")):
        state = consent.get("state")
        if isinstance(state, Mapping):
            yield state["column"], "consent.state"
    for column in _columns(mapping.get("occurred_at", "")):
        yield column, "occurred_at"
    for column in _key_columns(mapping.get("record", {}).get("key", ())):
        yield column, "key"


def _order_roles(order: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, value in order.items():
        if field in _ORDER_PARTS:
            each = f"{value['each']}." if value.get("each") else ""
            for inner, columns in value.items():
                if inner != "each" and not isinstance(columns, Mapping):
                    yield from ((f"{each}{column}", f"{field}.{inner}") for column in _columns(columns))
        elif isinstance(value, Mapping):
            yield from ((column, f"order.{field}") for column in _columns(value.get("column", "")))
        elif field != "namespace":
            yield from ((column, f"order.{field}") for column in _columns(value))


def _organisation_roles(organisation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for column, attribute in organisation.get("attributes", {}).items():
        yield column, f"organisation:{attribute}"
    for column in _key_columns(organisation.get("key", ())):
        yield column, "organisation.key"


def _key_columns(key: Any) -> Iterator[str]:
    for entry in key:
        yield entry["column"] if isinstance(entry, Mapping) else entry


def _columns(columns: Any) -> Iterator[str]:
    for column in (columns,) if isinstance(columns, str) else columns:
        if column and not column.startswith("="):
            yield column


def _several(parts: Any) -> list[Mapping[str, Any]]:
    return [parts] if isinstance(parts, Mapping) else list(parts or ())
