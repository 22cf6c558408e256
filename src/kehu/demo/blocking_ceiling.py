"""How much recall is left for a flawless scorer: what blocking never brings together, nothing can link."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kehu.demo.partition_evaluation import partition_quality
from kehu.resolve.attributes import INPUT_ATTRIBUTES
from kehu.resolve.blocking import candidate_pairs
from kehu.resolve.features import build_features
from kehu.resolve.match_keys import match_keys


def ceiling_recall(records: Sequence[Mapping[str, str]], person_of: Mapping[tuple[str, str], str]) -> float:
    """Pair recall if every candidate pair were decided rightly and decisions were joined up, on the scored records."""
    scored = [r for r in records if (r["source"], r["external_id"]) in person_of]
    people = [person_of[r["source"], r["external_id"]] for r in scored]
    columns = [name for name in INPUT_ATTRIBUTES if any(name in r for r in scored)]
    frame = pl.DataFrame(
        {name: [r.get(name) for r in scored] for name in columns}, schema_overrides=dict.fromkeys(columns, pl.String)
    )
    pairs = candidate_pairs(*match_keys(build_features(frame)))
    codes = np.unique(np.array(people), return_inverse=True)[1]
    right = codes[pairs.left] == codes[pairs.right]
    ends = (pairs.left[right], pairs.right[right])
    graph = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(len(scored), len(scored)))
    labels = connected_components(graph, directed=False)[1]
    return partition_quality(labels.tolist(), people).pair_recall
