"""Which systems may show cards (kept), and who was to come up on whose screen (gone within the hour)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Screen(models.Model):
    """A system whose pages may hold cards. origins: where these pages come from, https://desk.example.com."""

    name = models.CharField(max_length=80, unique=True)
    origins = ArrayField(models.CharField(max_length=200))
    link_seconds = models.IntegerField(default=300)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "profile_screen"


class ScreenPop(models.Model):
    """Somebody calls or writes: whoever it is shall come up on the agent's screen. call: the caller's key for it."""

    agent_id = models.BigIntegerField()
    type = models.CharField(max_length=30)
    value = models.CharField(max_length=300)
    call = models.CharField(max_length=100, blank=True, default="")
    sent_by_id = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "profile_screenpop"
        indexes = [
            models.Index(fields=["agent_id", "-id"], name="pop_of_agent"),
            models.Index(fields=["sent_at"], name="pop_by_time"),
        ]
