"""What every room leans on: jobs, the outbox, idempotency keys."""

from django.db import models
from django.db.models.functions import Now


class Job(models.Model):
    """A long piece of work: queued, leased by one worker at a time, fenced, with progress anybody may watch."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    run_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    progress_note = models.CharField(max_length=200, blank=True, default="")
    result = models.JSONField(null=True)
    error = models.TextField(blank=True, default="")
    cancel_requested = models.BooleanField(default=False)
    queueing_key = models.CharField(max_length=120, null=True)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["run_at", "id"], name="job_due", condition=models.Q(state__in=["queued", "running"])),
            models.Index(fields=["-created_at"], name="job_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["queueing_key"],
                name="job_one_live_per_key",
                condition=models.Q(state__in=["queued", "running"]),
            )
        ]


class OutboxEvent(models.Model):
    """A domain event, written in the transaction of its cause and handed on afterwards."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    actor_id = models.BigIntegerField(null=True)
    occurred_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    position = models.BigIntegerField(null=True, unique=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="outbox_waiting", condition=models.Q(published_at__isnull=True))]


class OutboxFailure(models.Model):
    """A subscriber that could not take an event: tried again at next_at, given up when that is null."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE)
    subscriber = models.CharField(max_length=60)
    error = models.TextField()
    attempts = models.PositiveSmallIntegerField(default=1)
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="outbox_failure_once")]


class IdempotencyKey(models.Model):
    """The answer once given to a caller's Idempotency-Key, stored in the transaction of the effect."""

    holder = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "key"], name="idempotency_once")]
