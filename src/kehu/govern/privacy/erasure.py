"""Forgetting a person: one run over every store, that ends only when nothing tells of them any more.

1 stop     tombstones and suppression, under the leader's lock: from here on nothing of the person comes in or goes out
2 stores   each room empties its own (inbox and files, derived tables, kept rows, answers kept a while, the audit trail)
3 search   every text, JSON and byte column of every table is searched for what only this person has
4 end      the plan, the last that tells of them, is thrown away; counts stay as the certificate

Every step may run again after a crash. Until the end the plan holds what is needed to find the rest.
"""

import json
import logging
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kehu.core import bus
from kehu.core.database import AdvisoryLock, current_connection, fetch_all, lock_in_transaction, set_statements
from kehu.core.errors import NotFound
from kehu.core.registries import Subject, subject_stores
from kehu.govern import audit
from kehu.govern.access import SYSTEM, Actor
from kehu.govern.consent.people import addresses_of
from kehu.govern.consent.services import suppress_for_erasure
from kehu.govern.privacy import scan, tombstones
from kehu.govern.privacy.errors import OnHold
from kehu.govern.privacy.models import Erasure, Hold, Step
from kehu.govern.privacy.people import devices_among, find_subject, shared_messages
from kehu.govern.privacy.traces import Traces

logger = logging.getLogger(__name__)
SEARCH = "search"
# What may name the person to the end: the run's own plan, and the account numbers other systems are told by.
_KEEPS_TO_THE_END = ("privacy_erasure", "privacy_step", "privacy_request", "privacy_requestevent")


def holds_on(records: tuple[UUID, ...]) -> tuple[str, ...]:
    return tuple(Hold.objects.filter(record_id__in=records, released_at=None).values_list("reason", flat=True))


@transaction.atomic
def begin(customer_id: UUID, *, cause: str, actor: Actor, request_id: int | None = None) -> Erasure:
    """Step 1. Raises OnHold, NotFound. From the commit on nothing of the person comes in or goes out."""
    lock_in_transaction(current_connection(), AdvisoryLock.LEADER)
    subject = find_subject(customer_id)
    if reasons := holds_on(subject.record_ids):
        raise OnHold(reasons)
    audit.act_as(actor, f"erasure: {cause}")
    erasure = Erasure.objects.create(request_id=request_id, cause=cause, counts={"shared": shared_messages(subject)})
    devices = devices_among(subject.record_ids)
    with set_statements(current_connection()) as connection:
        tombstones.lay(connection, [(record, record in devices) for record in subject.record_ids], erasure.pk)
    suppress_for_erasure(addresses_of(list(subject.record_ids)))
    erasure.plan = _plan(subject)
    erasure.save(update_fields=["plan"])
    _note_outside(erasure.pk, subject)
    return erasure


def run(erasure_id: int, checkpoint: Callable[[], None] = lambda: None) -> Mapping[str, Any]:
    """Steps 2 to 4. Returns the counts. Raises NotYet when a store must wait; running again goes on from there."""
    erasure = Erasure.objects.get(pk=erasure_id)
    if erasure.plan is None:
        return dict(erasure.counts)
    subject = _subject(erasure.plan)
    for store in subject_stores():
        checkpoint()
        with transaction.atomic():
            audit.act_as(SYSTEM, f"erasure {erasure_id}")
            removed = store.erase(subject)
            erasure.counts = {**erasure.counts, store.name: erasure.counts.get(store.name, 0) + removed}
            erasure.save(update_fields=["counts"])
            _tick(erasure, store.name, removed)
    return _finish(erasure, subject)


def _finish(erasure: Erasure, subject: Subject) -> Mapping[str, Any]:
    left = scan.where_told(Traces.of(subject.values), without=_KEEPS_TO_THE_END)
    with transaction.atomic():
        audit.act_as(SYSTEM, f"erasure {erasure.pk}")
        erasure.left_over = left
        if left:
            erasure.save(update_fields=["left_over"])
            _tick(erasure, SEARCH, len(left), state=Step.State.FAILED, detail="; ".join(left))
            logger.warning(
                "erasure: something still tells of the person", extra={"erasure": erasure.pk, "places": left}
            )
            return {**erasure.counts, "left_over": left}
        _end(erasure, subject, SYSTEM)
        _tick(erasure, SEARCH, 0)
    logger.info("person erased", extra={"erasure": erasure.pk, **erasure.counts})
    return dict(erasure.counts)


def settle(request_id: int, *, actor: Actor) -> None:
    """What the search still found was looked at: it is somebody else's own. The places stay noted, the plan goes."""
    erasure = Erasure.objects.select_for_update().filter(request_id=request_id).exclude(plan=None).first()
    if erasure is None or erasure.plan is None or not erasure.left_over:
        raise NotFound("finding of an erasure", request_id)
    _end(erasure, _subject(erasure.plan), actor)


def _end(erasure: Erasure, subject: Subject, actor: Actor) -> None:
    erasure.plan, erasure.finished_at = None, timezone.now()
    erasure.save(update_fields=["plan", "left_over", "finished_at"])
    details = {**erasure.counts, **({"settled": erasure.left_over} if erasure.left_over else {})}
    audit.note(actor=actor, action="privacy.erased", on=str(erasure.pk), details=details)
    bus.publish("customers.erased", {"customers": [str(one) for one in subject.customer_ids]})


def _tick(erasure: Erasure, name: str, count: int, *, state: str = Step.State.DONE, detail: str = "") -> None:
    if erasure.request_id is not None:
        Step.objects.update_or_create(
            request_id=erasure.request_id,
            name=name,
            defaults={"state": state, "count": count, "detail": detail, "done_at": timezone.now()},
        )


def erase_again(records: list[UUID], erased_at: datetime) -> int:
    """After a backup from before was restored: whoever was erased since is erased once more. Returns how many."""
    customers = fetch_all(
        "SELECT DISTINCT m.customer_id FROM resolve_recordcustomer m "
        "JOIN resolve_sourcerecord r ON r.id = m.record_id WHERE m.record_id = ANY(%s::uuid[])",
        [records],
    )
    for (customer,) in customers:
        run(begin(customer, cause="restored", actor=SYSTEM).pk)
    return len(customers)


def erased_since(moment: datetime) -> list[tuple[datetime, list[UUID]]]:
    """What the register outside the database says: for a restore, before it opens."""
    path = _register()
    lines = path.read_text().splitlines() if path.exists() else []
    entries = [json.loads(line) for line in lines if line.strip()]
    found = [(datetime.fromisoformat(one["at"]), [UUID(record) for record in one["records"]]) for one in entries]
    return [(at, records) for at, records in found if at >= moment]


def _note_outside(erasure_id: int, subject: Subject) -> None:
    """Record ids only. Written before the commit: one too many is erased again, which harms nobody."""
    path = _register()
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {"at": datetime.now(UTC).isoformat(), "erasure": erasure_id, "records": [str(r) for r in subject.record_ids]}
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _register() -> Any:
    return settings.MEDIA_ROOT.parent / "erasures.jsonl"


def _plan(subject: Subject) -> dict[str, Any]:
    return {
        "customers": [str(one) for one in subject.customer_ids],
        "records": [str(one) for one in subject.record_ids],
        "orders": [str(one) for one in subject.order_ids],
        "places": [list(place) for place in subject.places],
        "values": list(subject.values),
    }


def _subject(plan: Mapping[str, Any]) -> Subject:
    return Subject(
        tuple(UUID(one) for one in plan["customers"]),
        tuple(UUID(one) for one in plan["records"]),
        tuple(UUID(one) for one in plan["orders"]),
        tuple((shard, seq) for shard, seq in plan["places"]),
        tuple(plan["values"]),
    )
