"""Jobs: long work that survives a crash. A row in the queue, a lease, a fence, a cap on attempts, and progress.

Why not a library: docs/decisions/0003-jobs-in-our-own-table.md.
"""

from kehu.core.jobs.context import JobContext
from kehu.core.jobs.errors import Cancelled, JobNotRunnable, JobStopped, LeaseLost, WorkerStopping
from kehu.core.jobs.queue import JobView, cancel, enqueue, view
from kehu.core.jobs.registry import job
from kehu.core.jobs.worker import ENDED, run_job_here, run_jobs, sweep_jobs

__all__ = [
    "ENDED",
    "Cancelled",
    "JobContext",
    "JobNotRunnable",
    "JobStopped",
    "JobView",
    "LeaseLost",
    "WorkerStopping",
    "cancel",
    "enqueue",
    "job",
    "run_job_here",
    "run_jobs",
    "sweep_jobs",
    "view",
]
