"""Whole frames in, customers out: the batch form of the one matcher."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kehu.resolve.blocking import pairs_of_features
from kehu.resolve.clustering import ClusterSettings, cluster
from kehu.resolve.column_roles import ID_NAMES, UnknownColumn, canonical_frame, column_roles
from kehu.resolve.component_pairs import pairs_within
from kehu.resolve.features import Features, build_features
from kehu.resolve.match_model import MatchModel, probability_of
from kehu.resolve.record_order import record_order
from kehu.resolve.scoring import PairScorer

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class MatchResult:
    """Who is who in the frames given.

    rows: one row per input row, in order: file (its name, or the frame's number from 1), id, cluster_id (int, numbered
    by first row), match_probability (of the row's best pair inside its cluster, 0..1; 0 for a row that is alone).
    left, right, probability: the scored pairs, positions in rows. roles: attribute → columns, per frame.
    cpu_seconds: stage → what it took, in the order of the stages: read, order, block, learn, score, cluster.
    """

    rows: pl.DataFrame
    clusters: int
    pairs_compared: int
    seconds: float
    left: Codes
    right: Codes
    probability: NDArray[np.float64]
    roles: Mapping[str, Mapping[str, Sequence[str]]]
    model: MatchModel
    cpu_seconds: Mapping[str, float]


def match(
    frames: pl.DataFrame | Sequence[pl.DataFrame] | Mapping[str, pl.DataFrame],
    *,
    id_column: str | None = None,
    mapping: Mapping[str, str] | None = None,
    threshold: float | None = None,
    model: MatchModel | None = None,
) -> MatchResult:
    """Link and deduplicate one or several frames together.

    frames: one, a sequence, or name → frame. id_column: the column that names a row (guessed, else the row number from
    1). mapping: column → attribute where the guess by heading and values is not wanted. threshold: match probability
    at which a pair speaks for one customer (the model's own if None). model: frozen parameters; without one they are
    learned from the records, without labels. Raises UnknownColumn.
    """
    began, stages = time.perf_counter(), Stages()
    named = _named(frames)
    _check_mapping(mapping, named)
    roles, tables, ids = {}, [], []
    for name, frame in named.items():
        own_id = _id_column(frame, id_column)
        known = {column: role for column, role in (mapping or {}).items() if column in frame.columns}
        roles[name] = column_roles(frame.drop(own_id) if own_id else frame, known)
        tables.append(canonical_frame(frame, roles[name]))
        ids.append(frame[own_id].cast(pl.String).to_list() if own_id else [str(i + 1) for i in range(len(frame))])
    features = build_features(_stacked(tables))
    stages.end("read")
    found = match_features(features, threshold=threshold, model=model, stages=stages)
    rows = pl.DataFrame(
        {
            "file": [name for name, frame in named.items() for _ in range(len(frame))],
            "id": [i for own in ids for i in own],
            "cluster_id": found.labels,
            "match_probability": found.row_probability(),
        },
        schema_overrides={"file": pl.String, "id": pl.String},
    )
    return MatchResult(
        rows=rows,
        clusters=int(found.labels.max(initial=-1)) + 1,
        pairs_compared=len(found.left),
        seconds=time.perf_counter() - began,
        left=found.left,
        right=found.right,
        probability=found.probability,
        roles=roles,
        model=found.model,
        cpu_seconds=stages.cpu_seconds,
    )


@dataclass(frozen=True, slots=True)
class MatchedFeatures:
    """labels: int32[n] customers. left, right, probability, weight_bits: every scored pair."""

    labels: Codes
    left: Codes
    right: Codes
    weight_bits: NDArray[np.float64]
    probability: NDArray[np.float64]
    model: MatchModel

    def row_probability(self) -> NDArray[np.float64]:
        """float64[n]: the best probability of each record's pairs inside its customer, 0 if it is alone."""
        best = np.zeros(len(self.labels))
        inside = self.labels[self.left] == self.labels[self.right]
        np.maximum.at(best, self.left[inside], self.probability[inside])
        np.maximum.at(best, self.right[inside], self.probability[inside])
        return best


class Stages:
    """What each stage of a run took of the processor."""

    def __init__(self) -> None:
        self.cpu_seconds: dict[str, float] = {}
        self._began = time.process_time()

    def end(self, stage: str) -> None:
        """The stage that began where the last one ended is over."""
        now = time.process_time()
        self.cpu_seconds[stage] = now - self._began
        self._began = now


def match_features(
    features: Features,
    *,
    threshold: float | None = None,
    model: MatchModel | None = None,
    stages: Stages | None = None,
) -> MatchedFeatures:
    """Cluster prepared records: block, learn, score, weigh. The order of the records does not matter."""
    stages = stages or Stages()
    order = record_order(features)
    ordered = features.packed(order)
    stages.end("order")
    labels, left, right, weight, model = _match_ordered(ordered, threshold, model, stages)
    back = np.empty_like(labels)
    back[order] = labels
    first = np.full(int(labels.max(initial=-1)) + 1, len(back), np.int32)
    np.minimum.at(first, back, np.arange(len(back), dtype=np.int32))
    numbered = np.argsort(np.argsort(first)).astype(np.int32)
    found = MatchedFeatures(numbered[back], order[left], order[right], weight, probability_of(weight), model)
    stages.end("cluster")
    return found


def _match_ordered(
    features: Features, threshold: float | None, model: MatchModel | None, stages: Stages
) -> tuple[Codes, Codes, Codes, NDArray[np.float64], MatchModel]:
    from kehu.resolve.training import learn

    pairs = pairs_of_features(features)
    stages.end("block")
    if model is None:
        model = learn(features, pairs)
    stages.end("learn")
    settings = ClusterSettings.of(model, link_probability=threshold)
    left, right = pairs.left, pairs.right
    scorer = PairScorer(features, model)
    weight = scorer.weights(left, right)
    more_left, more_right = pairs_within(features.count, left, right, weight > settings.link_bits)
    more = scorer.weights(more_left, more_right)
    left, right = np.concatenate([left, more_left]), np.concatenate([right, more_right])
    weight = np.concatenate([weight, more])
    stages.end("score")
    return cluster(features.count, left, right, weight, settings=settings), left, right, weight, model


def _named(frames: pl.DataFrame | Sequence[pl.DataFrame] | Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    if isinstance(frames, pl.DataFrame):
        return {"1": frames}
    if isinstance(frames, Mapping):
        return dict(frames)
    return {str(i + 1): frame for i, frame in enumerate(frames)}


def _id_column(frame: pl.DataFrame, wanted: str | None) -> str | None:
    if wanted is not None:
        if wanted not in frame.columns:
            raise UnknownColumn(f"no column {wanted!r} for the id; there are: {', '.join(frame.columns)}")
        return wanted
    return next((column for column in frame.columns if column.strip().lower() in ID_NAMES), None)


def _check_mapping(mapping: Mapping[str, str] | None, named: Mapping[str, pl.DataFrame]) -> None:
    columns = list(dict.fromkeys(column for frame in named.values() for column in frame.columns))
    for column in mapping or {}:
        if column not in columns:
            raise UnknownColumn(f"no column {column!r}; there are: {', '.join(columns)}")


def _stacked(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One frame of all; columns of different types become lists or text."""
    if len(tables) == 1:
        return tables[0]
    lists = {c for table in tables for c, kind in table.schema.items() if isinstance(kind, pl.List)}
    uniform = [
        table.select(
            pl.concat_list(pl.col(c).cast(pl.String)) if c in lists and not isinstance(kind, pl.List)
            else pl.col(c) if c in lists else pl.col(c).cast(pl.String)
            for c, kind in table.schema.items()
        )
        for table in tables
    ]  # fmt: skip
    return pl.concat(uniform, how="diagonal")
