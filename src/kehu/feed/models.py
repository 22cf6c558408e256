"""Webhooks out, and what was or is to be sent to each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Webhook(models.Model):
    """An address that hears of changes. The secret is sealed; an old one still signs for a day after a rotation."""

    name = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=40))
    secret = models.TextField()
    old_secret = models.TextField(blank=True, default="")
    old_secret_until = models.DateTimeField(null=True)
    is_enabled = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=200, blank=True, default="")
    failures_in_row = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease_no = models.BigIntegerField(default=0)
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())


class Delivery(models.Model):
    """One message to one webhook: tried until it is taken or given up, under one id."""

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        DEAD = "dead"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE)
    webhook_message_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["webhook", "next_at"], name="delivery_due", condition=models.Q(state="pending")),
            models.Index(fields=["webhook", "-id"], name="delivery_newest"),
        ]
