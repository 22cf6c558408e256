"""Transforms of cells before a row is read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.row_mapping import apply_steps, check_mapping, columns_made, mapping_hash, parse_mapping, parse_step
from kehu.core.errors import InvalidInput

SPLIT = {"do": "split", "column": "a", "into": ["p", "q"], "at": "/"}
SPLIT_NAME = {"do": "split_name", "column": "a", "surname": "s", "given_name": "g"}
JOIN = {"do": "join", "columns": ["a", "b", "c"], "into": "d", "by": ""}
AT = "2024-04-03 09:05:00"


@pytest.mark.parametrize(
    ("step", "row", "expected"),
    [
        ({"do": "trim", "column": "a"}, {"a": " ＡＢ　 c "}, {"a": "AB c"}),
        ({"do": "case", "column": "a", "to": "upper"}, {"a": "wx-1"}, {"a": "WX-1"}),
        ({"do": "replace", "column": "a", "find": "-", "by": ""}, {"a": "138-0013-8000"}, {"a": "13800138000"}),
        ({"do": "values", "column": "a", "values": {"先生": "男"}}, {"a": "先生"}, {"a": "男"}),
        ({"do": "values", "column": "a", "values": {"先生": "男"}}, {"a": "保密"}, {"a": "保密"}),
        ({"do": "values", "column": "a", "values": {"先生": "男"}, "others": "empty"}, {"a": "保密"}, {}),
        ({"do": "constant", "into": "b", "value": "CNY"}, {"a": "1"}, {"a": "1", "b": "CNY"}),
        ({"do": "default", "column": "a", "value": "CNY"}, {"b": "1"}, {"b": "1", "a": "CNY"}),
        ({"do": "default", "column": "a", "value": "CNY"}, {"a": "USD"}, {"a": "USD"}),
        ({"do": "date", "column": "a", "format": "dmy"}, {"a": "03/04/2024"}, {"a": "2024-04-03"}),
        ({"do": "date", "column": "a", "format": "mdy"}, {"a": "03/04/2024"}, {"a": "2024-03-04"}),
        ({"do": "date", "column": "a", "format": "DD.MM.YYYY HH:mm"}, {"a": "03.04.2024 09:05"}, {"a": AT}),
        ({"do": "date", "column": "a", "format": "YYYY年MM月DD日"}, {"a": "2024年4月3日"}, {"a": "2024-04-03"}),
        ({"do": "date", "column": "a", "format": "%d/%m/%y"}, {"a": "03/04/24"}, {"a": "2024-04-03"}),
        ({"do": "date", "column": "a", "format": "dmy"}, {"a": "soon"}, {"a": "soon"}),
        ({"do": "extract", "column": "a", "pattern": r"(\d{11})"}, {"a": "电话13800138000转3"}, {"a": "13800138000"}),
        ({"do": "extract", "column": "a", "pattern": r"\d+", "into": "n"}, {"a": "no 7"}, {"a": "no 7", "n": "7"}),
        ({"do": "extract", "column": "a", "pattern": r"\d+"}, {"a": "none"}, {}),
        (SPLIT, {"a": "x/ y/z"}, {"a": "x/ y/z", "p": "x", "q": "y/z"}),
        ({"do": "split", "column": "a", "into": ["p", "q"]}, {"a": "x"}, {"a": "x", "p": "x"}),
        (SPLIT_NAME, {"a": "欧阳娜娜"}, {"a": "欧阳娜娜", "s": "欧阳", "g": "娜娜"}),
        (SPLIT_NAME, {"a": "Chen, Lin"}, {"a": "Chen, Lin", "s": "Chen", "g": "Lin"}),
        (JOIN, {"a": "浙江", "c": "杭州"}, {"a": "浙江", "c": "杭州", "d": "浙江杭州"}),
    ],
)  # fmt: skip
def test_a_step_changes_its_cells_and_nothing_else(
    step: dict[str, Any], row: dict[str, str], expected: dict[str, str]
) -> None:
    assert apply_steps(row, [parse_step(step)]) == expected


def test_steps_work_on_what_the_step_before_left() -> None:
    steps = [
        parse_step({"do": "split", "column": "who", "into": ["name", "phone"], "at": "/"}),
        parse_step({"do": "replace", "column": "phone", "find": "-"}),
    ]
    assert apply_steps({"who": "张伟/138-0013-8000"}, steps)["phone"] == "13800138000"
    assert columns_made(steps) == ("name", "phone")


@pytest.mark.parametrize(
    "step",
    [
        {"do": "nothing", "column": "a"},
        {"do": "trim"},
        {"do": "trim", "colunm": "a"},
        {"do": "case", "column": "a", "to": "sideways"},
        {"do": "extract", "column": "a", "pattern": "(("},
        {"do": "split", "column": "a", "into": ["b"]},
        {"do": "split", "column": "a", "into": ["b", " "]},
        {"do": "replace", "column": "a", "find": ""},
        {"do": "join", "columns": ["a"], "into": "b"},
    ],
)
def test_a_step_that_makes_no_sense_is_refused(step: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        parse_step(step)


def test_what_steps_make_counts_as_columns_and_what_they_read_must_be_there() -> None:
    mapping = {
        "record": {"key": ["phone"]},
        "attributes": {"name": "name", "phone": "phone"},
        "steps": [{"do": "split", "column": "who", "into": ["name", "phone"], "at": "/"}],
    }
    check_mapping(parse_mapping(mapping), {"who"})
    with pytest.raises(InvalidInput, match="who"):
        check_mapping(parse_mapping(mapping), {"whom"})
    parsed = parse_mapping(mapping)
    assert mapping_hash(parse_mapping(parsed.to_json())) == mapping_hash(parsed)
    assert mapping_hash(parse_mapping({**mapping, "steps": []})) != mapping_hash(parsed)


KINDS = st.sampled_from(
    [
        {"do": "trim", "column": "a"},
        {"do": "date", "column": "a", "format": "YYYY-MM-DD"},
        {"do": "split_name", "column": "a", "surname": "s", "given_name": "g"},
        {"do": "extract", "column": "a", "pattern": "(.)"},
        {"do": "join", "columns": ["a", "b"], "into": "a"},
        {"do": "values", "column": "b", "values": {"x": ""}},
    ]
)


@given(st.dictionaries(st.sampled_from("abc"), st.text(max_size=30)), st.lists(KINDS, max_size=4))
def test_no_cell_makes_a_step_fail_or_leaves_an_empty_one_behind(row: dict[str, str], steps: list[Any]) -> None:
    cells = apply_steps(row, [parse_step(step) for step in steps])
    assert all(isinstance(cell, str) for cell in cells.values())
    assert apply_steps(row, []) == row
