"""From an upload to rows in the inbox, on real commits."""

import csv
import hashlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.utils.translation import override

from kehu.collect.imports import services
from kehu.collect.imports.problem_files import problem_file
from kehu.collect.imports.queries import import_view, problem_counts, problem_page
from kehu.collect.imports.readers import FileRefused
from kehu.collect.models import Import, Source
from kehu.core import jobs
from kehu.core.errors import InvalidInput
from kehu.core.files import file_store
from kehu.core.jobs import run_job_here
from kehu.govern.access import SYSTEM, Actor
from kehu.govern.errors import PermissionDenied
from tests.imports.cast import MEMBER_FILE, MEMBERS, make_file_source, rows_in_inbox, run, upload
from tests.plugins.test_server import TestDatabase

ROOT = Path(__file__).resolve().parents[2]


def test_good_rows_go_to_the_inbox_and_bad_ones_are_kept_with_their_reason(
    kehu_db: TestDatabase, tmp_path: Path
) -> None:
    source = make_file_source()
    done = run(upload(tmp_path, MEMBER_FILE), source, MEMBERS)
    assert (done.state, done.rows_total, done.rows_sent, done.rows_repeated, done.rows_problem) == ("done", 4, 3, 0, 2)
    assert [row["会员号"] for row in rows_in_inbox(source)] == ["M1", "M2", "M3"]
    found = {(p.row, p.field, p.code) for p in problem_page(SYSTEM, done.id)}
    assert (4, "手机", "not_a_number") in found
    assert (4, "时间", "not_a_time") in found
    assert (6, "", "nothing_usable") in found
    assert {count.code for count in problem_counts(SYSTEM, done.id)} >= {"not_a_time", "nothing_usable"}


def test_importing_a_file_again_adds_nothing(kehu_db: TestDatabase, tmp_path: Path) -> None:
    source = make_file_source()
    first = run(upload(tmp_path, MEMBER_FILE), source, MEMBERS)
    again = run(upload(tmp_path, MEMBER_FILE, "copy.csv"), source, MEMBERS)
    assert (again.rows_sent, again.rows_repeated) == (0, first.rows_sent)
    assert len(rows_in_inbox(source)) == 3
    same = run(first.id, source, MEMBERS)
    assert (same.rows_sent, same.rows_repeated, same.rows_problem) == (0, 3, first.rows_problem)


def test_the_problem_file_can_be_corrected_and_imported(kehu_db: TestDatabase, tmp_path: Path) -> None:
    source = make_file_source()
    content = MEMBER_FILE + ",=cmd|' /C calc'!A0,+12,,2024-05-07 12:00:00\n"
    done = run(upload(tmp_path, content), source, MEMBERS)
    with override("en"):
        lines = problem_file(done.id, actor=SYSTEM)
    text = "".join(lines)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["kehu_row"] for row in rows] == ["4", "6", "7"]
    assert rows[2]["姓名"] == "'=cmd|' /C calc'!A0"
    assert rows[2]["手机"] == "'+12"
    assert rows[0]["kehu_problem"] == "not a time: yesterday; not a number: 1390013; not a date: not a day"
    with override("zh-hans"):
        assert "; 不是数字: 1390013; 不是日期: not a day" in "".join(problem_file(done.id, actor=SYSTEM))
    corrected = text.replace("M3,李娜,1390013,not a day", "M3,李娜,13900139003,1991-02-03").replace(
        ",无,,", "M9,李雷,,"
    )
    import_id = upload(tmp_path, corrected, "corrected.csv")
    proposal = services.propose(import_id, actor=SYSTEM, source_id=source.pk)
    assert proposal.is_remembered
    again = run(import_id, source, proposal.mapping)
    assert again.rows_sent == 2
    by_member = {row.get("会员号"): row for row in rows_in_inbox(source)}
    assert by_member["M9"]["姓名"] == "李雷"


def test_a_neutralised_cell_reads_as_it_was(kehu_db: TestDatabase, tmp_path: Path) -> None:
    content = "会员号,姓名\nM1,'=1+1\nM2,'+8613800138000\n"
    shown = services.preview(
        upload(tmp_path, content), {"record": {"key": ["会员号"]}, "attributes": {"姓名": "nickname"}}, actor=SYSTEM
    )
    assert [row.touches[0].attributes["nickname"].v for row in shown.rows] == ["=1+1", "+8613800138000"]


def test_the_proposal_names_columns_and_the_preview_shows_what_rows_become(
    kehu_db: TestDatabase, tmp_path: Path
) -> None:
    import_id = upload(tmp_path, MEMBER_FILE.encode("gb18030"))
    proposal = services.propose(import_id, actor=SYSTEM)
    roles = {column.column: column.role for column in proposal.columns}
    assert roles == {
        "会员号": "identifier:member_id",
        "姓名": "attribute:name",
        "手机": "attribute:phone",
        "生日": "attribute:birth_date",
        "时间": "occurred_at",
    }
    assert proposal.shape.encoding == "gb18030"
    assert proposal.columns[1].samples[0] == "张伟"
    shown = services.preview(import_id, proposal.mapping, actor=SYSTEM)
    first = shown.rows[0].touches[0]
    assert first.attributes["phone"].v == "+8613800138001"
    assert first.record is not None
    assert first.record.external_id == "M1"
    assert shown.taken == 3
    assert rows_in_inbox(make_file_source()) == []


def test_a_mapping_that_does_not_fit_is_refused_before_anything_runs(kehu_db: TestDatabase, tmp_path: Path) -> None:
    source, import_id = make_file_source(), upload(tmp_path, MEMBER_FILE)
    for mapping, told in (
        ({**MEMBERS, "attributes": {"手机号": "phone"}}, "手机"),
        ({**MEMBERS, "attributes": {"手机": "fone"}}, "Did you mean phone"),
        ({"attributes": {}}, "neither"),
        ({**MEMBERS, "recrod": {}}, "recrod"),
    ):
        with pytest.raises(InvalidInput, match=told):
            services.start(import_id, source_id=source.pk, mapping=mapping, actor=SYSTEM)
    assert import_view(SYSTEM, import_id).state == "uploaded"


def test_only_who_may_import_imports(kehu_db: TestDatabase, tmp_path: Path) -> None:
    nobody = Actor(user_id=1, name="rep")
    import_id = upload(tmp_path, MEMBER_FILE)
    for call in (
        lambda: services.upload(tmp_path / "members.csv", file_name="x", actor=nobody),
        lambda: services.propose(import_id, actor=nobody),
        lambda: services.preview(import_id, MEMBERS, actor=nobody),
        lambda: services.start(import_id, source_id=1, mapping=MEMBERS, actor=nobody),
        lambda: services.cancel(import_id, actor=nobody),
        lambda: services.resume(import_id, actor=nobody),
        lambda: problem_file(import_id, actor=nobody),
        lambda: import_view(nobody, import_id),
    ):
        with pytest.raises(PermissionDenied):
            call()


def big_file(rows: int) -> str:
    lines = (f"M{n},张伟,138{n:08d},1988-03-05,2024-05-06 10:00:00\n" for n in range(rows))
    return "会员号,姓名,手机,生日,时间\n" + "".join(lines)


def test_an_import_is_cancelled_between_batches_and_resumed_without_a_gap(
    kehu_db: TestDatabase, tmp_path: Path
) -> None:
    source = make_file_source()
    import_id = upload(tmp_path, big_file(6_000))
    job_id = services.start(import_id, source_id=source.pk, mapping=MEMBERS, actor=SYSTEM)
    runner = threading.Thread(target=_run_and_close, args=(job_id,))
    runner.start()
    deadline = time.monotonic() + 60
    while jobs.view(job_id).done < 1_000:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    services.cancel(import_id, actor=SYSTEM)
    runner.join(60)
    assert not runner.is_alive()
    stopped = import_view(SYSTEM, import_id)
    if stopped.state == "cancelled":
        assert 0 < stopped.rows_sent < 6_000
        run_job_here(services.resume(import_id, actor=SYSTEM))
    done = import_view(SYSTEM, import_id)
    assert (done.state, done.rows_total, done.rows_sent, done.rows_repeated) == ("done", 6_000, 6_000, 0)
    assert len({row["会员号"] for row in rows_in_inbox(source)}) == 6_000


def _run_and_close(job_id: int) -> None:
    from django.db import connection

    run_job_here(job_id)
    connection.close()


def test_a_killed_import_ends_with_every_row_exactly_once(kehu_db: TestDatabase, tmp_path: Path) -> None:
    source = make_file_source()
    import_id = upload(tmp_path, big_file(8_000))
    job_id = services.start(import_id, source_id=source.pk, mapping=MEMBERS, actor=SYSTEM)
    environment = os.environ | kehu_db.environment() | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    kills = 0
    for _ in range(3):
        command = [sys.executable, "-m", "tests.jobs.worker_process", "0.5"]
        worker = subprocess.Popen(command, cwd=ROOT, env=environment)
        before, deadline = jobs.view(job_id).done, time.monotonic() + 60
        while jobs.view(job_id).done < before + 1_000 and not jobs.view(job_id).is_over:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        kills += not jobs.view(job_id).is_over
    assert kills
    time.sleep(0.6)
    if not jobs.view(job_id).is_over:
        run_job_here(job_id)
    done = import_view(SYSTEM, import_id)
    assert (done.state, done.rows_total, done.rows_sent, done.rows_repeated) == ("done", 8_000, 8_000, 0)
    members = [row["会员号"] for row in rows_in_inbox(source)]
    assert len(members) == len(set(members)) == 8_000


def test_json_lines_keep_their_lists_and_broken_lines_their_text(kehu_db: TestDatabase, tmp_path: Path) -> None:
    source = make_file_source("shop", order_namespace="shop")
    lines = '{"no":"A1","at":"2024-05-06 10:00:00","lines":[{"sku":"x","q":2,"price":"3.00"}]}\n{"no":"A2","at":\n'
    mapping = {
        "order": {
            "number": "no",
            "placed_at": "at",
            "line": {"each": "lines", "sku": "sku", "quantity": "q", "unit_price": "price"},
        }
    }
    done = run(upload(tmp_path, lines, "orders.jsonl"), source, mapping)
    assert (done.format, done.rows_sent, done.rows_problem) == ("jsonl", 1, 1)
    assert rows_in_inbox(source)[0]["lines"] == [{"sku": "x", "q": "2", "price": "3.00"}]
    [problem] = problem_page(SYSTEM, done.id)
    assert (problem.code, problem.raw[""]) == ("not_json", '{"no":"A2","at":')


def test_a_mapping_is_remembered_for_files_of_the_same_columns(kehu_db: TestDatabase, tmp_path: Path) -> None:
    source = make_file_source()
    run(upload(tmp_path, MEMBER_FILE), source, MEMBERS)
    shuffled = "时间,生日,手机,姓名,会员号\n2024-06-01 10:00:00,1990-05-05,13900139009,赵敏,M7\n"
    known = services.propose(upload(tmp_path, shuffled), actor=SYSTEM, source_id=source.pk)
    assert known.is_remembered
    assert known.mapping == MEMBERS
    other = services.propose(upload(tmp_path, "a,b\n张伟,13900139009\n"), actor=SYSTEM, source_id=source.pk)
    assert not other.is_remembered
    assert Source.objects.get(pk=source.pk).mapping["shapes"]


def test_bytes_that_fit_no_encoding_are_told_and_the_row_goes_on(kehu_db: TestDatabase, tmp_path: Path) -> None:
    content = (MEMBER_FILE + "M7,赵敏,13900139007,,2024-05-06 10:00:00\n" * 10).encode()
    content += b"M8,\xe8\xb5,13900139008,,2024-05-06 10:00:00\n"
    done = run(upload(tmp_path, content), make_file_source(), MEMBERS)
    assert {(p.row, p.field) for p in problem_page(SYSTEM, done.id, code="undecodable")} == {(17, "姓名")}
    assert done.rows_sent == 14


def test_a_refused_file_is_not_kept_unless_an_import_has_it(kehu_db: TestDatabase, tmp_path: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n only looks like a picture"
    with pytest.raises(FileRefused):
        upload(tmp_path, picture)
    with pytest.raises(FileNotFoundError):
        file_store().path(_key(hashlib.sha256(picture).hexdigest()))
    assert not Import.objects.exists()


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"
