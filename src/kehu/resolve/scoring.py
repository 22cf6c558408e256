"""Pairs of records → bits of evidence that both are one person."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.attributes import (
    ATTRIBUTE_INDEX,
    ATTRIBUTES,
    BY_FREQUENCY,
    CROWDED,
    PARENTS,
    SAME_SOUND,
    Agreement,
)
from kehu.resolve.chunks import chunks
from kehu.resolve.corroboration import caution_bits
from kehu.resolve.features import Features
from kehu.resolve.match_model import MatchModel, probability_of
from kehu.resolve.text_columns import ListColumn, TextColumn

Codes = NDArray[np.int32]
Bits = NDArray[np.float64]
Levels = NDArray[np.uint8]

_PARENTS: Final = [[ATTRIBUTE_INDEX[parent] for parent in PARENTS.get(name, ())] for name in ATTRIBUTES]


@dataclass(frozen=True, slots=True)
class PairScores:
    """Scores of n pairs, in the order given.

    weight_bits: float64[n], log2 odds of being one person, prior included. probability: float64[n], the same on 0..1.
    levels: uint8[n, len(ATTRIBUTES)], see attributes.LEVELS. Contained in weight_bits, float64[n] ≤ 0 each:
    household_bits, what the rival explanation "same household" takes away; caution_bits, what is held back where
    nothing that agrees points at one person.
    """

    weight_bits: Bits
    probability: Bits
    levels: Levels
    household_bits: Bits
    caution_bits: Bits


def score_pairs(features: Features, left: Codes, right: Codes, model: MatchModel) -> PairScores:
    """Score pairs of records left[k], right[k] (positions in features, int32) for being one person.

    A score depends on the two records and the model alone; which side is left does not matter.
    Source: Fellegi & Sunter (1969), JASA 64(328):1183-1210; worked example in docs/theory/matching.md.
    """
    from kehu.resolve.comparison import compared  # brings numba, which only scoring needs

    scorer = PairScorer(features, model)
    levels = np.zeros((len(ATTRIBUTES), len(left)), np.uint8)
    one, other = np.zeros(len(left)), np.zeros(len(left))
    for chunk in chunks(len(left)):
        a, b = left[chunk].astype(np.int32, copy=False), right[chunk].astype(np.int32, copy=False)
        levels[:, chunk] = compared(features, a, b)
        one[chunk], other[chunk] = scorer.likelihoods(a, b, levels[:, chunk])
    taken = household_bits(other, model)
    weight = one + model.prior_bits + taken
    held = caution_bits(weight, levels, model.link_bits, model.circumstantial_bits)
    weight += held
    return PairScores(weight, probability_of(weight), levels.T, taken, held)


class PairScorer:
    """Scores pairs of some records by one model; what follows from the values alone is worked out once."""

    def __init__(self, features: Features, model: MatchModel) -> None:
        self._features = features
        self._model = model
        self._tables = likelihood_tables(model)
        self._by_frequency = {
            ATTRIBUTE_INDEX[name]: (column.codes, *self._worth(name, Agreement.EXACT, model.rarity_bits(name, values)))
            for name, column in columns_by_frequency(features).items()
            if (values := column.dictionary.values)
        }
        sounds = features.names.given_sound
        bits = model.sound_bits(sounds.dictionary.values)
        self._by_sound = (sounds.codes, *self._worth("given_name", SAME_SOUND, bits))
        self._by_crowd = {
            ATTRIBUTE_INDEX[name]: (column, bits)
            for name, column in crowded_columns(features).items()
            if model.crowd_bits.get(name) and (bits := model.rarity_bits(name, column.dictionary.values)).any()
        }

    def _worth(self, name: str, level: int, extra: Bits) -> tuple[Bits, Bits]:
        """What each value adds for one person, and for one household.

        A household shares a rare surname because it is one, but a rare given name only by chance: what exceeds chance
        is worth more with rarity, chance itself is not.
        """
        plain = self._tables[2, ATTRIBUTE_INDEX[name], level]
        rival = np.log2(np.maximum(np.exp2(plain) - 1.0, 0.0) * np.exp2(extra) + 1.0) - plain
        return extra, np.where(extra == 0.0, 0.0, rival)

    def likelihoods(self, left: Codes, right: Codes, levels: Levels) -> tuple[Bits, Bits]:
        """float64[n] each: log2 likelihood ratios to chance of "one person" and of "one household", priors apart.

        levels: uint8[attributes, n].
        """
        one, other = np.zeros(len(left)), np.zeros(len(left))
        for at in range(len(ATTRIBUTES)):
            self._add_levels(at, levels, one, other)
            self._add_rarity(at, left, right, levels, one, other)
        return one, other

    def weights(self, left: Codes, right: Codes) -> Bits:
        """PairScores.weight_bits alone, for more pairs than their levels should be kept of."""
        from kehu.resolve.comparison import compared

        weight = np.empty(len(left))
        for chunk in chunks(len(left)):
            a, b = left[chunk], right[chunk]
            levels = compared(self._features, a, b)
            one, other = self.likelihoods(a, b, levels)
            bits = one + self._model.prior_bits + household_bits(other, self._model)
            weight[chunk] = bits + caution_bits(bits, levels, self._model.link_bits, self._model.circumstantial_bits)
        return weight

    def contributions(self, left: Codes, right: Codes, levels: Levels) -> Bits:
        """float64[attributes, n]: what each attribute adds to the first of likelihoods."""
        parts, unused = np.zeros(levels.shape), np.zeros(len(left))
        for at, part in enumerate(parts):
            self._add_levels(at, levels, part, unused)
            self._add_rarity(at, left, right, levels, part, unused)
        return parts

    def rarity_bits(self, left: Codes, right: Codes, levels: Levels) -> Bits:
        """float64[n]: how much of the first of likelihoods comes from values that are rarer than the average one."""
        one, unused = np.zeros(len(left)), np.zeros(len(left))
        for at in range(len(ATTRIBUTES)):
            self._add_rarity(at, left, right, levels, one, unused)
        return one

    def _add_levels(self, at: int, levels: Levels, one: Bits, other: Bits) -> None:
        from kehu.resolve.weight_kernels import add_levels

        add_levels(levels[at], _parent_of(at, levels), self._tables[:, at], one, other)

    def _add_rarity(self, at: int, left: Codes, right: Codes, levels: Levels, one: Bits, other: Bits) -> None:
        from kehu.resolve.value_kernels import rarest_shared
        from kehu.resolve.weight_kernels import add_shared, add_values

        parent = _parent_of(at, levels)
        if at in self._by_frequency:
            add_values(left, right, levels[at], Agreement.EXACT.value, parent, *self._by_frequency[at], one, other)
        if at == ATTRIBUTE_INDEX["given_name"]:
            add_values(left, right, levels[at], SAME_SOUND, parent, *self._by_sound, one, other)
        if at in self._by_crowd:
            column, bits = self._by_crowd[at]
            shared = rarest_shared(left, right, column.offsets, column.codes, bits)
            add_shared(levels[at], float(self._tables[2, at, Agreement.EXACT]), shared, one, other)


def plain_likelihoods(levels: Levels, model: MatchModel) -> tuple[Bits, Bits]:
    """As PairScorer.likelihoods, of the levels (uint8[attributes, n]) alone."""
    from kehu.resolve.weight_kernels import add_levels

    tables = likelihood_tables(model)
    one, other = np.zeros(levels.shape[1]), np.zeros(levels.shape[1])
    for at in range(len(ATTRIBUTES)):
        add_levels(levels[at], _parent_of(at, levels), tables[:, at], one, other)
    return one, other


def household_bits(other: Bits, model: MatchModel) -> Bits:
    """float64[n] ≤ 0: what the rival explanation takes away."""
    return np.asarray(-np.log2(1.0 + np.exp2(np.minimum(other + model.household_prior_bits, 1000.0))))


def likelihood_tables(model: MatchModel) -> Bits:
    """float64[4, attributes, levels]: weights for one person, the same given the parent, both for one household."""
    return np.stack(
        [
            model.match_weights,
            model.match_weights_given_parent,
            model.household_weights,
            model.household_weights_given_parent,
        ]
    )


def _parent_of(at: int, levels: Levels) -> Levels:
    """The levels of the attributes on which this one depends, the strongest of each pair; empty if there are none."""
    parents = _PARENTS[at]
    if len(parents) < 2:
        return levels[parents[0]] if parents else levels[at, :0]
    return np.asarray((levels[parents] == Agreement.EXACT).any(axis=0)).view(np.uint8)


def columns_by_frequency(features: Features) -> dict[str, TextColumn]:
    """The columns whose exact agreements are weighed by how common the value is."""
    own = {"surname": features.names.surname, "given_name": features.names.given}
    return {name: own[name] if name in own else features.texts[name] for name in BY_FREQUENCY}


def crowded_columns(features: Features) -> dict[str, ListColumn]:
    """The identifiers that lose weight where a crowd shares them."""
    return dict(zip(CROWDED, (features.phones, features.emails), strict=True))
