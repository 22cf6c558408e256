"""Refuse before the disk is full: a database that cannot write its log stops for everybody."""

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger(__name__)

GIB = 1024**3
CHECK_EVERY_SECONDS = 1.0


def refuses_at(total_bytes: int) -> int:
    """Free bytes below which ingest stops: 8 % of a small disk, 2 GiB of a large one."""
    return min(total_bytes * 8 // 100, 2 * GIB)


def warns_at(total_bytes: int) -> int:
    """Free bytes below which the log complains: 15 % of a small disk, 10 GiB of a large one."""
    return min(total_bytes * 15 // 100, 10 * GIB)


class DiskWatch:
    """Whether there is room where the database writes; looks at most once a second."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._checked_at = float("-inf")
        self._is_full = False
        self._has_warned = False

    def is_full(self) -> bool:
        now = self._clock()
        if now - self._checked_at >= CHECK_EVERY_SECONDS:
            self._checked_at = now
            self._look()
        return self._is_full

    def _look(self) -> None:
        try:
            usage = shutil.disk_usage(self._folder)
        except FileNotFoundError:  # a database elsewhere: its own machine watches its disk
            return
        self._is_full = usage.free < refuses_at(usage.total)
        is_short = usage.free < warns_at(usage.total)
        if is_short and not self._has_warned:
            logger.warning("disk space is short", extra={"free_bytes": usage.free, "total_bytes": usage.total})
        self._has_warned = is_short


def database_folder(data_dir: Path) -> Path:
    """Where the embedded database keeps its files, else the data folder itself."""
    cluster = data_dir / "postgres" / "cluster"
    return cluster if cluster.exists() else data_dir
