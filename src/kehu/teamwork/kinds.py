"""What people are told, each kind to be switched off by itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationKind(models.TextChoices):
    MENTION = "mention", _("Somebody calls me by @")
    ASSIGNED = "assigned", _("A customer is mine to look after")
    CHANGED = "changed", _("A customer I follow changes")
    MERGED = "merged", _("A customer I follow is merged")
    SPLIT = "split", _("A customer I follow is taken apart")
    JOB = "job", _("My job has finished or failed")
