"""A worker as a process of its own, to be killed: python -m tests.jobs.worker_process LEASE_SECONDS."""

import signal
import sys
from datetime import timedelta
from threading import Event

import django


def main() -> None:
    django.setup()
    import tests.jobs.kinds  # noqa: F401
    from kehu.core.jobs import run_jobs

    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run_jobs(stop, threads=1, lease=timedelta(seconds=float(sys.argv[1])))


if __name__ == "__main__":
    main()
