"""The one rule on what people said: what counts on one record, on a merged customer, after an unmerge, an import. Pure.

On one record speak two voices: the source it came from, and the person directly to Kehu. Of each the latest word
counts, a tie going to the no. A direct no is lifted by a direct yes only: a feed that repeats its old yes every night
lifts nothing. A direct yes lifts the source's earlier no, a later one it does not.

Over the records of a customer the most restrictive counts: no, then yes, then silence. So merging is the union of the
records, unmerging gives every record its words back, and the order in which anything arrived leaves no trace.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple


class Standing(IntEnum):
    """What counts, the more restrictive the greater."""

    SILENT = 0
    GRANTED = 1
    WITHDRAWN = 2


class Word(NamedTuple):
    """One thing said. is_yes False: withdrawn. is_direct: to Kehu itself, with proof."""

    at: datetime
    is_yes: bool
    is_direct: bool = False
    is_separate: bool = False
    has_guardian: bool = False


class Demand(NamedTuple):
    """What a yes must bring with it. since: an earlier one was to another text or purpose."""

    since: datetime | None = None
    is_separate: bool = False
    has_guardian: bool = False

    def is_met_by(self, word: Word) -> bool:
        return (
            (self.since is None or word.at >= self.since)
            and (word.is_separate or not self.is_separate)
            and (word.has_guardian or not self.has_guardian)
        )


NO_DEMAND = Demand()


def latest(words: Iterable[Word]) -> Word | None:
    return max(words, key=lambda word: (word.at, not word.is_yes, word.is_separate, word.has_guardian), default=None)


def counting_word(words: Iterable[Word]) -> Word | None:
    """The word that counts on one record."""
    said = list(words)
    source = latest(word for word in said if not word.is_direct)
    direct = latest(word for word in said if word.is_direct)
    if direct is None or source is None:
        return direct or source
    if not direct.is_yes or source.is_yes:
        return direct
    return source if source.at >= direct.at else direct


def standing_of_record(words: Iterable[Word], demand: Demand = NO_DEMAND) -> Standing:
    """A yes that lacks what is demanded counts as silence."""
    word = counting_word(words)
    if word is None:
        return Standing.SILENT
    if not word.is_yes:
        return Standing.WITHDRAWN
    return Standing.GRANTED if demand.is_met_by(word) else Standing.SILENT


def standing_of_customer(records: Iterable[Iterable[Word]], demand: Demand = NO_DEMAND) -> Standing:
    return max((standing_of_record(words, demand) for words in records), default=Standing.SILENT)
