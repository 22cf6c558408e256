"""Kinds of relations, and whom each may tie. Pure.

A kind is told from its left to its right end: a person is contact of a company, a branch is branch of its head office.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kehu.clean.touches import ORGANISATION, PERSON


class Side(StrEnum):
    """Where a customer stands in a relation."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


@dataclass(frozen=True, slots=True)
class RelationKind:
    """left, right: kinds of customers that may stand there. is_typed False: only found by comparing."""

    name: str
    left: frozenset[str]
    right: frozenset[str]
    is_symmetric: bool = False
    is_typed: bool = True


_PERSON, _ORGANISATION = frozenset({PERSON}), frozenset({ORGANISATION})
_ANYBODY: Final = _PERSON | _ORGANISATION
KINDS: Final = {
    kind.name: kind
    for kind in (
        RelationKind("contact_of", _PERSON, _ORGANISATION),
        RelationKind("employee_of", _PERSON, _ORGANISATION),
        RelationKind("owner_of", _ANYBODY, _ORGANISATION),
        RelationKind("subsidiary_of", _ORGANISATION, _ORGANISATION),
        RelationKind("branch_of", _ORGANISATION, _ORGANISATION),
        RelationKind("partner_of", _ANYBODY, _ANYBODY, is_symmetric=True),
        RelationKind("household", _PERSON, _PERSON, is_symmetric=True),
        RelationKind("affiliate_of", _ORGANISATION, _ORGANISATION, is_symmetric=True, is_typed=False),
        RelationKind("same_as", _ORGANISATION, _ORGANISATION, is_symmetric=True, is_typed=False),
    )
}
# Told by the other end: a row about a group may name its daughters as well as the other way round.
TURNED: Final = {"parent_of": "subsidiary_of"}
WORK: Final = ("contact_of", "employee_of", "owner_of")
HIERARCHY: Final = ("subsidiary_of", "branch_of")


def spellings(kind: str) -> list[str]:
    """Every word under which a kind is kept."""
    return [kind, *(word for word, meant in TURNED.items() if meant == kind)]


def fits(kind: RelationKind, left: str, right: str) -> bool:
    return left in kind.left and right in kind.right


def canonical(kind: str, side: Side) -> tuple[str, Side]:
    """A tie as it was kept, read from one end → its kind and the side that end stands on."""
    if kind in TURNED:
        kind, side = TURNED[kind], side.other
    known = KINDS.get(kind)
    return kind, Side.LEFT if known is not None and known.is_symmetric else side
