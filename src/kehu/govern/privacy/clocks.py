"""When a request is due, and how much of its time is gone. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ANSWER_WITHIN: Final = timedelta(days=15)
WARN_AFTER: Final = timedelta(days=10)
ALARM_AFTER: Final = timedelta(days=14)


class Clock(StrEnum):
    """How urgent a request is."""

    PAUSED = "paused"
    IN_TIME = "in_time"
    SOON = "soon"
    LAST_DAY = "last_day"
    LATE = "late"


def due(received_at: datetime, *, paused_for: timedelta = timedelta(0)) -> datetime:
    return received_at + ANSWER_WITHIN + paused_for


def clock(received_at: datetime, due_at: datetime, now: datetime, *, is_paused: bool = False) -> Clock:
    if is_paused:
        return Clock.PAUSED
    if now > due_at:
        return Clock.LATE
    left = due_at - now
    if left <= ANSWER_WITHIN - ALARM_AFTER:
        return Clock.LAST_DAY
    return Clock.SOON if left <= ANSWER_WITHIN - WARN_AFTER else Clock.IN_TIME
