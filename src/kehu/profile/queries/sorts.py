"""The orders a list can have, and how each goes on after the last row shown."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kehu.core.errors import InvalidInput
from kehu.extend import queries as catalogue
from kehu.govern.access import Actor
from kehu.govern.field_policy import is_masked_for
from kehu.profile.filters.errors import FieldNotReadable
from kehu.profile.sql import TRUE, Sql, sql

_COLUMNS: Final = {
    "name": ("c.sort_key", "text"),
    "changed": ("c.updated_at", "timestamptz"),
    "seen": ("c.last_at", "timestamptz"),
    "known": ("c.first_at", "timestamptz"),
    "records": ("c.record_count", "int"),
}
SORTS: Final = ("name", "changed", *(f"{sign}{name}" for name in _COLUMNS for sign in ("", "-") if name != "changed"))


@dataclass(frozen=True, slots=True)
class Sort:
    """value: an expression on c that is never NULL; the customer's id decides between equals."""

    name: str
    value: Sql
    type: str
    is_falling: bool

    @property
    def order(self) -> Sql:
        return sql("ORDER BY {} {}, c.id", self.value, Sql("DESC" if self.is_falling else "ASC"))

    def after(self, position: tuple[str, str] | None) -> Sql:
        """Rows after the position: the value as text and the id of the last row shown."""
        if position is None:
            return TRUE
        try:
            last_id = UUID(position[1])
        except ValueError as error:
            raise InvalidInput("after", "this is no position in the list: start again from its first page") from error
        last = sql(f"{{}}::{self.type}", position[0])
        beyond = Sql("<" if self.is_falling else ">")
        # The first part alone is what an index can be entered by.
        return sql(
            "{} {}= {} AND ({} {} {} OR c.id > {})",
            self.value, beyond, last, self.value, beyond, last, last_id,
        )  # fmt: skip


def sort_named(actor: Actor, name: str) -> Sort:
    """`name`, `-seen`, `attribute.city`, `-attribute.city`. `changed` falls, the newest first, as it always did.

    Raises InvalidInput, FieldNotReadable for an attribute the actor may not read: an order tells what it sorts by.
    """
    is_falling, bare = name.startswith("-"), name.removeprefix("-")
    if bare == "changed":
        is_falling = True
    if bare in _COLUMNS:
        column, type_ = _COLUMNS[bare]
        return Sort(name, Sql(column), type_, is_falling)
    attribute = catalogue.attribute(bare.removeprefix("attribute."))
    if attribute is None or not bare.startswith("attribute."):
        raise InvalidInput("sort", f"{name[:60]!r} is none of {', '.join(SORTS)}, attribute.<name>")
    if actor.is_strict or is_masked_for(actor, attribute.name):
        raise FieldNotReadable(attribute.label)
    last = "" if is_falling else "\U0010ffff"  # who has no value comes last either way
    value = sql("coalesce(c.golden -> {} ->> 'v', {}) COLLATE \"C\"", attribute.name, last)
    return Sort(name, value, 'text COLLATE "C"', is_falling)
