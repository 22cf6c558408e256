"""Alert rules, what they found, where it is told, and when to be quiet."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    INFO = "info", _("for information")
    WARNING = "warning", _("warning")
    CRITICAL = "critical", _("critical")


class AlertRule(models.Model):
    """Fires for each series of a measure that is beyond the threshold for so long. A shipped one cannot be deleted."""

    class Comparison(models.TextChoices):
        ABOVE = "above", _("above")
        BELOW = "below", _("below")

    name = models.CharField(max_length=100)
    measure = models.CharField(max_length=80)
    comparison = models.CharField(max_length=5, choices=Comparison, default=Comparison.ABOVE)
    threshold = models.FloatField()
    for_seconds = models.PositiveIntegerField(default=0)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.WARNING)
    is_enabled = models.BooleanField(default=True)
    is_shipped = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class AlertRoute(models.Model):
    """An Apprise address, sealed: it holds passwords. It hears of alerts of its severity or worse, at once, or only of
    those nobody has acknowledged after a while (escalation)."""

    name = models.CharField(max_length=100)
    address = models.TextField()
    least_severity = models.CharField(max_length=8, choices=Severity, default=Severity.WARNING)
    after_minutes = models.PositiveIntegerField(default=0)
    is_enabled = models.BooleanField(default=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """One series that went beyond its rule's threshold: pending until it has lasted, then firing, until it is over."""

    class State(models.TextChoices):
        PENDING = "pending", _("watched")
        FIRING = "firing", _("firing")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        RESOLVED = "resolved", _("resolved")

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE)
    series = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    value = models.FloatField()
    worst_value = models.FloatField()
    began_at = models.DateTimeField(db_default=Now())
    fired_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "series"], name="alert_one_open", condition=~models.Q(state="resolved")
            )
        ]
        indexes = [models.Index(fields=["-id"], name="alert_newest")]


class AlertNote(models.Model):
    """What was done about an alert: by whom, with what words."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notes")
    what = models.CharField(max_length=20)
    text = models.TextField(blank=True, default="")
    user_id = models.BigIntegerField(null=True)
    user_name = models.CharField(max_length=120, blank=True, default="")
    at = models.DateTimeField(db_default=Now())


class AlertSilence(models.Model):
    """No message about a rule (or any) until then. The alerts still stand on the page."""

    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.CASCADE)
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    user_name = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())


class AlertTelling(models.Model):
    """A message to be sent: once per alert, route and occasion, tried a few times."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE)
    route = models.ForeignKey(AlertRoute, on_delete=models.CASCADE)
    occasion = models.CharField(max_length=10)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "route", "occasion"], name="alert_told_once")]


class Heartbeat(models.Model):
    """When the alerter last looked: whoever watches the watcher reads this."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
