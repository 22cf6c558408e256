"""How long each kind of data is kept: policies, a preview of what one would remove, the nightly run and its report."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.core.registries import RetentionKind, retention_kinds
from kehu.govern import audit
from kehu.govern.access import SYSTEM, Actor, require
from kehu.govern.privacy.models import RetentionPolicy, RetentionRun

logger = logging.getLogger(__name__)
LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A kind with its policy. due: what the next run would remove, None where nothing is kept track of."""

    kind: RetentionKind
    days: int | None
    is_enabled: bool
    version: int
    due: int | None
    last: RetentionRun | None


def policies(actor: Actor) -> list[PolicyView]:
    require(actor, "privacy.view")
    known = {policy.kind: policy for policy in RetentionPolicy.objects.all()}
    last = {run.kind: run for run in RetentionRun.objects.order_by("kind", "at")}
    return [_view(kind, known.get(kind.name), last.get(kind.name)) for kind in retention_kinds()]


def preview(kind_name: str, days: int, *, actor: Actor) -> int:
    """How many pieces a policy of so many days would remove tonight; nothing is touched."""
    require(actor, "privacy.view")
    return _kind(kind_name).count(_cutoff(days))


@transaction.atomic
def set_policy(kind_name: str, *, days: int | None, is_enabled: bool, actor: Actor, version: int | None = None) -> int:
    """Returns the new version. Raises InvalidInput for less than a law or our own proof needs."""
    require(actor, "privacy.manage")
    kind = _kind(kind_name)
    if days is not None and not max(1, kind.least_days) <= days <= LONGEST_DAYS:
        raise InvalidInput("days", _("at least %(least)d days.") % {"least": max(1, kind.least_days)})
    if is_enabled and days is None:
        raise InvalidInput("days", _("say how many days it is kept."))
    audit.act_as(actor, f"retention of {kind_name}")
    policy, _is_new = RetentionPolicy.objects.select_for_update().get_or_create(kind=kind_name)
    if version is not None and not _is_new and version != policy.version:
        raise VersionConflict("retention policy", kind_name, version, policy.version)
    policy.days, policy.is_enabled = days, is_enabled
    policy.version += not _is_new
    policy.changed_at = timezone.now()
    policy.save()
    return policy.version


def run_all(checkpoint: Callable[[], None] = lambda: None) -> Mapping[str, Any]:
    """Remove what is past its time, kind by kind; one kind's failure keeps none of the others."""
    done: dict[str, int] = {}
    for view in policies(SYSTEM):
        checkpoint()
        if view.is_enabled and view.days is not None:
            done[view.kind.name] = run_one(view.kind, view.days)
    return done


def run_one(kind: RetentionKind, days: int) -> int:
    cutoff = _cutoff(days)
    try:
        with transaction.atomic():
            audit.act_as(SYSTEM, f"retention of {kind.name}")
            purged = kind.purge(cutoff)
    except Exception as error:
        logger.exception("retention failed", extra={"kind": kind.name})
        RetentionRun.objects.create(kind=kind.name, older_than=cutoff, error=type(error).__name__)
        return 0
    RetentionRun.objects.create(kind=kind.name, older_than=cutoff, purged=purged, left=kind.count(cutoff))
    return purged


def run_nightly() -> int:
    """The daily chore: how many pieces went."""
    return sum(run_all().values())


def _view(kind: RetentionKind, policy: RetentionPolicy | None, last: RetentionRun | None) -> PolicyView:
    days = policy.days if policy else kind.default_days
    return PolicyView(
        kind,
        days,
        policy.is_enabled if policy else kind.default_days is not None,
        policy.version if policy else 0,
        kind.count(_cutoff(days)) if days is not None else None,
        last,
    )


def _kind(name: str) -> RetentionKind:
    for kind in retention_kinds():
        if kind.name == name:
            return kind
    raise NotFound("retention kind", name)


def _cutoff(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
