"""When a webhook is tried again. Pure."""

from datetime import timedelta
from typing import Final

# After the first try, …: twelve tries over a little more than three days.
WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
    timedelta(hours=12),
    timedelta(hours=14),
    timedelta(hours=16),
    timedelta(hours=18),
)
MAX_ATTEMPTS: Final = len(WAITS) + 1
JITTER: Final = 0.2
LONGEST_PAUSE: Final = timedelta(minutes=5)
FAILURES_BEFORE_PAUSE: Final = 3


def wait_after(attempts: int, chance: float) -> timedelta | None:
    """How long after so many tries; chance (0..1) spreads it by a tenth either way. None: no more."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return WAITS[attempts - 1] * (1 - JITTER / 2 + JITTER * chance)


def pause_after(failures_in_row: int) -> timedelta | None:
    """How long a receiver that fails and fails is left alone, so that it costs the others nothing."""
    if failures_in_row < FAILURES_BEFORE_PAUSE:
        return None
    doublings = min(failures_in_row - FAILURES_BEFORE_PAUSE, 10)
    return min(timedelta(seconds=5 << doublings), LONGEST_PAUSE)
