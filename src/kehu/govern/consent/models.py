"""What a company wants of people's data and why; what people said to that; whom it must leave alone.

Words and marks hang on source records, as pins do: merging and unmerging take them along, and change none of them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

EVERY = "*"
"""In a word: every purpose, or every channel."""


class Basis(models.TextChoices):
    CONSENT = "consent", _("Consent")
    CONTRACT = "contract", _("Contract with the person")
    LEGAL = "legal", _("Legal duty")
    VITAL = "vital", _("Emergency: life, health, property")
    INTEREST = "interest", _("Legitimate interest")


class Separate(models.TextChoices):
    """What the law wants a yes of its own for, never bundled (PIPL 23, 25, 29, 39)."""

    NONE = "", _("no")
    SENSITIVE = "sensitive", _("Sensitive data")
    SHARING = "sharing", _("Handing on to another company")
    PUBLISHING = "publishing", _("Making public")
    CROSS_BORDER = "cross_border", _("Sending abroad")


class Purpose(models.Model):
    """One thing personal data is used for. counts_since: a yes from before it was to something else."""

    slug = models.SlugField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    text_zh = models.TextField(blank=True, default="")
    text_en = models.TextField(blank=True, default="")
    basis = models.CharField(max_length=10, choices=Basis)
    separate = models.CharField(max_length=12, choices=Separate, blank=True, default="")
    is_marketing = models.BooleanField(default=False)
    is_profiling = models.BooleanField(default=False)
    data_kinds = ArrayField(models.CharField(max_length=60), default=list)
    channels = ArrayField(models.CharField(max_length=20), default=list)
    retention_days = models.PositiveIntegerField(null=True)
    ask_again_after_days = models.PositiveIntegerField(default=180)
    counts_since = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.slug


class Notice(models.Model):
    """A text people were shown, word for word: never changed, only followed by a newer one."""

    version = models.PositiveIntegerField(unique=True)
    text_zh = models.TextField()
    text_en = models.TextField()
    digest = models.CharField(max_length=64)
    published_by_id = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.version} {self.digest[:12]}"


class State(models.TextChoices):
    GRANTED = "granted", _("granted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Word(models.Model):
    """A yes or no said to Kehu itself (preference centre, unsubscribe, agent, API), kept as proof; never changed.

    act_id: one act speaks for every record the person had at that moment, one row each. What sources report of
    consents stands in profile_consent.
    """

    act_id = models.UUIDField()
    record_id = models.UUIDField()
    purpose = models.CharField(max_length=40)
    channel = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State)
    is_separate = models.BooleanField(default=False)
    has_guardian = models.BooleanField(default=False)
    occurred_at = models.DateTimeField(db_default=Now())
    door = models.CharField(max_length=20)
    notice_version = models.PositiveIntegerField(null=True)
    purpose_version = models.PositiveIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    ip = models.GenericIPAddressField(null=True)
    proof = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["record_id", "purpose", "channel", "-occurred_at"], name="word_of_record")]
        constraints = [models.UniqueConstraint(fields=["act_id", "record_id", "purpose", "channel"], name="word_once")]


class MarkKind(models.TextChoices):
    NO_PROFILING = "no_profiling", _("No profiling")
    MINOR = "minor", _("Under 14")
    RESTRICTED = "restricted", _("Stored only: use restricted")
    DECEASED = "deceased", _("Deceased")


class Mark(models.Model):
    """What holds of a person whatever they consented to. On every record they had, so that unmerging keeps it."""

    record_id = models.UUIDField()
    kind = models.CharField(max_length=14, choices=MarkKind)
    reason = models.TextField(blank=True, default="")
    actor_id = models.BigIntegerField(null=True)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "kind"], name="mark_once")]


class Suppression(models.Model):
    """An address that must be left alone: kept as a keyed hash, so that it outlives the person's erasure.

    key_version: how many layers the hash has (`addresses`). channel "" and purpose "": all of them. cause erasure gives
    way to a fresh yes, the others only to the address's own holder.
    """

    class Cause(models.TextChoices):
        UNSUBSCRIBE = "unsubscribe", _("unsubscribed")
        REPLY = "reply", _("answered STOP")
        COMPLAINT = "complaint", _("complained")
        BOUNCE = "bounce", _("cannot be reached")
        ERASURE = "erasure", _("asked to be forgotten")
        MANUAL = "manual", _("entered by hand")

    address_hash = models.BinaryField()
    key_version = models.PositiveSmallIntegerField(default=0, db_default=0)
    channel = models.CharField(max_length=20, blank=True, default="")
    purpose = models.CharField(max_length=40, blank=True, default="")
    cause = models.CharField(max_length=12, choices=Cause)
    created_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address_hash", "channel", "purpose", "cause"],
                name="suppressed_once",
                condition=models.Q(lifted_at__isnull=True),
            )
        ]
