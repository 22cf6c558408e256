"""What the outside hears of a window, and the feed's pages."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from kehu.core import bus, outbox
from kehu.feed import queries
from kehu.feed.changes import CREATED, MERGED, SPLIT, UPDATED, Change, changes_of
from kehu.inline import create_customer
from kehu.profile.services import merge_customers, unmerge
from tests.api.conftest import api_as
from tests.cast import SYSTEM, make_actor, make_customer, make_department

A, B, C = "aaaa", "bbbb", "cccc"


@pytest.mark.parametrize(
    ("payload", "changes"),
    [
        ({"created": [A], "updated": [], "gone": [], "moved": []}, [Change(CREATED, A)]),
        ({"updated": [A, A], "moved": [[A, A]]}, [Change(UPDATED, A)]),
        ({"updated": [A], "gone": [B], "moved": [[B, A]]}, [Change(UPDATED, A), Change(MERGED, B, A)]),
        (
            {"created": [B], "updated": [A], "moved": [[A, B]]},
            [Change(CREATED, B), Change(UPDATED, A), Change(SPLIT, A, B)],
        ),
        ({"gone": [A], "moved": [[A, C], [A, B]]}, [Change(MERGED, A, B)]),
        ({"gone": [A], "moved": []}, [Change(MERGED, A)]),
        ({"updated": [A, B], "moved": [[A, B]]}, [Change(UPDATED, A), Change(UPDATED, B)]),
    ],
    ids=["new", "changed", "merged", "split", "taken apart", "gone without trace", "a record changed hands"],
)  # fmt: skip
def test_a_window_is_told_customer_by_customer(payload: dict[str, Any], changes: list[Change]):
    assert changes_of(payload) == changes


def publish(**payload: list[Any]) -> None:
    bus.publish("customers.changed", payload)


def walk(api: Any, **ask: str) -> list[tuple[str, str]]:
    """Every change by pages, as (type, customer)."""
    seen: list[tuple[str, str]] = []
    query = "&".join(f"{name}={value}" for name, value in {"limit": "3", **ask}.items())
    page = api.get(f"/changes?{query}").json()
    while True:
        seen += [(item["type"], item["customer_id"]) for item in page["items"]]
        if page["is_at_end"] and not page["items"]:
            return seen
        page = api.get(f"/changes?{query}&cursor={page['next_cursor']}").json()


def test_the_feed_gives_every_change_once_page_by_page(db: None):
    customers = sorted(str(make_customer()) for _ in range(8))
    publish(created=customers[:5], updated=[], gone=[], moved=[])
    publish(created=[], updated=customers[5:], gone=[], moved=[])
    outbox.dispatch()
    seen = walk(api_as("steward"))
    assert seen == [(CREATED, one) for one in customers[:5]] + [(UPDATED, one) for one in customers[5:]]
    assert walk(api_as("steward"), kind="customer.updated") == [(UPDATED, one) for one in customers[5:]]


def test_a_cursor_at_the_end_goes_on_with_what_happens_next(db: None):
    api = api_as("steward")
    start = api.get("/changes?from=now").json()
    assert start["items"] == []
    assert start["is_at_end"]
    customer = str(make_customer())
    publish(created=[customer])
    outbox.dispatch()
    page = api.get(f"/changes?cursor={start['next_cursor']}").json()
    assert [item["customer_id"] for item in page["items"]] == [customer]


def test_nobody_hears_of_customers_they_may_not_see(db: None):
    east, west = make_department("East"), make_department("West")
    ours, theirs = make_customer(department_id=east.pk), make_customer(department_id=west.pk)
    publish(created=[str(ours), str(theirs)], gone=["0" * 8 + "-" + "0000-" * 3 + "0" * 12], moved=[])
    outbox.dispatch()
    assert walk(api_as("rep", east)) == [(CREATED, str(ours))]
    page = queries.changes_after(make_actor("partner", west), queries.oldest_position(), 0, limit=10)
    assert [UUID(entry.change.customer_id) for entry in page.entries] == [theirs]


def test_a_cursor_the_feed_no_longer_reaches_back_to_is_refused_with_what_to_do(db: None):
    api = api_as("steward")
    start = api.get("/changes").json()["next_cursor"]
    publish(created=[str(make_customer())])
    outbox.dispatch()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_outboxevent")
    refused = api.get(f"/changes?cursor={start}")
    assert (refused.status_code, refused.json()["code"]) == (409, "cursor_expired")
    assert api.get("/changes").json()["is_at_end"], "without a cursor one begins anew"


@pytest.mark.parametrize("cursor", ["x", "////", "MTIzNDU2Nzg5MDEyWzEsMF0", "%00"])
def test_a_cursor_nobody_gave_is_refused(db: None, cursor: str):
    assert api_as("steward").get(f"/changes?cursor={cursor}").status_code in {400, 422}


def test_a_real_merge_and_its_undoing_are_told(kehu_db: Any):
    one = create_customer(actor=SYSTEM, attributes={"name": "王芳", "phone": "13800138000"}).customer_id
    two = create_customer(actor=SYSTEM, attributes={"name": "李静", "email": "li@example.com"}).customer_id
    outbox.dispatch()
    before = queries.newest_position()
    receipt = merge_customers(survivor_id=one, absorbed_id=two, actor=SYSTEM, reason="same person")
    outbox.dispatch()
    merged = [entry.change for entry in queries.changes_after(SYSTEM, before, 0, limit=50).entries]
    assert Change(MERGED, str(two), str(one)) in merged
    before = queries.newest_position()
    unmerge(receipt.act_id, actor=SYSTEM, reason="two after all")
    outbox.dispatch()
    split = [entry.change for entry in queries.changes_after(SYSTEM, before, 0, limit=50).entries]
    assert Change(SPLIT, str(one), str(two)) in split
