"""A filter as it is saved, sent and shown: groups of tests, each group meaning all, any or none of its parts. Pure."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from kehu.core.errors import InvalidInput

MOST_TESTS: Final = 60
DEEPEST: Final = 5
MOST_VALUES: Final = 200
LONGEST_VALUE: Final = 200


class Match(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One question about a customer: `city` `is` `上海`. values: none, one, two (between) or several (one of)."""

    field: str
    op: str
    values: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """{"match": "any", "tests": [{"field": "city", "op": "is", "values": ["上海"]}], "groups": []}"""

    match: Match = Match.ALL
    tests: tuple[Test, ...] = ()
    groups: tuple["Group", ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.tests and all(group.is_empty for group in self.groups)


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


def tests_of(group: Group) -> Iterator[Test]:
    yield from group.tests
    for inner in group.groups:
        yield from tests_of(inner)


def _check_size(group: Group) -> None:
    if _depth(group) > DEEPEST:
        raise InvalidInput("filter", f"groups stand at most {DEEPEST} deep in one another.")
    tests = list(tests_of(group))
    if len(tests) > MOST_TESTS:
        raise InvalidInput("filter", f"{len(tests)} conditions: at most {MOST_TESTS}.")
    for test in tests:
        if len(test.values) > MOST_VALUES:
            raise InvalidInput(test.field, f"{len(test.values)} values: at most {MOST_VALUES}.")
        for text in test.values:
            if len(text) > LONGEST_VALUE or "\x00" in text:
                raise InvalidInput(test.field, f"a value has at most {LONGEST_VALUE} printable characters.")


def _depth(group: Group) -> int:
    return 1 + max((_depth(inner) for inner in group.groups), default=0)
