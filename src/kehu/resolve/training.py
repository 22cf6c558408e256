"""Model parameters from the records themselves, without labels: u and rarity by counting, m by EM on patterns.

Source: Winkler (1988), Using the EM Algorithm for Weight Computation in the Fellegi–Sunter Model, Proc. ASA Survey
Research; the variation used here is derived in docs/theory/matching.md.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.attributes import ATTRIBUTES, IDENTIFYING, LEVELS, PARENTS, SOUNDS, Agreement, different
from kehu.resolve.blocking import CandidatePairs, pairs_of_features
from kehu.resolve.comparison import compare_pairs
from kehu.resolve.features import Features
from kehu.resolve.match_keys import KEY_FAMILIES
from kehu.resolve.match_model import TWO_CHARACTERS, MatchModel
from kehu.resolve.scoring import PairScorer, columns_by_frequency, crowded_columns, plain_likelihoods
from kehu.resolve.text_columns import ListColumn, TextColumn, distinct_words

Levels = NDArray[np.uint8]
Shares = NDArray[np.float64]

_RANDOM_PAIRS: Final = 200_000
_SAMPLED_PAIRS: Final = 200_000
_ROUNDS: Final = 20
# How many observations the shipped parameters count for.
_PRIOR_PAIRS: Final = 40.0
_PRIOR_RECORDS: Final = 300.0
_PRIOR_RANDOM_PAIRS: Final = 1000.0
# Share of different people among the pairs that share an identifying value, where nothing is known yet.
_STRANGERS: Final = 0.1
# Pairs of one household per pair of one person, at least: families share phones also where nobody could count them.
_LEAST_HOUSEHOLDS: Final = 1 / 16
# Place of the level "same mailbox name" among those of e-mail addresses.
_SAME_MAILBOX: Final = LEVELS["email"].index("same mailbox name") - 1
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct agreement patterns of the candidate pairs.

    levels: uint8[attributes, k]; rarity_bits: float64[k], rounded, what the values' rarity adds; counts: float64[k].
    free_counts: float64[attributes, k], of those pairs that would be candidates without the attribute: only they tell
    how often it agrees, the others were chosen by its agreement.
    """

    levels: Levels
    rarity_bits: Shares
    counts: Shares
    free_counts: Shares


def train(features: Features, *, base: MatchModel | None = None) -> MatchModel:
    """Learn a model from records alone; what they are too few to tell stays as in `base` (the shipped model)."""
    return learn(features, pairs_of_features(features), base=base)


def learn(features: Features, pairs: CandidatePairs, *, base: MatchModel | None = None) -> MatchModel:
    """As train, for records whose candidate pairs are known already; of very many pairs a sample is looked at."""
    base = base or MatchModel.default()
    counted = _with_frequencies(features, base)
    if features.count < 2 or len(pairs.left) == 0:
        return counted
    sampled = np.linspace(0, len(pairs.left) - 1, min(_SAMPLED_PAIRS, len(pairs.left))).astype(np.int64)
    left, right = pairs.left[sampled], pairs.right[sampled]
    levels = compare_pairs(features, left, right)
    extra = PairScorer(features, counted).rarity_bits(left, right, levels)
    patterns = count_patterns(levels, extra, pairs.families[sampled], each=len(pairs.left) / len(sampled))
    random = _random_pairs(features)
    counted = replace(counted, u_given_parent=_chance_given_parent(random, base))
    chance = _levels_by_chance(features, random, base)
    _take_out_matches(chance, levels)
    return _expect_and_maximize(counted, patterns, chance, features.count)


def count_patterns(levels: Levels, rarity_bits: Shares, families: NDArray[np.uint64], *, each: float = 1.0) -> Patterns:
    """Count how often each agreement pattern occurs among candidate pairs.

    levels: uint8[attributes, n]; families: uint64[n], the key families that brought each pair together; each: how many
    pairs one of these stands for.
    """
    shifts = np.arange(len(ATTRIBUTES), dtype=np.uint64) * np.uint64(3)
    steps = np.clip(np.rint(rarity_bits), -30, 33).astype(np.int64) + 30
    packed = steps.astype(np.uint64) << np.uint64(3 * len(ATTRIBUTES))
    for shift, row in zip(shifts, levels, strict=True):
        packed |= row.astype(np.uint64) << shift
    distinct, at = np.unique(packed, return_inverse=True)
    free = np.empty((len(ATTRIBUTES), len(distinct)))
    for number, name in enumerate(ATTRIBUTES):
        others = sum(1 << f for f, family in enumerate(KEY_FAMILIES) if name not in family.attributes)
        free[number] = each * np.bincount(at, (families & np.uint64(others)) != 0, len(distinct))
    return Patterns(
        levels=((distinct >> shifts[:, None]) & np.uint64(7)).astype(np.uint8),
        rarity_bits=(distinct >> np.uint64(3 * len(ATTRIBUTES))).astype(np.float64) - 30.0,
        counts=each * np.bincount(at, minlength=len(distinct)).astype(np.float64),
        free_counts=free,
    )


def _with_frequencies(features: Features, base: MatchModel) -> MatchModel:
    """The model with the records' own value frequencies; a value seen once is as rare as one never seen."""
    frequencies = {name: dict(shares) for name, shares in base.frequencies.items()}
    rare = dict(base.rare)
    for name, column in columns_by_frequency(features).items():
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.dictionary))
        total = int((column.codes >= 0).sum())
        rare[name] = (1.0 + _PRIOR_RECORDS * base.rare[name]) / (total + _PRIOR_RECORDS)
        known = base.frequencies.get(name, {})
        shares = {v: share * _PRIOR_RECORDS / (total + _PRIOR_RECORDS) for v, share in known.items()}
        for code in np.flatnonzero(counts > 1):
            value = column.dictionary.values[code]
            before = known.get(value, base.rare[name])
            shares[value] = float((counts[code] + _PRIOR_RECORDS * before) / (total + _PRIOR_RECORDS))
        frequencies[name] = {value: max(share, rare[name]) for value, share in shares.items()}
    frequencies["given_name"] |= _rare_pairs(features.names.given)
    rare[TWO_CHARACTERS] = min(rare["given_name"], base.rare[TWO_CHARACTERS])
    sounds = features.names.given_sound
    counts = np.bincount(sounds.codes[sounds.codes >= 0], minlength=len(sounds.dictionary))
    total = counts.sum() + _PRIOR_RECORDS
    frequencies[SOUNDS] = {sounds.dictionary.values[c]: float(counts[c] / total) for c in np.flatnonzero(counts > 2)}
    rare[SOUNDS] = float(2.0 / total)
    crowds = {"phone": _crowd_bits(features, features.phones), "email": _crowd_bits(features, features.emails)}
    return replace(base, version="trained", frequencies=frequencies, rare=rare, crowd_bits=crowds)


def _rare_pairs(given: TextColumn) -> dict[str, float]:
    """Shares of given names of two Chinese characters that only two records bear, likely one person.

    Two bearers say nothing of how rare a name is; how rare its characters are does.
    """
    counts = np.bincount(given.codes[given.codes >= 0], minlength=len(given.dictionary))
    names = {v: int(n) for v, n in zip(given.dictionary.values, counts, strict=True) if len(v) == 2 and not v.isascii()}
    total = sum(names.values())
    first, second = Counter[str](), Counter[str]()
    for name, count in names.items():
        first[name[0]] += count
        second[name[1]] += count
    return {
        name: max(first[name[0]] * second[name[1]] / total, 0.1) / total
        for name, count in names.items()
        if count == 2 and first[name[0]] * second[name[1]] < total
    }


def _crowd_bits(features: Features, column: ListColumn) -> dict[str, float]:
    """What a phone or mailbox loses when people of three or more given names hold it.

    The pairs of different people it brings together grow with the square of its holders, those of one person do not.
    """
    given = features.names.given_sound.codes[column.owners()]
    known = given >= 0
    held = distinct_words(column.codes[known].astype(np.int64) << 32 | given[known]) >> 32
    holders = np.bincount(held, minlength=len(column.dictionary))
    return {column.dictionary.values[c]: float(-2.0 * np.log2(holders[c] - 1)) for c in np.flatnonzero(holders > 2)}


def _random_pairs(features: Features) -> Levels:
    """Levels of random pairs of records."""
    random = np.random.default_rng(0)
    left = random.integers(0, features.count, _RANDOM_PAIRS, dtype=np.int32)
    right = random.integers(0, features.count, _RANDOM_PAIRS, dtype=np.int32)
    differ = left != right
    return compare_pairs(features, left[differ], right[differ])


def _chance_given_parent(sample: Levels, base: MatchModel) -> dict[str, list[float]]:
    """Share of each level among random pairs whose parent attribute agrees exactly."""
    out = {}
    for name, parents in PARENTS.items():
        agree = (sample[[ATTRIBUTES.index(parent) for parent in parents]] == Agreement.EXACT).any(axis=0)
        related = sample[ATTRIBUTES.index(name), agree]
        counts = np.bincount(related, minlength=len(LEVELS[name]))[1:] + _PRIOR_PAIRS * np.array(
            base.u_given_parent[name]
        )
        out[name] = (counts / counts.sum()).tolist()
    return out


def _levels_by_chance(features: Features, levels: Levels, base: MatchModel) -> dict[str, Shares]:
    """Per attribute, the share of each level among two random records (matches among them not yet taken out)."""
    exact = _exact_by_chance(features)
    same_mailbox = max(_mailbox_by_chance(features) - exact.get("email", 0.0), 0.0)
    out = {}
    for at, name in enumerate(ATTRIBUTES):
        shares = np.bincount(levels[at], minlength=len(LEVELS[name]))[1:].astype(np.float64)
        total = shares.sum()
        if name in exact and total > 0:
            # Counted over all pairs, where a sample of pairs would miss what is rare.
            shares[1:] *= max(1.0 - exact[name], 0.0) * total / max(shares[1:].sum(), 1.0)
            shares[0] = exact[name] * total
        # A sample drawn from a handful of pairs knows no more than that handful.
        worth = min(1.0, features.count * (features.count - 1) / 2 / max(levels.shape[1], 1))
        before = np.array(base.u[name])
        found = (worth * shares + _PRIOR_RANDOM_PAIRS * before) / (worth * total + _PRIOR_RANDOM_PAIRS)
        # What is rarer than one pair in the sample is not seen in it, and is no rarer for that.
        unseen = np.minimum(before, 0.5 / max(worth * total, 1.0))
        out[name] = np.where(shares > 0, found, np.maximum(found, unseen))
        if name == "email":
            out[name][_SAME_MAILBOX] = max(out[name][_SAME_MAILBOX], same_mailbox)
    return out


def _take_out_matches(chance: dict[str, Shares], levels: Levels) -> None:
    """Reduce the exact level of identifying attributes to what different people share.

    Most pairs with one phone are one person, so what random pairs show is no chance agreement, and pairs with nothing
    but a phone cannot tell EM which it is. Pairs that have names too can: the share of them whose given names differ.
    """
    at = ATTRIBUTES.index("given_name")
    expected = MatchModel.default().m["given_name"][-1]
    for name in IDENTIFYING:
        named = levels[at, (levels[ATTRIBUTES.index(name)] == Agreement.EXACT) & (levels[at] != Agreement.MISSING)]
        contradicted = int((named == different("given_name")).sum())
        share = (contradicted + _PRIOR_PAIRS * _STRANGERS) / (len(named) + _PRIOR_PAIRS)
        strangers = float(np.clip((share - expected) / (1.0 - expected), 0.02, 1.0))
        shown = chance[name]
        shown[-1] += shown[0] * (1.0 - strangers)
        shown[0] *= strangers


def _exact_by_chance(features: Features) -> dict[str, float]:
    """Share of record pairs that hold the same value, of those where both hold one."""
    out = {}
    columns: dict[str, TextColumn | ListColumn] = {**columns_by_frequency(features), **crowded_columns(features)}
    for name, column in columns.items():
        counts = np.bincount(column.codes[column.codes >= 0]).astype(np.float64)
        holders = _holders(column)
        if holders > 1:
            out[name] = float((counts * (counts - 1)).sum() / (holders * (holders - 1.0)))
    return out


def _mailbox_by_chance(features: Features) -> float:
    """Share of record pairs that hold the same mailbox name at any provider, of those where both hold one.

    Mailboxes are named after their holders, so a common name alone brings many of these about.
    """
    emails = features.emails
    if not len(emails.codes):
        return 0.0
    names = emails.dictionary.hashes_between(emails.dictionary.start[:-1], features.mailboxes.ends)[emails.codes]
    names.sort()
    counts = np.diff(np.flatnonzero(np.diff(names, prepend=~names[:1], append=~names[-1:]))).astype(np.float64)
    holders = _holders(emails)
    return float((counts * (counts - 1)).sum() / max(holders * (holders - 1.0), 1.0))


def _holders(column: TextColumn | ListColumn) -> int:
    if isinstance(column, ListColumn):
        return int((np.diff(column.offsets) > 0).sum())
    return int((column.codes >= 0).sum())


def _expect_and_maximize(model: MatchModel, patterns: Patterns, chance: dict[str, Shares], records: int) -> MatchModel:
    """EM: which pairs are matches given the parameters, which parameters given the matches, and again.

    u is what chance gives, less the matches among random pairs; m counts, per attribute, the pairs that another
    attribute brought together.
    """
    all_pairs = records * (records - 1) / 2
    shipped = MatchModel.default()
    least = np.array([2.0**shipped.prior_bits, 2.0**shipped.household_prior_bits])
    prior = least
    for _ in range(_ROUNDS):
        model = _with_chance(model, chance, prior[0])
        found = _posterior(model, patterns, prior)
        prior = ((found * patterns.counts).sum(axis=1) + 1.0) / (all_pairs + 1.0 / least)
        prior[1] = max(prior[1], prior[0] * _LEAST_HOUSEHOLDS)
        model = replace(model, m=_maximized(patterns, found[0]))
    return replace(
        model,
        prior_bits=float(np.log2(prior[0])),
        household_prior_bits=float(np.log2(prior[1])),
        circumstantial_probability=0.0,  # what was counted here knows how many share a name here
    )


def _posterior(model: MatchModel, patterns: Patterns, prior: Shares) -> Shares:
    """float64[2, patterns]: probability of "one person" and of "one household", against chance."""
    bits = np.stack(plain_likelihoods(patterns.levels, model))
    bits[0] += patterns.rarity_bits
    likelihood = np.exp2(np.clip(bits, -80, 80)) * prior[:, None]
    return np.asarray(likelihood / (likelihood.sum(axis=0) + 1.0))


def _maximized(patterns: Patterns, matches: Shares) -> dict[str, list[float]]:
    shipped = MatchModel.default().m
    out = {}
    for at, name in enumerate(ATTRIBUTES):
        found = np.bincount(patterns.levels[at], patterns.free_counts[at] * matches, len(LEVELS[name]))[1:]
        blended = found + _PRIOR_PAIRS * np.array(shipped[name])
        out[name] = (blended / blended.sum()).tolist()
    return out


def _with_chance(model: MatchModel, chance: dict[str, Shares], matches: float) -> MatchModel:
    """u = what random pairs show, less the matches among them; households agree by cause or else by chance."""
    shipped = MatchModel.default()
    u, household = {}, {}
    for name in ATTRIBUTES:
        shown, same = chance[name], np.array(model.m[name])
        taken = matches * same
        if name in IDENTIFYING:
            taken[0] = 0.0  # _take_out_matches did
        left = np.maximum(shown - taken, 0.05 * shown) + _TINY
        u[name] = left / left.sum()
        cause = np.maximum(np.array(shipped.household[name]) - np.array(shipped.u[name]), 0.0)
        cause[-1] = 0.0
        household[name] = cause + (1.0 - cause.sum()) * u[name]
    return replace(
        model, u={n: s.tolist() for n, s in u.items()}, household={n: s.tolist() for n, s in household.items()}
    )
