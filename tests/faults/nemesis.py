"""Kills, at random but repeatable: one seeded thread that signals only what the installation started."""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable

import psutil
import psycopg

from tests.faults.installation import COLLECTORS, Installation

PATIENCE_SECONDS = 60.0


class Nemesis:
    """Draws `kills` instants over `seconds` and kills something at each: every kind at least once, then at random."""

    def __init__(self, installation: Installation, *, kills: int, seconds: float, seed: int) -> None:
        self._installation = installation
        self._rng = random.Random(seed)
        self._kinds: dict[str, Callable[[], bool]] = {
            "collector": self._kill_collector,
            "worker": self._kill_worker,
            "collector's backend": lambda: self._kill_backend("kehu collector"),
            "leader's backend": lambda: self._kill_backend(""),
            "database": self._kill_database,
        }
        kinds = list(self._kinds)
        drawn = [*kinds, *self._rng.choices(kinds, weights=[4, 3, 2, 2, 2], k=max(0, kills - len(kinds)))][:kills]
        self._rng.shuffle(drawn)
        slot = seconds * 0.9 / max(1, kills)
        self._plan = [(slot * (number + self._rng.random()), kind) for number, kind in enumerate(drawn)]
        self.killed: Counter[str] = Counter()
        self.is_done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nemesis")

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_seconds: float) -> None:
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._installation.has_died_everywhere() and time.monotonic() < deadline:
            time.sleep(0.1)  # the failpoints have their turn first
        began = time.monotonic()
        for at, kind in self._plan:
            time.sleep(max(0.0, began + at - time.monotonic()))
            self._kill_one(kind)
        self.is_done.set()

    def _kill_one(self, kind: str) -> None:
        """What is being restarted just now cannot be killed: wait a little, then take something else."""
        for attempt in range(100):
            if attempt > 80:
                kind = self._rng.choice(["collector", "worker", "database"])
            if self._kinds[kind]():
                self.killed[kind] += 1
                return
            time.sleep(0.1)

    def _kill_collector(self) -> bool:
        """Now the whole process group, now only the process that serves."""
        name = f"collector-{self._rng.randrange(COLLECTORS)}"
        process = self._process(name)
        if process is None:
            return False
        self._installation.armed.pop(name, None)  # this death is ours
        children = process.children()
        return _kill(self._rng.choice([process, *children]))

    def _kill_worker(self) -> bool:
        process = self._process("worker")
        if not self._backends(""):  # it has only just been started
            return False
        self._installation.armed.pop("worker", None)
        return process is not None and _kill(process)

    def _kill_backend(self, application_name: str) -> bool:
        """SIGKILL to one backend: the server ends every session and recovers."""
        postmaster = self._process("database")
        if postmaster is None:
            return False
        with contextlib.suppress(psutil.Error):
            ours = {child.pid: child for child in postmaster.children()}
            backends = [ours[pid] for pid in self._backends(application_name) if pid in ours]
            return bool(backends) and _kill(self._rng.choice(backends))
        return False

    def _backends(self, application_name: str | None) -> list[int]:
        """Process ids of the sessions of that name (None: of any) in our database."""
        try:
            with psycopg.connect(
                self._installation.server.dsn("owner", "postgres"), autocommit=True, connect_timeout=2
            ) as owner:
                rows = owner.execute(
                    """SELECT pid FROM pg_stat_activity WHERE datname = %s AND usename = 'kehu_app'
                       AND application_name = coalesce(%s, application_name)""",
                    (self._installation.database, application_name),
                ).fetchall()
        except psycopg.Error:
            return []
        return [pid for (pid,) in rows]

    def _kill_database(self) -> bool:
        """The postmaster and all its processes at once, as when the machine's memory runs out."""
        postmaster = self._process("database")
        if postmaster is None or not self._backends(None):  # still recovering from the last time
            return False
        with contextlib.suppress(psutil.Error):
            family = [postmaster, *postmaster.children(recursive=True)]
            was_alive = _kill(postmaster)
            for process in family[1:]:
                _kill(process)
            return was_alive
        return False

    def _process(self, name: str) -> psutil.Process | None:
        with contextlib.suppress(psutil.Error, StopIteration):
            pid = self._installation.supervisor.find(name).pid
            return psutil.Process(pid) if pid else None
        return None


def _kill(process: psutil.Process) -> bool:
    try:
        os.kill(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
