"""What became of every event that knocked: taken, or turned away and why. For the metrics page."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter

ACCEPTED = "accepted"
_events = Counter("kehu_collect_events", "Events at the collector by what became of them.", ["outcome"])


def count_accepted(events: int) -> None:
    _events.labels(ACCEPTED).inc(events)


def count_refused(codes: Iterable[str]) -> None:
    """codes: one per event (or per request, when its events could not be told apart)."""
    for code, number in Tally(codes).items():
        _events.labels(code).inc(number)
