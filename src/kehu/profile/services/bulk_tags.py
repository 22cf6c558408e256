"""Tags given to many customers at once, and taken from many."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.core.errors import InvalidInput
from kehu.govern.access import Actor
from kehu.profile.services.bulk_kinds import BulkKind, Change, Parameters, Target, register
from kehu.profile.tags.models import Tag, TagEntry
from kehu.resolve.models import RecordCustomer


class _Carried(NamedTuple):
    id: int
    value: str


def _check(asked: Parameters, actor: Actor) -> dict[str, Any]:
    """tag: one that people give, by its slug. value: what it says, where it says something."""
    if extra := set(asked) - {"tag", "value"}:
        raise InvalidInput("parameters", f"nobody asked for {', '.join(sorted(map(str, extra)))[:100]}")
    tag = Tag.objects.filter(slug=str(asked.get("tag", ""))[:50].replace("\x00", "")).first()
    if tag is None or tag.is_retired:
        raise InvalidInput("tag", _("there is no such tag to give: choose another one."))
    if tag.rule is not None:
        raise InvalidInput("tag", _("this tag follows a rule: change the rule instead."))
    value = str(asked.get("value", "")).replace("\x00", "").strip()
    if len(value) > 100:
        raise InvalidInput("value", _("at most 100 characters."))
    return {"tag": tag.slug, "value": value}


def _give(targets: Sequence[Target], parameters: Parameters, actor: Actor) -> dict[UUID, Change | None]:
    """Another value ends the one before; who carries the same already is left as they are."""
    tag, value = _tag(parameters), parameters["value"]
    if tag is None or tag.is_retired or tag.rule is not None:
        return {}
    carried = _carried(tag, [target.customer for target in targets])
    given = [target for target in targets if all(one.value != value for one in carried.get(target.customer, ()))]
    _end([one for target in given for one in carried.get(target.customer, ())])
    made = _open(tag, [(target.record, value) for target in given], actor)
    return {
        target.record: Change([one.value for one in carried.get(target.customer, ())], entry)
        for target, entry in zip(given, made, strict=True)
    }


def _take_given_back(changes: Mapping[Target, Change], parameters: Parameters, actor: Actor) -> frozenset[UUID]:
    """Where what was given is carried still; with what it replaced."""
    tag = _tag(parameters)
    if tag is None:
        return frozenset()
    entries = [change.after for change in changes.values()]
    still = set(TagEntry.objects.filter(pk__in=entries, until=None).values_list("pk", flat=True))
    back = {target: change for target, change in changes.items() if change.after in still}
    TagEntry.objects.filter(pk__in=still).update(until=timezone.now())
    _open(tag, [(target.record, value) for target, change in back.items() for value in change.before], actor)
    return frozenset(target.record for target in back)


def _take(targets: Sequence[Target], parameters: Parameters, actor: Actor) -> dict[UUID, Change | None]:
    """Whatever value it has; only with `value` set, who carries it with that one."""
    tag, value = _tag(parameters), parameters["value"]
    if tag is None or tag.rule is not None:
        return {}
    carried = _carried(tag, [target.customer for target in targets])
    changes: dict[UUID, Change | None] = {}
    for target in targets:
        if ended := [one for one in carried.get(target.customer, ()) if value in ("", one.value)]:
            _end(ended)
            changes[target.record] = Change([one.value for one in ended], None)
    return changes


def _give_taken_back(changes: Mapping[Target, Change], parameters: Parameters, actor: Actor) -> frozenset[UUID]:
    """Unless the customer carries it again, or the tag is retired."""
    tag = _tag(parameters)
    if tag is None or tag.is_retired or tag.rule is not None:
        return frozenset()
    carried = _carried(tag, [target.customer for target in changes])
    back = {target: change for target, change in changes.items() if target.customer not in carried}
    _open(tag, [(target.record, value) for target, change in back.items() for value in change.before], actor)
    return frozenset(target.record for target in back)


def _tag(parameters: Parameters) -> Tag | None:
    return Tag.objects.select_for_update().filter(slug=parameters["tag"]).first()


def _carried(tag: Tag, customers: Sequence[UUID]) -> dict[UUID, list[_Carried]]:
    """By customer what it carries of the tag now, on whatever record it hangs."""
    owners = dict(RecordCustomer.objects.filter(customer_id__in=customers).values_list("record_id", "customer_id"))
    found: dict[UUID, list[_Carried]] = {}
    entries = TagEntry.objects.filter(tag=tag, until=None, record_id__in=owners)
    for id_, record, value in entries.values_list("pk", "record_id", "value"):
        found.setdefault(owners[record], []).append(_Carried(id_, value))
    return found


def _end(carried: Sequence[_Carried]) -> None:
    if carried:
        TagEntry.objects.filter(pk__in=[one.id for one in carried]).update(until=timezone.now())


def _open(tag: Tag, given: Sequence[tuple[UUID, str]], actor: Actor) -> list[int]:
    """New entries from now on; returns their ids in the order given."""
    now = timezone.now()
    entries = [
        TagEntry(
            tag=tag, record_id=record, value=value, source=TagEntry.Source.MANUAL, actor_id=actor.user_id, since=now
        )
        for record, value in given
    ]
    return [entry.pk for entry in TagEntry.objects.bulk_create(entries)]


GIVE, TAKE = "tag.add", "tag.remove"
register(BulkKind(GIVE, gettext_lazy("Give a tag"), "customer.edit", _check, _give, _take_given_back))
register(BulkKind(TAKE, gettext_lazy("Take a tag"), "customer.edit", _check, _take, _give_taken_back))
