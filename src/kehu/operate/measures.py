"""What this room measures: the disk the database writes on, and whether the alerter is awake."""

import shutil
import time
from collections.abc import Iterable

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kehu.config import config
from kehu.core.measures import Measure, Sample
from kehu.operate.alerts.watching import alerter_age
from kehu.operate.models import Alert, Severity


def _free_disk() -> Iterable[Sample]:
    folder = config.data_dir / "postgres" / "cluster"
    try:
        usage = shutil.disk_usage(folder if folder.exists() else config.data_dir)
    except FileNotFoundError:
        return
    yield Sample(usage.free)


def _alerter() -> Iterable[Sample]:
    age = alerter_age()
    if age is not None:
        yield Sample(age.total_seconds())


def _open_alerts() -> Iterable[Sample]:
    counts = dict(
        Alert.objects.filter(state__in=("firing", "acknowledged")).values_list("rule__severity").annotate(Count("id"))
    )
    for severity in Severity.values:
        yield Sample(counts.get(severity, 0), (("severity", severity),))


def _backup() -> Iterable[Sample]:
    """Only where backups are made by the clock."""
    if config.backup_dir is None:
        return
    newest = max((path.stat().st_mtime for path in config.backup_dir.glob("kehu-*.backup")), default=None)
    yield Sample(time.time() - newest if newest is not None else float("inf"))


MEASURES = (
    Measure("kehu_disk_free_bytes", _("Free space where the database writes"), _free_disk),
    Measure("kehu_alerter_age_seconds", _("Since the alerter last looked"), _alerter),
    Measure("kehu_alerts", _("Alerts that are not over"), _open_alerts),
    Measure("kehu_backup_age_seconds", _("Since the newest backup was made"), _backup),
)
