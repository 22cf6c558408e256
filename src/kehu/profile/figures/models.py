"""Figures per customer (derived, in `live`), and the rules they follow (kept)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class FigureDue(models.Model):
    """A record or customer whose figures may differ now (derived). Written by triggers, any number of times."""

    subject_id = models.UUIDField()

    class Meta:
        db_table = "profile_figuredue"


class Standing(models.Model):
    """Where a customer stands: trade, lifecycle, and the last rating (derived)."""

    customer_id = models.UUIDField(primary_key=True)
    orders = models.IntegerField()
    spent = models.DecimalField(max_digits=19, decimal_places=4)
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)
    # the last thing that counts for the lifecycle: an order, or one of the events its rules name
    counted_at = models.DateTimeField(null=True)
    lifecycle = models.CharField(max_length=9)
    recency = models.SmallIntegerField(null=True)
    frequency = models.SmallIntegerField(null=True)
    money = models.SmallIntegerField(null=True)
    tier = models.CharField(max_length=6, blank=True, default="")

    class Meta:
        db_table = "profile_standing"
        indexes = [
            models.Index(fields=["lifecycle", "customer_id"], name="standing_by_lifecycle"),
            models.Index(fields=["tier", "customer_id"], name="standing_by_tier"),
        ]


class FigureRules(models.Model):
    """The rules of lifecycle and rating (kept). One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    # figures.rules.LifecycleRules and RatingRules
    lifecycle = models.JSONField(default=dict)
    rating = models.JSONField(default=dict)
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField(db_default=Now())
    rated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "profile_figurerules"


class ComputedAttribute(models.Model):
    """What is counted, summed or picked for every customer, or worked out from other figures by a formula (kept)."""

    class Over(models.TextChoices):
        EVENTS = "events"
        ORDERS = "orders"
        FIGURES = "figures"

    name = models.SlugField(max_length=50, unique=True)
    label_en = models.CharField(max_length=80)
    label_zh = models.CharField(max_length=80)
    over = models.CharField(max_length=8, choices=Over)
    function = models.CharField(max_length=14, blank=True, default="")
    field = models.CharField(max_length=100, blank=True, default="")
    event_names = ArrayField(models.TextField(), default=list, blank=True)
    window_days = models.IntegerField(null=True)
    formula = models.TextField(blank=True, default="")
    is_filled = models.BooleanField(default=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "profile_computedattribute"


class ComputedValue(models.Model):
    """A customer's value of a computed attribute; none where there is nothing to tell (derived)."""

    pk = models.CompositePrimaryKey("customer_id", "attribute_id")
    customer_id = models.UUIDField()
    attribute_id = models.BigIntegerField()
    number = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    text = models.TextField(null=True)
    at = models.DateTimeField(null=True)
    # when the first of what was counted leaves the window
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "profile_computedvalue"
        indexes = [
            models.Index(fields=["attribute_id", "number"], name="computed_by_number"),
            models.Index(fields=["attribute_id", "at"], name="computed_by_time"),
            models.Index(
                fields=["expires_at"], name="computed_by_expiry", condition=models.Q(expires_at__isnull=False)
            ),
        ]
