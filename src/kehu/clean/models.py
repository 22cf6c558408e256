"""The versions of the cleaning rules, what they did day by day, and what they hold against records."""

from django.db import models
from django.db.models.functions import Now


class RuleSetVersion(models.Model):
    """The whole set of rules as one save left it. The highest version is in force; none is ever changed."""

    version = models.PositiveIntegerField(primary_key=True)
    rules = models.JSONField()
    note = models.TextField(blank=True, default="")
    author_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())


class RuleEffect(models.Model):
    """How often a rule struck on one day, counted once per window. seen: touches it was held over."""

    pk = models.CompositePrimaryKey("day", "rule", "source_id")
    day = models.DateField()
    rule = models.CharField(max_length=50)
    source_id = models.IntegerField()
    seen = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)


class RuleFinding(models.Model):
    """What a rule last did to a record's attribute, or held against it (derived). at: when the touch was true.

    It stands as long as no later word of the source came: whoever reads it compares `at` with the record's own.
    """

    pk = models.CompositePrimaryKey("record_id", "rule", "attribute")
    record_id = models.UUIDField()
    rule = models.CharField(max_length=50)
    attribute = models.CharField(max_length=50, blank=True, default="")
    source_id = models.IntegerField()
    effect = models.CharField(max_length=12)
    was = models.TextField(blank=True, default="")
    version = models.IntegerField()
    shard = models.SmallIntegerField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "clean_rulefinding"
        indexes = [models.Index(fields=["rule", "-at", "record_id"], name="finding_of_rule")]
