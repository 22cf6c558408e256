"""Small records that the tests of the matcher share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.attributes import ATTRIBUTE_INDEX, LEVELS
from kehu.resolve.explain import Explanation, explain_pair
from kehu.resolve.features import build_features
from kehu.resolve.match_model import MatchModel
from kehu.resolve.scoring import score_pairs

Row = dict[str, Any]


def positions(*numbers: int) -> NDArray[np.int32]:
    """Record positions as the matcher takes them."""
    return np.array(numbers, np.int32)


def level(attribute: str, left: Row, right: Row) -> str:
    """The level of agreement of two records in one attribute, by name."""
    scores = score_pairs(build_features([left, right]), positions(0), positions(1), MatchModel.default())
    return LEVELS[attribute][scores.levels[0, ATTRIBUTE_INDEX[attribute]]]


def probability(left: Row, right: Row) -> float:
    """The shipped model's match probability of two records."""
    features = build_features([left, right])
    return float(score_pairs(features, positions(0), positions(1), MatchModel.default()).probability[0])


def explained(left: Row, right: Row) -> Explanation:
    """The shipped model's explanation of two records."""
    return explain_pair(build_features([left, right]), 0, 1, MatchModel.default())
