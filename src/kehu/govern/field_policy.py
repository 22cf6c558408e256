"""The one serialiser of customer values: pages, API and exports show what `present_*` gives them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from kehu.govern import masking
from kehu.govern.actor import Actor
from kehu.govern.errors import FieldNotWritable
from kehu.govern.field_access import FieldAccess
from kehu.govern.visibility import sees_record_of

SENSITIVE = "sensitive"
_data_class: Callable[[str], str] = lambda attribute: "personal"  # noqa: E731


def use_catalogue(data_class: Callable[[str], str]) -> None:
    """Told by `extend` which data class an attribute has; `sensitive` ones are hidden unless unmasked."""
    global _data_class
    _data_class = data_class


@dataclass(frozen=True, slots=True)
class Presented:
    """A value as the actor may see it."""

    value: Any
    is_masked: bool = False

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class PresentedField:
    """One golden attribute with its lineage. `others` are the values that did not win, in stored order.

    is_verified: the person confirmed the value, to a system or to one of the staff.
    """

    attribute: str
    value: str
    is_masked: bool
    record_id: UUID | None
    source_id: int | None
    at: str | None
    rule: str
    others: tuple["PresentedField", ...] = ()
    is_verified: bool = False


def access_to(actor: Actor, attribute: str) -> FieldAccess:
    """What the actor may do with this attribute (or identifier type): the role's word, or what it comes to."""
    if set_apart := actor.fields.get(attribute):
        return set_apart
    if actor.sees_whole(attribute) or not (attribute in masking.MASKS or _data_class(attribute) == SENSITIVE):
        return FieldAccess.WRITE
    return FieldAccess.MASKED


def is_masked_for(actor: Actor, attribute: str) -> bool:
    """Whether the actor sees this attribute (or identifier type) only masked, or not at all."""
    return not access_to(actor, attribute).shows_whole


def is_writable_for(actor: Actor, attribute: str) -> bool:
    """Whether the actor may say what the attribute is. A masked one may be typed anew: whoever hears a new number on
    the phone writes it down."""
    return actor.fields.get(attribute) not in {FieldAccess.HIDDEN, FieldAccess.READ}


def require_writable(actor: Actor, attributes: Iterable[str]) -> None:
    """Raise FieldNotWritable for the first attribute the role lets the actor see at most."""
    for attribute in attributes:
        if not is_writable_for(actor, attribute):
            raise FieldNotWritable(attribute)


def present_value(actor: Actor, attribute: str, value: Any) -> Presented:
    """One value of an attribute or identifier type, masked where the field policy says so."""
    if value is None or value == "":
        return Presented(value)
    if not is_masked_for(actor, attribute):
        return Presented(_scrub(actor, value) if attribute not in masking.MASKS else value)
    mask = masking.hide if _is_hidden(actor, attribute) else masking.MASKS.get(attribute, masking.hide)
    return Presented(mask(str(value)), is_masked=True)


def _is_hidden(actor: Actor, attribute: str) -> bool:
    return actor.fields.get(attribute) is FieldAccess.HIDDEN


def mask(actor: Actor, attribute: str, value: Any) -> Any:
    """`present_value` for those who need no more than what to show."""
    return present_value(actor, attribute, value).value


def present_identifier(actor: Actor, type_: str, value: str) -> Presented:
    """An identifier's value. The keyed hash of an id number says nothing to anybody and is never shown."""
    if type_ == "id_number":
        return Presented(masking.HIDDEN, is_masked=True)
    if type_ == "openid" and is_masked_for(actor, type_):
        app, _, openid = value.partition(":")
        return Presented(f"{app}:{masking.mask_code(openid)}", is_masked=True)
    return present_value(actor, type_, value)


def present_golden(
    actor: Actor,
    golden: Mapping[str, Mapping[str, Any]],
    departments: Mapping[str, int | None] | None = None,
) -> dict[str, PresentedField]:
    """A golden record as the actor may see it.

    golden: as stored on the customer. departments: record id (text) → its department, None = company-shared;
    a strict actor sees only values of records in scope, so without it they are shown nothing.
    """
    fields: dict[str, PresentedField] = {}
    for attribute, chosen in golden.items():
        if _is_hidden(actor, attribute):
            continue
        candidates = [chosen, *chosen.get("others", ())]
        if actor.is_strict:
            candidates = [c for c in candidates if _is_in_scope(actor, c, departments)]
        if candidates:
            shown = [_field(actor, attribute, candidate) for candidate in candidates]
            fields[attribute] = _with_others(shown[0], tuple(shown[1:]))
    return fields


masked_golden = present_golden


def present_attributes(actor: Actor, attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Presented]:
    """The attribute values of one source record (attribute → {"v": …})."""
    return {
        name: present_value(actor, name, entry.get("v"))
        for name, entry in attributes.items()
        if not _is_hidden(actor, name)
    }


def present_properties(actor: Actor, properties: Any, key: str = "") -> Any:
    """Event properties, other free JSON: what a key names is masked as that attribute, text is searched."""
    if isinstance(properties, Mapping):
        return {name: present_properties(actor, value, name) for name, value in properties.items()}
    if isinstance(properties, list | tuple):
        return [present_properties(actor, value, key) for value in properties]
    if isinstance(properties, bool) or properties is None:
        return properties
    attribute = masking.attribute_of_key(key) if key else None
    if attribute is not None and is_masked_for(actor, attribute) and isinstance(properties, str | int):
        return present_value(actor, attribute, str(properties)).value
    return _scrub(actor, properties)


def present_text(actor: Actor, text: str) -> str:
    """Free text (a display name, a note) without the phones and e-mail addresses the actor may not see."""
    return masking.mask_in_text(text, actor.sees_whole)


def _scrub(actor: Actor, value: Any) -> Any:
    if isinstance(value, str):
        return present_text(actor, value)
    if isinstance(value, int) and value >= 10**9:
        text = present_text(actor, str(value))
        return value if text == str(value) else text
    return value


def _is_in_scope(actor: Actor, candidate: Mapping[str, Any], departments: Mapping[str, int | None] | None) -> bool:
    record = str(candidate.get("record") or "")
    return departments is not None and record in departments and sees_record_of(actor, departments[record])


def _field(actor: Actor, attribute: str, candidate: Mapping[str, Any]) -> PresentedField:
    shown = present_value(actor, attribute, candidate.get("v"))
    record = candidate.get("record")
    return PresentedField(
        attribute=attribute,
        value="" if shown.value is None else str(shown.value),
        is_masked=shown.is_masked,
        record_id=UUID(str(record)) if record else None,
        source_id=candidate.get("source"),
        at=candidate.get("at"),
        rule=str(candidate.get("rule") or ""),
        is_verified="verified" in candidate.get("f", ()),
    )


def _with_others(field: PresentedField, others: tuple[PresentedField, ...]) -> PresentedField:
    return replace(field, others=others)
