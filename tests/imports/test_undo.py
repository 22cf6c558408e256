"""Undoing an import: afterwards everything is as if the file had never come in."""

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kehu import rebuild
from kehu.collect.imports import running, services, undoing
from kehu.collect.imports.errors import ImportRunning, NothingToUndo
from kehu.collect.imports.queries import import_view
from kehu.collect.models import Source
from kehu.core.database import current_connection
from kehu.core.jobs import run_job_here
from kehu.govern.access import SYSTEM, Actor
from kehu.govern.errors import PermissionDenied
from kehu.profile import forgetting as profile_forgetting
from kehu.resolve import forgetting as resolve_forgetting
from kehu.resolve.store import evidence
from tests.imports.cast import make_file_source, run, upload
from tests.pipeline.cast import SURNAMES, Road3, Town, road_of

MEMBERS = {
    "record": {"key": ["no"]},
    "attributes": {"name": "name", "mobile": "phone", "mail": "email", "addr": "address", "born": "birth_date"},
    "identifiers": {"no": "member_id"},
    "occurred_at": "at",
    "organisation": {"key": ["firm"], "prefix": "company:", "attributes": {"firm": "name"}},
    "consent": {
        "purpose": "=marketing",
        "channel": "=email",
        "state": {"column": "news", "granted": ["1"], "withdrawn": ["0"]},
    },
    "order": {"number": "order", "total": "total", "currency": "=CNY", "payment": {"amount": "total"}},
    "event": {"name": "=Visited", "key": ["visit"]},
}
CALLS = {"event": {"name": "=Call Received", "key": ["call"], "order": {"column": "order"}}, "occurred_at": "at"}
HEADINGS = "no,name,mobile,mail,addr,born,at,firm,news,order,total,visit"
# KEHU_FULL_SIZE=1: a file of a hundred thousand rows (minutes).
IS_FULL_SIZE = bool(os.environ.get("KEHU_FULL_SIZE"))
ROWS = 100_000 if IS_FULL_SIZE else 450
# Strangers with somebody's phone or e-mail; among many people the same share would tie everybody to everybody.
BORROWED = 0.02 if IS_FULL_SIZE else 0.3
FIRMS = ["杭州宏远科技有限公司", "上海申花贸易有限公司", "北京长城食品有限公司"]
FIRMS += [f"第{number}号实业有限公司" for number in range(ROWS // 25)] if IS_FULL_SIZE else []
# What a generation holds, but for what is brought up to date only together with something else: moments of writing,
# the rank of a word, how many bear an identifier.
STATE = {
    "resolve_sourcerecord": "id, source_id, external_id, kind, attributes, match_keys, first_at, last_at",
    "resolve_recordcustomer": "record_id, customer_id",
    "resolve_binding": "record_id, type, value, valid_from, valid_to",
    "resolve_identifierstatus": "type, value, strength",
    "resolve_matchkey": "key, record_id",
    "resolve_link": "left_id, right_id, kind, reason, probability",
    "resolve_reviewpair": "left_id, right_id, left_customer_id, right_customer_id, probability",
    "profile_customer": "id, kind, display_name, sort_key, golden, record_count, first_at, last_at",
    "profile_customerscope": "customer_id, department_id",
    "profile_customertoken": "customer_id, token",
    "profile_searchrow": "customer_id, tokens",
    "profile_event": "id, record_id, device_record_id, order_id, name, occurred_at, received_at, properties, hangs_by",
    "profile_order": "id, record_id, organisation_record_id, status, placed_at, currency, total, paid, refunded",
    "profile_orderreport": "order_id, source_id, fields",
    "profile_orderline": "order_id, key, quantity, amount",
    "profile_payment": "order_id, kind, key, amount",
    "profile_consent": "id, record_id, purpose, channel, state, occurred_at",
    "profile_relation": "left_id, right_id, kind",
    "profile_messagesubject": "record_id, shard, seq",
}


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


class Crowd(Town):
    """So many people that names, phones and mailboxes must be their own, or everybody would resemble somebody."""

    def _person(self, number: int) -> dict[str, str]:
        name = self.random.choice(SURNAMES) + "".join(chr(self.random.randrange(0x4E00, 0x8E00)) for _ in range(2))
        mail = f"{self.random.getrandbits(60):x}@example.org"
        person = {"name": name, "phone": f"13{self.random.randrange(10**9):09d}", "email": mail, "member": ""}
        return person | {"birth_date": "", "address": ""}


def state(road: Road3) -> dict[str, str]:
    """One hash per table of the live generation."""
    found = {}
    for table, columns in STATE.items():
        row = road.connection.execute(
            f"SELECT count(*) || ':' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
            f"FROM (SELECT {columns} FROM live.{table}) AS t"
        ).fetchone()
        assert row is not None
        found[table] = row[0]
    return found


def member_file(town: Town, numbers: range, seed: int, day: int) -> str:
    """People of the town and strangers, with orders; those numbered in two files are updated by the second."""
    chance = random.Random(seed)
    lines = [HEADINGS]
    for number in numbers:
        person = town.people[number % len(town.people)] if chance.random() < 0.7 else None
        if person is None:  # a stranger, sometimes with somebody's e-mail: two customers that were two become one
            email = (
                chance.choice(town.people)["email"]
                if chance.random() < BORROWED
                else f"{chance.getrandbits(60):x}@example.org"
            )
            phone = (
                chance.choice(town.people)["phone"]
                if chance.random() < BORROWED
                else f"15{chance.randrange(10**9):09d}"
            )
            given = [chr(chance.randrange(0x4E00, 0x8E00)) for _ in range(2)]
            name = "".join([chance.choice(SURNAMES), *given])
            person = {"name": name, "phone": phone, "email": email, "address": "", "birth_date": ""}
        cells = [
            f"K{number}", person["name"], person["phone"], person["email"] if chance.random() < 0.6 else "",
            person["address"], person["birth_date"], f"2026-05-{day:02d} 10:{number % 60:02d}:00",
            chance.choice([*FIRMS, ""]), chance.choice(["0", "1", ""]),
            f"A{number % 300}" if chance.random() < 0.5 else "", f"{chance.randrange(1, 900)}.00",
            f"V{number}" if chance.random() < 0.3 else "",
        ]  # fmt: skip
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def call_file(numbers: range, day: int) -> str:
    return "call,order,at\n" + "".join(f"C{n},A{n},2026-05-{day:02d} 12:00:00\n" for n in numbers)


def undo(import_id: int, road: Road3 | None = None) -> None:
    run_job_here(services.undo(import_id, actor=SYSTEM, reason="wrong file"))
    if road is not None:
        road.settle()


def known_town(road: Road3, tmp_path: Path, *, messages: int, rows: int) -> tuple[Town, Source, Source]:
    """Customers of three systems, and of files like the one that will be undone."""
    town = (Crowd if IS_FULL_SIZE else Town)(seed=5, people=max(20, messages // 4))
    road.send([road.message(*body, message_id=f"m{n}") for n, body in enumerate(town.bodies(messages))])
    members = make_file_source("members", order_namespace="shop", unique_types=["member_id"])
    calls = make_file_source("calls", order_namespace="shop")
    run(upload(tmp_path, member_file(town, range(rows), 1, 3), "before.csv"), members, MEMBERS)
    run(upload(tmp_path, call_file(range(0, rows, 3), 3), "calls.csv"), calls, CALLS)
    road.settle()
    return town, members, calls


@pytest.mark.timeout(3600)
def test_undone_rows_leave_no_trace_whether_new_known_or_updates(
    road: Road3, kehu_db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not IS_FULL_SIZE:  # a small file goes through several batches as well
        monkeypatch.setattr(running, "BATCH_ROWS", 200)
        monkeypatch.setattr(undoing, "BATCH_MESSAGES", 200)
    town, members, calls = known_town(road, tmp_path, messages=ROWS // 3, rows=ROWS // 4)
    before, fingerprint = state(road), road.fingerprint()
    content = member_file(town, range(ROWS // 8, ROWS + ROWS // 8), 2, 9)
    second = run(upload(tmp_path, content, "after.csv"), members, MEMBERS)
    more_calls = run(upload(tmp_path, call_file(range(0, ROWS // 3, 2), 9), "more.csv"), calls, CALLS)
    road.settle()
    during = road.fingerprint()
    assert during["records"] > fingerprint["records"] + ROWS // 2
    assert during["mapping_hash"] != fingerprint["mapping_hash"]
    undo(more_calls.id)
    undo(second.id, road)
    assert road.fingerprint() == fingerprint
    after = state(road)
    assert {table for table in STATE if after[table] != before[table]} == set()
    generation = rebuild.start(actor_id=None)
    comparison = rebuild.build(kehu_db.dsn("migrate"), generation)
    assert comparison["after"] == comparison["before"], "a rebuild honours what was taken back"
    again = run(upload(tmp_path, content, "again.csv"), members, MEMBERS)
    run(upload(tmp_path, call_file(range(0, ROWS // 3, 2), 9), "more again.csv"), calls, CALLS)
    road.settle()
    assert (again.rows_sent, again.rows_repeated) == (second.rows_sent, 0), "the file can come in again"
    same = ("records", "customers", "events", "orders", "order_total", "mapping_hash")
    assert {name: road.fingerprint()[name] for name in same} == {name: during[name] for name in same}


def test_rows_the_leader_has_not_seen_yet_are_taken_back_before_they_arrive(road: Road3, tmp_path: Path) -> None:
    town, members, _ = known_town(road, tmp_path, messages=80, rows=40)
    before = state(road)
    late = run(upload(tmp_path, member_file(town, range(20, 90), 2, 9), "late.csv"), members, MEMBERS)
    undo(late.id, road)
    assert state(road) == before
    view = import_view(SYSTEM, late.id)
    assert (view.state, view.rows_taken_back) == ("undone", late.rows_sent)


def test_what_was_told_since_stays(road: Road3, kehu_db: Any, tmp_path: Path) -> None:
    town, members, _ = known_town(road, tmp_path, messages=40, rows=10)
    wrong = run(upload(tmp_path, member_file(town, range(30), 2, 9), "wrong.csv"), members, MEMBERS)
    road.settle()
    run(upload(tmp_path, member_file(town, range(30), 3, 12), "right.csv"), members, MEMBERS)
    road.settle()
    generation = rebuild.start(actor_id=None)
    rebuild.build(kehu_db.dsn("migrate"), generation)
    undo(wrong.id, road)
    assert road.connection.execute("SELECT count(*) FROM profile_event WHERE source_id = %s", (members.pk,)).fetchone()
    comparison = rebuild.swap(kehu_db.dsn("migrate"), generation)
    assert comparison["after"] == comparison["before"], "one that was built before the undo catches up with it"


def test_only_an_import_that_ran_can_be_undone_and_not_while_it_is_being_undone(road: Road3, tmp_path: Path) -> None:
    source = make_file_source("members")
    import_id = upload(tmp_path, "no,name\nM1,张伟\n")
    with pytest.raises(NothingToUndo):
        services.undo(import_id, actor=SYSTEM, reason="")
    mapping = {"record": {"key": ["no"]}, "attributes": {"name": "name"}, "identifiers": {"no": "member_id"}}
    run(import_id, source, mapping)
    with pytest.raises(PermissionDenied):
        services.undo(import_id, actor=Actor(1, "rep"), reason="")
    job = services.undo(import_id, actor=SYSTEM, reason="")
    with pytest.raises(ImportRunning):
        services.start(import_id, source_id=source.pk, mapping=mapping, actor=SYSTEM)
    with pytest.raises(NothingToUndo):
        services.undo(import_id, actor=SYSTEM, reason="")
    run_job_here(job)
    assert import_view(SYSTEM, import_id).state == "undone"
    with pytest.raises(NothingToUndo):
        services.undo(import_id, actor=SYSTEM, reason="")


def test_a_retraction_is_sent_once_however_often_it_is_asked_for(road: Road3, tmp_path: Path) -> None:
    source = make_file_source("members")
    done = run(
        upload(tmp_path, "no,name\nM1,张伟\nM2,王芳\n"),
        source,
        {"record": {"key": ["no"]}, "attributes": {"name": "name"}},
    )
    undo(done.id)
    rows = road.connection.execute("SELECT kind, count(*) FROM collect_inbox GROUP BY 1 ORDER BY 1").fetchall()
    assert rows == [("retraction", 2), ("row", 2)]


def test_every_derived_table_that_hangs_on_a_record_or_an_order_is_forgotten(db: None) -> None:
    """A table that is not would keep what an undone import said."""
    found = (
        current_connection()
        .execute(
            "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'live' AND column_name "
            "IN ('record_id', 'left_id', 'device_record_id', 'order_id')"
        )
        .fetchall()
    )
    modules = (Path(one.__file__).read_text() for one in (resolve_forgetting, profile_forgetting, evidence))
    told = set(re.findall(r"DELETE FROM (\w+)", " ".join(modules)))
    assert {table for (table,) in found} - told == set()
