"""The identity graph. What is marked derived lives in the schema `live` and is made anew by a rebuild."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now


class SourceRecord(models.Model):
    """A person, organisation or device as one source knows it now (derived). Key = uuid5(source, external id)."""

    class Kind(models.TextChoices):
        PERSON = "person"
        ORGANISATION = "organisation"
        DEVICE = "device"

    id = models.UUIDField(primary_key=True)
    source_id = models.IntegerField()
    external_id = models.TextField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PERSON)
    # attribute name -> {"v": value, "at": ISO time it was true, "n": normal form}
    attributes = models.JSONField(default=dict)
    match_keys = ArrayField(models.BigIntegerField(), default=list)
    first_shard = models.PositiveSmallIntegerField()
    first_seq = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    department_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "resolve_sourcerecord"
        indexes = [models.Index(fields=["source_id", "external_id"], name="record_by_external_id")]


class RecordCustomer(models.Model):
    """The one mapping that merging and unmerging change (derived)."""

    record_id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField(db_index=True)

    class Meta:
        db_table = "resolve_recordcustomer"


class Binding(models.Model):
    """A source record carries an identifier, from when to when (derived)."""

    pk = models.CompositePrimaryKey("record_id", "type", "value")
    record_id = models.UUIDField()
    type = models.CharField(max_length=30)
    value = models.TextField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    is_trusted = models.BooleanField(default=True)

    class Meta:
        db_table = "resolve_binding"
        indexes = [models.Index(fields=["type", "value"], name="binding_by_value")]


class IdentifierStatus(models.Model):
    """An identifier that fan-out demoted (derived). Values people blocked are in BlockedValue."""

    pk = models.CompositePrimaryKey("type", "value")
    type = models.CharField(max_length=30)
    value = models.TextField()
    strength = models.CharField(max_length=10)
    fan_out = models.IntegerField()
    since = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "resolve_identifierstatus"


class BlockedValue(models.Model):
    """A value that identifies nobody, by decision of a person (kept)."""

    type = models.CharField(max_length=30)
    value = models.TextField()
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "value"], name="blocked_once")]


class MatchKey(models.Model):
    """Key and record, one row each: what brings candidate pairs together (derived)."""

    pk = models.CompositePrimaryKey("key", "record_id")
    key = models.BigIntegerField()
    record_id = models.UUIDField()

    class Meta:
        db_table = "resolve_matchkey"


class Link(models.Model):
    """A scored pair of source records worth keeping, with its explanation (derived). left_id < right_id."""

    class Kind(models.TextChoices):
        IDENTIFIER = "identifier"
        MODEL = "model"
        STITCH = "stitch"
        DECISION = "decision"

    pk = models.CompositePrimaryKey("left_id", "right_id")
    left_id = models.UUIDField()
    right_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.CharField(max_length=60)
    weight_bits = models.FloatField()
    probability = models.FloatField()
    model_version = models.CharField(max_length=20)

    class Meta:
        db_table = "resolve_link"
        indexes = [models.Index(fields=["right_id"], name="link_by_right")]


class ReviewPair(models.Model):
    """Two customers that a person should look at: the best link between them lies between the thresholds (derived)."""

    pk = models.CompositePrimaryKey("left_id", "right_id")
    left_id = models.UUIDField()
    right_id = models.UUIDField()
    left_customer_id = models.UUIDField()
    right_customer_id = models.UUIDField()
    probability = models.FloatField()
    weight_bits = models.FloatField()
    since = models.DateTimeField()

    class Meta:
        db_table = "resolve_reviewpair"
        indexes = [
            models.Index(fields=["-probability", "left_id"], name="review_best_first"),
            models.Index(fields=["right_id"], name="review_by_right"),
            models.Index(fields=["left_customer_id"], name="review_by_left_customer"),
            models.Index(fields=["right_customer_id"], name="review_by_right_customer"),
        ]


class Resettle(models.Model):
    """Records whose component must be solved again, though no message of theirs came in (derived, durable)."""

    record_id = models.UUIDField(primary_key=True)
    reason = models.CharField(max_length=40)
    queued_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "resolve_resettle"


class Decision(models.Model):
    """What a person decided about records; survives every re-run (kept).

    must_link: every right is tied to the first left. cannot_link: every left is kept from every right.
    """

    class Kind(models.TextChoices):
        MUST_LINK = "must_link"
        CANNOT_LINK = "cannot_link"

    kind = models.CharField(max_length=12, choices=Kind)
    left_ids = ArrayField(models.UUIDField())
    right_ids = ArrayField(models.UUIDField())
    survivor_customer_id = models.UUIDField(null=True)
    actor_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["left_ids"], name="decision_by_left"),
            GinIndex(fields=["right_ids"], name="decision_by_right"),
        ]


class LedgerEntry(models.Model):
    """The birth id of each source record: minted once, never taken back (kept)."""

    record_id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField(unique=True)
    born_no = models.BigIntegerField(unique=True)

    class Meta:
        db_table = "resolve_ledgerentry"
