"""Why a handler stops before its end. Handlers let these pass."""

from kehu.core.errors import DomainError


class JobStopped(Exception):
    """Base of the reasons; raised by JobContext.checkpoint and JobContext.progress."""

    def __init__(self, job_id: int) -> None:
        super().__init__(job_id)
        self.job_id = job_id


class Cancelled(JobStopped):
    """Somebody asked for it."""


class LeaseLost(JobStopped):
    """Another worker has the job now; nothing this one does may count any more."""


class WorkerStopping(JobStopped):
    """The worker was told to stop: the job goes back to the queue and costs no attempt."""


class JobNotRunnable(DomainError):
    """The job was ended, or another worker has it."""

    code = "job_not_runnable"

    def __init__(self, job_id: int) -> None:
        super().__init__(job_id)
        self.job_id = job_id

    def __str__(self) -> str:
        return f"Job {self.job_id} is not waiting: it has ended, or another worker runs it."
