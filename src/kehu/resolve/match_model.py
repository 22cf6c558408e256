"""The parameters that turn levels of agreement into bits of evidence."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.attributes import ATTRIBUTES, CROWDED, LEVEL_COUNT, LEVELS, PARENTS, SAME_SOUND, SOUNDS

Weights = NDArray[np.float64]
_FLOOR = 1e-9
_MOST_SOUND_BITS = 4.0
# Key in `rare`: the share of an unlisted given name of two Chinese characters, which are far rarer than those of one.
TWO_CHARACTERS = "given_name of two characters"


class InvalidModel(ValueError):
    """A model whose tables do not fit the attributes and levels compared. The message names the first misfit."""


@dataclass(frozen=True)
class MatchModel:
    """A frozen Fellegi–Sunter model with a rival explanation: two people of one household.

    m, u, household: per attribute the probability of each level (levels of attributes.LEVELS without "missing")
    for two records of one person, of two random people, of two people who live or work together.
    frequencies: per attribute, how often a value occurs among random records (share, 0..1); rare: the share of a value
    that is not listed. u_given_parent: u of an attribute where the one it depends on (attributes.PARENTS) agrees
    exactly. crowd_bits: per attribute, what a phone or mailbox that a crowd shares loses (bits ≤ 0).
    prior_bits: log2 odds that two random records are one person; household_prior_bits: the same
    for one household. link_probability: at or above it a pair speaks for one customer; review_probability: between
    the two a person should look. circumstantial_probability: what takes the place of link_probability where no shared
    phone, mailbox, identifier or door points at one person; 0: nothing does. How many people share a name or a birthday
    depends on the size of the base, which shipped frequencies do not know.
    Source: Fellegi & Sunter (1969), JASA 64(328):1183-1210; see docs/theory/matching.md.
    """

    version: str
    m: Mapping[str, Sequence[float]]
    u: Mapping[str, Sequence[float]]
    household: Mapping[str, Sequence[float]]
    u_given_parent: Mapping[str, Sequence[float]]
    frequencies: Mapping[str, Mapping[str, float]]
    rare: Mapping[str, float]
    crowd_bits: Mapping[str, Mapping[str, float]]
    prior_bits: float
    household_prior_bits: float
    link_probability: float
    review_probability: float
    circumstantial_probability: float = 0.0

    def __post_init__(self) -> None:
        for name, levels in LEVELS.items():
            for table in (self.m, self.u, self.household):
                if len(table.get(name, ())) != len(levels) - 1:
                    raise InvalidModel(f"the model needs {len(levels) - 1} probabilities for {name}: {levels[1:]}")

    @classmethod
    def default(cls) -> "MatchModel":
        """The shipped parameters for people with Chinese and Western names; nothing is learned from the data."""
        return _shipped()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what to_json wrote. Raises InvalidModel."""
        try:
            return cls(**json.loads(text))
        except TypeError as error:
            raise InvalidModel(str(error)) from error

    def to_json(self) -> str:
        """The whole model as JSON, for exchange and storage."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @cached_property
    def link_bits(self) -> float:
        """link_probability as a weight."""
        return bits_of(self.link_probability)

    @cached_property
    def circumstantial_bits(self) -> float:
        """circumstantial_probability as a weight; -inf if there is none."""
        return bits_of(self.circumstantial_probability) if self.circumstantial_probability else -np.inf

    @cached_property
    def match_weights(self) -> Weights:
        """float64[attributes, levels]: log2(m/u); 0 for "missing"."""
        return _log_ratios(self.m, self.u)

    @cached_property
    def household_weights(self) -> Weights:
        """float64[attributes, levels]: log2(household/u); 0 for "missing"."""
        return _log_ratios(self.household, self.u)

    @cached_property
    def match_weights_given_parent(self) -> Weights:
        """As match_weights, where the attribute's parent agrees exactly."""
        return _log_ratios(self.m, {**self.u, **self.u_given_parent})

    @cached_property
    def household_weights_given_parent(self) -> Weights:
        """As household_weights, where the attribute's parent agrees exactly; never less than chance."""
        rows = [ATTRIBUTES.index(name) for name in PARENTS]
        weights = _log_ratios(self.household, {**self.u, **self.u_given_parent})
        weights[rows] = np.maximum(weights[rows], 0.0)
        return weights

    def rarity_bits(self, attribute: str, values: Sequence[str]) -> Weights:
        """Bits to add where both sides share that very value: log2(u of the exact level / share of the value)."""
        if attribute in CROWDED:
            crowds = self.crowd_bits.get(attribute, {})
            bits = np.zeros(len(values))
            for place in [i for i, value in enumerate(values) if value in crowds] if crowds else ():
                bits[place] = crowds[values[place]]
            return bits
        shares = self.frequencies.get(attribute, {})
        rare = self.rare[attribute]
        pairs = self.rare.get(TWO_CHARACTERS, rare) if attribute == "given_name" else rare
        found = np.fromiter(
            (shares.get(v) or (pairs if len(v) == 2 and not v.isascii() else rare) for v in values),
            np.float64,
            len(values),
        )
        return np.asarray(np.log2(max(self.u[attribute][0], _FLOOR)) - np.log2(np.maximum(found, _FLOOR)))

    def sound_bits(self, sounds: Sequence[str]) -> Weights:
        """Bits to add where given names are written differently and sound the same; 0 where sounds were not counted."""
        shares = self.frequencies.get(SOUNDS)
        if not shares:
            return np.zeros(len(sounds))
        found = np.fromiter((shares.get(s, self.rare[SOUNDS]) for s in sounds), np.float64, len(sounds))
        bits = np.log2(max(self.u["given_name"][SAME_SOUND - 1], _FLOOR)) - np.log2(np.maximum(found, _FLOOR))
        return np.asarray(np.clip(bits, -_MOST_SOUND_BITS, _MOST_SOUND_BITS))


@cache
def _shipped() -> MatchModel:
    text = files("kehu.resolve").joinpath("data/default_model.json").read_text(encoding="utf-8")
    return MatchModel.from_json(text)


def _log_ratios(over: Mapping[str, Sequence[float]], under: Mapping[str, Sequence[float]]) -> Weights:
    out = np.zeros((len(ATTRIBUTES), LEVEL_COUNT))
    for i, name in enumerate(ATTRIBUTES):
        share = np.maximum(np.array(over[name], dtype=np.float64), _FLOOR)
        out[i, 1 : len(share) + 1] = np.log2(share / np.maximum(np.array(under[name], dtype=np.float64), _FLOOR))
    return out


def probability_of(weight_bits: Weights) -> Weights:
    """Match probability of a weight in bits (log2 odds, prior included)."""
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(weight_bits, -1000.0, 1000.0))))


def bits_of(probability: float) -> float:
    """The weight in bits whose match probability this is."""
    bounded = min(max(probability, 1e-12), 1 - 1e-12)
    return float(np.log2(bounded / (1 - bounded)))


def model_fields() -> dict[str, Any]:
    """The shipped model's fields as plain values, to build a variation on it."""
    return json.loads(MatchModel.default().to_json())  # type: ignore[no-any-return]
