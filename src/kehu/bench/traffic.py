"""Tracking traffic: many customers with few events, few with very many, new ones among them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from kehu.bench.people import bench_person

HEAVY_CUSTOMERS = 20
HEAVY_EVENTS = 1_200
STARTED_AT = datetime(2026, 1, 1, tzinfo=UTC)
_EVENTS = ("Product Viewed", "Product Added", "Cart Viewed", "Checkout Started")

Call = tuple[str, bytes]  # message id, JSON


def identify(number: int, seed: int) -> Call:
    person = bench_person(number, seed)
    message_id = f"bench-{seed}-identify-{number}"
    traits = {"name": person.name, "phone": person.phone, "email": person.email, "city": person.city}
    return message_id, msgspec.json.encode(
        {
            "type": "identify",
            "messageId": message_id,
            "userId": f"u{number}",
            "anonymousId": f"a{number}",
            "timestamp": STARTED_AT + timedelta(seconds=number),
            "traits": traits,
        }
    )


def track(number: int, serial: int, seed: int) -> Call:
    message_id = f"bench-{seed}-track-{serial}"
    return message_id, msgspec.json.encode(
        {
            "type": "track",
            "messageId": message_id,
            "userId": f"u{number}",
            "anonymousId": f"a{number}",
            "event": _EVENTS[serial % 4],
            "timestamp": STARTED_AT + timedelta(days=1, seconds=serial),
            "properties": {"product_id": f"P{serial % 997}", "price": serial % 500, "currency": "CNY"},
            "context": {"page": {"path": f"/item/{serial % 997}"}, "locale": "zh-CN"},
        }
    )


def mixed_traffic(events: int, known: int, new: int, seed: int) -> Iterator[Call]:
    """`events` calls over customers 0..known+new: new ones say who they are first; heavy ones come all the time."""
    rng = Random(seed)
    heavy = [rng.randrange(known) for _ in range(HEAVY_CUSTOMERS)]
    heavy_share = min(0.4, HEAVY_CUSTOMERS * HEAVY_EVENTS / events)
    people = known
    for serial in range(events):
        # New customers are spread evenly over the run.
        if people - known < (serial + 1) * new // events:
            people += 1
            yield identify(people - 1, seed)
        elif rng.random() < heavy_share:
            yield track(heavy[serial % HEAVY_CUSTOMERS], serial, seed)
        else:
            yield track(rng.randrange(people), serial, seed)
