"""The reference says what the code does: each setting and each command, no more and no fewer."""

import re
from pathlib import Path

from scripts.write_cli_reference import PAGE, reference

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = re.compile(r"`(KEHU_[A-Z_]+|DATABASE_URL)`")


def test_the_settings_page_lists_every_variable_the_code_reads() -> None:
    in_code = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"""["'](KEHU_[A-Z][A-Z_]*[A-Z]|DATABASE_URL)["']""", path.read_text())
    }
    lines = (ROOT / "docs/reference/settings.md").read_text().splitlines()
    in_page = {VARIABLE.findall(line)[0] for line in lines if line.startswith("| `")}
    assert in_page == in_code


def test_the_command_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text() == reference(), "run `make reference`"
