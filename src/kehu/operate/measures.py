"""What this room measures: the disk the database writes on, and whether the alerter is awake."""

import shutil
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from kehu.config import config
from kehu.core.measures import Measure, Sample


def _free_disk() -> Iterable[Sample]:
    folder = config.data_dir / "postgres" / "cluster"
    try:
        usage = shutil.disk_usage(folder if folder.exists() else config.data_dir)
    except FileNotFoundError:
        return
    yield Sample(usage.free)


MEASURES = (Measure("kehu_disk_free_bytes", _("Free space where the database writes"), _free_disk),)
