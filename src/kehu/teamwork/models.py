"""What colleagues say to one another about customers, whom they follow, and what they are told.

Everything hangs on a founding record, as pins and tags do: merging and unmerging take it along.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from kehu.teamwork.kinds import NotificationKind


class Comment(models.Model):
    """A word among colleagues (kept). text: people called by @ stand in it by number, @{7}."""

    record_id = models.UUIDField()
    author_id = models.BigIntegerField()
    text = models.TextField()
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    edited_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["record_id", "-id"], name="comment_of_record")]


class Follow(models.Model):
    """Somebody wants to hear what becomes of a customer (kept)."""

    record_id = models.UUIDField()
    user_id = models.BigIntegerField()
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "user_id"], name="follow_once")]
        indexes = [models.Index(fields=["user_id", "-since"], name="followed_by")]


class Visit(models.Model):
    """The last time somebody opened a customer's page."""

    record_id = models.UUIDField()
    user_id = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "record_id"], name="visit_once")]
        indexes = [models.Index(fields=["user_id", "-at"], name="visits_newest")]


class Notification(models.Model):
    """Something one person is told, once. cause: what raised it; times: how often, as long as it is unread."""

    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=NotificationKind)
    cause = models.CharField(max_length=100)
    record_id = models.UUIDField(null=True)
    comment_id = models.BigIntegerField(null=True)
    job_id = models.BigIntegerField(null=True)
    # of a job its kind and how it ended
    detail = models.JSONField(default=dict)
    actor_id = models.BigIntegerField(null=True)
    times = models.IntegerField(default=1)
    at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "cause"], name="notification_once")]
        indexes = [
            models.Index(fields=["user_id", "-at", "-id"], name="notifications_newest"),
            models.Index(fields=["user_id", "id"], name="notifications_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["record_id"], name="notification_of_record"),
        ]


class NotificationSettings(models.Model):
    """Kinds that a person does not want to be told."""

    user_id = models.BigIntegerField(primary_key=True)
    unwanted = ArrayField(models.CharField(max_length=10), default=list)
