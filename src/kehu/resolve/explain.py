"""Why two records are, or are not, held to be one person: the score, attribute by attribute."""

from dataclasses import dataclass

import numpy as np

from kehu.resolve.attributes import ATTRIBUTES, LEVELS, Agreement
from kehu.resolve.features import Features
from kehu.resolve.match_model import MatchModel
from kehu.resolve.scoring import PairScorer, score_pairs

HOUSEHOLD = "household"
CAUTION = "caution"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one attribute adds: bits > 0 speaks for one person.

    attribute "household" is the rival explanation, "caution" what is held back where circumstance alone agrees.
    """

    attribute: str
    level: str
    left: str
    right: str
    bits: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """prior_bits plus the bits of all contributions is total_bits, within 1e-6. What one side lacks is left out."""

    contributions: tuple[Contribution, ...]
    prior_bits: float
    total_bits: float
    probability: float


def explain_pair(features: Features, i: int, j: int, model: MatchModel) -> Explanation:
    """Explain the score of records i and j of features; the same figures as score_pairs."""
    left, right = np.array([i], np.int32), np.array([j], np.int32)
    scores = score_pairs(features, left, right, model)
    levels = scores.levels
    bits = PairScorer(features, model).contributions(left, right, levels.T)[:, 0]
    parts = [
        Contribution(
            attribute=name,
            level=LEVELS[name][levels[0, at]],
            left=shown_value(features, name, i),
            right=shown_value(features, name, j),
            bits=float(bits[at]),
        )
        for at, name in enumerate(ATTRIBUTES)
        if levels[0, at] != Agreement.MISSING
    ]
    taken = float(scores.household_bits[0])
    parts.append(Contribution(HOUSEHOLD, "could be two people of one household", "", "", taken))
    if held := float(scores.caution_bits[0]):
        parts.append(Contribution(CAUTION, "nothing that agrees points at one person", "", "", held))
    return Explanation(tuple(parts), model.prior_bits, float(scores.weight_bits[0]), float(scores.probability[0]))


def shown_value(features: Features, attribute: str, record: int) -> str:
    """What of the record was compared, as text."""
    match attribute:
        case "surname":
            return features.names.surname.text(record)
        case "given_name":
            return features.names.given.text(record)
        case "phone":
            return " ".join(features.phones.texts(record))
        case "email":
            return " ".join(features.emails.texts(record))
        case "identifier":
            return " ".join(features.identifiers.texts(record))
        case "birth_date":
            return _shown_date(int(features.birth[record]))
        case "gender":
            return ("", "male", "female")[features.gender[record]]
        case "address":
            return features.address.text.text(record)
        case _:
            return features.texts[attribute].text(record)


def _shown_date(number: int) -> str:
    return f"{number // 10000:04d}-{number // 100 % 100:02d}-{number % 100:02d}" if number else ""
