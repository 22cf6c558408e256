"""The `kehu` command as somebody types it: answers, exit codes, and errors that say what to do."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kehu.operate.postgres import PostgresServer
from tests.commands import answer_of, kehu
from tests.plugins.test_server import TestDatabase

WITHOUT_DATABASE = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def kehu_process(*arguments: str | Path, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "kehu.cli", *arguments],
        env=WITHOUT_DATABASE | {"DJANGO_SETTINGS_MODULE": "kehu.settings"} | (env or {}),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def told_by(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kehu-test-cli-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_help_names_every_command() -> None:
    said = kehu_process("--help")
    assert said.returncode == 0
    for command in (
        "up", "web", "worker", "collector", "migrate", "doctor", "match", "rebuild", "source", "user", "token",
    ):  # fmt: skip
        assert f" {command} " in said.stdout


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["source", "create"], ["up", "--port", "many"], ["token", "create", "--user", "a@example.com"]],
    ids=" ".join,
)
def test_what_is_not_understood_ends_with_2(arguments: list[str]) -> None:
    assert kehu_process(*arguments).returncode == 2


def test_a_source_is_made_and_its_key_shown(kehu_db: TestDatabase) -> None:
    command = ["source", "create", "--kind", "shop", "--name", "网店", "--json"]
    made = told_by(kehu_process(*command, env=kehu_db.environment()))
    assert made["kind"] == "shop"
    assert made["write_key"].startswith("wk_")
    listed = answer_of(kehu(kehu_db, "source", "list", "--json"))["sources"]
    assert made["id"] in {source["id"] for source in listed}
    assert "wk_" not in json.dumps(listed)


def test_an_unknown_kind_of_source_is_refused_with_the_known_ones(kehu_db: TestDatabase) -> None:
    done = kehu(kehu_db, "source", "create", "--kind", "telegraph", "--name", "x")
    assert done.exit_code == 1
    assert "shop" in done.stderr


def test_a_person_and_their_token(kehu_db: TestDatabase) -> None:
    person = ["user", "create", "--role", "rep", "--json", "--email"]
    user = answer_of(kehu(kehu_db, *person, "Lin@example.com"))
    assert user["email"] == "lin@example.com"
    assert len(user["password"]) >= 12
    second = answer_of(kehu(kehu_db, *person, "wu@example.com", KEHU_PASSWORD="correct horse battery"))
    assert "password" not in second
    token = ["token", "create", "--name", "till", "--scope", "customer.view", "--json", "--user"]
    assert answer_of(kehu(kehu_db, *token, "lin@example.com"))["token"].startswith("kehu_")
    refused = kehu(kehu_db, *token, "nobody@example.com")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["error"] == "not_found"


def test_an_unreachable_database_is_named_as_such(data_dir: Path) -> None:
    env = {"DATABASE_URL": "postgresql://kehu@127.0.0.1:9/kehu", "KEHU_DATA_DIR": str(data_dir)}
    done = kehu_process("source", "list", "--json", env=env)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"] == "database_unreachable"


def test_a_wrong_setting_is_named_with_its_value(data_dir: Path) -> None:
    done = kehu_process("migrate", env={"KEHU_DEBUG": "perhaps", "KEHU_DATA_DIR": str(data_dir)})
    assert done.returncode == 1
    assert "KEHU_DEBUG='perhaps'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_on_ones_own_server_from_nothing_to_a_clean_bill_of_health(data_dir: Path) -> None:
    with PostgresServer(data_dir / "own", settings={"shared_buffers": "16MB"}) as own:
        prepared = told_by(
            kehu_process("prepare-database", "--admin-url", own.dsn("owner"), "--name", "firm", "--json")
        )
        env = {**prepared, "KEHU_DATA_DIR": str(data_dir)}
        before = kehu_process("doctor", "--json", env=env)
        assert before.returncode == 1
        assert problems(before) == {"migrations"}
        assert told_by(kehu_process("migrate", "--json", env=env))["applied"]
        assert told_by(kehu_process("migrate", "--json", env=env))["applied"] == []
        after = kehu_process("doctor", "--json", env=env)
        assert problems(after) == set(), after.stdout
        assert after.returncode == 0
        as_owner = kehu_process("doctor", "--json", env=env | {"DATABASE_URL": prepared["KEHU_MIGRATE_DATABASE_URL"]})
        assert problems(as_owner) == {"roles"}


def test_the_doctor_sees_a_key_that_others_may_read(data_dir: Path) -> None:
    (data_dir / "secrets").mkdir()
    (data_dir / "secrets" / "secret_key").write_text("x")
    (data_dir / "secrets" / "secret_key").chmod(0o644)
    done = kehu_process("doctor", "--json", "--data-dir", data_dir)
    assert done.returncode == 1
    found = [line for line in json.loads(done.stdout)["findings"] if line["check"] == "files"]
    assert found[0]["to_do"] == f"run `chmod 600 {data_dir}/secrets/secret_key`"


def problems(done: "subprocess.CompletedProcess[str]") -> set[str]:
    findings = json.loads(done.stdout)["findings"]
    return {finding["check"] for finding in findings if finding["health"] == "problem"}
