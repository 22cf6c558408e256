"""The PostgreSQL server of a test run: embedded, or the one DATABASE_URL names; databases are clones.

The embedded server runs without fsync, which only a power cut would notice; tests of durability start a
server of their
own. What migrating produced is kept in .cache, keyed by the migrations, so the next run starts in under a
second.
"""

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from kehu.operate.postgres import PostgresServer
from kehu.operate.postgres.roles import ROLES, WORKING_ROLES, Role, bound_roles, ensure_database, grant_rows

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache" / "test-database"
KEPT_IN_CACHE = 3
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "min_wal_size": "32MB",
    "max_connections": "200",
}


@dataclass(frozen=True)
class TestDatabase:
    """One database, by its name and an address per role. Plain strings, so it travels between processes."""

    __test__ = False
    name: str
    urls: dict[Role, str] = field(repr=False)

    def dsn(self, role: Role = "app") -> str:
        return self.urls[role]

    def environment(self) -> dict[str, str]:
        """What a Kehu process of its own needs in its environment to use this database."""
        return {
            "DATABASE_URL": self.urls["app"],
            "KEHU_MIGRATE_DATABASE_URL": self.urls["migrate"],
            "KEHU_REDACT_DATABASE_URL": self.urls["redact"],
            "DJANGO_SETTINGS_MODULE": "kehu.settings",  # tests.settings hides the database
        }


@dataclass(frozen=True)
class TestServer:
    """How to make and drop databases on the run's server."""

    __test__ = False
    template: str
    prefix: str
    logins: dict[Role, str] = field(repr=False)  # with {} where the database's name belongs
    copying: str = "WAL_LOG"

    def database(self, name: str) -> TestDatabase:
        return TestDatabase(name, {role: login.replace("{}", quote(name)) for role, login in self.logins.items()})

    def clone(self, label: str) -> TestDatabase:
        """A new database, equal to the migrated template."""
        name = f"{self.prefix}{label}_{secrets.token_hex(3)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER kehu_migrate STRATEGY {}")
        names = sql.Identifier(name), sql.Identifier(self.template), sql.Identifier(self.copying.lower())
        with self._admin() as connection:
            connection.execute(statement.format(*names))
        return self.database(name)

    def drop(self, name: str) -> None:
        with self._admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self.logins["owner"].replace("{}", "postgres"), autocommit=True)


class RunningServer:
    """Starts the run's server when first asked, stops it and removes every trace at the end."""

    def __init__(self, outside_url: str | None) -> None:
        self._outside_url = outside_url
        self._known: TestServer | None = None
        self._embedded: PostgresServer | None = None
        self._folder: Path | None = None
        self._made_roles: list[str] = []
        self._failure: Exception | None = None

    def server(self) -> TestServer:
        """The server, started now if need be. A failure is final: nobody needs to wait for it again."""
        if self._failure is not None:
            raise self._failure
        if self._known is None:
            try:
                self._known = self._use_outside() if self._outside_url else self._start_embedded()
            except Exception as error:
                self._failure = error
                raise
        return self._known

    def stop(self) -> None:
        if self._embedded is not None:
            self._embedded.stop()
            self._embedded = None
        elif self._known is not None:
            self._leave_outside(self._known)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._known = self._folder = None

    def _start_embedded(self) -> TestServer:
        _remove_folders_of_killed_runs()
        self._folder = Path(tempfile.mkdtemp(prefix=f"kehu-tests-{os.getpid()}-"))
        self._folder.chmod(0o755)  # the database may run as another user
        kept = CACHE / _template_key()
        fresh = not kept.exists()
        if not fresh:
            _copy(kept / "postgres", self._folder / "postgres")
        self._embedded = PostgresServer(self._folder, settings=FAST, durable=False)
        self._embedded.start()
        if fresh:
            _migrate(self._embedded.address.environment() | {"DJANGO_SETTINGS_MODULE": "kehu.settings"})
            self._embedded.stop()
            _keep(self._folder, kept)
            self._embedded.start()
        address = self._embedded.address
        return TestServer(
            template="kehu",
            prefix="kehu_test_",
            logins={role: address.dsn(role, "{}").replace("%7B%7D", "{}") for role in ROLES},
            copying="FILE_COPY",  # a third of the time, where no checkpoint waits for the disk
        )

    def _use_outside(self) -> TestServer:
        parts = urlsplit(self._outside_url or "")
        prefix = f"kehu_test_{secrets.token_hex(3)}_"
        passwords = {}
        with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as connection:
            for name in WORKING_ROLES:
                if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
                    passwords[name] = secrets.token_urlsafe(16)
                    statement = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}")
                    connection.execute(statement.format(sql.Identifier(name), sql.Literal(passwords[name])))
                    self._made_roles.append(name)
            bound_roles(connection)
            ensure_database(connection, prefix + "template")
        host = parts.netloc.rpartition("@")[2]

        def login(role: Role) -> str:
            if role == "owner":
                return parts._replace(path="/{}").geturl()
            name = ROLES[role]
            user = f"{name}:{passwords[name]}" if name in passwords else name
            return parts._replace(netloc=f"{user}@{host}", path="/{}").geturl()

        server = TestServer(prefix + "template", prefix, {role: login(role) for role in ROLES})
        template = server.database(server.template)
        with psycopg.connect(template.dsn("owner"), autocommit=True) as connection:
            grant_rows(connection)
        try:
            _migrate(template.environment())
        except BaseException:
            self._leave_outside(server)
            raise
        return server

    def _leave_outside(self, server: TestServer) -> None:
        with server._admin() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [server.prefix]
            ).fetchall()
        for (name,) in rows:
            server.drop(name)
        with server._admin() as connection:
            for name in self._made_roles:
                with contextlib.suppress(psycopg.errors.DependentObjectsStillExist):  # of another run by now
                    connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def _migrate(environment: dict[str, str]) -> None:
    """Migrate the template as `kehu migrate` does, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "kehu.cli", "migrate"],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"Migrating the test database failed:\n{done.stdout}{done.stderr}")


def _template_key() -> str:
    """Changes with whatever decides what a migrated database looks like."""
    package = ROOT / "src" / "kehu"
    migrations = sorted(package.rglob("migrations/*.py"))
    files = {
        *migrations,
        *package.rglob("*.sql"),
        *package.glob("operate/postgres/*.py"),
        package / "settings.py",
    }
    files |= {room.parent.parent / "apps.py" for room in migrations}
    for migration in migrations:  # what migrations call (trigger texts, seeds), one step deep
        for module in re.findall(r"^\s*(?:from|import) (kehu[\w.]+)", migration.read_text(), re.MULTILINE):
            files.add(ROOT / "src" / (module.replace(".", "/") + ".py"))
    files.add(ROOT / "requirements" / "dev.txt")
    digest = hashlib.sha256(f"{os.geteuid()} {ROOT}".encode())
    for path in sorted(files):
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _keep(folder: Path, kept: Path) -> None:
    """Put a stopped, migrated cluster into the cache: whole or not at all."""
    if (folder / "postgres" / "cluster").is_symlink():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    half_copied = Path(tempfile.mkdtemp(prefix=".new-", dir=CACHE))
    _copy(folder / "postgres", half_copied / "postgres")
    try:
        half_copied.rename(kept)
    except OSError:
        shutil.rmtree(half_copied)  # another run was quicker
    oldest_first = sorted(CACHE.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime)
    for path in oldest_first[:-KEPT_IN_CACHE]:
        shutil.rmtree(path, ignore_errors=True)


def _remove_folders_of_killed_runs() -> None:
    """The kernel stops a killed run's server; its folder is removed here."""
    for folder in Path(tempfile.gettempdir()).glob("kehu-tests-[0-9]*-*"):
        pid = int(folder.name.split("-")[2])
        if not Path(f"/proc/{pid}").exists() and Path("/proc").exists() and folder.stat().st_uid == os.geteuid():
            shutil.rmtree(folder, ignore_errors=True)
    for folder in Path(tempfile.gettempdir()).glob("kehu-????????"):  # their socket folders: empty, and nobody's
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > 3600:
                folder.rmdir()
