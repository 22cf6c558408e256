"""What the documentation shows can be run, and what it lists exists."""

import re
from pathlib import Path

import pytest

from kehu.clean.row_mapping import (
    IDENTIFIER_TYPES,
    ORGANISATION_ATTRIBUTES,
    PERSON_ATTRIBUTES,
    check_mapping,
    parse_mapping,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "row-mapping.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```json\n(.*?)```", REFERENCE, re.DOTALL)


@pytest.mark.parametrize("text", SHOWN)
def test_a_mapping_of_the_reference_is_a_mapping(text: str) -> None:
    check_mapping(parse_mapping(text))


def test_the_reference_shows_mappings_and_names_every_attribute() -> None:
    assert len(SHOWN) == 3
    words = set(re.findall(r"`([\w.]+)`", REFERENCE))
    assert words >= PERSON_ATTRIBUTES | ORGANISATION_ATTRIBUTES
    assert words & IDENTIFIER_TYPES


def test_every_problem_code_is_in_the_reference() -> None:
    source = DOCS.parent / "src" / "kehu"
    files = [*(source / "clean" / "row_mapping").glob("*.py"), *(source / "collect" / "imports").rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    codes = set(re.findall(r'\.note\([\w.]+, "(\w+)"', text))
    codes |= set(re.findall(r'UnreadableValue\("(\w+)"', text))
    codes |= set(re.findall(r'yield Row\([^"]*(?:\{"": [^}]*\}, )?"(\w+)"', text))
    codes = (codes | {"nothing_usable", "no_key"}) - {"unreadable_workbook"}  # refuses the whole file
    assert len(codes) > 10
    assert {code for code in codes if f"`{code}`" not in REFERENCE} == set()
