"""A record as our own API and forms send it → touches. Strict: what is not understood is refused by name."""

from datetime import datetime

import msgspec

from kehu.clean.touches import (
    DEVICE,
    ORGANISATION,
    PERSON,
    ConsentFact,
    EventFact,
    Identifier,
    OrderFact,
    RecordRef,
    Rejected,
    RelationFact,
    Touch,
    Value,
)
from kehu.clean.values import CleanContext, clean_attribute
from kehu.clean.verified import mark_verified

ORGANISATION_ATTRIBUTES = {"name": "company"}


class CanonicalRecord(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a message of kind `record`.

    external_id: the caller's own key; "" lets only events and orders through. attributes: name → text, null erases.
    is_manual: typed by a person, so that survivorship may prefer it. verified: attributes the customer confirmed.
    """

    external_id: str = ""
    kind: str = PERSON
    occurred_at: datetime | None = None
    attributes: dict[str, str | None] = {}
    identifiers: list[Identifier] = []
    events: list[EventFact] = []
    orders: list[OrderFact] = []
    consents: list[ConsentFact] = []
    relations: list[RelationFact] = []
    is_manual: bool = False
    verified: list[str] = []


_DECODER = msgspec.json.Decoder(CanonicalRecord)


def touches_of_record(payload: bytes, source: str, received_at: datetime, context: CleanContext) -> list[Touch]:
    """Raise Rejected("not_a_record") with the path of the field when the body is malformed."""
    try:
        record = _DECODER.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected("not_a_record", str(error)) from error
    if record.kind not in {PERSON, ORGANISATION, DEVICE}:
        raise Rejected("unknown_record_kind", kind=record.kind)
    return [_touch(record, source, received_at, context)]


def _touch(record: CanonicalRecord, source: str, received_at: datetime, context: CleanContext) -> Touch:
    values: dict[str, Value] = {}
    identifiers = list(record.identifiers)
    warnings: list[str] = []
    for name, text in record.attributes.items():
        if text is None:
            continue
        cleaner = ORGANISATION_ATTRIBUTES.get(name, name) if record.kind == ORGANISATION else name
        cleaned = clean_attribute(cleaner, text, context)
        warnings += cleaned.warnings
        identifiers += cleaned.identifiers
        if cleaned.value is not None:
            values[name] = cleaned.value
    return Touch(
        occurred_at=record.occurred_at or received_at,
        record=RecordRef(source, record.external_id) if record.external_id else None,
        kind=record.kind,
        attributes=mark_verified(values, record.verified) if record.verified else values,
        erased=tuple(name for name, text in record.attributes.items() if text is None),
        identifiers=tuple(identifiers),
        events=tuple(record.events),
        orders=tuple(record.orders),
        consents=tuple(record.consents),
        relations=tuple(record.relations),
        is_manual=record.is_manual,
        warnings=tuple(warnings),
    )


def encode_record(record: CanonicalRecord) -> bytes:
    return msgspec.json.encode(record)
