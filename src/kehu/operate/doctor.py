"""What `kehu doctor` looks at below the rooms: files, disk, processes, the database server and its roles.

Each check answers with findings: what was looked at, whether it is well, and what to do when it is not.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg

from kehu.operate.installation import STATE_FILE
from kehu.operate.postgres.cluster import abandoned_clusters
from kehu.operate.postgres.durability import OLDEST_VERSION, durability_problems
from kehu.operate.postgres.roles import Connection

SHORT_FREE_BYTES = 10 * 1024**3
SHORT_FREE_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. health: ok, problem (something must be done), skipped (could not be looked at)."""

    check: str
    health: Literal["ok", "problem", "skipped"]
    text: str
    to_do: str = ""


def check_files(data_dir: Path) -> Iterator[Finding]:
    """Secrets and passwords may be read by nobody else."""
    private = [*data_dir.glob("secrets/*"), *data_dir.glob("postgres/*.json")]
    if not private:
        yield Finding("files", "skipped", f"{data_dir} holds no keys yet", "start Kehu once with `kehu up`")
        return
    open_to_others = [path for path in private if path.stat().st_mode & 0o077]
    for path in open_to_others:
        yield Finding("files", "problem", f"{path} can be read by others", f"run `chmod 600 {path}`")
    if not open_to_others:
        yield Finding("files", "ok", f"{len(private)} private files in {data_dir}, readable by their owner alone")


def check_disk(data_dir: Path) -> Iterator[Finding]:
    """Ingest is refused before the disk is full; this says so earlier."""
    folder = data_dir / "postgres" / "cluster"
    if not folder.exists():
        folder = next(parent for parent in (data_dir, *data_dir.parents) if parent.exists())
    usage = shutil.disk_usage(folder)
    text = f"{usage.free / 1024**3:.1f} of {usage.total / 1024**3:.1f} GiB free at {folder}"
    if usage.free < min(SHORT_FREE_BYTES, usage.total * SHORT_FREE_SHARE):
        yield Finding("disk", "problem", text, "free space or enlarge the disk: ingest stops before it is full")
    else:
        yield Finding("disk", "ok", text)
    for abandoned in abandoned_clusters():
        to_do = f"if you deleted {(abandoned / 'belongs-to').read_text()} on purpose, delete {abandoned} as well"
        yield Finding("disk", "skipped", f"{abandoned} is a database that no data folder points to", to_do)


def check_processes(data_dir: Path) -> Iterator[Finding]:
    """What the supervisor of this data folder last wrote about its children."""
    try:
        state = json.loads((data_dir / STATE_FILE).read_text())
    except FileNotFoundError:
        yield Finding("processes", "skipped", "no supervisor runs on this data folder", "start it with `kehu up`")
        return
    if not _is_alive(state["pid"]):
        yield Finding("processes", "problem", f"the supervisor (process {state['pid']}) died", "run `kehu up` again")
        return
    for child in state["processes"]:
        restarts = f", {child['restarts']} restarts, last {child['last_exit']}" if child["restarts"] else ""
        if child["pid"] and _is_alive(child["pid"]):
            yield Finding("processes", "ok", f"{child['name']} runs as process {child['pid']}{restarts}")
        else:
            yield Finding(
                "processes", "problem", f"{child['name']} does not run{restarts}", "see the supervisor's log for why"
            )


def check_server(connection: Connection) -> Iterator[Finding]:
    """Version, durability, and that the application's role is no more than it should be."""
    version = connection.info.server_version
    if version < OLDEST_VERSION * 10_000:
        yield Finding(
            "database", "problem", f"PostgreSQL {version // 10_000}", f"move to PostgreSQL {OLDEST_VERSION} or newer"
        )
    else:
        yield Finding("database", "ok", f"PostgreSQL {version // 10_000}.{version % 10_000} answers")
    problems = durability_problems(connection)
    for problem in problems:
        yield Finding("durability", "problem", problem, "set it in the server's configuration and restart the server")
    if not problems:
        yield Finding("durability", "ok", "what is acknowledged survives a crash")
    yield from _check_role(connection)


def _check_role(connection: Connection) -> Iterator[Finding]:
    row = connection.execute(
        """SELECT current_user, rolsuper, rolbypassrls,
                  EXISTS (SELECT FROM pg_tables WHERE tableowner = current_user AND schemaname IN ('public', 'live'))
           FROM pg_roles WHERE rolname = current_user"""
    ).fetchone()
    assert row is not None
    name, is_superuser, bypasses, owns_tables = row
    to_do = "give DATABASE_URL a role of its own with rights on rows only (docs/how-to/run-in-production.md)"
    for is_wrong, text in (
        (is_superuser, f"{name} is a superuser"),
        (bypasses and not is_superuser, f"{name} bypasses row-level security"),
        (owns_tables, f"{name} owns tables, so it may change them"),
    ):
        if is_wrong:
            yield Finding("roles", "problem", text, to_do)
    if not (is_superuser or bypasses or owns_tables):
        yield Finding("roles", "ok", f"the application is {name}: rows only")


def check_connection(url: str) -> tuple[psycopg.Connection[tuple[object, ...]] | None, Finding | None]:
    """An open connection, or the finding that there is none to be had."""
    try:
        return psycopg.connect(url, connect_timeout=5, autocommit=True), None
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        return None, Finding("database", "problem", f"no connection: {reason}", "start it, or correct DATABASE_URL")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
