"""`kehu restore`: a backup in place of a database that is lost, with what was erased since erased again."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

import typer

from kehu.cli.environment import DataDir, use_data_dir
from kehu.cli.output import FAILED, AsJson, answer, expected_errors, say
from kehu.core.errors import DomainError

Erased = dict[UUID, datetime]


class NotEmpty(DomainError):
    """There is data where the backup should go."""

    code: ClassVar[str] = "not_empty"

    def __init__(self, place: object, to_do: str) -> None:
        super().__init__(place, to_do)
        self.place, self.to_do = place, to_do

    def __str__(self) -> str:
        return f"{self.place} holds a database already: {self.to_do}."


@expected_errors
def restore(
    source: Annotated[Path, typer.Argument(help="The backup.", exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option(help="Put the database that is there aside first.")] = False,
    newer: Annotated[
        list[Path] | None,
        typer.Option(
            "--erased-since",
            help="A newer backup that tells who was erased since; repeatable. Its neighbours are found by themselves.",
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into the data folder's database, or into the empty one that DATABASE_URL names.

    Who was erased after the backup was made is erased again before anybody can look: as told by newer backups beside
    it and by the database that is put aside. Kehu must not run meanwhile.
    """
    folder = use_data_dir(data_dir)
    from kehu.config import backup_key

    key = backup_key()
    erased = _erased_since(source, key, newer or ())
    aside = None
    if "DATABASE_URL" not in os.environ:
        aside = _put_aside(folder, erased, may=replace)
    taken_at, unlike = _fill(folder, source, key)
    _migrate(folder)
    again = _erase_again({record: at for record, at in erased.items() if at > taken_at})
    values = {
        "taken_at": taken_at,
        "differences": unlike,
        "erased_again": again,
        "put_aside": aside,
    }
    told = [f"Restored the state of {taken_at:%Y-%m-%d %H:%M} UTC; {again} people erased again.", *unlike]
    if aside:
        told.append(f"What was there before is in {aside}.")
    answer(values, as_json=as_json, text="\n".join(told))
    if unlike:
        raise typer.Exit(FAILED)


def _erased_since(source: Path, key: bytes, newer: Iterable[Path]) -> Erased:
    """Who was erased, as the newest backups know."""
    from kehu.operate.backup import read_manifest
    from kehu.operate.backup.sealed_stream import BrokenBackup

    erased: Erased = {}
    for path in dict.fromkeys([*newer, *sorted(source.parent.glob("kehu-*.backup"))]):
        try:
            notes = read_manifest(path, key).notes
        except BrokenBackup as broken:
            say(f"{path} was not asked who was erased: {broken}")
            continue
        erased |= {UUID(record): datetime.fromisoformat(at) for record, at in notes.get("erased", ())}
    return erased


def _put_aside(folder: Path, erased: Erased, *, may: bool) -> Path | None:
    """Move an embedded database away, after asking it who was erased."""
    from kehu.operate.postgres import PostgresServer

    postgres = folder / "postgres"
    if not (postgres / "cluster").exists():
        return None
    if not may:
        raise NotEmpty(postgres, "give --replace to put it aside, or another --data-dir")
    try:
        with PostgresServer(folder, report=say) as server:
            erased |= _ask_who_was_erased(server.dsn("owner"))
    except DomainError as error:
        say(f"The old database does not say who was erased since: {error}")
    aside = folder / f"postgres.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    shutil.move(postgres, aside)
    return aside


def _ask_who_was_erased(dsn: str) -> Erased:
    import psycopg

    from kehu.govern.backup_notes import erased_records

    try:
        with psycopg.connect(dsn) as connection:
            return {UUID(record): datetime.fromisoformat(at) for record, at in erased_records(connection)}
    except psycopg.Error as error:
        say(f"The old database does not say who was erased since: {str(error).strip()}")
        return {}


def _fill(folder: Path, source: Path, key: bytes) -> tuple[datetime, list[str]]:
    import psycopg

    from kehu.operate.backup import differences, restore_backup
    from kehu.operate.backup.census import take_census
    from kehu.operate.postgres import PostgresServer

    def fill(dsn: str, *, is_owner: bool) -> tuple[datetime, list[str]]:
        manifest = restore_backup(source, key, dsn=dsn, files=folder / "files", is_owner=is_owner)
        with psycopg.connect(dsn) as connection:
            return manifest.taken_at, differences(manifest.census, take_census(connection))

    if "DATABASE_URL" not in os.environ:
        with PostgresServer(folder, report=say) as server:
            return fill(server.dsn("owner"), is_owner=True)
    dsn = os.environ.get("KEHU_MIGRATE_DATABASE_URL", os.environ["DATABASE_URL"])
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        if connection.execute("SELECT to_regclass('public.django_migrations')").fetchone() != (None,):
            raise NotEmpty("DATABASE_URL", "make a new one with `kehu prepare-database --name`")
    return fill(dsn, is_owner=False)


def _migrate(folder: Path) -> None:
    """The backup may be of an older version."""
    command = [sys.executable, "-m", "kehu.cli", "migrate", "--data-dir", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _erase_again(erased: Erased) -> int:
    if not erased:
        return 0
    done = subprocess.run(
        [sys.executable, "-m", "kehu.cli.erase_again"],
        input=json.dumps({str(record): at.isoformat() for record, at in erased.items()}),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(done.stdout)
