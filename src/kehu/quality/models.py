"""The quality of the data, measured once a day or when somebody asks."""

from django.db import models
from django.db.models.functions import Now

from kehu.quality.checks import Check


class QualityFigure(models.Model):
    """One check of one attribute of one source on one day: good of total. The last measurement of a day stays."""

    pk = models.CompositePrimaryKey("day", "source_id", "attribute", "check_name")
    day = models.DateField()
    source_id = models.IntegerField()
    attribute = models.CharField(max_length=50)
    check_name = models.CharField(max_length=12, choices=[(check.value, check.value) for check in Check])
    good = models.BigIntegerField()
    total = models.BigIntegerField()
    measured_at = models.DateTimeField(db_default=Now())
