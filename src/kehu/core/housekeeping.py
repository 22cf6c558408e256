"""What the core tidies once a day, and what can be measured of it: jobs, the outbox, the counts of messages."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final

from django.db.models import Count
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kehu.core import outbox, traffic
from kehu.core.database import current_connection
from kehu.core.measures import Measure, Sample
from kehu.core.models import Job, OutboxFailure

JOBS_KEPT_FOR: Final = timedelta(days=90)
LIVE = (Job.State.QUEUED, Job.State.RUNNING)


def forget_jobs() -> int:
    """Jobs that ended long ago. What a room keeps of them (an import, a rebuild) stays."""
    gone, _each = Job.objects.filter(finished_at__lt=Now() - JOBS_KEPT_FOR).exclude(state__in=LIVE).delete()
    return gone


def _jobs() -> Iterable[Sample]:
    counts = dict(Job.objects.filter(state__in=LIVE).values_list("state").annotate(Count("id")))
    for state in LIVE:
        yield Sample(counts.get(state, 0), (("state", state.value),))


def _failed_jobs() -> Iterable[Sample]:
    yield Sample(Job.objects.filter(state=Job.State.FAILED, finished_at__gt=Now() - timedelta(days=1)).count())


def _oldest_job() -> Iterable[Sample]:
    yield _age("SELECT min(run_at) FROM core_job WHERE state = 'queued' AND run_at <= now()")


def _outbox() -> Iterable[Sample]:
    yield _age("SELECT min(occurred_at) FROM core_outboxevent WHERE published_at IS NULL")


def _outbox_failures() -> Iterable[Sample]:
    yield Sample(OutboxFailure.objects.count())


def _age(query: str) -> Sample:
    """Seconds since the moment a query gives; 0 when there is none."""
    statement = f"SELECT coalesce(extract(epoch FROM clock_timestamp() - ({query})), 0)::float8"  # noqa: S608
    row = current_connection().execute(statement.encode()).fetchone()
    return Sample(round(max(0.0, row[0] if row else 0.0), 3))


CHORES: Final[Mapping[str, Callable[[], int]]] = {
    "events": outbox.prune,
    "jobs": forget_jobs,
    "counts of messages": traffic.roll_up,
}
MEASURES: Final = (
    Measure("kehu_jobs", _("Jobs that wait or run"), _jobs),
    Measure("kehu_failed_jobs", _("Jobs that failed within a day"), _failed_jobs),
    Measure("kehu_job_wait_seconds", _("Age of the oldest job that is due"), _oldest_job),
    Measure("kehu_outbox_lag_seconds", _("Age of the oldest event not handed on yet"), _outbox),
    Measure("kehu_outbox_failures", _("Events a subscriber could not take"), _outbox_failures),
)
