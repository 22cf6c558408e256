"""Which value of an attribute is the golden one: chosen by rule, never typed over, with all losers kept in sight."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from kehu.clean.verified import VERIFIED
from kehu.resolve.records import Attr

MOST_OTHERS: Final = 12
_WEAK: Final = frozenset({"partial", "masked", "invalid", "default_like", "unverified"})


class Rule(StrEnum):
    TRUST = "trust"
    RECENCY = "recency"
    FREQUENCY = "frequency"
    COMPLETENESS = "completeness"
    VERIFIED = "verified"
    PIN = "pin"


class Candidate(NamedTuple):
    """What one source record says of one attribute. trust: higher wins. typed: by a person, in Kehu."""

    value: str
    normal: str
    record: UUID
    source: int
    at: datetime
    flags: tuple[str, ...] = ()
    trust: int = 50
    typed: bool = False

    @property
    def form(self) -> str:
        return self.normal or self.value

    @property
    def is_sound(self) -> bool:
        return not _WEAK.intersection(self.flags)


class Said(msgspec.Struct, omit_defaults=True):
    """A losing value and who says it."""

    v: str
    record: UUID
    source: int
    at: datetime
    f: tuple[str, ...] = ()


class Golden(msgspec.Struct, omit_defaults=True):
    """The surviving value of an attribute. also: other sources that say the same. others: what differs, best first."""

    v: str
    record: UUID
    source: int
    at: datetime
    rule: str
    n: str = ""
    f: tuple[str, ...] = ()
    also: tuple[int, ...] = ()
    others: tuple[Said, ...] = ()


def choose(candidates: Sequence[Candidate], rule: Rule, pinned: str | None = None) -> Golden | None:
    """The golden value of one attribute. The order of the candidates is irrelevant. None if nobody says anything."""
    if not candidates:
        return None
    if len(candidates) == 1:
        [only] = candidates
        kept = Rule.PIN if only.value == pinned else rule
        return Golden(only.value, only.record, only.source, only.at, kept.value, only.normal, only.flags)
    candidates = _with_verified(candidates)
    votes = Counter(candidate.form for candidate in candidates)
    ranked = sorted(candidates, key=lambda candidate: _rank(candidate, rule, votes), reverse=True)
    winner = ranked[0]
    if pinned is not None:
        winner = next((candidate for candidate in ranked if candidate.value == pinned), winner)
        rule = Rule.PIN if winner.value == pinned else rule
    agreeing = {c.source for c in candidates if c.form == winner.form and c.source != winner.source}
    others: dict[str, Said] = {}
    for candidate in ranked:
        if candidate.form != winner.form and candidate.form not in others:
            others[candidate.form] = Said(
                candidate.value, candidate.record, candidate.source, candidate.at, candidate.flags
            )
    return Golden(
        winner.value,
        winner.record,
        winner.source,
        winner.at,
        rule.value,
        winner.normal,
        winner.flags,
        tuple(sorted(agreeing)),
        tuple(list(others.values())[:MOST_OTHERS]),
    )


def golden_record(
    candidates: Mapping[str, Sequence[Candidate]], rules: Mapping[str, Rule], pins: Mapping[str, str]
) -> dict[str, Golden]:
    """The golden values of one customer by attribute, in the order of their names."""
    chosen = {
        name: choose(candidates[name], rules.get(name, Rule.TRUST), pins.get(name)) for name in sorted(candidates)
    }
    return {name: golden for name, golden in chosen.items() if golden is not None}


def _rank(candidate: Candidate, rule: Rule, votes: Mapping[str, int]) -> tuple[object, ...]:
    """Sound values before masked or doubtful ones; then by the rule; ties fall to later, then to the text itself."""
    sound = candidate.is_sound
    tail = (candidate.at, candidate.value, candidate.record.int)
    match rule:
        case Rule.RECENCY:
            return (sound, candidate.at, candidate.typed, candidate.trust, *tail)
        case Rule.FREQUENCY:
            return (sound, candidate.typed, votes[candidate.form], candidate.trust, *tail)
        case Rule.COMPLETENESS:
            return (sound, candidate.typed, len(candidate.form), len(candidate.value), candidate.trust, *tail)
        case Rule.VERIFIED:
            return (sound, VERIFIED in candidate.flags, candidate.at, candidate.typed, candidate.trust, *tail)
        case Rule.TRUST | Rule.PIN:
            return (sound, candidate.typed, candidate.trust, *tail)


def _with_verified(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """What one source had confirmed is confirmed for whoever else says the same; a doubtful claim confirms nothing."""
    confirmed = {one.form for one in candidates if VERIFIED in one.flags and one.is_sound}
    if not confirmed:
        return candidates
    return [
        one._replace(flags=(*one.flags, VERIFIED)) if one.form in confirmed and VERIFIED not in one.flags else one
        for one in candidates
    ]


def gather(records: Iterable[tuple[UUID, int, int, Mapping[str, Attr]]]) -> dict[str, list[Candidate]]:
    """Candidates by attribute from (record, source, trust, attributes) of all members of a customer."""
    found: dict[str, list[Candidate]] = {}
    for record, source, trust, attributes in records:
        for name, known in attributes.items():
            if known.v:
                found.setdefault(name, []).append(
                    Candidate(known.v, known.n, record, source, known.at, known.f, trust, known.m)
                )
    return found
