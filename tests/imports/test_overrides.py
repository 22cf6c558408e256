"""Corrections to a guessed mapping, a column at a time."""

from typing import Any

import pytest

from kehu.clean.row_mapping import columns_of, parse_mapping
from kehu.collect.imports.overrides import apply_overrides
from kehu.core.errors import InvalidInput

GUESSED: dict[str, Any] = {
    "record": {"key": ["card", {"column": "mobile", "prefix": "phone:"}]},
    "attributes": {"name": "name", "mobile": "phone", "firm": "company"},
    "identifiers": {"card": "member_id"},
    "occurred_at": ["day", "made"],
    "order": {
        "number": "no",
        "total": "sum",
        "buyer": {"source": "crm", "column": "who"},
        "line": {"each": "lines", "sku": "sku", "key": ["id"]},
        "payment": {"amount": "sum", "method": "how"},
        "refund": {"amount": "back"},
    },
    "organisation": {"key": ["firm"], "attributes": {"firm": "name"}},
    "event": {"name": "=Call", "key": ["id"], "properties": {"topic": "topic"}},
    "consent": {"purpose": "=m", "channel": "=e", "state": {"column": "ok", "granted": ["1"]}},
}
COLUMNS = [
    "card",
    "mobile",
    "name",
    "firm",
    "day",
    "made",
    "no",
    "sum",
    "who",
    "how",
    "back",
    "topic",
    "ok",
    "lines.sku",
]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_taken_out_is_read_nowhere(column: str) -> None:
    left = parse_mapping(apply_overrides(GUESSED, [f"{column}="]))
    assert column not in set(columns_of(left))
    assert parse_mapping(GUESSED) != left


def test_what_stands_on_a_column_falls_with_it() -> None:
    without = {column: apply_overrides(GUESSED, [f"{column}="]) for column in COLUMNS}
    assert "order" not in without["no"]
    assert "payment" not in without["sum"]["order"]
    assert without["sum"]["order"]["refund"] == {"amount": "back"}
    assert "buyer" not in without["who"]["order"]
    assert "organisation" not in without["firm"]
    assert "consent" not in without["ok"]
    assert without["topic"]["event"]["key"] == ["id"]
    assert without["lines.sku"]["order"]["line"] == {"each": "lines", "key": ["id"]}


def test_a_column_gets_another_meaning_and_loses_the_one_it_had() -> None:
    changed = apply_overrides(GUESSED, ["day=birth_date", "mobile=nickname", "x=line.quantity", "y=order.status"])
    assert changed["occurred_at"] == ["made"]
    assert changed["attributes"]["day"] == "birth_date"
    assert changed["attributes"]["mobile"] == "nickname"
    assert {"column": "mobile", "prefix": "phone:"} in changed["record"]["key"]
    assert changed["order"]["line"]["quantity"] == "x"
    assert changed["order"]["status"] == "y"
    assert apply_overrides(GUESSED, ["lines.q=line.quantity"])["order"]["line"]["quantity"] == "q"


def test_the_key_is_set_beside_the_meaning_and_a_mapping_can_begin_with_nothing() -> None:
    assert apply_overrides(GUESSED, ["mobile=key"])["record"]["key"] == ["mobile"]
    assert apply_overrides(GUESSED, ["mobile=key"])["attributes"]["mobile"] == "phone"
    begun = apply_overrides({}, ["tel=phone", "a=b=member_id"])
    assert begun == {
        "record": {"key": ["tel"]},
        "attributes": {"tel": "phone"},
        "identifiers": {"a=b": "member_id"},
    }


@pytest.mark.parametrize("word", ["phone", "=phone", "tel=fone", ""])
def test_a_word_that_says_nothing_is_refused(word: str) -> None:
    with pytest.raises(InvalidInput):
        apply_overrides(GUESSED, [word])


def test_the_mapping_given_is_left_alone() -> None:
    before = repr(GUESSED)
    apply_overrides(GUESSED, [f"{column}=" for column in COLUMNS])
    assert repr(GUESSED) == before
