"""Tags and who carries them (kept)."""

from django.db import models
from django.db.models.functions import Now


class Tag(models.Model):
    """What may be said of a customer in a word. rule: a filter; None = given by people."""

    slug = models.SlugField(max_length=50, unique=True)
    label_en = models.CharField(max_length=60)
    label_zh = models.CharField(max_length=60)
    tag_class = models.CharField(max_length=12)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    meaning = models.TextField(blank=True, default="")
    owner_id = models.BigIntegerField(null=True)
    rule = models.JSONField(null=True)
    is_retired = models.BooleanField(default=False)
    ran_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "profile_tag"


class TagEntry(models.Model):
    """A tag on a founding record, from when to when; what is over stays as history. Follows merge and unmerge."""

    class Source(models.TextChoices):
        MANUAL = "manual"
        RULE = "rule"

    tag = models.ForeignKey(Tag, on_delete=models.PROTECT)
    record_id = models.UUIDField()
    value = models.CharField(max_length=100, blank=True, default="")
    source = models.CharField(max_length=6, choices=Source)
    actor_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "profile_tagentry"
        indexes = [
            models.Index(fields=["record_id"], name="tag_of_record"),
            models.Index(fields=["tag", "record_id"], name="tag_carried", condition=models.Q(until__isnull=True)),
        ]
