"""A value typed for many customers at once: each goes down the road like a value typed for one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu import inline
from kehu.core.errors import DomainError, InvalidInput
from kehu.core.ids import record_id
from kehu.extend import queries as catalogue
from kehu.govern.access import Actor
from kehu.govern.field_policy import require_writable
from kehu.profile.services.bulk_kinds import BulkKind, Change, Parameters, Target, register
from kehu.resolve.models import SourceRecord

SET: Final = "attribute.set"
# What tells people apart: the same for many would make them one.
OF_ONE_PERSON: Final = frozenset({
    "name", "surname", "given_name", "middle_name", "nickname", "phone", "email", "id_number", "birth_date", "address",
    "wechat", "tax_no", "plate",
})  # fmt: skip
LONGEST: Final = 500
PIECE: Final = 25  # each takes a window of its own, during all of which the leader waits


def settable(actor: Actor) -> list[catalogue.AttributeInfo]:
    """The attributes that many may be given at once, as far as the actor may write them."""
    found = []
    for one in catalogue.catalogue():
        try:
            require_writable(actor, [one.name])
        except DomainError:
            continue
        if one.name not in OF_ONE_PERSON:
            found.append(one)
    return found


def _check(asked: Parameters, actor: Actor) -> dict[str, Any]:
    """attribute: its name. value: what it is from now on; "" takes back what was typed into Kehu before."""
    if extra := set(asked) - {"attribute", "value"}:
        raise InvalidInput("parameters", f"nobody asked for {', '.join(sorted(map(str, extra)))[:100]}")
    name, value = str(asked.get("attribute", "")), str(asked.get("value", "")).replace("\x00", "").strip()
    if catalogue.attribute(name) is None:
        raise InvalidInput("attribute", _("there is no such attribute."))
    if name in OF_ONE_PERSON:
        raise InvalidInput("attribute", _("it tells people apart: the same for many would make them one."))
    require_writable(actor, [name])
    if len(value) > LONGEST:
        raise InvalidInput("value", _("at most %(n)d characters.") % {"n": LONGEST})
    return {"attribute": name, "value": value}


def _say(targets: Sequence[Target], parameters: Parameters, actor: Actor) -> dict[UUID, Change | None]:
    name, value = parameters["attribute"], parameters["value"]
    before = _typed(targets, name)
    said = [target for target in targets if _type(target, name, value, actor)]
    after = _typed(said, name)
    return {
        target.record: Change(before.get(target.record), after.get(target.record))
        for target in said
        if before.get(target.record) != after.get(target.record)
    }


def _take_back(changes: Mapping[Target, Change], parameters: Parameters, actor: Actor) -> frozenset[UUID]:
    """Where nobody typed anything else since."""
    name = parameters["attribute"]
    now = _typed(list(changes), name)
    return frozenset(
        target.record
        for target, change in changes.items()
        if now.get(target.record) == change.after and _type(target, name, change.before or "", actor)
    )


def _type(target: Target, name: str, value: str, actor: Actor) -> bool:
    """False when it is refused for this one: an erased person, a record that cannot be read."""
    try:
        inline.update_customer(target.customer, actor=actor, attributes={name: value or None})
    except DomainError:
        return False
    return True


def _typed(targets: Sequence[Target], name: str) -> dict[UUID, str]:
    """By founding record, what was typed into Kehu about the attribute and stands."""
    native: dict[UUID, UUID] = {
        record_id(inline.NATIVE_SLUG, f"of:{target.record}"): target.record for target in targets
    }
    found = SourceRecord.objects.filter(pk__in=native).values_list("pk", "attributes")
    return {native[pk]: said for pk, attributes in found if (said := (attributes.get(name) or {}).get("v"))}


register(BulkKind(SET, gettext_lazy("Set a value"), "customer.edit", _check, _say, _take_back, PIECE))
