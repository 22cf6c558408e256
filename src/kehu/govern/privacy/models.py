"""What people ask of their data, what was done about it, and what must not come back."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    ACCESS = "access", _("Access")
    COPY = "copy", _("Copy")
    PORTABILITY = "portability", _("Portability")
    CORRECTION = "correction", _("Correction")
    DELETION = "deletion", _("Deletion")
    RESTRICTION = "restriction", _("Restriction of use")
    OBJECTION = "objection", _("Objection")
    NEXT_OF_KIN = "next_of_kin", _("Next of kin")


class RequestState(models.TextChoices):
    OPEN = "open", _("to be checked")
    VERIFIED = "verified", _("to be done")
    WORKING = "working", _("under way")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")


class IdentityMethod(models.TextChoices):
    SIGNED_LINK = "signed_link", _("link sent to a known address")
    CALL_BACK = "call_back", _("called back on a known number")
    DOCUMENT = "document", _("document seen, not kept")
    IN_PERSON = "in_person", _("in person")
    ACCOUNT = "account", _("signed in to the account")


class RefusalCode(models.TextChoices):
    NOT_IDENTIFIED = "not_identified", _("who asked could not be identified")
    RETENTION_DUTY = "retention_duty", _("a law bids us keep the data")
    LEGAL_HOLD = "legal_hold", _("the data is held for a dispute or an authority")
    RIGHTS_OF_OTHERS = "rights_of_others", _("the rights of others would suffer")
    NOTHING_HELD = "nothing_held", _("we hold no such data")
    EXCESSIVE = "excessive", _("asked again and again without reason")


class Request(models.Model):
    """One request of one person. record_id: the founding record of whom it is about, once they are found.

    paused_at: the clock stands while we wait for the person; paused_seconds: how long it stood before.
    """

    kind = models.CharField(max_length=12, choices=RequestKind)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.OPEN)
    customer_id = models.UUIDField(null=True)
    record_id = models.UUIDField(null=True, db_index=True)
    requester_name = models.CharField(max_length=100, blank=True, default="")
    requester_contact = models.CharField(max_length=200, blank=True, default="")
    is_for_another = models.BooleanField(default=False)
    details = models.TextField(blank=True, default="")
    identity_method = models.CharField(max_length=12, choices=IdentityMethod, blank=True, default="")
    identity_note = models.TextField(blank=True, default="")
    verified_at = models.DateTimeField(null=True)
    verified_by_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    paused_seconds = models.BigIntegerField(default=0)
    refusal = models.CharField(max_length=20, choices=RefusalCode, blank=True, default="")
    outcome = models.TextField(blank=True, default="")
    package_key = models.CharField(max_length=200, blank=True, default="")
    package_digest = models.CharField(max_length=64, blank=True, default="")
    delivered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    opened_by_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="request_by_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class RequestEvent(models.Model):
    """What happened with a request, in order; never changed."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(db_default=Now())
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=120, blank=True, default="")
    what = models.CharField(max_length=40)
    note = models.TextField(blank=True, default="")


class Step(models.Model):
    """One store or one system elsewhere. key: what to look for there (an account number), blank once it is done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=60)
    is_downstream = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    count = models.BigIntegerField(null=True)
    key = models.TextField(blank=True, default="")
    detail = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)
    done_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "name"], name="step_once")]


class Erasure(models.Model):
    """One run that forgets a person. plan: what is still needed to find the rest; gone when the run ends.

    counts: what went from which store, the certificate.
    """

    request = models.ForeignKey(Request, null=True, on_delete=models.PROTECT, related_name="erasures")
    cause = models.CharField(max_length=20)
    plan = models.JSONField(null=True)
    counts = models.JSONField(default=dict)
    left_over = models.JSONField(default=list)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)


class Tombstone(models.Model):
    """A record that was erased: what is sent of it again is not taken in, until its person comes back.

    returned_at: when a message with a fresh consent came in; messages received from then on count again.
    """

    record_id = models.UUIDField(primary_key=True)
    is_device = models.BooleanField(default=False)
    erased_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)
    erasure = models.ForeignKey(Erasure, null=True, on_delete=models.PROTECT)


class Redaction(models.Model):
    """A message that tried to bring an erased person back: its payload is to be blanked."""

    pk = models.CompositePrimaryKey("shard", "seq")
    shard = models.SmallIntegerField()
    seq = models.BigIntegerField()
    queued_at = models.DateTimeField(db_default=Now())


class Hold(models.Model):
    """A dispute, an investigation, a law: until it is released the record is not erased."""

    record_id = models.UUIDField(db_index=True)
    reason = models.TextField()
    case_number = models.CharField(max_length=80, blank=True, default="")
    set_by_id = models.BigIntegerField(null=True)
    set_at = models.DateTimeField(db_default=Now())
    released_by_id = models.BigIntegerField(null=True)
    released_at = models.DateTimeField(null=True)


class RetentionPolicy(models.Model):
    """How long one kind of data is kept. days None: for ever."""

    kind = models.CharField(max_length=40, unique=True)
    days = models.PositiveIntegerField(null=True)
    is_enabled = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(db_default=Now())


class RetentionRun(models.Model):
    """What one night's run found and removed of one kind."""

    kind = models.CharField(max_length=40)
    older_than = models.DateTimeField()
    purged = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["-at"], name="retention_newest")]
