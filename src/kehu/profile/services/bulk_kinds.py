"""What can be done to many customers at once. A room adds its own: `register(BulkKind("tag.add", …))`.

A kind applies itself to a few hundred customers in one transaction and says of each what was before and what is now;
undoing puts back what was, unless somebody has changed it since.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.core.errors import InvalidInput
from kehu.govern.access import Actor
from kehu.govern.models import User
from kehu.profile.models import Assignment
from kehu.profile.services.assign import announce_owners
from kehu.profile.settling import refresh_now

Parameters = Mapping[str, Any]
Value = Any  # what JSON can hold


class Target(NamedTuple):
    """A customer as it is now. record: its founding one, where what people decide hangs. number: its place."""

    customer: UUID
    record: UUID
    number: int


class Change(NamedTuple):
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class BulkKind:
    """check: parameters as asked for → as kept, or InvalidInput. apply: target → change, None for "nothing to do".

    revert: target → change to take back; returns the records that could be put back. piece: customers in one
    transaction, during which the leader waits.
    """

    name: str
    label: Any
    permission: str
    check: Callable[[Parameters, Actor], dict[str, Any]]
    apply: Callable[[Sequence[Target], Parameters, Actor], Mapping[UUID, Change | None]]
    revert: Callable[[Mapping[Target, Change], Parameters, Actor], frozenset[UUID]]
    piece: int = 200


_kinds: dict[str, BulkKind] = {}


def register(kind: BulkKind) -> None:
    _kinds[kind.name] = kind


def kinds_for(actor: Actor) -> list[BulkKind]:
    return [kind for kind in _kinds.values() if actor.can(kind.permission)]


def kind_named(name: str) -> BulkKind:
    if name not in _kinds:
        raise InvalidInput("act", f"{name[:40]!r} is none of {', '.join(sorted(_kinds))}")
    return _kinds[name]


# -- owners ---------------------------------------------------------------------------------------------------------


def _check_owners(asked: Parameters, actor: Actor) -> dict[str, Any]:
    """owners: one or several people, in turn; department: all its people in turn; neither: nobody."""
    if extra := set(asked) - {"owners", "department"}:
        raise InvalidInput("parameters", f"nobody asked for {', '.join(sorted(map(str, extra)))[:100]}")
    people = User.objects.filter(is_active=True).order_by("pk")
    if "department" in asked:
        department = asked["department"]
        if not isinstance(department, int) or isinstance(department, bool) or not 0 < department < 2**62:
            raise InvalidInput("department", _("choose a department."))
        owners = list(people.filter(department_id=department).values_list("pk", flat=True))
        if not owners:
            raise InvalidInput("department", _("nobody works there who could look after customers."))
        return {"owners": owners, "department": department}
    wanted = asked.get("owners", [])
    if not isinstance(wanted, list) or not all(type(one) is int and 0 < one < 2**62 for one in wanted[:501]):
        raise InvalidInput("owners", _("choose people by their numbers."))
    if len(wanted) > 500:
        raise InvalidInput("owners", _("choose at most 500 people."))
    owners = list(people.filter(pk__in=wanted).values_list("pk", flat=True))
    if len(owners) != len(set(wanted)):
        raise InvalidInput("owners", _("one of them is not there any more: choose again."))
    return {"owners": owners}


def _assign(targets: Sequence[Target], parameters: Parameters, actor: Actor) -> dict[UUID, Change | None]:
    owners = parameters["owners"]
    present = _owners_of([target.record for target in targets])
    changes: dict[UUID, Change | None] = {}
    for target in targets:
        wanted = owners[target.number % len(owners)] if owners else None
        now = present.get(target.record)
        changes[target.record] = None if now == wanted else Change(now, wanted)
    given = {record: change.after for record, change in changes.items() if change}
    _write(given)
    announce_owners({record: owner for record, owner in given.items() if owner is not None})
    refresh_now([target.customer for target in targets if changes[target.record]])
    return changes


def _give_back(changes: Mapping[Target, Change], parameters: Parameters, actor: Actor) -> frozenset[UUID]:
    present = _owners_of([target.record for target in changes])
    same = {target: change for target, change in changes.items() if present.get(target.record) == change.after}
    _write({target.record: change.before for target, change in same.items()})
    refresh_now([target.customer for target in same])
    return frozenset(target.record for target in same)


def _owners_of(records: Sequence[UUID]) -> dict[UUID, int]:
    return dict(Assignment.objects.filter(record_id__in=records).values_list("record_id", "owner_id"))


def _write(owners: Mapping[UUID, int | None]) -> None:
    Assignment.objects.filter(record_id__in=[record for record, owner in owners.items() if owner is None]).delete()
    Assignment.objects.bulk_create(
        [Assignment(record_id=record, owner_id=owner) for record, owner in owners.items() if owner is not None],
        update_conflicts=True,
        unique_fields=["record_id"],
        update_fields=["owner_id"],
    )


register(
    BulkKind("owner.assign", gettext_lazy("Give to somebody"), "customer.edit", _check_owners, _assign, _give_back)
)
