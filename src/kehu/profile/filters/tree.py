"""A filter as it is saved, sent and shown: groups of tests, each group meaning all, any or none of its parts. Pure."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from kehu.core.errors import InvalidInput

MOST_CONDITIONS: Final = 60
DEEPEST: Final = 5
MOST_VALUES: Final = 200
LONGEST_VALUE: Final = 200


class Match(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One question about a customer: `city` `is` `上海`. values: none, one, two (between) or several (one of)."""

    field: str
    op: str
    values: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """{"match": "any", "conditions": [{"field": "city", "op": "is", "values": ["上海"]}], "groups": []}"""

    match: Match = Match.ALL
    conditions: tuple[Condition, ...] = ()
    groups: tuple["Group", ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.conditions and all(group.is_empty for group in self.groups)


EVERYBODY: Final = Group()


def filter_from(value: str | bytes | Mapping[str, Any]) -> Group:
    """The tree in a JSON text or in plain values. Raises InvalidInput for anything else, and for what is too large."""
    try:
        if isinstance(value, str | bytes):
            group = msgspec.json.decode(value, type=Group) if value else EVERYBODY
        else:
            group = msgspec.convert(value, type=Group)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise InvalidInput("filter", str(error)) from error
    _check_size(group)
    return group


def filter_text(group: Group) -> str:
    """The tree as compact JSON, for an address; "" for everybody."""
    return "" if group.is_empty else msgspec.json.encode(group).decode()


def conditions_of(group: Group) -> Iterator[Condition]:
    yield from group.conditions
    for inner in group.groups:
        yield from conditions_of(inner)


def _check_size(group: Group) -> None:
    if _depth(group) > DEEPEST:
        raise InvalidInput("filter", f"groups stand at most {DEEPEST} deep in one another.")
    found = list(conditions_of(group))
    if len(found) > MOST_CONDITIONS:
        raise InvalidInput("filter", f"{len(found)} conditions: at most {MOST_CONDITIONS}.")
    for test in found:
        if len(test.values) > MOST_VALUES:
            raise InvalidInput(test.field, f"{len(test.values)} values: at most {MOST_VALUES}.")
        for text in test.values:
            if len(text) > LONGEST_VALUE or "\x00" in text:
                raise InvalidInput(test.field, f"a value has at most {LONGEST_VALUE} printable characters.")


def _depth(group: Group) -> int:
    return 1 + max((_depth(inner) for inner in group.groups), default=0)


def plain_values(group: Group) -> dict[str, Any]:
    """The tree as JSON values, for a column of a table."""
    values: dict[str, Any] = msgspec.to_builtins(group)
    return values
