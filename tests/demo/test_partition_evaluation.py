"""Precision and recall of a partition, against cases counted by hand and against the definition."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.demo.exact_join import exact_join
from kehu.demo.export_reading import read_records
from kehu.demo.generator import CompanyFiles
from kehu.demo.partition_evaluation import evaluate_partition, mixed_customers, partition_quality


def test_a_worked_example() -> None:
    # True: {1 2 3} {4 5}; found: {1 2} {3 4 5}.
    quality = partition_quality(["a", "a", "b", "b", "b"], ["x", "x", "x", "y", "y"])
    assert quality.pair_precision == pytest.approx(2 / 4)
    assert quality.pair_recall == pytest.approx(2 / 4)
    assert quality.b3_precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert quality.b3_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)


labelings = st.integers(1, 12).flatmap(lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n)] * 2))


@given(labelings)
def test_it_counts_what_the_definition_counts(labels: tuple[list[int], list[int]]) -> None:
    found, real = labels
    indexes = range(len(found))
    together = {(i, j) for i, j in combinations(indexes, 2) if found[i] == found[j]}
    belong = {(i, j) for i, j in combinations(indexes, 2) if real[i] == real[j]}
    quality = partition_quality(found, real)
    assert quality.pair_precision == pytest.approx(len(together & belong) / len(together) if together else 1)
    assert quality.pair_recall == pytest.approx(len(together & belong) / len(belong) if belong else 1)
    b3 = [
        sum(found[j] == found[i] and real[j] == real[i] for j in indexes) / sum(found[j] == found[i] for j in indexes)
        for i in indexes
    ]
    assert quality.b3_precision == pytest.approx(sum(b3) / len(b3))


def test_the_truth_itself_is_perfect_and_lost_records_cost_recall(company: CompanyFiles) -> None:
    records = company.truth.records().filter(pl.col("is_scored"))
    right = {(r["source"], r["external_id"]): r["person"] for r in records.iter_rows(named=True)}
    quality, mixed = evaluate_partition(right, company.truth)
    assert (quality.pair_f1, quality.b3_f1, mixed) == (1.0, 1.0, [])
    for key in list(right)[::10]:
        del right[key]
    quality, _ = evaluate_partition(right, company.truth)
    assert quality.pair_precision == 1.0
    assert quality.pair_recall < 0.9


def test_the_exact_join_is_neither_useless_nor_enough(company: CompanyFiles) -> None:
    records = read_records(company.exports)
    labels = exact_join(records)
    found = {(r["source"], r["external_id"]): str(label) for r, label in zip(records, labels, strict=True)}
    quality, mixed = evaluate_partition(found, company.truth)
    assert 0.3 < quality.pair_f1 < 0.8
    assert all("family_phone" in m.causes or "recycled_number" in m.causes for m in mixed)


def test_a_customer_of_three_strangers_has_no_listed_cause() -> None:
    people = pl.DataFrame(
        {
            "person": ["p1", "p2", "p3"],
            "surname": ["王", "李", "王"],
            "given_name": ["伟", "娜", "伟"],
            "birth_date": ["1980-01-01", "1981-02-02", "1980-01-01"],
            "household": [1, 2, 3],
            "phone": ["1", "2", "3"],
            "address": ["上海市", "北京市", "广州市"],
        }
    )
    (mixed,) = mixed_customers(["c", "c", "c"], ["p1", "p2", "p3"], people)
    assert mixed.causes == ("same_name_and_birth_date",)
    assert not mixed.is_listed


def test_the_exact_join_joins_over_several_steps_but_not_over_placeholders_and_masks() -> None:
    records = [
        {"phone": "138 5714 2063"},
        {"phone": "+8613857142063", "email": "Lin@Example.org"},
        {"email": "lin@example.org", "member_id": "6001"},
        {"phone": "138****2063"},
        {"phone": "138****2063"},
        {"phone": "00000000000", "email": "test@test.com"},
        {"phone": "00000000000", "email": "test@test.com"},
    ]
    assert exact_join(records) == [0, 0, 0, 3, 4, 5, 6]
