"""Public truth sets, one setting for all of them, no flags: the floors that must hold."""

from pathlib import Path

import polars as pl
import pytest

from kehu.resolve.column_roles import canonical_frame, column_roles
from kehu.resolve.evaluation import Quality, evaluate, exact_join
from kehu.resolve.features import build_features
from kehu.resolve.match import match

DATA = Path(__file__).parents[3] / "shared" / "data" / "resolution"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the truth sets are not beside the checkout: {DATA}")


def quality_of(name: str) -> Quality:
    frame, truth = pl.read_parquet(DATA / f"{name}.parquet"), pl.read_parquet(DATA / f"{name}_truth.parquet")
    rows = match(frame).rows
    assert rows["id"].to_list() == frame["id"].to_list()
    return evaluate(rows["cluster_id"].to_numpy(), truth["truth"].to_numpy())


@pytest.mark.parametrize(("name", "floor"), [("febrl1", 0.99), ("febrl2", 0.99), ("historical_people", 0.93)])
def test_pairwise_f1_reaches_its_floor(name: str, floor: float) -> None:
    assert quality_of(name).pair_f1 >= floor


def test_chinese_customers_are_matched_well_above_an_exact_join() -> None:
    ours = quality_of("zh_customers")
    frame = pl.read_parquet(DATA / "zh_customers.parquet")
    features = build_features(canonical_frame(frame, column_roles(frame)))
    truth = pl.read_parquet(DATA / "zh_customers_truth.parquet")["truth"].to_numpy()
    joined = evaluate(exact_join(features), truth)
    assert ours.pair_f1 >= 0.84
    assert ours.pair_precision >= 0.92
    assert ours.pair_f1 >= joined.pair_f1 + 0.05


@pytest.mark.parametrize("name", ["febrl1", "historical_people"])
def test_the_order_of_rows_does_not_change_who_is_who(name: str) -> None:
    frame = pl.read_parquet(DATA / f"{name}.parquet")
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=5)
    plain = dict(match(frame).rows.select("id", "cluster_id").iter_rows())
    moved = dict(match(shuffled).rows.select("id", "cluster_id").iter_rows())
    ids = list(plain)
    assert evaluate([plain[i] for i in ids], [moved[i] for i in ids]).pair_f1 == 1.0
