"""Jobs: long work, watched and cancelled."""

from django.http import HttpRequest
from ninja import Router

from kehu.api.operations import acts, reads
from kehu.api.schemas import JobOut, RowId
from kehu.core import jobs
from kehu.core.errors import NotFound
from kehu.core.models import Job
from kehu.govern.access import Actor, actor_of

router = Router()


@reads(router, "/{job_id}", needs="customer.view", answers=JobOut, summary="How far a job is")
def get_job(request: HttpRequest, job_id: RowId) -> JobOut:
    """One's own jobs; with the permission `rebuild.view` everybody's."""
    return job_out(actor_of(request), job_id)


@acts(router, "post", "/{job_id}/cancel", needs="customer.view", answers=JobOut, summary="Cancel a job")
def cancel_job(request: HttpRequest, job_id: RowId) -> JobOut:
    """At once if it waits, at its next step if it runs."""
    job_out(actor_of(request), job_id)
    jobs.cancel(job_id)
    return job_out(actor_of(request), job_id)


def job_out(actor: Actor, job_id: int) -> JobOut:
    visible = Job.objects.filter(pk=job_id)
    if not actor.can("rebuild.view"):
        visible = visible.filter(created_by_id=actor.user_id)
    if not visible.exists():
        raise NotFound("job", job_id)
    return JobOut.model_validate(jobs.view(job_id), from_attributes=True)
