"""Corrections to a mapping, a column at a time, as a command line or a wizard gives them: pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kehu.clean.row_mapping import IDENTIFIER_TYPES, ORGANISATION_ATTRIBUTES, PERSON_ATTRIBUTES
from kehu.core.errors import InvalidInput

_ORDER_PARTS: Final = ("line", "payment", "refund")
_NEEDS_AMOUNT: Final = ("payment", "refund")


def apply_overrides(mapping: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """COLUMN=MEANING on top of a mapping; COLUMN= takes the column out of it.

    MEANING is an attribute, an identifier type, `key`, `occurred_at`, or a field of an order: order.number,
    order.total, line.sku, payment.amount, refund.amount … A column has one meaning, but may be the key besides.
    """
    changed = dict(mapping)
    for override in overrides:
        column, equals, meaning = override.rpartition("=")
        column, meaning = column.strip(), meaning.strip()
        if not equals or not column:
            raise InvalidInput("map", f"{override!r} is not COLUMN=MEANING.")
        if meaning == "key":
            changed["record"] = {**changed.get("record", {}), "key": [column]}
        else:
            changed = _with(without_column(changed, column, from_key=not meaning), column, meaning)
    return changed


def _with(mapping: dict[str, Any], column: str, meaning: str) -> dict[str, Any]:
    part, _, field = meaning.removeprefix("order.").rpartition(".")
    if not meaning:
        return mapping
    if meaning == "occurred_at":
        return {**mapping, "occurred_at": column}
    if meaning.startswith("order.") or part in _ORDER_PARTS:
        return {**mapping, "order": _order_with(mapping.get("order", {}), part, field, column)}
    name = meaning.partition(":")[2] or meaning  # attribute:phone as well as phone
    if name in PERSON_ATTRIBUTES | ORGANISATION_ATTRIBUTES:
        target = "attributes"
    elif name in IDENTIFIER_TYPES:
        target = "identifiers"
    else:
        known = ", ".join(sorted(PERSON_ATTRIBUTES | IDENTIFIER_TYPES | {"key", "occurred_at", "order.number"}))
        raise InvalidInput("map", f"{meaning!r} is none of {known}.")
    record = mapping.get("record") or {"key": [column]}
    return {**mapping, "record": record, target: {**mapping.get(target, {}), column: name}}


def _order_with(order: Mapping[str, Any], part: str, field: str, column: str) -> dict[str, Any]:
    if not part:
        return {**order, field: column}
    fields = dict(order.get(part, {}))
    inner = _inside(fields, column)
    fields[field] = [inner] if field == "key" else inner
    return {**order, part: fields}


def _inside(part: Mapping[str, Any], column: str) -> str:
    """lines.sku is called sku in a part that reads each of lines."""
    return column.removeprefix(f"{part['each']}.") if part.get("each") else column


def without_column(mapping: Mapping[str, Any], column: str, *, from_key: bool = True) -> dict[str, Any]:
    """The mapping as if the file did not have the column. from_key False: it stays part of the record's key."""
    left = {name: part for name, part in mapping.items() if name not in _REMOVERS}
    for name, remove in _REMOVERS.items():
        if name not in mapping or (name == "record" and not from_key):
            if name in mapping:
                left[name] = mapping[name]
            continue
        part = remove(mapping[name], column)
        if part:
            left[name] = part
    return left


def _from_record(record: Mapping[str, Any], column: str) -> dict[str, Any]:
    return {**record, "key": _from_key(record.get("key", ()), column)}


def _from_key(key: Iterable[Any], column: str) -> list[Any]:
    return [entry for entry in key if (entry["column"] if isinstance(entry, Mapping) else entry) != column]


def _from_names(names: Mapping[str, Any], column: str) -> dict[str, Any]:
    return {name: meaning for name, meaning in names.items() if name != column}


def _from_columns(columns: Any, column: str) -> Any:
    if isinstance(columns, str):
        return "" if columns == column else columns
    return [one for one in columns if one != column]


def _from_order(order: Mapping[str, Any], column: str) -> dict[str, Any]:
    left: dict[str, Any] = {}
    for field, value in order.items():
        kept = _from_part(value, column) if isinstance(value, Mapping) else _from_columns(value, column)
        if kept and not (field in _NEEDS_AMOUNT and "amount" not in kept and "when" not in kept):
            left[field] = kept
    return left if "number" in left else {}


def _from_part(part: Mapping[str, Any], column: str) -> dict[str, Any]:
    inner = _inside(part, column)
    if part.get("each") and inner == column:  # a column beside the list: the part never reads it
        return dict(part)
    left = {
        field: kept
        for field, value in part.items()
        if (kept := value if isinstance(value, Mapping) else _from_columns(value, inner))
    }
    condition = part.get("when")
    if isinstance(condition, Mapping) and condition.get("column") == inner:
        left.pop("when")
    is_reference = "column" in part
    return left if (left.keys() - {"each"} and not is_reference) or "column" in left else {}


def _from_organisation(organisation: Mapping[str, Any], column: str) -> dict[str, Any]:
    key = _from_key(organisation.get("key", ()), column)
    names = {part: _from_names(organisation.get(part, {}), column) for part in ("attributes", "identifiers")}
    return {**organisation, "key": key, **{part: left for part, left in names.items() if left}} if key else {}


def _from_happenings(parts: Any, column: str) -> Any:
    """Events and consents, one or several: what names the column loses it, or falls away if it stands on it."""
    if isinstance(parts, Mapping):
        return _from_happening(parts, column)
    return [left for part in parts if (left := _from_happening(part, column))]


def _from_happening(part: Mapping[str, Any], column: str) -> dict[str, Any]:
    left: dict[str, Any] = {}
    for field, value in part.items():
        if field in ("properties", "proof"):
            left[field] = {name: kept for name, text in value.items() if (kept := _from_columns(text, column))}
        elif isinstance(value, Mapping):
            if value.get("column") != column:
                left[field] = value
        elif kept := _from_columns(value, column):
            left[field] = kept
    return left if "name" in left or "state" in left else {}


_REMOVERS: Final = {
    "record": _from_record,
    "attributes": _from_names,
    "identifiers": _from_names,
    "occurred_at": _from_columns,
    "order": _from_order,
    "organisation": _from_organisation,
    "event": _from_happenings,
    "consent": _from_happenings,
}
