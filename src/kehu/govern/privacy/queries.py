"""Reads of the privacy desk."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.govern.access import Actor, require
from kehu.govern.privacy import clocks
from kehu.govern.privacy.models import Erasure, Request, RequestEvent, RequestState, RetentionRun, Step

CLOSED = (RequestState.DONE, RequestState.REFUSED)


@dataclass(frozen=True, slots=True)
class RequestView:
    request: Request
    clock: clocks.Clock
    steps: list[Step]
    events: list[RequestEvent]
    erasure: Erasure | None


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """on_time: share of the requests closed in the last year that were closed in time; None while there is none."""

    open: int
    late: int
    closed: int
    on_time: float | None


def requests(actor: Actor, *, is_open: bool = True, limit: int = 200) -> list[RequestView]:
    """Open ones by what is due first; closed ones newest first."""
    require(actor, "privacy.view")
    found = Request.objects.exclude(state__in=CLOSED) if is_open else Request.objects.filter(state__in=CLOSED)
    return [_view(one, [], []) for one in found.order_by("due_at" if is_open else "-closed_at")[:limit]]


def request(actor: Actor, request_id: int) -> RequestView:
    require(actor, "privacy.view")
    found = Request.objects.filter(pk=request_id).first()
    if found is None:
        raise NotFound("privacy request", request_id)
    steps = list(Step.objects.filter(request=found).order_by("is_downstream", "pk"))
    return _view(found, steps, list(RequestEvent.objects.filter(request=found).order_by("pk")))


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on a customer, once however many records they have. what: a mark's kind, "" for a hold."""

    customer_id: UUID
    what: str
    reason: str
    case_number: str
    since: datetime
    by_id: int | None


_HELD = """
SELECT m.customer_id, '' AS what, min(h.reason), min(h.case_number), min(h.set_at), min(h.set_by_id)
FROM privacy_hold h JOIN resolve_recordcustomer m ON m.record_id = h.record_id
WHERE h.released_at IS NULL GROUP BY 1 ORDER BY 5 DESC LIMIT 500
"""
_MARKED = """
SELECT m.customer_id, k.kind, min(k.reason), '', min(k.set_at), min(k.actor_id)
FROM consent_mark k JOIN resolve_recordcustomer m ON m.record_id = k.record_id GROUP BY 1, 2 ORDER BY 5 DESC LIMIT 500
"""


def holds(actor: Actor) -> list[Standing]:
    require(actor, "privacy.view")
    return [Standing(*row) for row in fetch_all(_HELD)]


def marks(actor: Actor) -> list[Standing]:
    require(actor, "privacy.view")
    return [Standing(*row) for row in fetch_all(_MARKED)]


def figures(actor: Actor) -> DeskFigures:
    require(actor, "privacy.view")
    open_ones = Request.objects.exclude(state__in=CLOSED)
    closed = list(Request.objects.filter(state__in=CLOSED).values_list("closed_at", "due_at"))
    in_time = sum(1 for closed_at, due_at in closed if closed_at is not None and closed_at <= due_at)
    late = open_ones.filter(due_at__lt=timezone.now(), paused_at=None).count()
    return DeskFigures(open_ones.count(), late, len(closed), in_time / len(closed) if closed else None)


def runs(actor: Actor, limit: int = 30) -> list[RetentionRun]:
    require(actor, "privacy.view")
    return list(RetentionRun.objects.order_by("-at")[:limit])


def _view(found: Request, steps: list[Step], events: list[RequestEvent]) -> RequestView:
    clock = clocks.clock(found.received_at, found.due_at, timezone.now(), is_paused=found.paused_at is not None)
    erasure = Erasure.objects.filter(request=found).order_by("-pk").first() if steps else None
    return RequestView(found, clock, steps, events, erasure)
