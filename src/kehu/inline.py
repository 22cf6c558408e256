"""What people and programs type in: appended to the inbox like everything else, and worked in while they wait.

One native source holds what is typed into Kehu. A new customer gets a record of its own; what is typed about a known
one goes to the native record of its founding record, to which it is tied: merging and unmerging take it along.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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


@transaction.atomic
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
    """Take a record in and resolve it at once. Without a source it is typed into Kehu, under a key of its own.

    message_id: the caller's own, so that sending twice adds nothing. Raises InvalidInput, PermissionDenied.
    """
    require(actor, "customer.create")
    said = {name: text for name, text in attributes.items() if text and text.strip()}
    if not said and not identifiers:
        raise InvalidInput("attributes", "say at least one thing of the customer: a name, a phone or an e-mail")
    if source is None:
        require_writable(actor, said)
    audit.act_as(actor, "create customer")
    origin = source or native_source()
    key = external_id or f"typed:{uuid4()}"
    record = CanonicalRecord(
        external_id=key,
        kind=kind,
        occurred_at=occurred_at or timezone.now(),
        attributes=dict(said),
        identifiers=list(identifiers),
        consents=list(consents),
        is_manual=source is None,
    )
    return _take_in(origin, key, record, message_id or f"inline:{uuid4()}")


@transaction.atomic
def update_customer(
    customer_id: UUID,
    *,
    actor: Actor,
    attributes: Mapping[str, str | None],
    version: int | None = None,
    message_id: str = "",
) -> Saved:
    """Type values about a known customer; None takes one back. Only what is given is said.

    version: the one the person saw; raises VersionConflict when the customer has changed since.
    """
    current = current_customer(actor, customer_id).id
    require(actor, "customer.edit", on=(current,))
    if not attributes:
        raise InvalidInput("attributes", "give at least one attribute to change")
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
    )
    return _take_in(native_source(), key, record, message_id or f"inline:{uuid4()}")


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


def _take_in(source: Source, key: str, record: CanonicalRecord, message_id: str) -> Saved:
    """Append and travel under the leader's lock; the worker skips what is marked inline."""
    take_the_lead()
    payload = encode_record(record)
    with set_statements(current_connection()) as connection:
        new = NewMessage(
            source_id=source.pk, kind="record", message_id=message_id, payload=payload, shard_key=key, is_inline=True
        )
        [appended] = inbox.append(connection, [new])
        report = pipeline.WindowReport()
        if appended.seq is not None:
            message = Message(
                appended.shard, appended.seq, source.pk, "record", message_id, appended.received_at, None, None, payload
            )
            report = pipeline.travel(connection, [message], Road.today())
    if report.warnings["erased"]:
        raise InvalidInput("record", "its person was erased: it comes back with a fresh consent")
    if report.rejected:
        raise InvalidInput("record", f"it could not be read ({', '.join(report.rejected)})")
    id_ = record_id(source.slug, key)
    customer = RecordCustomer.objects.get(record_id=id_).customer_id
    version = Customer.objects.values_list("version", flat=True).get(pk=customer)
    return Saved(CustomerId(customer), id_, version, customer in report.created, tuple(sorted(report.warnings)))
