"""How good a partition is: every pair and every record counted, nothing sampled.

Pairs: of the pairs put together, how many belong together (precision), and of those that belong together, how
many were put together (recall). B³ does the same record by record, so that a few big customers do not
outweigh the rest. Source: Bagga & Baldwin (1998), Algorithms for Scoring Coreference Chains.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from kehu.demo.truth import Truth

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PartitionQuality:
    """All on 0..1. An empty denominator counts as 1: nothing was claimed, or nothing was there to find."""

    pair_precision: float
    pair_recall: float
    pair_f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float


@dataclass(frozen=True, slots=True)
class MixedCustomer:
    """A customer that holds more than two people. `is_listed`: known causes connect all of them."""

    customer: str
    people: tuple[str, ...]
    causes: tuple[str, ...]
    is_listed: bool


def partition_quality(predicted: Sequence[Hashable], truth: Sequence[Hashable]) -> PartitionQuality:
    """Compare two labelings of the same records, element by element."""
    if len(predicted) != len(truth):
        raise ValueError(f"{len(predicted)} predicted labels for {len(truth)} true ones")
    found, real = _codes(predicted), _codes(truth)
    # One cell per (predicted, true) combination that occurs, with the number of records in it.
    _, first, in_cell = np.unique(found * (real.max(initial=0) + 1) + real, return_index=True, return_counts=True)
    in_found, in_real = np.bincount(found), np.bincount(real)
    together = float(_pairs(in_cell).sum())
    pair_precision = _ratio(together, float(_pairs(in_found).sum()))
    pair_recall = _ratio(together, float(_pairs(in_real).sum()))
    square = in_cell.astype(np.float64) ** 2
    b3_precision = _ratio(float((square / in_found[found[first]]).sum()), float(len(found)))
    b3_recall = _ratio(float((square / in_real[real[first]]).sum()), float(len(found)))
    return PartitionQuality(
        pair_precision,
        pair_recall,
        _harmonic(pair_precision, pair_recall),
        b3_precision,
        b3_recall,
        _harmonic(b3_precision, b3_recall),
    )


def mixed_customers(predicted: Sequence[str], truth: Sequence[str], people: pl.DataFrame) -> list[MixedCustomer]:
    """Customers that mix more than two people, each with the causes that the truth knows of."""
    in_customer: dict[str, set[str]] = {}
    for customer, person in zip(predicted, truth, strict=True):
        in_customer.setdefault(customer, set()).add(person)
    facts = {row["person"]: row for row in people.iter_rows(named=True)}
    mixed = []
    for customer, found in sorted(in_customer.items()):
        if len(found) > 2:
            members = tuple(sorted(found))
            causes, is_listed = _causes_of_mixing([facts[person] for person in members])
            mixed.append(MixedCustomer(customer, members, causes, is_listed))
    return mixed


def evaluate_partition(
    customer_of: dict[tuple[str, str], str], truth: Truth
) -> tuple[PartitionQuality, list[MixedCustomer]]:
    """Score a mapping (source, external id) → customer against the truth.

    Scored are the records of people; a record the road does not know counts as a customer of its own, so
    losing records costs recall. Devices are scored by their events, organisations apart.
    """
    person_of = truth.person_of()
    predicted = [customer_of.get(key) or f"unknown {key}" for key in person_of]
    people = list(person_of.values())
    return partition_quality(predicted, people), mixed_customers(predicted, people, truth.people())


def _causes_of_mixing(members: list[dict[str, object]]) -> tuple[tuple[str, ...], bool]:
    causes: set[str] = set()
    group = list(range(len(members)))
    for i, j in combinations(range(len(members)), 2):
        found = list(_causes_between(members[i], members[j]))
        causes.update(found)
        if found:
            old, new = group[j], group[i]
            group = [new if g == old else g for g in group]
    return tuple(sorted(causes)), len(set(group)) == 1


def _causes_between(one: dict[str, object], other: dict[str, object]) -> Iterable[str]:
    """Why even a careful clerk might take two people for one."""
    same_name = (one["surname"], one["given_name"]) == (other["surname"], other["given_name"])
    if one["phone"] == other["phone"]:
        yield "family_phone" if one["household"] == other["household"] else "recycled_number"
    if one["household"] == other["household"] and one["surname"] == other["surname"]:
        yield "same_surname_and_address"
    if same_name and one["birth_date"] == other["birth_date"]:
        yield "same_name_and_birth_date"
    if same_name and str(one["address"])[:6] == str(other["address"])[:6]:
        yield "same_name_and_city"


def _codes(labels: Sequence[Hashable]) -> Ids:
    codes: dict[Hashable, int] = {}
    return np.fromiter((codes.setdefault(label, len(codes)) for label in labels), dtype=np.int64, count=len(labels))


def _pairs(sizes: Ids) -> npt.NDArray[np.float64]:
    counted = sizes.astype(np.float64)
    return counted * (counted - 1) / 2


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
