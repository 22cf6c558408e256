"""Segment calls as touches: whose, when, what."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kehu.clean.segment_calls import touches_of_call
from kehu.clean.touches import DEVICE, ORGANISATION, Identifier, RecordRef, Rejected, Touch
from kehu.clean.values import CleanContext

RECEIVED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
CONTEXT = CleanContext(date(2026, 11, 21), b"key")
USER, ANONYMOUS = RecordRef("web", "user:u-1"), RecordRef("web", "anon:a-1")


@dataclass
class Source:
    slug: str = "web"
    time_zone: str = "Asia/Shanghai"
    order_namespace: str = ""
    is_trusted: bool = True


@dataclass
class Message:
    payload: bytes
    message_id: str = "m-1"
    received_at: datetime = RECEIVED
    sent_at: datetime | None = None


def read(call: dict[str, Any], *, sent_at: datetime | None = None, source: Source | None = None) -> list[Touch]:
    message = Message(json.dumps(call).encode(), sent_at=sent_at)
    return touches_of_call(message, source or Source(), CONTEXT)


def track(**fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Product Viewed", "userId": "u-1", **fields}


def identify(traits: dict[str, Any] | None = None, **fields: Any) -> Touch:
    [touch] = read({"type": "identify", "userId": "u-1", "traits": traits or {}, **fields})
    return touch


SENT = "2026-11-21T12:00:00Z"  # the sender's clock is two hours ahead of ours


@pytest.mark.parametrize(
    ("fields", "batch_sent_at", "expected"),
    [
        ({}, None, "10:00:00"),
        ({"timestamp": "2026-11-21T09:00:00Z"}, None, "09:00:00"),
        ({"originalTimestamp": "2026-11-21T09:00:00Z"}, None, "09:00:00"),
        ({"timestamp": "2026-11-21T08:00:00Z", "originalTimestamp": "2026-11-21T09:00:00Z"}, None, "08:00:00"),
        ({"timestamp": "2026-11-21T11:50:00Z", "sentAt": SENT}, None, "09:50:00"),
        ({"originalTimestamp": "2026-11-21T11:50:00Z", "sentAt": SENT}, None, "09:50:00"),
        ({"timestamp": "2026-11-21T11:50:00Z"}, "2026-11-21T12:00:00+00:00", "09:50:00"),
        ({"timestamp": "2026-11-21T11:50:00Z", "sentAt": SENT}, "2026-11-21T23:00:00+00:00", "09:50:00"),
        ({"sentAt": SENT}, None, "10:00:00"),
        ({"timestamp": "yesterday", "sentAt": SENT}, None, "10:00:00"),
        ({"timestamp": 1763715600000}, None, "10:00:00"),
        ({"timestamp": "2026-11-21T17:00:00+08:00"}, None, "09:00:00"),
        ({"timestamp": "2026-11-21T17:00:00"}, None, "09:00:00"),
        ({"timestamp": "2026-11-21T09:00:00.123456Z"}, None, "09:00:00.123456"),
        ({"timestamp": "2026-11-21T09:00:00Z", "sentAt": SENT, "receivedAt": SENT}, None, "09:00:00"),
        ({"receivedAt": "2026-11-21T09:30:00Z"}, None, "09:30:00"),
    ],
    ids=[
        "none", "timestamp", "originalTimestamp", "timestamp wins", "corrected", "original corrected",
        "by the batch", "own sentAt wins", "sentAt alone",
        "unreadable", "a number", "offset", "naive: the source's zone",
        "microseconds", "archived: corrected once", "archived without a time",
    ],
)  # fmt: skip
def test_the_time_is_corrected_by_the_sender_s_clock(
    fields: dict[str, Any], batch_sent_at: str | None, expected: str
) -> None:
    [touch] = read(track(**fields), sent_at=datetime.fromisoformat(batch_sent_at) if batch_sent_at else None)
    assert touch.occurred_at == datetime.fromisoformat(f"2026-11-21T{expected}+00:00")
    assert touch.events[0].occurred_at == touch.occurred_at


def test_a_time_far_in_the_future_is_no_fact() -> None:
    with pytest.raises(Rejected) as rejected:
        read(track(timestamp=(RECEIVED + timedelta(hours=25)).isoformat()))
    assert rejected.value.code == "future_time"
    [touch] = read(track(timestamp=(RECEIVED + timedelta(hours=23)).isoformat()))
    assert touch.occurred_at > RECEIVED
    [touch] = read(track(timestamp="0001-01-01T00:00:00Z"))
    assert touch.occurred_at.year == 1


@pytest.mark.parametrize(
    ("ids", "record", "device"),
    [
        ({"userId": "u-1"}, USER, None),
        ({"userId": "u-1", "anonymousId": None}, USER, None),
        ({"userId": "u-1", "anonymousId": "a-1"}, USER, ANONYMOUS),
        ({"userId": None, "anonymousId": "a-1"}, None, ANONYMOUS),
        ({"userId": 42}, RecordRef("web", "user:42"), None),
        ({"userId": "undefined", "anonymousId": "a-1"}, None, ANONYMOUS),
        ({"userId": "0000-00", "anonymousId": "a-1"}, None, ANONYMOUS),
        ({"userId": "-1", "anonymousId": "a-1"}, None, ANONYMOUS),
        ({"userId": " Null ", "anonymousId": "a-1"}, None, ANONYMOUS),
    ],
    ids=[
        "user", "python sends null", "both", "device", "number", "undefined", "zeros", "-1", "null in words",
    ],
)  # fmt: skip
def test_an_event_is_of_the_user_else_of_the_device(
    ids: dict[str, Any], record: RecordRef | None, device: RecordRef | None
) -> None:
    call = track() | ids
    [touch] = read(call)
    assert (touch.record, touch.device) == (record, device)
    assert touch.events[0].key == "m-1"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (track(userId=None), "no_id"),
        (track(userId="undefined"), "no_id"),
        (track(userId={"a": 1}), "no_id"),
        (track(userId="u" * 201), "long_id"),
        (track(event=None), "no_event_name"),
        (track(event="  "), "no_event_name"),
        ({"type": "dance", "userId": "u-1"}, "bad_type"),
        ({"userId": "u-1"}, "bad_type"),
        ({"type": "group", "userId": "u-1"}, "no_group_id"),
        ({"type": "alias", "userId": "u-1"}, "no_id"),
        ({"type": "alias", "previousId": "a-1"}, "no_id"),
        ({"type": "merge", "mergeProperties": [{"type": "email", "value": "lin@example.org"}]}, "nothing_to_merge"),
    ],
)
def test_what_cannot_be_understood_is_rejected_with_a_reason(call: dict[str, Any], code: str) -> None:
    with pytest.raises(Rejected) as rejected:
        read(call)
    assert rejected.value.code == code


@pytest.mark.parametrize("payload", [b"", b"{", b'{"a":1,"a":2}', b'{"a":"\\u0000"}', b"\xff"])
def test_a_payload_that_is_no_sound_json_is_rejected(payload: bytes) -> None:
    with pytest.raises(Rejected):
        touches_of_call(Message(payload), Source(), CONTEXT)


def test_traits_become_attributes_whatever_their_case() -> None:
    touch = identify(
        {
            "firstName": "Lin", "last_name": "Chen", "E-Mail": "Lin@Example.org", "PHONE": 13800138000,
            "birthDay": "1990-05-17T00:00:00.000Z", "createdAt": "2026-01-01", "favouriteShop": "Pudong",
            "company": {"name": "Example Ltd", "plan": "pro"}, "tags": ["a"], "id": "u-1",
        }
    )  # fmt: skip
    values = {name: value.v for name, value in touch.attributes.items()}
    assert values == {
        "given_name": "Lin", "surname": "Chen", "name": "Lin Chen", "email": "lin@example.org",
        "phone": "+8613800138000", "birth_date": "1990-05-17",
        "favourite_shop": "Pudong", "company": "Example Ltd",
    }  # fmt: skip
    assert touch.record == USER
    assert set(touch.identifiers) == {
        Identifier("user_id", "web:u-1"),
        Identifier("email", "lin@example.org"),
        Identifier("phone", "+8613800138000"),
    }


def test_a_chinese_name_is_put_together_surname_first() -> None:
    assert identify({"firstName": "伟", "lastName": "张"}).attributes["name"].v == "张伟"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("12 Main St", "12 Main St"),
        ({"city": "Springfield", "postalCode": "62701", "state": "IL", "street": "12 Main St", "country": "US"},
         "12 Main St, Springfield, IL 62701, US"),
        ({"state": "广东省", "city": "深圳市", "street": "南山区科技路1号", "postalCode": "518000"},
         "广东省深圳市南山区科技路1号"),
    ],
)  # fmt: skip
def test_an_address_is_written_as_its_country_writes_it(address: Any, expected: str) -> None:
    value = identify({"address": address}).attributes["address"].v
    assert value.replace(" ", "") == expected.replace(" ", "")


def test_null_erases_absent_keeps() -> None:
    touch = identify({"phone": None, "email": "lin@example.org", "Mobile": "13800138000"})
    assert touch.erased == ()  # two names of one attribute: the one with a value counts
    assert identify({"phone": None, "birthday": None}).erased == ("birth_date", "phone")


def test_rudderstack_puts_traits_into_the_context() -> None:
    touch = identify(None, context={"traits": {"email": "lin@example.org", "city": "上海"}})
    assert touch.attributes["email"].v == "lin@example.org"
    both = identify({"city": "北京"}, context={"traits": {"email": "lin@example.org", "city": "上海"}})
    assert (both.attributes["city"].v, both.attributes["email"].v) == ("北京", "lin@example.org")


def test_an_anonymous_identify_describes_the_device() -> None:
    touch = identify({"email": "lin@example.org"}, userId=None, anonymousId="a-1")
    assert (touch.record, touch.kind, touch.device) == (ANONYMOUS, DEVICE, None)


def test_a_browser_s_word_is_marked_as_untrusted() -> None:
    [touch] = read(
        {"type": "identify", "userId": "u-1", "traits": {"phone": "13800138000"}}, source=Source(is_trusted=False)
    )
    assert not touch.is_trusted
    assert identify({"phone": "13800138000"}).is_trusted


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ({"type": "page"}, "Loaded a Page"),
        ({"type": "page", "name": "Home"}, "Viewed Home Page"),
        ({"type": "page", "category": "Docs", "name": "Start"}, "Viewed Docs Start Page"),
        ({"type": "screen", "name": "Cart"}, "Viewed Cart Screen"),
    ],
)
def test_pages_and_screens_are_events(call: dict[str, Any], name: str) -> None:
    [touch] = read(call | {"anonymousId": "a-1", "properties": {"x": 1}})
    assert (touch.events[0].name, touch.events[0].properties) == (name, {"x": 1})


def test_page_and_campaign_travel_with_the_event() -> None:
    context = {"page": {"url": "https://x.example/", "title": "", "search": "?a"}, "campaign": {"source": "mail"}}
    [touch] = read(track(context=context, properties={"a": 1}))
    assert touch.events[0].properties == {
        "a": 1,
        "$page": {"url": "https://x.example/"},
        "$campaign": {"source": "mail"},
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Order Completed", "trade"),
        ("Email Opened", "marketing"),
        ("Ticket Opened", "service"),
        ("Call Received", "contact"),
        ("Product Viewed", "behaviour"),
    ],
)
def test_events_have_a_kind(name: str, kind: str) -> None:
    [touch] = read(track(event=name))
    assert touch.events[0].kind == kind


def order_of(event: str, properties: dict[str, Any], source: Source | None = None) -> Any:
    [touch] = read(track(event=event, properties=properties), source=source)
    assert len(touch.orders) <= 1
    return touch.orders[0] if touch.orders else None


@pytest.mark.parametrize("event", ["Order Completed", "Completed Order", "order completed"])
def test_a_completed_order_with_its_lines(event: str) -> None:
    order = order_of(
        event,
        {
            "order_id": 1001, "total": "259.90", "currency": "cny",
            "products": [
                {"product_id": "p1", "sku": "S1", "name": "茶杯", "price": 19.9, "quantity": 1},
                {"product_id": "p2", "price": "120", "quantity": "2"},
                {"product_id": "p1", "price": 0},
            ],
        },
    )  # fmt: skip
    assert (order.namespace, order.number, order.status, order.currency) == ("web", "1001", "completed", "CNY")
    assert (order.total, order.placed_at, order.buyer) == (Decimal("259.90"), RECEIVED, USER)
    assert [(line.key, line.sku, line.quantity, line.amount) for line in order.lines] == [
        ("p1", "S1", 1, Decimal("19.9")),
        ("p2", "p2", 2, Decimal(240)),
        ("p1#2", "p1", 1, Decimal(0)),
    ]


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        ({"total": 12.5}, "12.5"),
        ({"revenue": 10, "tax": "1.5", "shipping": 1}, "12.5"),
        ({"value": "¥12.50"}, "12.5"),
        ({"total": "free"}, None),
        ({"total": True}, None),
        ({"total": 0.1}, "0.1"),
        ({"total": 1e21}, None),
        ({}, None),
    ],
)
def test_amounts_may_be_numbers_or_strings(amounts: dict[str, Any], total: str | None) -> None:
    order = order_of("Order Completed", {"order_id": "1"} | amounts)
    assert order.total == (Decimal(total) if total else None)


def test_a_refund_is_full_or_partial() -> None:
    full = order_of("Order Refunded", {"order_id": "1"})
    assert (full.full_refund_at, full.status, full.payments) == (RECEIVED, "refunded", ())
    partial = order_of("Refunded Order", {"order_id": "1", "total": "30"})
    assert [(payment.kind, payment.amount) for payment in partial.payments] == [("refund", Decimal(30))]
    assert (partial.full_refund_at, partial.lines) == (None, None)
    products = order_of("Order Refunded", {"order_id": "1", "products": [{"sku": "a", "price": 5, "quantity": 3}]})
    assert products.payments[0].amount == Decimal(15)


def test_an_order_is_updated_and_cancelled() -> None:
    updated = order_of("Order Updated", {"order_id": "1", "total": 5, "status": "Shipped"})
    assert (updated.status, updated.total, updated.placed_at, updated.lines) == ("shipped", Decimal(5), None, None)
    assert order_of("Order Cancelled", {"order_id": "1", "total": 5}).status == "cancelled"


def test_an_order_without_a_number_stays_an_event() -> None:
    assert order_of("Order Completed", {"total": 5}) is None


def test_orders_of_several_systems_meet_in_the_declared_namespace() -> None:
    assert order_of("Order Completed", {"order_id": "1"}, Source(order_namespace="erp")).namespace == "erp"


def test_an_event_says_of_which_order_it_speaks() -> None:
    [touch] = read(track(event="Checkout Started", properties={"order_id": "1"}))
    assert (touch.events[0].order, touch.orders) == (("web", "1"), ())


@pytest.mark.parametrize(
    ("event", "channel", "state"),
    [
        ("Email Unsubscribed", "email", "withdrawn"),
        ("Email Marked as Spam", "email", "withdrawn"),
        ("Email Subscribed", "email", "granted"),
        ("SMS Unsubscribed", "sms", "withdrawn"),
    ],
)
def test_a_yes_or_no_is_a_consent(event: str, channel: str, state: str) -> None:
    [touch] = read(track(event=event))
    [consent] = touch.consents
    assert (consent.purpose, consent.channel, consent.state) == ("marketing", channel, state)
    assert consent.proof == {"event": event, "message_id": "m-1"}


def test_a_group_is_an_organisation_with_a_tie_to_the_user() -> None:
    call = {"type": "group", "userId": "u-1", "groupId": "g-1", "traits": {"name": "Example Ltd", "industry": "Tea"}}
    organisation, member = read(call)
    assert (organisation.record, organisation.kind) == (RecordRef("web", "group:g-1"), ORGANISATION)
    assert organisation.attributes["name"].v == "Example Ltd"
    assert organisation.attributes["industry"].v == "Tea"
    assert member.record == USER
    assert [(relation.other, relation.kind) for relation in member.relations] == [(organisation.record, "contact_of")]
    assert len(read(call | {"userId": None})) == 1


def test_an_alias_ties_the_previous_id_to_the_user() -> None:
    [touch] = read({"type": "alias", "userId": "u-1", "previousId": "a-1"})
    assert (touch.record, touch.device) == (USER, ANONYMOUS)
    assert Identifier("user_id", "web:a-1") in touch.identifiers
    [browser] = read({"type": "alias", "userId": "u-1", "previousId": "u-1", "anonymousId": "a-1"})
    assert (browser.device, browser.identifiers) == (ANONYMOUS, (Identifier("user_id", "web:u-1"),))


def test_only_a_trusted_caller_may_merge() -> None:
    call = {
        "type": "merge",
        "mergeProperties": [
            {"type": "email", "value": "lin@example.org"},
            {"type": "mobile", "value": "13800138000"},
        ],
    }
    [touch] = read(call)
    assert {identifier.type for identifier in touch.identifiers} == {"email", "phone"}
    with pytest.raises(Rejected) as rejected:
        read(call, source=Source(is_trusted=False))
    assert rejected.value.code == "untrusted_merge"


@pytest.mark.parametrize(
    ("traits", "verified"),
    [
        ({"email": "lin@example.org", "email_verified": True}, ["email"]),
        ({"phone": "13800130000", "phoneNumberVerified": "true"}, ["phone"]),
        ({"email": "lin@example.org", "email_verified": False}, []),
        ({"email": "lin@example.org", "email_verified": "yes?"}, []),
        ({"email_verified": True}, []),
    ],
    ids=["OpenID's claim", "as text", "denied", "no word of truth", "without the value"],
)
def test_a_claim_marks_the_value_it_speaks_of_and_is_no_attribute(traits: dict[str, Any], verified: list[str]) -> None:
    touch = identify(traits)
    assert [name for name, value in touch.attributes.items() if "verified" in value.flags] == verified
    assert set(touch.attributes) <= {"email", "phone"}


@pytest.mark.parametrize(
    ("event", "properties", "told"),
    [
        ("Email Verified", {"email": "Lin@Example.org"}, {"email": "lin@example.org"}),
        ("Phone Number Confirmed", {"phone": "138 0013 0000"}, {"phone": "+8613800130000"}),
        ("Email Subscribed", {"email": "lin@example.org", "double_opt_in": True}, {"email": "lin@example.org"}),
        ("Email Subscribed", {"email": "lin@example.org"}, {}),
        ("Email Verified", {"email": ["lin@example.org"]}, {}),
        ("Email Verified", {}, {}),
    ],
)
def test_an_event_of_confirming_says_the_value_as_verified(
    event: str, properties: dict[str, Any], told: dict[str, str]
) -> None:
    [touch] = read(track(event=event, properties=properties))
    assert {name: value.v.lower() for name, value in touch.attributes.items()} == told
    assert all(value.flags[-1] == "verified" for value in touch.attributes.values())
    assert [event.name for event in touch.events] == [event]
