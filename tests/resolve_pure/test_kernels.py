"""The compiled string comparisons against rapidfuzz, and hashes that must never change."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from kehu.resolve.kernels import bits_set, jaro_winkler, within_one_edit
from kehu.resolve.text_columns import Dictionary, ListColumn, TextColumn

words = st.text(alphabet="abcd张王伟", max_size=12)


@given(words, words)
@settings(deadline=None, max_examples=400)
def test_within_one_edit_is_osa_distance_one(a: str, b: str) -> None:
    both = Dictionary([a, b])
    assert within_one_edit(both.chars, 0, len(a), len(a), len(a) + len(b)) == (OSA.distance(a, b) <= 1)


@given(words, words)
@settings(deadline=None, max_examples=400)
def test_jaro_winkler_agrees_with_rapidfuzz(a: str, b: str) -> None:
    both = Dictionary([a, b])
    ours = jaro_winkler(both.chars, 0, len(a), len(a), len(a) + len(b))
    # rapidfuzz gives the prefix bonus above 0.7 only, and calls two empty texts equal.
    theirs = JaroWinkler.similarity(a, b)
    if a and b and theirs > 0.7:
        assert abs(ours - theirs) < 1e-9


@given(words, words)
@settings(deadline=None, max_examples=200)
def test_one_edit_changes_at_most_two_signature_bits(a: str, b: str) -> None:
    if OSA.distance(a, b) <= 1:
        first, second = Dictionary([a, b]).signatures
        assert bits_set(first ^ second) <= 2


def test_text_hashes_are_the_same_for_ever() -> None:
    """Match keys are stored in databases: a changed hash would lose every candidate."""
    assert Dictionary(["张伟", "zhangwei", ""]).hashes.tolist() == HASHES


HASHES = [2806475787943772548, 9513766700902570359, 17665956581633026203]


def test_columns_give_back_what_was_put_in() -> None:
    column = TextColumn.of(["b", "", "a", "b"])
    assert [column.text(i) for i in range(4)] == ["b", "", "a", "b"]
    assert column.codes.tolist() == [0, -1, 1, 0]
    lists = ListColumn.of([["x", "", "y", "x"], [], ["y"]])
    assert [lists.texts(i) for i in range(3)] == [["x", "y"], [], ["y"]]
    assert lists.owners().tolist() == [0, 0, 2]


def test_hashes_of_missing_texts_are_zero() -> None:
    assert (TextColumn.of(["", "a"]).hashes() == 0).tolist() == [True, False]
    assert TextColumn.of(["", ""]).hashes().dtype == np.uint64
