"""A whole Kehu of its own for a fault test: durable database, two collectors, one worker, under the real supervisor."""

import os
import random
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from kehu.operate.postgres import PostgresServer
from kehu.operate.processes import ProcessSpec
from kehu.operate.supervisor import ProcessEvent, Supervisor
from tests.collect.cast import make_source

ROOT = Path(__file__).resolve().parents[2]
WRITE_KEY = "wk_faults"
COLLECTORS = 2
COLLECTOR_FAILPOINTS = ("inbox.before_commit", "inbox.after_commit")
WORKER_FAILPOINTS = ("leader.claimed", "leader.before_commit", "leader.after_commit")


@dataclass
class Installation:
    """Processes started here and nobody else's. failpoint_share: how many restarts get a failpoint to die at."""

    server: PostgresServer
    application: str
    seed: int
    failpoint_share: float = 0.0
    with_worker: bool = True
    events: list[tuple[float, ProcessEvent]] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.database = f"faults_{self.application}_{self.seed}"
        self._rng = random.Random(self.seed)
        self.armed: dict[str, str] = {}  # process → the failpoint it will die at
        self.at_failpoints: Counter[str] = Counter()
        self._stopping = threading.Event()
        self.failure: BaseException | None = None
        self.ports = [_free_port() for _ in range(COLLECTORS)]
        self.supervisor = Supervisor(on_event=self._note)
        self._thread = threading.Thread(target=self._supervise, name="supervisor")

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 90
        for port in self.ports:
            while not _listens(port):
                if self.failure is not None:
                    raise self.failure
                assert time.monotonic() < deadline, "the installation did not start"
                time.sleep(0.05)
        while self.with_worker and not self._is_led():
            assert time.monotonic() < deadline, "the worker did not start"
            time.sleep(0.1)

    def _is_led(self) -> bool:
        with self.connect() as connection:
            return connection.execute("SELECT fence > 0 FROM collect_leader").fetchone() == (True,)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(60)
        if self.failure is not None:
            raise self.failure

    def dsn(self, role: Any = "app") -> str:
        return self.server.dsn(role, self.database)

    def connect(self, role: Any = "app") -> "psycopg.Connection[Any]":
        return psycopg.connect(self.dsn(role), autocommit=True, connect_timeout=5, options="-c search_path=live,public")

    def has_died_everywhere(self) -> bool:
        """True when every failpoint has ended a process (at once when none was to)."""
        wanted = COLLECTOR_FAILPOINTS + (WORKER_FAILPOINTS if self.with_worker else ())
        return not self.failpoint_share or all(self.at_failpoints[failpoint] for failpoint in wanted)

    def kill(self, name: str) -> None:
        """SIGKILL to a process and all it started."""
        self.armed.pop(name, None)
        self.supervisor.find(name).signal_group(signal.SIGKILL)

    def recovery_seconds(self, name: str) -> list[float]:
        """From each death of a process to its readiness."""
        recoveries, died_at = [], None
        for at, event in self.events:
            if event.name != name:
                continue
            if event.what == "exited":
                died_at = died_at or at
            elif event.what == "ready" and died_at is not None:
                recoveries.append(at - died_at)
                died_at = None
        return recoveries

    def _note(self, event: ProcessEvent) -> None:
        self.events.append((time.monotonic(), event))
        if event.what == "exited" and (failpoint := self.armed.pop(event.name, "")):
            self.at_failpoints[failpoint] += 1

    def _supervise(self) -> None:
        # The kernel ends the processes with the thread that started them.
        try:
            self.supervisor.add(self.server.spec())
            self._make_database()
            self.supervisor.add(*self._specs())
            while not self._stopping.is_set():
                self.supervisor.step()
                time.sleep(0.02)
        except BaseException as error:
            self.failure = error
        finally:
            self.supervisor.stop()

    def _make_database(self) -> None:
        with psycopg.connect(self.server.dsn("owner", "postgres"), autocommit=True) as owner:
            owner.execute(f'CREATE DATABASE "{self.database}" TEMPLATE kehu OWNER kehu_migrate')
            owner.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{self.database}" TO kehu_app, kehu_redact')
        with self.connect() as connection:
            self.source_id = make_source(connection, "faults", kind="server", is_trusted=True)

    def _specs(self) -> list[ProcessSpec]:
        specs = []
        for number, port in enumerate(self.ports):
            argv = [
                sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port),
                "--workers", "1", "--no-ws", "--log-level", "warning", f"tests.faults.applications:{self.application}",
            ]  # fmt: skip
            specs.append(self._spec(f"collector-{number}", argv, COLLECTOR_FAILPOINTS, 40))
        if self.with_worker:
            specs.append(self._spec("worker", [sys.executable, "-m", "kehu.cli", "worker"], WORKER_FAILPOINTS, 6))
        return specs

    def _spec(self, name: str, argv: list[str], failpoints: tuple[str, ...], passages: int) -> ProcessSpec:
        environment = {
            **os.environ,
            **self.server.address.environment(self.database),
            "DJANGO_SETTINGS_MODULE": "kehu.settings",
            "KEHU_DATA_DIR": str(self.server.data_dir),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }

        def choose_failpoint() -> None:
            """Every start dies soon at a failpoint nobody died at yet; when all had their turn, perhaps at some."""
            environment.pop("KEHU_FAILPOINT", None)
            self.armed.pop(name, None)
            if not self.failpoint_share:
                return
            untried = [failpoint for failpoint in failpoints if not self.at_failpoints[failpoint]]
            if untried:
                failpoint, passage = untried[0], self._rng.randint(1, 2)
            elif self._rng.random() < self.failpoint_share:
                failpoint, passage = self._rng.choice(failpoints), self._rng.randint(1, passages)
            else:
                return
            environment["KEHU_FAILPOINT"] = f"{failpoint}:{passage}"
            self.armed[name] = failpoint

        log = self.server.data_dir / f"{name}.log"
        return ProcessSpec(name, argv, environment, cwd=ROOT, log_path=log, before_start=choose_failpoint)


@contextmanager
def running(server: PostgresServer, application: str, *, seed: int, **options: Any) -> Iterator[Installation]:
    """An installation on a fresh copy of the migrated database, with one source."""
    installation = Installation(server, application, seed, **options)
    installation.start()
    try:
        yield installation
    finally:
        installation.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
    except OSError:
        return False
    return True
