"""Figures of quality against counting by hand."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.resolve.evaluation import evaluate, exact_join
from kehu.resolve.features import build_features

labels = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14)


@given(labels)
def test_pair_figures_are_those_of_counting_pairs(both: list[tuple[int, int]]) -> None:
    quality = evaluate([a for a, _ in both], [b for _, b in both])
    pairs = list(combinations(both, 2))
    assert quality.pairs_found == sum(x[0] == y[0] for x, y in pairs)
    assert quality.pairs_true == sum(x[1] == y[1] for x, y in pairs)
    assert quality.pairs_right == sum(x == y for x, y in pairs)


@given(labels)
def test_b_cubed_is_the_mean_over_records(both: list[tuple[int, int]]) -> None:
    quality = evaluate([a for a, _ in both], [b for _, b in both])
    right = [sum(x == y for y in both) for x in both]
    precision = [r / sum(x[0] == y[0] for y in both) for x, r in zip(both, right, strict=True)]
    recall = [r / sum(x[1] == y[1] for y in both) for x, r in zip(both, right, strict=True)]
    assert quality.b3_precision == pytest.approx(sum(precision) / len(both))
    assert quality.b3_recall == pytest.approx(sum(recall) / len(both))


def test_the_truth_agrees_with_itself() -> None:
    quality = evaluate(["a", "b", "a"], [7, 1, 7])
    assert (quality.pair_f1, quality.b3_f1) == (1.0, 1.0)


def test_the_exact_join_follows_equal_identifiers_and_nothing_else() -> None:
    people = [
        {"name": "张伟", "phone": "13800138000"},
        {"phone": ["+86 138 0013 8000", "13900139000"]},
        {"email": "lin@example.org", "phone": "13900139000"},
        {"name": "张伟", "phone": "138****8000"},
        {"openid": "o1"},
        {"openid": "o1"},
        {"unionid": "o1"},
    ]
    assert exact_join(build_features(people)).tolist() == [0, 0, 0, 1, 2, 2, 3]
