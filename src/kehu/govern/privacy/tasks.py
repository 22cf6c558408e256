"""The jobs of the privacy desk: forgetting a person, and the nightly retention."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kehu.core import jobs
from kehu.govern.privacy import erasure, retention
from kehu.govern.privacy.errors import NotYet
from kehu.govern.privacy.models import Erasure

ERASE, RETAIN = "privacy.erase", "privacy.retain"
COME_BACK_AFTER = timedelta(minutes=1)


def enqueue_erasure(erasure_id: int, *, actor_id: int | None = None, delay: timedelta = timedelta(0)) -> int:
    return jobs.enqueue(
        ERASE, {"erasure_id": erasure_id}, queueing_key=f"erasure:{erasure_id}", actor_id=actor_id, delay=delay
    )


def _come_back(payload: Mapping[str, Any], state: str, error: str) -> None:
    """A store that had to wait is come back to until the person is forgotten; what failed waits for somebody."""
    unfinished = Erasure.objects.filter(pk=payload["erasure_id"]).exclude(plan=None)
    if state == "done" and unfinished.filter(left_over=[]).exists():
        enqueue_erasure(int(payload["erasure_id"]), delay=COME_BACK_AFTER)


@jobs.job(ERASE, ended=_come_back)
def forget_person(context: jobs.JobContext) -> Mapping[str, Any]:
    try:
        return erasure.run(int(context.payload["erasure_id"]), context.checkpoint)
    except NotYet as waiting:
        return {"waiting": str(waiting)}


@jobs.job(RETAIN)
def keep_to_retention(context: jobs.JobContext) -> Mapping[str, Any]:
    return retention.run_all(context.checkpoint)
