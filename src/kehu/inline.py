"""What people and programs type in: appended to the inbox like everything else, and worked in while they wait.

One native source holds what is typed into Kehu. A new customer gets a record of its own; what is typed about a known
one goes to the native record of its founding record, to which it is tied: merging and unmerging take it along.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from kehu import pipeline
from kehu.clean.canonical_records import CanonicalRecord, encode_record
from kehu.clean.touches import PERSON, ConsentFact, Identifier
from kehu.collect import inbox
from kehu.collect.inbox import Message, NewMessage
from kehu.collect.models import Source
from kehu.core.database import current_connection, set_statements
from kehu.core.errors import InvalidInput, VersionConflict
from kehu.core.ids import CustomerId, record_id
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.field_policy import require_writable
from kehu.pipeline import Road
from kehu.profile.models import Customer
from kehu.profile.queries.lookup import current_customer, founding_record
from kehu.profile.relations.typed import SaidRelation, relation_fact
from kehu.profile.settling import take_the_lead
from kehu.resolve.models import RecordCustomer

NATIVE_SLUG = "kehu"


@dataclass(frozen=True, slots=True)
class Saved:
    """The customer a record now belongs to. is_new False: it was found to be one we knew."""

    customer_id: CustomerId
    record_id: UUID
    version: int
    is_new: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """What is said of a customer. Without a source it is typed into Kehu, under a key of its own.

    message_id: the caller's own, so that sending twice adds nothing.
    """

    attributes: Mapping[str, str]
    kind: str = PERSON
    identifiers: tuple[Identifier, ...] = ()
    consents: tuple[ConsentFact, ...] = ()
    source: Source | None = None
    external_id: str = ""
    message_id: str = ""
    occurred_at: datetime | None = None


def create_customer(
    *,
    actor: Actor,
    attributes: Mapping[str, str],
    kind: str = PERSON,
    identifiers: tuple[Identifier, ...] = (),
    consents: tuple[ConsentFact, ...] = (),
    source: Source | None = None,
    external_id: str = "",
    message_id: str = "",
    occurred_at: datetime | None = None,
) -> Saved:
    """Take one record in (see NewCustomer) and resolve it at once. Raises InvalidInput, PermissionDenied."""
    customer = NewCustomer(attributes, kind, identifiers, consents, source, external_id, message_id, occurred_at)
    [saved] = create_customers([customer], actor=actor)
    return saved


@transaction.atomic
def create_customers(customers: Sequence[NewCustomer], *, actor: Actor) -> list[Saved]:
    """Take records in and resolve them together: all of them, or none. Answers are in the order given.

    Raises InvalidInput, PermissionDenied.
    """
    require(actor, "customer.create")
    typed = []
    for customer in customers:
        said = {name: text for name, text in customer.attributes.items() if text and text.strip()}
        if not said and not customer.identifiers:
            raise InvalidInput("attributes", "say at least one thing of the customer: a name, a phone or an e-mail")
        if customer.source is None:
            require_writable(actor, said)
        typed.append(_typed(customer, said))
    audit.act_as(actor, "create customer")
    return _take_in(typed)


def _typed(customer: NewCustomer, said: Mapping[str, str]) -> "_Typed":
    key = customer.external_id or f"typed:{uuid4()}"
    record = CanonicalRecord(
        external_id=key,
        kind=customer.kind,
        occurred_at=customer.occurred_at or timezone.now(),
        attributes=dict(said),
        identifiers=list(customer.identifiers),
        consents=list(customer.consents),
        is_manual=customer.source is None,
    )
    return _Typed(customer.source or native_source(), key, record, customer.message_id or f"inline:{uuid4()}")


@transaction.atomic
def update_customer(
    customer_id: UUID,
    *,
    actor: Actor,
    attributes: Mapping[str, str | None],
    version: int | None = None,
    message_id: str = "",
    verified: Collection[str] = (),
) -> Saved:
    """Type values about a known customer; None takes one back. Only what is given is said.

    version: the one the person saw; raises VersionConflict when the customer has changed since. verified: those of the
    attributes that the customer confirmed.
    """
    current = current_customer(actor, customer_id).id
    require(actor, "customer.edit", on=(current,))
    if not attributes:
        raise InvalidInput("attributes", "give at least one attribute to change")
    if unsaid := set(verified) - {name for name, value in attributes.items() if value}:
        raise InvalidInput("verified", f"only a value given in the same breath: not {', '.join(sorted(unsaid))[:100]}")
    require_writable(actor, attributes)
    take_the_lead()
    customer = Customer.objects.get(pk=current)
    if version is not None and version != customer.version:
        raise VersionConflict("customer", current, version, customer.version)
    audit.act_as(actor, "edit customer")
    founding = founding_record(current)
    key = f"of:{founding}"
    record = CanonicalRecord(
        external_id=key,
        kind=customer.kind,
        occurred_at=timezone.now(),
        attributes=dict(attributes),
        identifiers=[Identifier("native", str(founding))],
        is_manual=True,
        verified=sorted(verified),
    )
    [saved] = _take_in([_Typed(native_source(), key, record, message_id or f"inline:{uuid4()}")])
    return saved


@transaction.atomic
def relate_customers(left_id: UUID, right_id: UUID, said: SaidRelation, *, actor: Actor, reason: str = "") -> Saved:
    """Say that two known customers are tied, that the tie ended, or that it never was.

    Hangs on the native record of the left one's founding record, so merging and unmerging take it along. Raises
    InvalidInput, PermissionDenied, NotFound.
    """
    left, right = current_customer(actor, left_id).id, current_customer(actor, right_id).id
    require(actor, "customer.edit", on=(left, right))
    take_the_lead()
    fact = relation_fact(left, right, said)
    audit.act_as(actor, reason or "relate customers")
    founding = founding_record(left)
    key = f"of:{founding}"
    record = CanonicalRecord(
        external_id=key,
        kind=Customer.objects.get(pk=left).kind,
        occurred_at=timezone.now(),
        identifiers=[Identifier("native", str(founding))],
        relations=[fact],
        is_manual=True,
    )
    [saved] = _take_in([_Typed(native_source(), key, record, f"inline:{uuid4()}")])
    return saved


def native_source() -> Source:
    """The source of what is typed into Kehu: the most trusted one, and not a stranger's to choose."""
    source, _ = Source.objects.get_or_create(
        slug=NATIVE_SLUG,
        defaults={
            "name": "Kehu",
            "kind": "native",
            "write_key": f"native-{uuid4().hex}",
            "trust_rank": 100,
            "is_trusted": True,
        },
    )
    return source


class _Typed(NamedTuple):
    source: Source
    key: str
    record: CanonicalRecord
    message_id: str


def _take_in(typed: Sequence[_Typed]) -> list[Saved]:
    """Append and travel under the leader's lock; the worker skips what is marked inline."""
    take_the_lead()
    new = [
        NewMessage(
            source_id=one.source.pk,
            kind="record",
            message_id=one.message_id,
            payload=encode_record(one.record),
            shard_key=one.key,
            is_inline=True,
        )
        for one in typed
    ]
    with set_statements(current_connection()) as connection:
        places = inbox.append(connection, new)
        messages = [
            Message(place.shard, place.seq, n.source_id, n.kind, n.message_id, place.received_at, None, None, n.payload)
            for n, place in zip(new, places, strict=True)
            if place.seq is not None
        ]
        report = pipeline.travel(connection, messages, Road.today()) if messages else pipeline.WindowReport()
    if report.warnings["erased"]:
        raise InvalidInput("record", "its person was erased: it comes back with a fresh consent")
    if report.rejected:
        raise InvalidInput("record", f"it could not be read ({', '.join(report.rejected)})")
    warned = [report.warned.get((place.shard, place.seq), ()) if place.seq is not None else () for place in places]
    return _saved([record_id(one.source.slug, one.key) for one in typed], warned, report)


def _saved(records: Sequence[UUID], warned: Sequence[tuple[str, ...]], report: pipeline.WindowReport) -> list[Saved]:
    owners = RecordCustomer.objects.filter(record_id__in=records).values_list("record_id", "customer_id")
    customer_of = dict(owners)
    versions = dict(Customer.objects.filter(pk__in=set(customer_of.values())).values_list("pk", "version"))
    created = set(report.created)
    saved = []
    for record, warnings in zip(records, warned, strict=True):
        customer = customer_of[record]
        saved.append(Saved(CustomerId(customer), record, versions[customer], customer in created, warnings))
        created.discard(customer)  # a second record of a new customer found it there
    return saved
