"""Pairs of records → bits of evidence that both are one person."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.attributes import ATTRIBUTE_INDEX, ATTRIBUTES, BY_FREQUENCY, PARENTS, SAME_SOUND, Agreement
from kehu.resolve.features import Features
from kehu.resolve.match_model import MatchModel, probability_of
from kehu.resolve.text_columns import ListColumn, TextColumn

Codes = NDArray[np.int32]
Bits = NDArray[np.float64]
Rarity = NDArray[np.float32]

PARENT_POSITIONS: Final = np.array([ATTRIBUTE_INDEX.get(PARENTS.get(name, ""), -1) for name in ATTRIBUTES], np.int64)


@dataclass(frozen=True, slots=True)
class PairScores:
    """Scores of n pairs, in the order given.

    weight_bits: float64[n], log2 odds of being one person, prior included. probability: float64[n], the same on 0..1.
    levels: uint8[n, len(ATTRIBUTES)], see attributes.LEVELS. household_bits: float64[n] ≤ 0, what the rival
    explanation "same household" takes away (contained in weight_bits).
    """

    weight_bits: Bits
    probability: Bits
    levels: NDArray[np.uint8]
    household_bits: Bits


def score_pairs(features: Features, left: Codes, right: Codes, model: MatchModel) -> PairScores:
    """Score pairs of records left[k], right[k] (positions in features, int32) for being one person.

    A score depends on the two records and the model alone; which side is left does not matter.
    Source: Fellegi & Sunter (1969), JASA 64(328):1183-1210; worked example in docs/theory/matching.md.
    """
    from kehu.resolve.comparison import compare_pairs  # brings numba, which only scoring needs

    left, right = left.astype(np.int32, copy=False), right.astype(np.int32, copy=False)
    levels = compare_pairs(features, left, right)
    return score_levels(levels, rarity(features, left, right, levels, model), model)


def score_levels(levels: NDArray[np.uint8], rarity_bits: Rarity, model: MatchModel) -> PairScores:
    """Score pairs whose levels (uint8[n, attributes]) and rarity (float32[n, attributes] bits) are known already."""
    one, other = likelihoods(levels, rarity_bits, model)
    taken = -np.logaddexp2(0.0, other + model.household_prior_bits)
    weight = one + model.prior_bits + taken
    return PairScores(weight, probability_of(weight), levels, taken)


def likelihoods(levels: NDArray[np.uint8], rarity_bits: Rarity, model: MatchModel) -> tuple[Bits, Bits]:
    """float64[n] each: log2 likelihood ratios to chance of "one person" and of "one household", priors apart."""
    from kehu.resolve.weight_kernels import sum_bits

    return sum_bits(
        levels,
        rarity_bits,
        PARENT_POSITIONS,
        model.match_weights,
        model.match_weights_given_parent,
        model.household_weights,
        model.household_weights_given_parent,
    )


def rarity(features: Features, left: Codes, right: Codes, levels: NDArray[np.uint8], model: MatchModel) -> Rarity:
    """float32[n, attributes]: bits by which an exact agreement is worth more (or less) than the average one."""
    out = np.zeros((len(left), len(ATTRIBUTES)), np.float32)
    columns = weighed_columns(features)
    for name, column in columns.items():
        at = ATTRIBUTE_INDEX[name]
        rows = np.flatnonzero(levels[:, at] == Agreement.EXACT)
        if len(rows):
            bits = model.rarity_bits(name, column.dictionary.values)
            out[rows, at] = _shared_bits(column, left[rows], right[rows], bits)
    _add_sounds(out[:, ATTRIBUTE_INDEX["given_name"]], features, left, right, levels, model)
    return out


def _add_sounds(
    out: Rarity, features: Features, left: Codes, right: Codes, levels: NDArray[np.uint8], model: MatchModel
) -> None:
    """Given names that only sound alike are worth more where the sound is rare, if the model counted sounds."""
    sounds = features.names.given_sound
    alike = np.flatnonzero(levels[:, ATTRIBUTE_INDEX["given_name"]] == SAME_SOUND)
    alike = alike[(sounds.codes[left[alike]] == sounds.codes[right[alike]]) & (sounds.codes[left[alike]] >= 0)]
    if len(alike):
        out[alike] = model.sound_bits(sounds.dictionary.values)[sounds.codes[left[alike]]]


def columns_by_frequency(features: Features) -> dict[str, TextColumn]:
    """The columns whose exact agreements are weighed by how common the value is."""
    own = {"surname": features.names.surname, "given_name": features.names.given}
    return {name: own[name] if name in own else features.texts[name] for name in BY_FREQUENCY}


def weighed_columns(features: Features) -> dict[str, TextColumn | ListColumn]:
    """Those, and the identifiers that lose weight where a crowd shares them."""
    return {**columns_by_frequency(features), "phone": features.phones, "email": features.emails}


def _shared_bits(column: TextColumn | ListColumn, left: Codes, right: Codes, bits: Bits) -> Bits:
    if isinstance(column, TextColumn):
        return np.asarray(bits[column.codes[left]])
    from kehu.resolve.value_kernels import rarest_shared

    return rarest_shared(left, right, column.offsets, column.codes, bits)
