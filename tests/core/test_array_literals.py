from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.core.array_literals import array_literal
from kehu.core.database import current_connection, set_statements

pytestmark = pytest.mark.database

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def through_the_server(values: list[Any], type_: str) -> list[Any]:
    with set_statements(current_connection()) as connection:
        row = connection.execute(f"SELECT %s::{type_}[]", (values,)).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return list(row[0])


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("text", TEXTS),
        ("uuid", st.uuids()),
        ("bigint", st.integers(-(2**63), 2**63 - 1)),
        ("float8", st.floats(allow_nan=False, allow_infinity=False)),
        ("boolean", st.booleans()),
        ("timestamptz", MOMENTS),
    ],
)
def test_a_column_comes_back_from_the_server_as_it_was(db: None, type_: str, values: st.SearchStrategy[Any]) -> None:
    @given(st.lists(st.none() | values), st.lists(values))
    def comes_back(some: list[Any], full: list[Any]) -> None:
        assert through_the_server(some, type_) == some
        assert through_the_server(full, type_) == full

    comes_back()


def test_what_texts_cannot_hold_is_left_out_and_separators_are_kept() -> None:
    assert array_literal(["a\x00b"]) == '{"ab"}'
    assert array_literal(["a\x1fb", "c"]) == '{"a\x1fb","c"}'
    assert array_literal(['say "\\"', None]) == '{"say \\"\\\\\\"",NULL}'
    assert array_literal([UUID(int=1), None]) == "{" + "0" * 31 + "1,NULL}"


def test_lists_in_lists_are_refused() -> None:
    with pytest.raises(TypeError, match="list"):
        array_literal([["a"]])
