"""The privacy desk: a request from its arrival to its proof. Every step is noted with who took it and when."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.core.files import file_store
from kehu.govern import audit
from kehu.govern.access import Actor, customer_for, require
from kehu.govern.consent import services as consent
from kehu.govern.consent.models import EVERY, MarkKind
from kehu.govern.consent.people import current_id, founding_record
from kehu.govern.privacy import clocks, erasure, packages
from kehu.govern.privacy.errors import NotIdentified, OnHold, StepsOpen, WrongState
from kehu.govern.privacy.models import (
    Hold,
    IdentityMethod,
    RefusalCode,
    Request,
    RequestEvent,
    RequestKind,
    RequestState,
    Step,
)
from kehu.govern.privacy.people import find_subject, systems_that_know
from kehu.govern.privacy.tasks import enqueue_erasure

_CLOSED = (RequestState.DONE, RequestState.REFUSED)


@transaction.atomic
def open_request(
    kind: str,
    *,
    actor: Actor,
    requester_name: str,
    requester_contact: str = "",
    customer_id: UUID | None = None,
    details: str = "",
    is_for_another: bool = False,
    received_at: datetime | None = None,
) -> int:
    """A request came in; its clock runs from when it was received. Returns its id."""
    require(actor, "privacy.manage")
    if kind not in RequestKind.values:
        raise InvalidInput("kind", _("unknown."))
    if not requester_name.strip():
        raise InvalidInput("requester_name", _("note who asks."))
    moment = received_at or timezone.now()
    if moment > timezone.now():
        raise InvalidInput("received_at", _("this is yet to come."))
    audit.act_as(actor, f"privacy request: {kind}")
    request = Request.objects.create(
        kind=kind,
        requester_name=requester_name.strip()[:100],
        requester_contact=requester_contact.strip()[:200],
        details=details,
        is_for_another=is_for_another or kind == RequestKind.NEXT_OF_KIN,
        received_at=moment,
        due_at=clocks.due(moment),
        opened_by_id=actor.user_id,
    )
    _note(request, actor, "opened")
    if customer_id is not None:
        _attach(request, customer_id, actor)
    return request.pk


@transaction.atomic
def find_person(request_id: int, customer_id: UUID, *, actor: Actor) -> None:
    """Say whom the request is about."""
    request = _open(request_id, actor)
    _attach(request, customer_id, actor)


@transaction.atomic
def verify_identity(request_id: int, *, method: str, note: str, actor: Actor) -> None:
    """Who asks is who they say, and how we know. Nothing is handed out or erased before."""
    request = _open(request_id, actor)
    if request.state != RequestState.OPEN:
        raise WrongState(request.get_state_display())
    if method not in IdentityMethod.values:
        raise InvalidInput("method", _("unknown."))
    if request.is_for_another and not note.strip():
        raise InvalidInput("note", _("for somebody else: note what shows that they may ask."))
    request.identity_method, request.identity_note = method, note
    request.verified_at, request.verified_by_id = timezone.now(), actor.user_id
    request.state = RequestState.VERIFIED
    _save(request)
    _note(request, actor, "identified", method)


@transaction.atomic
def pause(request_id: int, *, actor: Actor, reason: str) -> None:
    """The clock stands while we wait for the person."""
    request = _open(request_id, actor)
    if request.paused_at is None:
        request.paused_at = timezone.now()
        _save(request)
        _note(request, actor, "paused", reason)


@transaction.atomic
def resume(request_id: int, *, actor: Actor) -> None:
    request = _open(request_id, actor)
    if request.paused_at is not None:
        stood = timezone.now() - request.paused_at
        request.paused_seconds += int(stood.total_seconds())
        request.due_at += stood
        request.paused_at = None
        _save(request)
        _note(request, actor, "resumed")


@transaction.atomic
def carry_out(request_id: int, *, actor: Actor) -> None:
    """Do what was asked, as far as a machine can; the systems elsewhere become steps to be confirmed.

    Raises NotIdentified, OnHold.
    """
    request = _open(request_id, actor)
    if request.state == RequestState.OPEN:
        raise NotIdentified
    if request.state != RequestState.VERIFIED:
        raise WrongState(request.get_state_display())
    if request.customer_id is None:
        raise InvalidInput("customer_id", _("say first whom it is about."))
    customer = current_id(request.customer_id)
    kind = RequestKind(request.kind)
    match kind:
        case RequestKind.ACCESS | RequestKind.COPY | RequestKind.NEXT_OF_KIN:
            _make_package(request, customer, is_portable=False)
        case RequestKind.PORTABILITY:
            _make_package(request, customer, is_portable=True)
        case RequestKind.DELETION:
            _delete(request, customer, actor)
        case RequestKind.RESTRICTION:
            consent.set_mark(customer, MarkKind.RESTRICTED, actor=actor, reason=f"request {request.pk}")
            _step(request, "restricted")
        case RequestKind.OBJECTION:
            door = consent.Door("page", proof={"request": request.pk})
            consent.withdraw_consent(customer, [(EVERY, EVERY)], door=door, actor=actor)
            consent.set_mark(customer, MarkKind.NO_PROFILING, actor=actor, reason=f"request {request.pk}")
            _step(request, "withdrawn")
        case RequestKind.CORRECTION:
            Step.objects.get_or_create(request=request, name="correction")
            _tell_the_systems(request, find_subject(customer).record_ids)
        case _:
            assert_never(kind)
    request.state = RequestState.WORKING
    _save(request)
    _note(request, actor, "carried_out")


@transaction.atomic
def confirm_step(request_id: int, name: str, *, actor: Actor, note: str) -> None:
    """Somebody did it in the system elsewhere, and says how we know. The account number we kept for it goes.

    What the search of an erasure found is confirmed the same way, once it is clear that it speaks of somebody else.
    """
    request = _open(request_id, actor)
    step = Step.objects.select_for_update().filter(request=request, name=name).first()
    if step is None:
        raise NotFound("step", name)
    if not note.strip():
        raise InvalidInput("note", _("note what shows that it was done."))
    if name == erasure.SEARCH:
        erasure.settle(request_id, actor=actor)
    step.state, step.key, step.done_at, step.done_by_id = Step.State.DONE, "", timezone.now(), actor.user_id
    step.detail = note.strip()[:500]
    step.save()
    _note(request, actor, "confirmed", name)


@transaction.atomic
def open_package(request_id: int, *, actor: Actor) -> tuple[bytes, str]:
    """The package to hand over, and its file name; noted as an export."""
    require(actor, "privacy.manage")
    request = _locked(request_id)
    if not request.package_key:
        raise NotFound("package", request_id)
    content = file_store().path(request.package_key).read_bytes()
    audit.note(
        actor=actor, action="privacy.package_opened", on=str(request.pk), details={"sha256": request.package_digest}
    )
    request.delivered_at = request.delivered_at or timezone.now()
    _save(request)
    _note(request, actor, "handed_over", request.package_digest)
    return content, f"request-{request.pk}.zip"


@transaction.atomic
def close(request_id: int, *, outcome: str, actor: Actor) -> None:
    """Done: every step has been taken. What tells who asked goes with an erasure; the proof stays. Raises StepsOpen."""
    request = _open(request_id, actor)
    if request.state != RequestState.WORKING:
        raise WrongState(request.get_state_display())
    waiting = Step.objects.filter(request=request).exclude(state=Step.State.DONE)
    if names := tuple(waiting.values_list("name", flat=True)):
        raise StepsOpen(names)
    request.state, request.outcome, request.closed_at = RequestState.DONE, outcome, timezone.now()
    if request.kind == RequestKind.DELETION:
        request.requester_name = request.requester_contact = request.details = request.identity_note = ""
        request.outcome = ""
        Step.objects.filter(request=request).update(key="")
        RequestEvent.objects.filter(request=request).update(note="")
    _save(request)
    _note(request, actor, "done")


@transaction.atomic
def refuse(request_id: int, *, code: str, outcome: str, actor: Actor) -> None:
    """No, with a reason the law knows and a sentence for the person."""
    request = _open(request_id, actor)
    if code not in RefusalCode.values:
        raise InvalidInput("code", _("unknown."))
    if not outcome.strip():
        raise InvalidInput("outcome", _("tell the person why, in a sentence."))
    request.state, request.refusal, request.outcome = RequestState.REFUSED, code, outcome
    request.closed_at = timezone.now()
    _save(request)
    _note(request, actor, "refused", code)


@transaction.atomic
def hold(customer_id: UUID, *, reason: str, actor: Actor, case_number: str = "") -> int:
    """Whatever is asked, the data stays until the hold is released. On every record the person has."""
    require(actor, "privacy.manage")
    customer = customer_for(actor, current_id(customer_id))
    if not reason.strip():
        raise InvalidInput("reason", _("say why: it is what a refused erasure will name."))
    audit.act_as(actor, reason)
    holds = Hold.objects.bulk_create(
        Hold(record_id=record, reason=reason.strip(), case_number=case_number.strip()[:80], set_by_id=actor.user_id)
        for record in find_subject(customer).record_ids
    )
    return len(holds)


@transaction.atomic
def release_hold(customer_id: UUID, *, actor: Actor) -> int:
    require(actor, "privacy.manage")
    customer = customer_for(actor, current_id(customer_id))
    audit.act_as(actor, "hold released")
    held = Hold.objects.filter(record_id__in=find_subject(customer).record_ids, released_at=None)
    return held.update(released_at=timezone.now(), released_by_id=actor.user_id)


def _attach(request: Request, customer_id: UUID, actor: Actor) -> None:
    customer = customer_for(actor, current_id(customer_id))
    request.customer_id, request.record_id = customer, founding_record(customer)
    _save(request)
    _note(request, actor, "person_found")


def _make_package(request: Request, customer: UUID, *, is_portable: bool) -> None:
    content = packages.pack(
        find_subject(customer), made_at=timezone.now(), name=request.requester_name, is_portable=is_portable
    )
    stored = file_store().put([content])
    request.package_key, request.package_digest = stored.key, packages.digest_of(content)
    _step(request, "package")


def _delete(request: Request, customer: UUID, actor: Actor) -> None:
    subject = find_subject(customer)
    if reasons := erasure.holds_on(subject.record_ids):
        raise OnHold(reasons)
    _tell_the_systems(request, subject.record_ids)
    Step.objects.get_or_create(request=request, name=erasure.SEARCH)
    begun = erasure.begin(customer, cause="asked", actor=actor, request_id=request.pk)
    enqueue_erasure(begun.pk, actor_id=actor.user_id)


def _tell_the_systems(request: Request, records: tuple[UUID, ...]) -> None:
    by_system: dict[str, list[str]] = {}
    for name, key in systems_that_know(records):
        by_system.setdefault(name[:60], []).append(key)
    for name, keys in by_system.items():
        Step.objects.get_or_create(
            request=request, name=name, defaults={"is_downstream": True, "key": ", ".join(sorted(set(keys)))}
        )


def _step(request: Request, name: str) -> None:
    Step.objects.update_or_create(
        request=request, name=name, defaults={"state": Step.State.DONE, "done_at": timezone.now()}
    )


def _open(request_id: int, actor: Actor) -> Request:
    require(actor, "privacy.manage")
    request = _locked(request_id)
    if request.state in _CLOSED:
        raise WrongState(request.get_state_display())
    audit.act_as(actor, f"privacy request {request_id}")
    return request


def _locked(request_id: int) -> Request:
    request = Request.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise NotFound("privacy request", request_id)
    return request


def _save(request: Request) -> None:
    request.version += 1
    request.save()


def _note(request: Request, actor: Actor, what: str, note: str = "") -> None:
    RequestEvent.objects.create(
        request=request, actor_id=actor.user_id, actor_label=audit.label_of(actor), what=what, note=note[:500]
    )
