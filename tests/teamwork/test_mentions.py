"""@ calls people: by the longest name that fits, never out of the middle of a word, and kept by number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.teamwork.mentions import as_typed, keep_mentions, mentioned_in, pieces_of

HANDLES = {"李娜": 3, "李": 2, "Eve": 7, "Eve Martin": 8}
NAMES = {number: handle for handle, number in HANDLES.items()}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("@李娜看一下", "@{3}看一下"),
        ("请@李 看", "请@{2} 看"),
        ("@Eve Martin, please", "@{8}, please"),
        ("@eve please", "@{7} please"),
        ("@Everest is a mountain", "@Everest is a mountain"),
        ("li@Eve.example.com", "li@Eve.example.com"),
        ("@ nobody @@李娜 @", "@ nobody @@{3} @"),
        ("", ""),
    ],
)
def test_a_name_after_an_at_is_kept_as_a_number(typed: str, kept: str) -> None:
    assert keep_mentions(typed, HANDLES) == kept


def test_each_person_is_called_once_and_a_number_nobody_has_stays_as_written() -> None:
    assert mentioned_in("@{3} @{7} @{3} @{99}") == (3, 7, 99)
    assert [(piece.text, piece.user_id) for piece in pieces_of("@{3}：@{99}好", NAMES)] == [
        ("@李娜", 3),
        ("：@{99}好", None),
    ]


@given(st.lists(st.sampled_from(["@", "李", "娜", "李娜", "Eve", " Martin", "a", "3", " ", "。"]), max_size=9))
def test_a_text_shown_for_editing_and_kept_again_calls_the_same_people(parts: list[str]) -> None:
    kept = keep_mentions("".join(parts), HANDLES)
    assert as_typed(kept, NAMES).casefold() == "".join(parts).casefold()
    assert keep_mentions(as_typed(kept, NAMES), HANDLES) == kept
