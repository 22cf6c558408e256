"""Times counted in buckets: small to keep, exact to add up, good enough for percentiles. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

# Upper bounds in seconds; one more bucket holds what took longer.
BOUNDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
BUCKETS: Final = len(BOUNDS) + 1


def bucket_of(seconds: float) -> int:
    return bisect_left(BOUNDS, seconds)


def add(histograms: Iterable[Sequence[int]]) -> list[int]:
    """Their sum; a histogram without counts may be empty."""
    total = [0] * BUCKETS
    for histogram in histograms:
        for bucket, count in enumerate(histogram):
            total[bucket] += count
    return total


def quantile(histogram: Sequence[int], share: float) -> float | None:
    """Seconds below which `share` (0..1) of the counts lie, interpolated in its bucket; None without counts.

    What took longer than the last bound is told as the last bound.
    """
    total = sum(histogram)
    if not total:
        return None
    wanted = share * total
    below = 0
    for bucket, upto in enumerate(accumulate(histogram)):
        if upto >= wanted and upto > below:
            if bucket >= len(BOUNDS):
                return BOUNDS[-1]
            start = BOUNDS[bucket - 1] if bucket else 0.0
            return start + (BOUNDS[bucket] - start) * max(0.0, wanted - below) / (upto - below)
        below = upto
    return BOUNDS[-1]
