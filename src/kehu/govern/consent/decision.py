"""May we, for this purpose, by this channel, to this person and address, now: decided from facts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from kehu.govern.consent.rule import Demand, Standing, Word, standing_of_customer

EVERY: Final = "*"
MINOR_UNDER_YEARS: Final = 14


class Reason(StrEnum):
    """Why yes or why no. The first that applies is told."""

    UNKNOWN_PURPOSE = "unknown_purpose"
    WRONG_CHANNEL = "wrong_channel"
    NO_PERSON = "no_person"
    SUPPRESSED = "suppressed"
    DECEASED = "deceased"
    RESTRICTED = "restricted"
    MINOR = "minor"
    NO_PROFILING = "no_profiling"
    WITHDRAWN = "withdrawn"
    NO_CONSENT = "no_consent"
    CONSENTED = "consented"
    NOT_REFUSED = "not_refused"
    NEEDS_NO_CONSENT = "needs_no_consent"


class Answer(NamedTuple):
    allowed: bool
    reason: Reason


class Rules(NamedTuple):
    """What a purpose asks for. channels () = any. counts_since: words from before it do not count as a yes."""

    slug: str
    basis: str
    separate: bool = False
    is_marketing: bool = False
    is_profiling: bool = False
    channels: tuple[str, ...] = ()
    counts_since: datetime | None = None


class Person(NamedTuple):
    """What is known of a customer. words: record → channel → what was said there; marks: no_profiling, minor …"""

    words: Mapping[UUID, Mapping[str, Sequence[Word]]]
    marks: frozenset[str] = frozenset()
    born_on: date | None = None


def may(rules: Rules | None, channel: str, person: Person | None, *, is_suppressed: bool, today: date) -> Answer:
    """rules None: no such purpose. person None: nobody we know. channel "": no channel, as in an export."""
    if rules is None:
        return Answer(False, Reason.UNKNOWN_PURPOSE)
    if channel and rules.channels and channel not in rules.channels:
        return Answer(False, Reason.WRONG_CHANNEL)
    is_owed = rules.basis in ("contract", "legal", "vital")
    if is_suppressed and not is_owed:
        return Answer(False, Reason.SUPPRESSED)
    if person is None:
        return Answer(False, Reason.NO_PERSON)
    if rules.basis == "legal":
        return Answer(True, Reason.NEEDS_NO_CONSENT)
    if "deceased" in person.marks:
        return Answer(False, Reason.DECEASED)
    if "restricted" in person.marks and rules.basis != "vital":
        return Answer(False, Reason.RESTRICTED)
    is_child = "minor" in person.marks or is_minor(person.born_on, today)
    needs_guardian = is_child and (rules.is_marketing or rules.is_profiling or rules.basis == "consent")
    standing = _standing(person, channel, Demand(rules.counts_since, rules.separate, needs_guardian))
    if needs_guardian and standing is not Standing.GRANTED:
        return Answer(False, Reason.MINOR)
    if rules.is_profiling and "no_profiling" in person.marks:
        return Answer(False, Reason.NO_PROFILING)
    if is_owed:
        return Answer(True, Reason.NEEDS_NO_CONSENT)
    if standing is Standing.WITHDRAWN:
        return Answer(False, Reason.WITHDRAWN)
    if standing is Standing.GRANTED:
        return Answer(True, Reason.CONSENTED)
    return Answer(True, Reason.NOT_REFUSED) if rules.basis == "interest" else Answer(False, Reason.NO_CONSENT)


def is_minor(born_on: date | None, today: date) -> bool:
    if born_on is None:
        return False
    had_birthday = (today.month, today.day) >= (born_on.month, born_on.day)
    return today.year - born_on.year - (not had_birthday) < MINOR_UNDER_YEARS


def _standing(person: Person, channel: str, demand: Demand) -> Standing:
    if channel:
        return _standing_by(person, channel, demand)
    named = {one for said in person.words.values() for one in said} - {EVERY}
    by_channel = [_standing_by(person, one, demand) for one in named or {EVERY}]
    # Without a channel it is the purpose that is asked about: a yes by any channel is one.
    return Standing.GRANTED if Standing.GRANTED in by_channel else max(by_channel, default=Standing.SILENT)


def _standing_by(person: Person, channel: str, demand: Demand) -> Standing:
    return standing_of_customer((_heard(said, channel) for said in person.words.values()), demand)


def _heard(said: Mapping[str, Sequence[Word]], channel: str) -> Iterable[Word]:
    return [word for name in {channel, EVERY} for word in said.get(name, ())]
