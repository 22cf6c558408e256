"""The canonical form of a message: what it says of whom, in words every later room understands."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

PERSON, ORGANISATION, DEVICE = "person", "organisation", "device"
QUARANTINED = "rule:"  # the code of a message that a cleaning rule holds back: this and the rule's key


class Rejected(Exception):
    """A message that cannot be understood. `code` groups it among the dead letters.

    detail: what came from elsewhere and is shown as it is; `told` are the parameters of the code's own sentence, kept
    as JSON and put into the reader's language when somebody looks (collect.problem_texts).
    """

    def __init__(self, code: str, detail: str = "", **told: str | int) -> None:
        detail = msgspec.json.encode(told).decode() if told else detail
        super().__init__(code, detail)
        self.code, self.detail = code, detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class RecordRef(msgspec.Struct, frozen=True):
    """A source record by its key. `source` may be another source's slug: rows may refer to foreign ids."""

    source: str
    external_id: str


class Value(msgspec.Struct, frozen=True):
    """One attribute value. v: as people read it; n: normal form for comparison and search ("" = same as v)."""

    v: str
    n: str = ""
    flags: tuple[str, ...] = ()  # "masked", "partial", "default_like", "invalid", "unverified" ...


class Identifier(msgspec.Struct, frozen=True):
    type: str
    value: str


class EventFact(msgspec.Struct, frozen=True):
    """Something that happened. `key` is unique within the source (the message id when the message is one event)."""

    key: str
    name: str
    kind: str  # behaviour | trade | service | marketing | contact
    occurred_at: datetime
    properties: dict[str, Any] = {}
    order: tuple[str, str] | None = None  # (namespace, number) of the order it speaks of


class LineFact(msgspec.Struct, frozen=True):
    key: str
    sku: str = ""
    name: str = ""
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)


class PaymentFact(msgspec.Struct, frozen=True):
    key: str
    amount: Decimal
    kind: str = "payment"  # payment | refund
    method: str = ""
    at: datetime | None = None


class OrderFact(msgspec.Struct, frozen=True):
    """What one source says of an order. Absent fields (None) say nothing; lines None = not told, () = none.

    A refund with amount None in `full_refund_at` gives back all that was paid.
    """

    namespace: str
    number: str
    at: datetime
    status: str | None = None
    placed_at: datetime | None = None
    currency: str | None = None
    total: Decimal | None = None
    buyer: RecordRef | None = None
    organisation: RecordRef | None = None
    lines: tuple[LineFact, ...] | None = None
    payments: tuple[PaymentFact, ...] = ()
    full_refund_at: datetime | None = None


class ConsentFact(msgspec.Struct, frozen=True):
    purpose: str
    channel: str
    state: str  # granted | withdrawn
    occurred_at: datetime
    proof: dict[str, Any] = {}


class RelationFact(msgspec.Struct, frozen=True):
    """A tie from the touch's record to another one: contact_of, household, subsidiary_of ...

    What is said now is all that is said: without `until` the tie holds. is_denied: it never was.
    """

    other: RecordRef
    kind: str
    detail: dict[str, Any] = {}
    role: str = ""
    since: date | None = None
    until: date | None = None
    is_denied: bool = False


class Finding(msgspec.Struct, frozen=True):
    """What a cleaning rule did to a touch, or held against it.

    effect: changed, missing, marked, distrusted, dropped or error (the rule itself could not be worked out).
    attribute "" = the whole record. was: the text before the rule.
    """

    rule: str
    effect: str
    attribute: str = ""
    was: str = ""


class Touch(msgspec.Struct, frozen=True):
    """One message may give several touches (a contact and its company); each speaks of at most one record.

    record None: receipts and events without identity, kept unassigned.
    device: the anonymous device the touch came through; its record is stitched to `record` when both are there.
    erased: attribute names sent as null, which overwrite what was known.
    is_trusted False (a browser): phone, e-mail and unique identifiers are kept as values, never as evidence.
    """

    occurred_at: datetime
    record: RecordRef | None = None
    kind: str = PERSON
    device: RecordRef | None = None
    attributes: dict[str, Value] = {}
    erased: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    events: tuple[EventFact, ...] = ()
    orders: tuple[OrderFact, ...] = ()
    consents: tuple[ConsentFact, ...] = ()
    relations: tuple[RelationFact, ...] = ()
    is_trusted: bool = True
    is_manual: bool = False
    warnings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
