"""One embedded PostgreSQL server on one data folder: prepared, started, waited for, stopped."""

import json
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from kehu.operate.errors import DatabaseStartFailed
from kehu.operate.postgres.address import ServerAddress, load_or_make_passwords
from kehu.operate.postgres.binaries import programs_for
from kehu.operate.postgres.cluster import ensure_cluster, write_configuration
from kehu.operate.postgres.durability import assert_durable
from kehu.operate.postgres.leftovers import clear_leftovers
from kehu.operate.postgres.roles import DATABASE, Role, ensure_database, ensure_roles, grant_rows
from kehu.operate.private_files import FolderLock
from kehu.operate.processes import ProcessSpec, exit_reason, spawn
from kehu.operate.system_user import SystemUser, database_user

logger = logging.getLogger(__name__)

STOP_GRACE_SECONDS = 120.0  # a fast shutdown writes a checkpoint first
REPORT_EVERY_SECONDS = 5.0
LARGEST_LOG_BYTES = 10_000_000
PORTS = range(20_000, 32_768)  # below what the kernel hands to outgoing connections


def _log_report(message: str) -> None:
    logger.info(message)


class PostgresServer:
    """The embedded server. Either start() and stop() it here, or give spec() to a supervisor.

    settings override the shipped ones (`shared_buffers` …). durable=False skips the durability check: only
    for tests that are not about durability. Never runs as root: see system_user.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        settings: Mapping[str, str] | None = None,
        durable: bool = True,
        report: Callable[[str], None] = _log_report,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self._settings = dict(settings or {})
        self._durable = durable
        self._report = report
        self._folder = self.data_dir / "postgres"
        self._log = self._folder / "server.log"
        self._lock: FolderLock | None = None
        self._address: ServerAddress | None = None
        self._cluster: Path | None = None
        self._user: SystemUser | None = None
        self._programs: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def address(self) -> ServerAddress:
        """Where the server is, from prepare() on; the same over every restart by this object."""
        if self._address is None:
            raise DatabaseStartFailed("Asking for the database's address", "it has not been prepared yet", "")
        return self._address

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while start() keeps it."""
        return self._process.pid if self._process else None

    @property
    def cluster(self) -> Path:
        """The cluster's folder (PGDATA), from prepare() on."""
        if self._cluster is None:
            raise DatabaseStartFailed("Asking for the database's folder", "it has not been prepared yet", "")
        return self._cluster

    def dsn(self, role: Role = "app", dbname: str = DATABASE) -> str:
        """A postgresql:// address for one of the roles."""
        return self.address.dsn(role, dbname)

    def start(self) -> None:
        """Start; wait, however long recovery takes, until the server answers and has passed the checks."""
        self.prepare()
        self._process = spawn(self.spec(), parent_pid=os.getpid())
        try:
            self.wait_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut down fast (sessions end, open work is rolled back, a checkpoint follows); free the folder."""
        process = self._process
        if process is not None and process.poll() is None:
            for stop_signal, seconds in (
                (signal.SIGINT, STOP_GRACE_SECONDS),
                (signal.SIGQUIT, 10.0),
                (signal.SIGKILL, 10.0),
            ):
                process.send_signal(stop_signal)
                try:
                    process.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    logger.warning("database does not stop", extra={"signal": stop_signal.name})
        self._process = None
        self.release()

    def spec(self) -> ProcessSpec:
        """The server as a supervised process: prepared before, checked after each start. prepare() first."""
        assert self._programs is not None, "prepare() comes first"
        return ProcessSpec(
            name="database",
            argv=[str(self._programs / "postgres"), "-D", str(self.cluster)],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            cwd=Path("/"),
            user=self._user,
            log_path=self._log,
            stop_signal=signal.SIGINT,
            stop_grace_seconds=STOP_GRACE_SECONDS,
            stop_last=True,
            before_start=self.prepare,
            wait_ready=self.wait_ready,
        )

    def prepare(self) -> None:
        """Take the folder, make the cluster if there is none, clear what a crash left, write the settings."""
        self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        first = self._lock is None
        if self._lock is None:
            lock = FolderLock(self._folder, "server")
            lock.take()
            self._lock = lock
        try:
            passwords = load_or_make_passwords(self._folder)
            if self._programs is None:
                self._user = database_user()
                self._programs = programs_for(self._user)
            self._cluster = ensure_cluster(self._folder, self._programs, self._user, passwords["kehu_owner"])
            clear_leftovers(self._cluster, self._report)
            if self._address is None:
                self._address = ServerAddress(self._new_socket_dir(), _free_port(), passwords)
            write_configuration(
                self._cluster,
                self._user,
                socket_dir=self._address.socket_dir,
                port=self._address.port,
                changes=self._settings,
            )
            self._rotate_log()
        except BaseException:
            if first:  # a later one may go better, and the others know this address
                self.release()
            raise

    def wait_ready(self, process: "subprocess.Popen[bytes]") -> None:
        """Wait while the process lives; then roles, database, checks. DatabaseStartFailed when it ends."""
        self.address.save(self._folder, process.pid)
        reported_at = time.monotonic()
        while True:
            try:
                self._make_ready()
                return
            # A server that crashes (or a backend that is killed) between our steps recovers: begin again.
            except (psycopg.OperationalError, psycopg.InternalError) as error:
                code = process.poll()
                if code is not None:
                    raise DatabaseStartFailed(
                        "Starting the database", f"it {exit_reason(code)}", self._last_words(12)
                    ) from error
                if time.monotonic() - reported_at > REPORT_EVERY_SECONDS:
                    reported_at = time.monotonic()
                    self._report(f"Waiting for the database: {self._last_words(1)}")
                time.sleep(0.05)

    def _make_ready(self) -> None:
        """Checks, roles and database; each step may be repeated."""
        with psycopg.connect(self.dsn("owner", "postgres"), connect_timeout=5, autocommit=True) as connection:
            if self._durable:
                assert_durable(connection)
            ensure_roles(connection, self.address.passwords)
            ensure_database(connection)
        with psycopg.connect(self.dsn("owner"), connect_timeout=5, autocommit=True) as connection:
            grant_rows(connection)

    def release(self) -> None:
        """Forget the address and give the folder free. The process must have ended."""
        if self._address is not None:
            shutil.rmtree(self._address.socket_dir, ignore_errors=True)
            (self._folder / "running.json").unlink(missing_ok=True)
            self._address = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _new_socket_dir(self) -> Path:
        """A short path (a socket's may have 107 bytes), fresh: nobody can have put something there before."""
        self._remove_old_socket_dir()
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 (mkdtemp makes it safe)
        if self._user is not None or not os.access(base, os.W_OK) or len(str(base)) > 60:
            base = Path("/tmp")  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix="kehu-", dir=base))
        folder.chmod(0o755)
        if self._user is not None:
            os.chown(folder, self._user.uid, self._user.gid)
        return folder

    def _remove_old_socket_dir(self) -> None:
        """The socket folder of a run that was killed: only ours to remove when it is what we make."""
        try:
            old = Path(json.loads((self._folder / "running.json").read_text())["socket_dir"])
        except (FileNotFoundError, ValueError, KeyError):
            return
        if old.name.startswith("kehu-") and old.is_dir() and not old.is_symlink():
            shutil.rmtree(old, ignore_errors=True)

    def _rotate_log(self) -> None:
        if self._log.exists() and self._log.stat().st_size > LARGEST_LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))

    def _last_words(self, lines: int) -> str:
        try:
            with self._log.open("rb") as file:
                file.seek(max(0, self._log.stat().st_size - 8000))
                said = file.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        return "\n".join(said[-lines:])


def _free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on just now."""
    for port in random.sample(PORTS, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DatabaseStartFailed("Starting the database", "no free port between 20000 and 32767", "")
