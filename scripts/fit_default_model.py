"""Count m and household tables on a demo company and blend them, half and half, into the shipped model.

The company's seed is not the one anything is measured on. Prints what it counted; --write replaces the shipped file.
usage: fit_default_model.py WORK_DIR [--people 4000] [--seed 99] [--weight 0.5] [--write]
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from kehu.demo.export_reading import read_records
from kehu.demo.generator import generate_company
from kehu.resolve.attributes import ATTRIBUTES, LEVELS
from kehu.resolve.features import Features, build_features
from kehu.resolve.match_model import MatchModel
from kehu.resolve.scoring import score_pairs

SHIPPED = Path(__file__).resolve().parent.parent / "src/kehu/resolve/data/default_model.json"
PAIRS_PER_GROUP = 12  # so that a customer with many records does not outvote the others
FEWEST = 150  # attributes seen less often keep their table
FLOOR = 1e-5
Table = dict[str, tuple[np.ndarray, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=99)
    parser.add_argument("--weight", type=float, default=0.5)
    parser.add_argument("--write", action="store_true")
    told = parser.parse_args()
    company = generate_company(told.people, told.seed, told.folder, date(2026, 11, 1))
    person = {(r["source"], r["external_id"]): r["person"] for r in _truth(company.truth, "records")}
    home = {r["person"]: r["household"] for r in _truth(company.truth, "people")}
    records = [r for r in read_records(company.exports) if (r["source"], r["external_id"]) in person]
    people = [person[r["source"], r["external_id"]] for r in records]
    features = build_features([{k: v for k, v in r.items() if k not in ("source", "external_id")} for r in records])
    model = MatchModel.default()
    same = count_levels(features, groups_of(people), lambda a, b: True, model)
    kin = count_levels(features, groups_of([home[p] for p in people]), lambda a, b: people[a] != people[b], model)
    fitted = replace(model, m=blend(model.m, same, told.weight), household=blend(model.household, kin, told.weight))
    for name in ATTRIBUTES:
        print(name, "m", fitted.m[name], "household", fitted.household[name])
    if told.write:
        SHIPPED.write_text(json.dumps(json.loads(fitted.to_json()), ensure_ascii=False, indent=1) + "\n")


def _truth(folder: Path, name: str) -> list[dict[str, str]]:
    return pl.read_parquet(folder / f"{name}.parquet").to_dicts()


def groups_of(labels: Sequence[str | None]) -> Iterable[list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        if label is not None:
            groups[label].append(place)
    return groups.values()


def count_levels(
    features: Features, groups: Iterable[list[int]], wanted: Callable[[int, int], bool], model: MatchModel
) -> Table:
    """attribute → (pairs at each level but missing, their sum), over pairs inside the groups."""
    chance = random.Random(1)
    left, right = [], []
    for group in groups:
        pairs = [(a, b) for place, a in enumerate(group) for b in group[:place] if wanted(a, b)]
        for a, b in chance.sample(pairs, min(len(pairs), PAIRS_PER_GROUP)):
            left.append(a)
            right.append(b)
    levels = score_pairs(features, np.array(left, np.int32), np.array(right, np.int32), model).levels
    table: Table = {}
    for column, name in enumerate(ATTRIBUTES):
        counts = np.bincount(levels[:, column], minlength=len(LEVELS[name]))[1 : len(LEVELS[name])].astype(float)
        table[name] = (counts, counts.sum())
    return table


def blend(shipped: Mapping[str, Sequence[float]], counted: Table, weight: float) -> dict[str, list[float]]:
    """weight of the counted share, smoothed by twenty pairs of the shipped one; never exactly zero."""
    blended: dict[str, list[float]] = {}
    for name in ATTRIBUTES:
        before = np.array(shipped[name])
        counts, total = counted[name]
        after = before
        if total >= FEWEST:
            after = weight * (counts + 20 * before) / (total + 20) + (1 - weight) * before
        after = np.maximum(after, FLOOR)
        blended[name] = [round(float(share), 5) for share in after / after.sum()]
    return blended


if __name__ == "__main__":
    main()
