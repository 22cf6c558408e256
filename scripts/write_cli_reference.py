"""Write docs/reference/cli.md from the commands themselves: `make reference`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from kehu.cli.main import app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli.md"
HEAD = """\
# The `kehu` command

Written by `make reference` from the commands themselves: change their help texts, not this page.

Every command answers people with text and, where it takes `--json`, programs with one line of JSON as the last line of
standard output; progress and remarks go to standard error. Exit codes: **0** done · **1** it could not be done, the
reason and what to do about it are on standard error (with `--json`: `{"error": …, "message": …}` on standard output) ·
**2** the command was not understood. `--data-dir` is `KEHU_DATA_DIR` or `.kehu` unless said otherwise. A command that
needs the database uses the one `DATABASE_URL` names, else the embedded one of the data folder; where that does not run,
it is started for the command alone.
"""
FIRST = (
    "up",
    "migrate",
    "doctor",
    "user create",
    "source create",
    "token create",
    "import",
    "match",
    "rebuild",
    "demo",
)


def reference() -> str:
    """The whole page."""
    found = dict(_commands(get_command(app), ()))
    order = sorted(found, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    return HEAD + "".join(f"\n### kehu {name}\n\n{_section(found[name])}" for name in order)


def _commands(command: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        yield " ".join(names), command
        return
    for name, each in subcommands.items():
        yield from _commands(each, (*names, name))


def _section(command: Any) -> str:
    lines = [re.sub(r"\s*\n(?!\n)", " ", paragraph.strip()) for paragraph in (command.help or "").split("\n\n")]
    text = "\n\n".join(lines) + "\n"
    rows = [_row(parameter) for parameter in command.params if "--help" not in parameter.opts]
    return text + ("\n| | default | |\n| --- | --- | --- |\n" + "".join(rows) if rows else "")


def _row(parameter: Any) -> str:
    is_argument = not parameter.opts[0].startswith("-")
    name = parameter.opts[0].upper() if is_argument else "`, `".join([*parameter.opts, *parameter.secondary_opts])
    default = parameter.default
    has_default = default not in (None, "", []) and not isinstance(default, bool)
    shown = "required" if parameter.required else f"`{default}`" if has_default else ""
    meaning = (getattr(parameter, "help", "") or "").replace("|", "\\|")
    return f"| `{name}` | {shown} | {meaning} |\n"


if __name__ == "__main__":
    PAGE.write_text(reference())
    sys.exit(0)
