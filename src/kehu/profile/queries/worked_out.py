"""What is worked out about the customers of a list: standing, tags, preferences, computed attributes."""

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kehu.core.database import fetch_all
from kehu.govern.access import Actor
from kehu.govern.field_policy import present_properties, present_text
from kehu.profile.figures.definitions import Definition, ValueKind
from kehu.profile.figures.fields import LIFECYCLES, TIERS
from kehu.profile.figures.models import ComputedAttribute
from kehu.profile.figures.queries import label_of
from kehu.profile.preferences.fields import CHANNELS, LABELS, PARTS_OF_DAY

WorkedOut = Mapping[UUID, Mapping[str, Any]]
Found = Iterator[tuple[UUID, str, Any]]
_STANDING: Final = {"lifecycle": _("Lifecycle"), "tier": _("Value tier"), "rfm": "RFM"}
_SAID: Final[dict[str, dict[str, Any]]] = {
    "lifecycle": dict(LIFECYCLES),
    "tier": dict(TIERS),
    "channel": dict(CHANNELS),
    "hours": dict(PARTS_OF_DAY),
}


class WorkedOutColumn(NamedTuple):
    name: str
    label: Any
    is_number: bool = False


def worked_out_columns() -> list[WorkedOutColumn]:
    """In the order of the menu."""
    return [
        *(WorkedOutColumn(name, label) for name, label in _STANDING.items()),
        WorkedOutColumn("tags", _("Tags")),
        *(WorkedOutColumn(f"preference.{kind}", label) for kind, label in LABELS.items()),
        *(
            WorkedOutColumn(f"computed.{one.name}", label_of(one.label_en, one.label_zh), _is_number(one))
            for one in ComputedAttribute.objects.order_by("pk")
        ),
    ]


def worked_out(actor: Actor, ids: list[UUID], wanted: Collection[str]) -> WorkedOut:
    """By customer and column, for those of the columns that are wanted; at most four queries. Nothing for who sees only
    some of a customer's records: figures tell of all of them."""
    told: dict[UUID, dict[str, Any]] = {one: {} for one in ids}
    if not actor.is_strict and ids:
        for begins, ask in _ASKED.items():
            if any(name.startswith(begins) for name in wanted):
                for customer, name, value in ask(actor, ids):
                    told[customer][name] = value
    return told


def _standing(actor: Actor, ids: list[UUID]) -> Found:
    for customer, lifecycle, tier, *scores in fetch_all(
        "SELECT customer_id, lifecycle, tier, recency, frequency, money FROM profile_standing "
        "WHERE customer_id = ANY(%s)",
        [ids],
    ):
        yield customer, "lifecycle", _words("lifecycle", lifecycle)
        yield customer, "tier", _words("tier", tier)
        yield customer, "rfm", "-".join(map(str, scores)) if scores[0] is not None else None


def _tags(actor: Actor, ids: list[UUID]) -> Found:
    carried: dict[UUID, dict[str, None]] = {}
    for customer, label_en, label_zh, value in fetch_all(
        "SELECT m.customer_id, g.label_en, g.label_zh, t.value FROM profile_tagentry t "
        "JOIN profile_tag g ON g.id = t.tag_id JOIN resolve_recordcustomer m ON m.record_id = t.record_id "
        "WHERE m.customer_id = ANY(%s) AND t.until IS NULL ORDER BY t.since, t.id",
        [ids],
    ):
        label = label_of(label_en, label_zh)
        carried.setdefault(customer, {})[f"{label}: {present_text(actor, value)}" if value else label] = None
    for customer, labels in carried.items():
        yield customer, "tags", ", ".join(labels)


def _preferences(actor: Actor, ids: list[UUID]) -> Found:
    liked: dict[tuple[UUID, str], list[str]] = {}
    for customer, kind, value in fetch_all(
        "SELECT customer_id, kind, value FROM profile_preference WHERE customer_id = ANY(%s) AND is_clear "
        "ORDER BY customer_id, kind, place",
        [ids],
    ):
        liked.setdefault((customer, kind), []).append(_words(kind, present_text(actor, value)))
    for (customer, kind), values in liked.items():
        yield customer, f"preference.{kind}", ", ".join(values)


def _computed(actor: Actor, ids: list[UUID]) -> Found:
    for customer, name, over, function, field, number, text, at in fetch_all(
        "SELECT v.customer_id, a.name, a.over, a.function, a.field, v.number, v.text, v.at "
        "FROM profile_computedvalue v JOIN profile_computedattribute a ON a.id = v.attribute_id "
        "WHERE v.customer_id = ANY(%s)",
        [ids],
    ):
        match Definition(name, over, function, field).kind:
            case ValueKind.NUMBER:
                yield customer, f"computed.{name}", _short(number)
            case ValueKind.MOMENT:
                yield customer, f"computed.{name}", at
            case ValueKind.TEXT:
                yield customer, f"computed.{name}", present_properties(actor, text, field)


def _words(kind: str, code: str) -> str:
    return str(_SAID.get(kind, {}).get(code, code))


def _short(number: Decimal | None) -> Decimal | int | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else round(number, 2)


def _is_number(one: ComputedAttribute) -> bool:
    return Definition(one.name, one.over, one.function, one.field).kind is ValueKind.NUMBER


_ASKED: Final[dict[str | tuple[str, ...], Callable[[Actor, list[UUID]], Found]]] = {
    tuple(_STANDING): _standing,
    "tags": _tags,
    "preference.": _preferences,
    "computed.": _computed,
}
