"""`kehu …` in the test's own process, on the test's own database (`kehu_db`).

A process of its own costs a second and a half of a processor; what only it shows (its start, its settings, its exit
code) is for tests/cli/test_commands.py.
"""

import json
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import Result
from typer.testing import CliRunner

from kehu.cli.main import app
from tests.plugins.test_server import TestDatabase


def kehu(database: TestDatabase, *words: str | Path, **environment: str) -> Result:
    """What the command answered. A bug in it is raised here, not hidden in an exit code."""
    with patch.dict(os.environ, database.environment() | environment):
        return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def answer_of(done: Result) -> dict[str, Any]:
    """What it told a program, given that it did what it was asked."""
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
