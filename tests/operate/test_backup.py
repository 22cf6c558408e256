"""A backup is proved by restoring it; nothing in it can be changed unnoticed; who was erased since stays erased."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from kehu.core import jobs, redaction
from kehu.core.background import backup_notes
from kehu.govern.privacy import erasure
from kehu.inline import create_customer
from kehu.operate import tasks
from kehu.operate.backup import Census, differences, make_backup, read_manifest, verify_backup
from kehu.operate.backup.archive import ArchiveReader, write_entry
from kehu.operate.backup.census import take_census
from kehu.operate.backup.making import remove_old
from kehu.operate.backup.sealed_stream import PIECE_BYTES, BrokenBackup, SealingWriter, unsealed_pieces
from kehu.operate.postgres import PostgresServer
from tests.cast import SYSTEM
from tests.pipeline.cast import Town, road_of

KEY = b"a key that lies elsewhere"
ROOT = Path(__file__).resolve().parents[2]


def sealed(data: bytes, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    writer = SealingWriter(target, key)
    writer.write(data)
    writer.finish()
    return target.getvalue()


def opened(stream: bytes, key: bytes = KEY) -> bytes:
    return b"".join(unsealed_pieces(io.BytesIO(stream), key))


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_what_was_sealed_opens_whatever_its_size(size: int):
    data = os.urandom(size)
    assert opened(sealed(data)) == data
    assert size < 100 or data[:100] not in sealed(data)


def pieces_of(stream: bytes) -> list[bytes]:
    found, at = [stream[:24]], 24
    while at < len(stream):
        size = int.from_bytes(stream[at : at + 4], "big")
        found.append(stream[at : at + 4 + size])
        at += 4 + size
    return found


@pytest.mark.parametrize(
    "harm",
    [
        lambda parts: parts[:-1],
        lambda parts: parts[:1],
        lambda parts: [parts[0], parts[2], parts[1], parts[3]],
        lambda parts: [*parts, parts[-1]],
        lambda parts: [parts[0], parts[1], parts[3]],
        lambda parts: [*parts[:-1], parts[-1][:-1]],
        lambda parts: [b"KEHUBAK1" + bytes(16), *parts[1:]],
        lambda parts: [b"something else entirely!", *parts[1:]],
    ],
    ids=["end cut off", "all cut off", "swapped", "repeated", "left out", "last byte gone", "other salt", "no backup"],
)
def test_harm_to_the_file_is_noticed(harm: Any):
    parts = pieces_of(sealed(os.urandom(PIECE_BYTES * 2 + 10)))
    assert len(parts) == 4
    with pytest.raises(BrokenBackup):
        opened(b"".join(harm(parts)))


@given(st.integers(0, 24_000))
def test_a_flipped_bit_anywhere_is_noticed(at: int):
    stream = bytearray(sealed(b"x" * 3000))
    stream[at % len(stream)] ^= 1 << at // len(stream) % 8
    with pytest.raises(BrokenBackup):
        opened(bytes(stream))


def test_another_key_opens_nothing():
    with pytest.raises(BrokenBackup, match="another key"):
        opened(sealed(b"secret"), b"another key")


def test_the_archive_gives_back_its_entries_and_those_not_wanted_are_skipped():
    target = io.BytesIO()
    big = os.urandom((1 << 20) + 5)
    write_entry(target, "a", [b"1", b"", b"23"])
    write_entry(target, "big", [big])
    write_entry(target, "empty", [])
    whole = target.getvalue()
    reader = ArchiveReader(iter([whole[:7], whole[7:]]))
    assert [(name, b"".join(data) if name != "a" else b"") for name, data in reader.entries()] == [
        ("a", b""),
        ("big", big),
        ("empty", b""),
    ]
    with pytest.raises(BrokenBackup):
        list(ArchiveReader(iter([whole[:-6]])).entries())


def test_differences_are_told_table_by_table():
    was = Census({"a": (2, "7"), "b": (1, "1"), "c": (3, "9")}, {"s": 5})
    now = Census({"a": (1, "3"), "b": (1, "2"), "d": (0, "0")}, {"s": 4})
    assert differences(was, was) == []
    assert differences(was, now) == [
        "a has 1 rows instead of 2",
        "b has the same number of rows with other content",
        "c is missing",
        "d is new",
        "s stands at 4 instead of 5",
    ]


def test_only_the_newest_backups_stay(tmp_path: Path):
    for day in range(1, 6):
        (tmp_path / f"kehu-2026110{day}T030000Z.backup").touch()
    (tmp_path / "notes.txt").touch()
    assert [path.name[5:13] for path in remove_old(tmp_path, 3)] == ["20261101", "20261102"]
    assert len(list(tmp_path.iterdir())) == 4


@pytest.fixture
def plain_server(kehu_db: Any) -> None:
    """A patched server marks every column with an option that no other server takes back."""
    with psycopg.connect(kehu_db.dsn("app")) as connection:
        marked = connection.execute(
            "SELECT attoptions FROM pg_attribute "
            "WHERE attrelid = 'govern_auditentry'::regclass AND attoptions IS NOT NULL"
        ).fetchone()
    if marked is not None:
        pytest.skip(
            f"The outside server gives columns options of its own ({marked[0]}): nothing else restores its dump."
        )


@pytest.mark.usefixtures("plain_server")
def test_a_backup_restores_alike_in_a_fresh_cluster(kehu_db: Any, tmp_path: Path):
    with road_of(kehu_db) as road:
        town = Town(seed=3, people=30)
        road.send(
            [
                road.message(source, external, body, f"m{n}")
                for n, (source, external, body) in enumerate(town.bodies(150))
            ]
        )
        road.settle()
    uploads = tmp_path / "files"
    (uploads / "ab").mkdir(parents=True)
    (uploads / "ab" / "upload").write_bytes(b"name,phone\n" * 100_000)
    path = tmp_path / "kehu.backup"
    make_backup(dsn=kehu_db.dsn("backup"), target=path, key=KEY, files=uploads, notes=backup_notes)
    manifest = read_manifest(path, KEY)
    assert manifest.census.tables["live.profile_event"][0] == 150
    assert manifest.notes["erased"] == []
    assert "上海市".encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    seen: list[Any] = []

    def also(address: Any) -> list[str]:
        with psycopg.connect(address.dsn("app")) as connection:
            seen.append(
                "rows" if connection.execute("SELECT count(*) FROM live.profile_event").fetchone() == (150,) else ""
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("DELETE FROM public.govern_auditentry")
        return ["told by the caller"]

    assert verify_backup(path, KEY, also=also) == ["told by the caller"], "the same but for what the caller says"
    assert seen == ["rows"]


def test_the_role_that_makes_backups_changes_nothing(kehu_db: Any):
    with psycopg.connect(kehu_db.dsn("backup")) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("DELETE FROM public.core_job")
    with psycopg.connect(kehu_db.dsn("backup")) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM public.core_job")


def test_a_census_notices_one_changed_letter(kehu_db: Any):
    with psycopg.connect(kehu_db.dsn("app")) as connection:
        connection.execute("INSERT INTO core_cache VALUES ('a', 'one', now())")
        before = take_census(connection)
        connection.execute("UPDATE core_cache SET value = 'onf'")
        after = take_census(connection)
    assert differences(before, after) == ["public.core_cache has the same number of rows with other content"]


def kehu(*arguments: str, data_dir: Path) -> dict[str, Any]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("KEHU_", "DATABASE_URL", "DJANGO_"))
    } | {"KEHU_BACKUP_KEY": "elsewhere"}
    done = subprocess.run(
        [sys.executable, "-m", "kehu.cli", *arguments, "--data-dir", str(data_dir), "--json"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.stdout.count("\n") == 1, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_every_night_a_backup_is_made_and_proved_and_the_next_one_queued(
    kehu_db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        tasks,
        "config",
        replace(tasks.config, backup_dir=tmp_path, backup_keep=2, backup_database_url=kehu_db.dsn("backup")),
    )
    for day in (1, 2, 3):
        (tmp_path / f"kehu-2026010{day}T030000Z.backup").touch()
    monkeypatch.setattr(tasks, "verify_backup", lambda path, key: [])
    job_id = jobs.enqueue(tasks.BACKUP, {}, queueing_key=tasks.BACKUP)
    jobs.run_job_here(job_id)
    assert (jobs.view(job_id).result or {})["verified"] is True
    assert len(list(tmp_path.glob("*.backup"))) == 2
    monkeypatch.setattr(tasks, "verify_backup", lambda path, key: ["a table is missing"])
    monkeypatch.setattr(tasks, "backup_name", lambda at: "kehu-the-next-night.backup")
    second = jobs.enqueue(tasks.BACKUP, {}, queueing_key=tasks.BACKUP)
    assert second != job_id, "queued for the next night"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET run_at = now() WHERE id = %s", [second])
    jobs.run_job_here(second)
    assert (jobs.view(second).result or {})["verified"] is False
    assert len(list(tmp_path.glob("*.backup"))) == 2, "one that does not restore pushes none out that does"
    assert len(list(tmp_path.glob("*.unproved"))) == 1


@pytest.mark.parametrize(
    ("now", "hours"),
    [("2026-03-01T18:00:00+00:00", 1), ("2026-03-01T19:00:00+00:00", 24), ("2026-03-01T20:00:00+00:00", 23)],
)
def test_night_is_at_three_where_the_company_is(now: str, hours: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "config", replace(tasks.config, time_zone="Asia/Shanghai"))
    assert tasks.until_night(datetime.fromisoformat(now)) == timedelta(hours=hours)


def test_a_database_that_is_there_is_not_overwritten_unasked(tmp_path: Path):
    (tmp_path / "home" / "postgres" / "cluster").mkdir(parents=True)
    (tmp_path / "kehu-1.backup").write_bytes(sealed(b""))
    assert kehu("restore", str(tmp_path / "kehu-1.backup"), data_dir=tmp_path / "home")["error"] == "not_empty"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("plain_server")
def test_who_was_erased_after_the_backup_is_erased_again_when_it_is_restored(
    kehu_db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As the newer backup beside it tells."""
    monkeypatch.setattr(redaction, "address", lambda: kehu_db.dsn("redact"))
    tmp_path.chmod(0o755)  # the database may run as another user
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    wang = create_customer(actor=SYSTEM, attributes={"name": "王芳", "phone": "13800138000"}).customer_id
    create_customer(actor=SYSTEM, attributes={"name": "李静", "phone": "13900139000"})
    for number in (1, 2):
        path = tmp_path / f"kehu-{number}.backup"
        make_backup(dsn=kehu_db.dsn("backup"), target=path, key=b"elsewhere", notes=backup_notes)
        if number == 1:
            erasure.run(erasure.begin(wang, cause="request", actor=SYSTEM).pk)
    said = kehu("restore", str(tmp_path / "kehu-1.backup"), data_dir=home)
    assert (said.get("differences"), said.get("erased_again")) == ([], 1), said
    with PostgresServer(home) as server, psycopg.connect(server.dsn("app")) as app:
        names = app.execute("SELECT display_name FROM live.profile_customer").fetchall()
    assert names == [("李静",)]
