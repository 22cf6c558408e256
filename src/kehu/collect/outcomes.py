"""What became of every event that knocked: taken, or turned away and why. For the metrics page."""

import threading
from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter

from kehu.core import traffic
from kehu.core.database import Connection

ACCEPTED = "accepted"
_events = Counter("kehu_collect_events", "Events at the collector by what became of them.", ["outcome"])
_refused: Tally[int] = Tally()
_lock = threading.Lock()


def count_accepted(events: int) -> None:
    _events.labels(ACCEPTED).inc(events)


def count_refused(codes: Iterable[str], source_id: int = traffic.UNKNOWN_SOURCE) -> None:
    """codes: one per event (or per request, when its events could not be told apart)."""
    by_code = Tally(codes)
    for code, number in by_code.items():
        _events.labels(code).inc(number)
    with _lock:
        _refused[source_id] += by_code.total()


def write_refused(connection: Connection) -> None:
    """Put what was refused since the last time beside what was taken. What a crash keeps us from writing is only
    missing on both sides of the balance."""
    with _lock:
        refused = dict(_refused)
        _refused.clear()
    try:
        traffic.record_refusals(connection, refused)
    except Exception:
        with _lock:
            _refused.update(refused)
        raise
