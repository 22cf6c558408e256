"""An installation with any number of customers, heavy ones among them, brought in over the road itself."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
from django.db import transaction

from kehu.bench.people import bench_person
from kehu.bench.traffic import HEAVY_CUSTOMERS, HEAVY_EVENTS, STARTED_AT, track
from kehu.collect import inbox
from kehu.collect.inbox import NewMessage
from kehu.collect.models import Source
from kehu.core.database import current_connection
from kehu.leader import work_off

HEAVY_RECORDS = 25
APPENDED_AT_ONCE = 4_000


def fill(source: Source, customers: int, progress: Callable[[int], None]) -> None:
    """Customers 0..customers, each from a record of its own; the first 20 have 25 records and 1,200 events each."""
    waiting: list[NewMessage] = []
    for message in _messages(source.pk, customers):
        waiting.append(message)
        if len(waiting) == APPENDED_AT_ONCE:
            _append(waiting, progress)
    _append(waiting, progress)


def message_count(customers: int) -> int:
    return customers + HEAVY_CUSTOMERS * (HEAVY_RECORDS - 1 + HEAVY_EVENTS)


def _append(waiting: list[NewMessage], progress: Callable[[int], None]) -> None:
    with transaction.atomic():
        inbox.append(current_connection(), waiting)
    work_off()
    progress(len(waiting))
    waiting.clear()


def _messages(source_id: int, customers: int) -> Iterator[NewMessage]:
    for number in range(customers):
        yield _record(source_id, number, 0)
    for number in range(HEAVY_CUSTOMERS):
        for copy in range(1, HEAVY_RECORDS):
            yield _record(source_id, number, copy)
        for serial in range(HEAVY_EVENTS):
            message_id, payload = track(number, number * HEAVY_EVENTS + serial, 1)
            # The record's own key is u<number>, and Segment users are found under user:<id>.
            yield NewMessage(source_id, "segment", message_id, payload, f"userId:u{number}")


def _record(source_id: int, number: int, copy: int) -> NewMessage:
    person = bench_person(number)
    external_id = f"user:u{number}" if copy == 0 else f"copy{copy}:u{number}"
    payload = msgspec.json.encode(
        {
            "external_id": external_id,
            "occurred_at": STARTED_AT + timedelta(seconds=number, days=copy),
            "attributes": {
                "name": person.name,
                "phone": person.phone,
                "email": person.email,
                "city": person.city,
            },
        }
    )
    return NewMessage(source_id, "record", f"bench-record-{external_id}", payload, f"userId:u{number}")
