"""What a crash left of an earlier server on the same cluster: found, waited for, and only then cleared."""

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)


def clear_leftovers(cluster: Path, report: Callable[[str], None]) -> None:
    """See that no server and no backend lives on the cluster, then remove a postmaster.pid that is stale.

    A postmaster without its supervisor is asked to shut down. Orphaned backends of a killed postmaster notice
    by
    themselves; starting a second server beside them would damage the data, so we wait for the last one.
    The number in a stale postmaster.pid may since belong to any process (small containers reuse them), which
    PostgreSQL would take for a running server: hence the removal. The caller holds the folder's lock.
    """
    asked = False
    waited_from = time.monotonic()
    while left := _processes_on(cluster):
        postmaster = _postmaster_pid(cluster)
        if not asked and any(process.pid == postmaster for process in left):
            report("Waiting for the database that an earlier run left behind to shut down.")
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(postmaster).send_signal(2)  # SIGINT: a fast shutdown
            asked = True
        if time.monotonic() - waited_from > 5:
            report(f"Still waiting for {len(left)} processes of an earlier database (process {left[0].pid}).")
            waited_from = time.monotonic()
        time.sleep(0.05)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _postmaster_pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _processes_on(cluster: Path) -> list[psutil.Process]:
    """Every process of PostgreSQL on this cluster: they all have it as their current folder."""
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            if process.info["name"] != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if Path(process.cwd()) == cluster:
                found.append(process)
    return found
