"""Corrections sent to the owners of sources (kept)."""

from django.db import models
from django.db.models.functions import Now


class Correction(models.Model):
    """One record of a source says something wrong. The normal forms tell whether that changed."""

    record_id = models.UUIDField(db_index=True)
    source_id = models.IntegerField()
    attribute = models.CharField(max_length=50)
    wrong = models.TextField()
    wrong_form = models.TextField()
    right = models.TextField()
    right_form = models.TextField()
    sent_by_id = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "profile_correction"
