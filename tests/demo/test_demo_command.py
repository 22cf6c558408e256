"""`kehu demo` keeps out of folders that hold something else."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kehu.cli.demo import STATE_FILE
from kehu.cli.main import app


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # The command points its process at the folder: put back what was there before.
    monkeypatch.setenv("KEHU_DATA_DIR", ".kehu")


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear Lin")
    done = CliRunner().invoke(app, ["demo", "--data-dir", str(tmp_path), "--no-serve", "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout.splitlines()[-1])["error"] == "not_empty"
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_demo_of_another_size_is_refused_and_the_same_one_is_not_built_twice(tmp_path: Path) -> None:
    state = {"people": 50, "seed": 1, "logins": [], "figures": {"people": 50, "match.pair_f1": 0.7}}
    (tmp_path / STATE_FILE).write_text(json.dumps(state))
    arguments = ["demo", "--data-dir", str(tmp_path), "--no-serve", "--json"]
    other = CliRunner().invoke(app, [*arguments, "--people", "60"])
    assert other.exit_code == 1
    assert json.loads(other.stdout.splitlines()[-1])["error"] == "another_demo"
    same = CliRunner().invoke(app, [*arguments, "--people", "50"])
    assert same.exit_code == 0
    assert json.loads(same.stdout.splitlines()[-1]) == state["figures"]
