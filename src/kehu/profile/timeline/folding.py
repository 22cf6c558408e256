"""Floods told as one: what somebody did by the dozen within one visit becomes one line of the timeline. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final

from kehu.profile.timeline.asked import TimelineRow

FLOOD: Final = 3
VISIT_GAP: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Fold:
    """rows: the newest first; more than one is a flood, told by its newest."""

    rows: tuple[TimelineRow, ...]

    @property
    def first(self) -> TimelineRow:
        return self.rows[0]

    @property
    def is_flood(self) -> bool:
        return len(self.rows) > 1


def fold(rows: Sequence[TimelineRow], may_fold: Callable[[TimelineRow], bool], at_most: int) -> tuple[list[Fold], int]:
    """(folds, how many of the rows are in them). rows: newest first.

    Whole visits only, as many as fit: a visit that would make it more than `at_most` begins the next page, unless it
    is the first.
    """
    folds: list[Fold] = []
    taken = 0
    for visit in _visits(rows, may_fold):
        of_visit = _folds_of(visit)
        if folds and len(folds) + len(of_visit) > at_most:
            break
        folds += of_visit
        taken += len(visit)
        if len(folds) >= at_most:
            break
    return folds, taken


def _visits(rows: Sequence[TimelineRow], may_fold: Callable[[TimelineRow], bool]) -> Iterable[list[TimelineRow]]:
    """Neighbours of one source within half an hour of each other; what may not be folded stands alone."""
    visit: list[TimelineRow] = rows[:1] and [rows[0]]  # type: ignore[assignment]
    for newer, older in pairwise(rows):
        is_one = (
            newer.source_id == older.source_id
            and newer.occurred_at - older.occurred_at <= VISIT_GAP
            and may_fold(newer)
            and may_fold(older)
        )
        if not is_one:
            yield visit
            visit = []
        visit.append(older)
    if visit:
        yield visit


def _folds_of(visit: Sequence[TimelineRow]) -> list[Fold]:
    counts = Counter(row.name for row in visit)
    folds: list[Fold] = []
    told: set[str] = set()
    for row in visit:
        if counts[row.name] < FLOOD:
            folds.append(Fold((row,)))
        elif row.name not in told:
            told.add(row.name)
            folds.append(Fold(tuple(one for one in visit if one.name == row.name)))
    return folds
