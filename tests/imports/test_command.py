"""`kehu import` as somebody types it."""

import json
from pathlib import Path
from typing import Any

import pytest

from kehu.collect.imports import running, services
from kehu.collect.imports.readers import Row
from kehu.collect.imports.rows import Batch
from kehu.core.database import current_connection
from kehu.govern.access import SYSTEM
from tests.commands import answer_of, kehu
from tests.imports.cast import MEMBER_FILE, MEMBERS, make_file_source, rows_in_inbox, run, upload
from tests.plugins.test_server import TestDatabase


def test_a_file_is_imported_by_a_guessed_mapping_and_a_second_time_adds_nothing(
    kehu_db: TestDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "会员.csv"
    file.write_bytes(MEMBER_FILE.encode("gb18030"))
    done = kehu(kehu_db, "import", file, "--source", "members", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["rows"], told["sent"], told["repeated"], told["problem_rows"]) == (4, 3, 0, 2)
    assert told["mapping"] | {"record": None} == MEMBERS | {"record": None}
    assert told["mapping"]["record"] == {"key": ["会员号", {"column": "手机", "prefix": "phone:"}]}
    again = kehu(kehu_db, "import", file, "--source", "members")
    assert again.exit_code == 0, again.stderr
    assert "0 rows imported, 3 were there already" in again.stdout
    row = current_connection().execute("SELECT count(*) FROM collect_inbox").fetchone()
    assert row is not None
    assert row[0] == 3


def test_a_dry_run_shows_the_guess_and_writes_no_row(kehu_db: TestDatabase, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(MEMBER_FILE)
    shown = kehu(kehu_db, "import", file, "--source", "members", "--dry-run", "--map", "生日=", "--json")
    assert shown.exit_code == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["rows_taken"] == 3
    assert "生日" not in told["mapping"]["attributes"]
    row = current_connection().execute("SELECT count(*) FROM collect_inbox").fetchone()
    assert row is not None
    assert row[0] == 0


def test_a_mapping_from_a_file_and_a_wrong_word_on_the_command_line(kehu_db: TestDatabase, tmp_path: Path) -> None:
    file, mapping = tmp_path / "m.csv", tmp_path / "mapping.json"
    file.write_text(MEMBER_FILE)
    mapping.write_text(json.dumps(MEMBERS))
    done = kehu(kehu_db, "import", file, "--source", "members", "--mapping", mapping, "--json")
    assert json.loads(done.stdout)["sent"] == 3
    wrong = kehu(kehu_db, "import", file, "--source", "members", "--map", "手机=fone", "--json")
    assert wrong.exit_code == 1
    assert "'fone' is none of" in json.loads(wrong.stdout)["message"]
    picture = tmp_path / "p.png"
    picture.write_bytes(b"\x89PNG\r\n")
    refused = kehu(kehu_db, "import", picture, "--source", "members")
    assert refused.exit_code == 1
    assert "picture" in refused.stderr or "图片" in refused.stderr


def test_a_file_is_read_as_told_transformed_and_the_import_undone(kehu_db: TestDatabase, tmp_path: Path) -> None:
    file = tmp_path / "contacts.txt"
    file.write_bytes(
        "导出#2026\n联系人#生日\n张伟/13800138001#05/03/1988\n王芳/13900139002#25/12/1990\n".encode("gb18030")
    )
    split = '{"do": "split", "column": "联系人", "into": ["姓名", "手机"], "at": "/"}'
    words = [file, "--source", "crm", "--encoding", "gb18030", "--delimiter", "#", "--header-row", "2", "--step", split]
    tried = kehu(kehu_db, "import", *words, "--dry-run", "--json")
    assert tried.exit_code == 0, tried.stderr
    told = json.loads(tried.stdout)
    assert (told["encoding"], told["delimiter"], told["header_row"]) == ("gb18030", "#", 2)
    assert told["known"]["new"] == 2
    done = kehu(kehu_db, "import", *words, "--json")
    assert done.exit_code == 0, done.stderr
    first = json.loads(done.stdout)
    assert (first["sent"], first["mapping"]["attributes"]["手机"]) == (2, "phone")
    undone = kehu(kehu_db, "import", "--undo", str(first["import_id"]), "--reason", "wrong file", "--json")
    assert json.loads(undone.stdout) == {"import_id": first["import_id"], "state": "undone", "taken_back": 2}
    again = kehu(kehu_db, "import", "--undo", str(first["import_id"]))
    assert again.exit_code == 1
    assert "undone" in again.stderr


def test_an_import_that_waits_is_paused_resumed_and_undone_from_the_command_line(
    kehu_db: TestDatabase, tmp_path: Path
) -> None:
    def told(*words: str | int) -> dict[str, Any]:
        return answer_of(kehu(kehu_db, "import", *map(str, words), "--json"))

    source, import_id = make_file_source(), upload(tmp_path, MEMBER_FILE)
    services.start(import_id, source_id=source.pk, mapping=MEMBERS, actor=SYSTEM)
    assert told("--pause", import_id) == {"import_id": import_id, "state": "paused", "rows_done": 0}
    assert rows_in_inbox(source) == []
    assert (told("--resume", import_id)["sent"], len(rows_in_inbox(source))) == (3, 3)
    for word in ("--pause", "--cancel", "--resume"):
        late = kehu(kehu_db, "import", word, str(import_id))
        assert late.exit_code == 1
        assert "done" in late.stderr
    assert told("--undo", import_id)["taken_back"] == 3


def test_a_running_import_is_told_to_stop_and_a_cancelled_one_goes_on_without_a_gap(
    kehu_db: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", 1)
    prepare, answers = running.prepare, []

    def stop_at_the_second_batch(rows: list[Row], *given: Any) -> Batch:
        if rows[0].number == 3:
            answers.append(answer_of(kehu(kehu_db, "import", "--cancel", str(import_id), "--json")))
        return prepare(rows, *given)

    monkeypatch.setattr(running, "prepare", stop_at_the_second_batch)
    source, import_id = make_file_source(), upload(tmp_path, MEMBER_FILE)
    stopped = run(import_id, source, MEMBERS)
    assert (answers[0]["state"], stopped.state, stopped.rows_sent) == ("running", "cancelled", 2)
    resumed = answer_of(kehu(kehu_db, "import", "--resume", str(import_id), "--json"))
    assert (resumed["sent"], resumed["repeated"], len(rows_in_inbox(source))) == (3, 0, 3)


def test_it_says_what_is_missing(kehu_db: TestDatabase, tmp_path: Path) -> None:
    nothing = kehu(kehu_db, "import")
    assert nothing.exit_code == 1
    assert "--source" in nothing.stderr
