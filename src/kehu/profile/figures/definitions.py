"""What a computed attribute is: what it looks at, what it makes of it, and what kind of value comes out. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kehu.core.errors import InvalidInput
from kehu.core.expressions import BadExpression, Expression, Kind

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")
MOST_DAYS: Final = 3650
MOST_EVENTS: Final = 50
# What the formula may name besides computed attributes: figures every customer has.
STANDING: Final = ("orders", "spent")


class Function(StrEnum):
    COUNT = "count"
    SUM = "sum"
    FIRST = "first"
    LAST = "last"
    MOST_FREQUENT = "most_frequent"


class ValueKind(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    MOMENT = "moment"


# field of an order → its column, and whether it is a number. "" = the time it was placed.
ORDER_FIELDS: Final[Mapping[str, tuple[str, bool]]] = {
    "": ("o.placed_at", False),
    "total": ("o.total", True),
    "paid": ("o.paid", True),
    "refunded": ("o.refunded", True),
    "net": ("o.total - o.refunded", True),
    "number": ("o.number", False),
    "status": ("o.status", False),
    "currency": ("o.currency", False),
    "product": ("l.name", False),
    "sku": ("l.sku", False),
}
LINE_FIELDS: Final = frozenset({"product", "sku"})


@dataclass(frozen=True, slots=True)
class Definition:
    """over: events (of these names; none = all), orders, or figures (then `formula` says it all).

    field: a property of the event, a field of the order; "" = its time. window_days: None = ever.
    """

    name: str
    over: str
    function: str = ""
    field: str = ""
    event_names: tuple[str, ...] = ()
    window_days: int | None = None
    formula: str = ""
    id: int = 0

    @property
    def kind(self) -> ValueKind:
        if self.over == "figures" or self.function in (Function.COUNT, Function.SUM):
            return ValueKind.NUMBER
        if not self.field:
            return ValueKind.MOMENT
        is_number = self.over == "orders" and ORDER_FIELDS[self.field][1]
        return ValueKind.NUMBER if is_number else ValueKind.TEXT


def check(definition: Definition, others: Mapping[str, Definition]) -> None:
    """others: the computed attributes there are. Raises InvalidInput, naming field and remedy."""
    if not NAME.fullmatch(definition.name) or definition.name in STANDING:
        raise InvalidInput("name", "small letters, digits and _, starting with a letter; not orders or spent.")
    match definition.over:
        case "figures":
            if definition.function or definition.field or definition.event_names or definition.window_days:
                raise InvalidInput("over", "a formula looks at other figures: leave function, field and window empty.")
            compile_formula(definition.formula, others)
        case "events" | "orders":
            _check_aggregate(definition)
        case _:
            raise InvalidInput("over", "events, orders or figures.")


def compile_formula(formula: str, others: Mapping[str, Definition]) -> Expression:
    """Raises InvalidInput with what the compiler says, where."""
    variables = dict.fromkeys(STANDING, Kind.NUMBER)
    for name, other in sorted(others.items()):
        if other.over != "figures":
            variables[name] = Kind.NUMBER if other.kind is ValueKind.NUMBER else Kind.TEXT
    try:
        return Expression(formula, variables, Kind.NUMBER)
    except BadExpression as error:
        raise InvalidInput("formula", str(error)) from error


def _check_aggregate(definition: Definition) -> None:
    if definition.function not in set(Function):
        raise InvalidInput("function", ", ".join(Function))
    if definition.formula:
        raise InvalidInput("formula", "only where it looks at figures.")
    if definition.window_days is not None and not 1 <= definition.window_days <= MOST_DAYS:
        raise InvalidInput("window_days", f"from 1 to {MOST_DAYS} days, or none.")
    if definition.function in (Function.SUM, Function.MOST_FREQUENT) and not definition.field:
        raise InvalidInput("field", "say what is summed, or what is to be the most frequent.")
    if definition.function == Function.COUNT and definition.field:
        raise InvalidInput("field", "counting needs none.")
    if definition.over == "events":
        if len(definition.field) > 100 or "\x00" in definition.field:
            raise InvalidInput("field", "the name of a property, at most 100 characters.")
        names = definition.event_names
        if len(names) > MOST_EVENTS or any(not name.strip() or len(name) > 200 or "\x00" in name for name in names):
            raise InvalidInput("event_names", f"at most {MOST_EVENTS} names of 200 characters.")
        return
    if definition.event_names:
        raise InvalidInput("event_names", "orders have none.")
    if definition.field not in ORDER_FIELDS:
        raise InvalidInput("field", ", ".join(name for name in ORDER_FIELDS if name))
    if definition.function == Function.SUM and not ORDER_FIELDS[definition.field][1]:
        raise InvalidInput("field", "only numbers can be summed: total, paid, refunded, net.")
