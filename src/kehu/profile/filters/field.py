"""What a field of a filter is: its name and label, the operators of its kind, and how it is asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kehu.core.errors import InvalidInput
from kehu.govern.access import Actor
from kehu.profile.filters.asking import Asking
from kehu.profile.filters.operators import OPERATORS, FieldKind, Op
from kehu.profile.sql import Sql

Text = Any  # gettext_lazy strings among them
Choices = Callable[[Actor], Sequence[tuple[str, Text]]]
Ask = Callable[[Op, Sequence[str], Asking], Sql]


@dataclass(frozen=True, slots=True)
class Field:
    """guarded: the attribute or identifier type whose field policy decides who may ask. group: where a menu has it."""

    name: str
    label: Text
    kind: FieldKind
    ask: Ask
    group: Text
    guarded: str = ""
    choices: Choices | None = None
    only: tuple[Op, ...] = ()

    @property
    def operators(self) -> tuple[Op, ...]:
        return self.only or OPERATORS[self.kind]


IN_OR_OUT: Final = (Op.ONE_OF, Op.NONE_OF)


def row_number(value: str) -> int:
    """The number of a row that a choice stands for. Raises InvalidInput."""
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise InvalidInput("filter", f"{value[:40]!r} is none of the choices")
    return int(value)
