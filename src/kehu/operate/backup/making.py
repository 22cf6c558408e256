"""Makes a backup: census, dump and uploads of one moment, encrypted while they are written."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import psycopg

from kehu.operate.backup.archive import write_entry
from kehu.operate.backup.census import take_census
from kehu.operate.backup.programs import Program
from kehu.operate.backup.sealed_stream import SealingWriter

CHUNK: Final = 1 << 18
MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files/"
Connection = psycopg.Connection[Any]


def make_backup(
    *,
    dsn: str,
    target: Path,
    key: bytes,
    files: Path | None = None,
    notes: Callable[[Connection], Mapping[str, Any]] = lambda connection: {},
) -> dict[str, Any]:
    """Write the backup; the file is there whole or not at all. Returns what the manifest says.

    dsn: a role that may read every row. notes: what the caller wants kept beside the census, of the same snapshot.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    half_written = target.with_name(f".{target.name}.part")
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot(), now()").fetchone()
        assert row is not None
        census = take_census(connection)
        manifest = {
            "format": 1,
            "taken_at": row[1].astimezone(UTC).isoformat(),
            "server_version": connection.info.server_version,
            "census": census.as_json(),
            "notes": dict(notes(connection)),
        }
        handle = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                sealed = SealingWriter(file, key)
                write_entry(sealed, MANIFEST, [json.dumps(manifest).encode()])  # type: ignore[arg-type]
                write_entry(sealed, DUMP, _dump(dsn, row[0]))  # type: ignore[arg-type]
                for name, path in _uploads(files):
                    with path.open("rb") as upload:
                        write_entry(sealed, FILES + name, _chunks(upload))  # type: ignore[arg-type]
                sealed.finish()
                file.flush()
                os.fsync(file.fileno())
            half_written.replace(target)
        finally:
            half_written.unlink(missing_ok=True)
    return manifest


def backup_name(at: datetime) -> str:
    return f"kehu-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup"


def remove_old(folder: Path, keep: int) -> list[Path]:
    """Keep the newest; returns what was removed."""
    oldest = sorted(folder.glob("kehu-*.backup"))[:-keep] if keep else []
    for path in oldest:
        path.unlink(missing_ok=True)
    return oldest


def _dump(dsn: str, snapshot: str) -> Iterator[bytes]:
    # A generation that is being rebuilt is made anew anyway.
    arguments = ["--format=custom", "--compress=gzip:3", f"--snapshot={snapshot}", "--exclude-schema=gen_*"]
    program = Program("pg_dump", arguments, dsn, stdout=subprocess.PIPE)
    assert program.process.stdout is not None
    try:
        yield from _chunks(program.process.stdout)
    except BaseException:
        program.kill()
        raise
    program.end()


def _uploads(folder: Path | None) -> Iterator[tuple[str, Path]]:
    """Finished files by their keys; what is half written starts with a dot."""
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix(), path


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk
