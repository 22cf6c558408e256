"""`kehu rules`: a set comes out of one installation and into another; a file that is none is refused in words."""

import json
from pathlib import Path

from tests.commands import answer_of, kehu
from tests.plugins.test_server import TestDatabase

RULE = {"key": "r", "name": "R", "does": {"type": "required", "attribute": "phone"}}


def test_rules_go_in_and_out_as_files(kehu_db: TestDatabase, tmp_path: Path) -> None:
    given, back, broken = tmp_path / "in.json", tmp_path / "out.json", tmp_path / "broken.json"
    given.write_text(json.dumps({"rules": [RULE]}))
    broken.write_text(json.dumps({"rules": [{**RULE, "does": {"type": "pattern", "attribute": "x", "pattern": "("}}]}))
    assert answer_of(kehu(kehu_db, "rules", "try", given, "--json"))["rules"]["r"]["failed"] == 0
    assert answer_of(kehu(kehu_db, "rules", "import", given, "--json")) == {"version": 1, "is_new": True}
    assert answer_of(kehu(kehu_db, "rules", "export", back, "--json")) == {"version": 1, "rules": 1}
    assert json.loads(back.read_text())["rules"][0]["key"] == "r"
    refused = kehu(kehu_db, "rules", "import", broken)
    assert refused.exit_code == 1
    assert "RE2" in refused.stderr
