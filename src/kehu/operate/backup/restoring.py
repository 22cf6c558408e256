"""Opens a backup: into a database of its own to prove it, or in place of one that is lost."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from kehu.operate.backup.archive import ArchiveReader
from kehu.operate.backup.census import Census, differences, take_census
from kehu.operate.backup.making import DUMP, FILES, MANIFEST
from kehu.operate.backup.programs import Program
from kehu.operate.backup.sealed_stream import BrokenBackup, unsealed_pieces
from kehu.operate.postgres import PostgresServer, ServerAddress

# Nothing in it outlives the check.
SCRATCH_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """notes: what the maker of the backup wanted to be kept."""

    taken_at: datetime
    census: Census
    notes: Mapping[str, Any]


def read_manifest(path: Path, key: bytes) -> Manifest:
    """Raises BrokenBackup, FileNotFoundError."""
    with path.open("rb") as file:
        for name, data in ArchiveReader(unsealed_pieces(file, key)).entries():
            if name == MANIFEST:
                return _manifest(data)
            break
    raise BrokenBackup("The backup has no manifest.")


def restore_backup(path: Path, key: bytes, *, dsn: str, files: Path | None, is_owner: bool = True) -> Manifest:
    """Fill an empty database and the folder of uploads. Raises BrokenBackup, ProgramFailed.

    is_owner: dsn is a superuser's, so tables go to the roles they belonged to; otherwise all belong to dsn's role.
    """
    manifest: Manifest | None = None
    with path.open("rb") as file:
        for name, data in ArchiveReader(unsealed_pieces(file, key)).entries():
            if name == MANIFEST:
                manifest = _manifest(data)
            elif name == DUMP:
                _load(data, dsn, is_owner)
            elif name.startswith(FILES) and files is not None:
                _put(files, name[len(FILES) :], data)
    if manifest is None:
        raise BrokenBackup("The backup has no manifest.")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return manifest


def verify_backup(
    path: Path,
    key: bytes,
    *,
    also: Callable[[ServerAddress], list[str]] = lambda address: [],
    report: Callable[[str], None] = lambda text: None,
) -> list[str]:
    """Restore into a fresh cluster that is thrown away, and compare. Returns what is not as it was; [] is proof.

    also: further checks on the restored database, by the caller.
    """
    with tempfile.TemporaryDirectory(prefix="kehu-verify-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database may run as another user
        with PostgresServer(folder, settings=SCRATCH_SETTINGS, durable=False, report=report) as server:
            manifest = restore_backup(path, key, dsn=server.dsn("owner"), files=folder / "files")
            with psycopg.connect(server.dsn("owner")) as connection:
                found = take_census(connection)
            return differences(manifest.census, found) + also(server.address)


def _load(data: Iterator[bytes], dsn: str, is_owner: bool) -> None:
    whose = [] if is_owner else ["--no-owner"]
    arguments = ["--exit-on-error", "--single-transaction", *whose, f"--dbname={conninfo_to_dict(dsn)['dbname']}"]
    program = Program("pg_restore", arguments, dsn, stdin=subprocess.PIPE)
    assert program.process.stdin is not None
    try:
        for chunk in data:
            program.process.stdin.write(chunk)
        program.process.stdin.close()
    except BrokenPipeError:
        pass  # it ended early: it will say why
    except BaseException:
        program.kill()
        raise
    program.end()


def _put(folder: Path, name: str, data: Iterator[bytes]) -> None:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BrokenBackup(f"The backup names a file outside its folder: {name}.")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for chunk in data:
            file.write(chunk)


def _manifest(data: Iterator[bytes]) -> Manifest:
    said = json.loads(b"".join(data))
    return Manifest(datetime.fromisoformat(said["taken_at"]), Census.from_json(said["census"]), said["notes"])
