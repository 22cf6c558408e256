"""How commands tell what went wrong."""

import json

import pytest
import typer

from kehu.cli.output import FAILED, ToldError, expected_errors


@expected_errors
def refuse(*, as_json: bool) -> None:
    raise ToldError("no_such_file_kind", "Kehu does not read .doc: save it as .xlsx.")


@expected_errors
def stumble(*, as_json: bool) -> None:
    raise ZeroDivisionError


def test_an_error_told_in_words_ends_with_1_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        refuse(as_json=False)
    assert ended.value.exit_code == FAILED
    assert "save it as .xlsx" in capsys.readouterr().err


def test_the_same_error_for_programs_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        refuse(as_json=True)
    assert json.loads(capsys.readouterr().out)["error"] == "no_such_file_kind"


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        stumble(as_json=False)
