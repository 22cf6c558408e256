"""The attribute catalogue: every field a customer can have, shipped or custom."""

from django.db import models


class Attribute(models.Model):
    class Type(models.TextChoices):
        TEXT = "text"
        DATE = "date"
        NUMBER = "number"
        CHOICE = "choice"

    class DataClass(models.TextChoices):
        PUBLIC = "public"
        PERSONAL = "personal"
        SENSITIVE = "sensitive"

    class Rule(models.TextChoices):
        TRUST = "trust"
        RECENCY = "recency"
        FREQUENCY = "frequency"
        COMPLETENESS = "completeness"
        VERIFIED = "verified"

    name = models.SlugField(unique=True)
    label_en = models.CharField(max_length=80)
    label_zh = models.CharField(max_length=80)
    type = models.CharField(max_length=10, choices=Type, default=Type.TEXT)
    data_class = models.CharField(max_length=10, choices=DataClass, default=DataClass.PERSONAL)
    rule = models.CharField(max_length=14, choices=Rule, default=Rule.TRUST)
    position = models.PositiveSmallIntegerField(default=100)
    is_custom = models.BooleanField(default=False)
