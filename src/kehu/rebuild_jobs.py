"""Rebuilds asked for on a page or by the API: checked, queued, built and swapped by a worker with progress."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from kehu import rebuild as rebuilding
from kehu.config import config
from kehu.core import jobs
from kehu.core.errors import NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.profile.models import Rebuild

BUILD, SWAP = "rebuild.build", "rebuild.swap"
_ONE_AT_A_TIME = "rebuild"


@dataclass(frozen=True, slots=True)
class RebuildView:
    """comparison: see rebuild.compare; {} until it is built."""

    id: int
    state: str
    comparison: dict[str, Any]
    created_at: datetime
    created_by_id: int | None
    swapped_at: datetime | None
    job_id: int | None


def rebuilds(actor: Actor, limit: int = 20) -> list[RebuildView]:
    """The latest ones, newest first."""
    require(actor, "rebuild.view")
    return [_view(row) for row in Rebuild.objects.order_by("-id")[:limit]]


def rebuild_for(actor: Actor, rebuild_id: int) -> RebuildView:
    require(actor, "rebuild.view")
    return _view(_get(rebuild_id))


@transaction.atomic
def request_rebuild(*, actor: Actor, reason: str = "") -> RebuildView:
    """Queue a new generation. Raises RebuildRefused while another is being built."""
    require(actor, "rebuild.run")
    audit.act_as(actor, reason)
    row = rebuilding.start(actor_id=actor.user_id)
    row.job_id = jobs.enqueue(BUILD, {"rebuild": row.pk}, queueing_key=_ONE_AT_A_TIME, actor_id=actor.user_id)
    row.save(update_fields=["job_id"])
    return _view(row)


@transaction.atomic
def request_swap(rebuild_id: int, *, actor: Actor, reason: str = "") -> RebuildView:
    """Queue the swap of a built generation. Raises RebuildRefused for any other."""
    require(actor, "rebuild.run")
    audit.act_as(actor, reason)
    row = _get(rebuild_id)
    if row.state != Rebuild.State.BUILT:
        raise rebuilding.RebuildRefused(f"it is {row.state}, only one that is built can be swapped in.")
    row.job_id = jobs.enqueue(SWAP, {"rebuild": row.pk}, queueing_key=_ONE_AT_A_TIME, actor_id=actor.user_id)
    row.save(update_fields=["job_id"])
    return _view(row)


def discard_rebuild(rebuild_id: int, *, actor: Actor, reason: str = "") -> RebuildView:
    """Throw a built or failed generation away; one still being built is cancelled first."""
    require(actor, "rebuild.run")
    row = _get(rebuild_id)
    if row.state == Rebuild.State.SWAPPED:
        raise rebuilding.RebuildRefused("it is live already.")
    with transaction.atomic():
        audit.act_as(actor, reason)
        if row.state == Rebuild.State.BUILDING and row.job_id is not None:
            jobs.cancel(row.job_id)
        Rebuild.objects.filter(pk=row.pk).update(state=Rebuild.State.DISCARDED)
    rebuilding.discard(config.migrate_database_url, row)
    return _view(_get(rebuild_id))


def _failed(payload: Any, state: str, error: str) -> None:
    """A job that was cancelled or given up leaves no generation half built."""
    row = Rebuild.objects.filter(pk=payload["rebuild"], state=Rebuild.State.BUILDING).first()
    if row is not None and state != "done":
        rebuilding.discard(config.migrate_database_url, row)
        Rebuild.objects.filter(pk=row.pk).update(state=Rebuild.State.FAILED)


@jobs.job(BUILD, ended=_failed)
def build(context: jobs.JobContext) -> dict[str, Any]:
    def on_progress(progress: rebuilding.Progress) -> None:
        context.checkpoint()
        context.progress(progress.done, progress.total)

    row = _get(int(context.payload["rebuild"]))
    row.offsets = {}  # a second attempt starts anew: the schema is made again
    return rebuilding.build(config.migrate_database_url, row, on_progress)


@jobs.job(SWAP)
def swap(context: jobs.JobContext) -> dict[str, Any]:
    row = _get(int(context.payload["rebuild"]))
    if row.state == Rebuild.State.SWAPPED:
        return dict(row.comparison)
    return rebuilding.swap(config.migrate_database_url, row)


def _get(rebuild_id: int) -> Rebuild:
    row = Rebuild.objects.filter(pk=rebuild_id).first()
    if row is None:
        raise NotFound("rebuild", rebuild_id)
    return row


def _view(row: Rebuild) -> RebuildView:
    return RebuildView(row.pk, row.state, row.comparison, row.created_at, row.created_by_id, row.swapped_at, row.job_id)
