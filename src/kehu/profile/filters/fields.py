"""What customers can be filtered by: every attribute of the catalogue, identifiers, sources, owners, orders, relations.

A field knows its operators by its kind, and how to ask: `ask(op, values, asking)` gives a condition on
profile_customer as c. For a strict actor every question is put to the records in its scope, never to the golden
record, which others' records may have shaped.
"""

from collections.abc import Callable, Sequence

from kehu.core.errors import InvalidInput
from kehu.profile.filters.attribute_fields import attribute_fields
from kehu.profile.filters.customer_fields import customer_fields
from kehu.profile.filters.field import Field
from kehu.profile.filters.identifier_fields import identifier_fields
from kehu.profile.filters.order_fields import order_fields
from kehu.profile.filters.tie_fields import tie_fields

_registered: dict[str, Callable[[], Sequence[Field]]] = {}


def register(room: str, fields: Callable[[], Sequence[Field]]) -> None:
    """A room's own fields, asked for anew each time, so that they may follow its tables."""
    _registered[room] = fields


def fields() -> dict[str, Field]:
    """Every field by name, in the order of the menu."""
    found = [*customer_fields(), *attribute_fields(), *identifier_fields(), *order_fields(), *tie_fields()]
    for more in _registered.values():
        found += more()
    return {field.name: field for field in found}


def field_named(name: str) -> Field:
    """Raises InvalidInput for a field there is not."""
    field = fields().get(name)
    if field is None:
        raise InvalidInput("filter", f"there is no field {name[:60]!r}")
    return field
