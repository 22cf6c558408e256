"""Sources, the dead letters and the imports. The inbox itself is plain SQL (see the first migration)."""

from django.db import models
from django.db.models.functions import Now


class Source(models.Model):
    """One installed instance of a channel or system."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=30)
    write_key = models.CharField(max_length=64, unique=True)
    trust_rank = models.PositiveSmallIntegerField(default=50)
    is_trusted = models.BooleanField(default=False, help_text="may assert strong identifiers (never a browser)")
    is_enabled = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    order_namespace = models.CharField(max_length=40, blank=True, default="")
    unique_types = models.JSONField(default=list, help_text="identifier types this source guarantees unique")
    mapping = models.JSONField(default=dict)
    department = models.ForeignKey("govern.Department", null=True, on_delete=models.PROTECT)
    # who answers for what it says: corrections go there
    owner_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class ShardOffset(models.Model):
    """How far the leader has worked in one shard, and the attempts at the window it is in."""

    shard = models.PositiveSmallIntegerField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    window_until = models.BigIntegerField(null=True)
    window_attempts = models.PositiveSmallIntegerField(default=0)
    updated_at = models.DateTimeField(db_default=Now())


class Leader(models.Model):
    """One row: the fencing token of the resolver, and a counter of its windows."""

    fence = models.BigIntegerField(default=0)
    window_no = models.BigIntegerField(default=0)


class DeadLetter(models.Model):
    class State(models.TextChoices):
        OPEN = "open"
        REPLAYED = "replayed"
        DISCARDED = "discarded"

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    shard = models.PositiveSmallIntegerField()
    seq = models.BigIntegerField()
    reason = models.CharField(max_length=60)
    detail = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    received_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    superseded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shard", "seq"], name="dead_letter_once")]
        indexes = [models.Index(fields=["state", "reason", "-id"], name="dead_letter_by_reason")]


class Import(models.Model):
    class State(models.TextChoices):
        UPLOADED = "uploaded"
        MAPPED = "mapped"
        RUNNING = "running"
        PAUSED = "paused"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        UNDOING = "undoing"
        UNDONE = "undone"

    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT)
    file_name = models.CharField(max_length=200)
    file_path = models.CharField(max_length=300)
    file_hash = models.CharField(max_length=64)
    format = models.CharField(max_length=10)
    encoding = models.CharField(max_length=20, blank=True, default="")
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    rows_total = models.BigIntegerField(null=True)
    rows_sent = models.BigIntegerField(default=0)
    rows_repeated = models.BigIntegerField(default=0)
    rows_problem = models.BigIntegerField(default=0)
    rows_taken_back = models.BigIntegerField(default=0, db_default=0)
    is_pausing = models.BooleanField(default=False, db_default=False)
    job = models.ForeignKey("core.Job", null=True, on_delete=models.SET_NULL)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by_id = models.BigIntegerField(null=True)


class ImportProblem(models.Model):
    """A row (or a cell of it) that could not be taken as it is; downloadable, correctable, re-importable."""

    imported = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="problems")
    row = models.BigIntegerField()
    field = models.CharField(max_length=200, blank=True, default="")
    code = models.CharField(max_length=60)
    detail = models.TextField(blank=True, default="")
    raw = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["imported", "row"], name="problem_of_import")]
