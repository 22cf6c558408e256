"""Webhooks out: signed, tried again under one id, isolated from one another, given up in sight."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from kehu.core import bus, outbound, outbox
from kehu.core.errors import InvalidInput
from kehu.core.outbound import OutboundAnswer, OutboundFailed
from kehu.feed import queries, retrying, sending, services, signing
from kehu.feed.changes import KINDS
from kehu.feed.models import Delivery, Webhook
from tests.api.conftest import api_as
from tests.cast import SYSTEM, make_customer

STOP = threading.Event()
URL = "https://hooks.example.com/kehu"


@pytest.fixture(autouse=True)
def public_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "_resolve", lambda host, port: ["93.184.215.14"])


class Receiver:
    """Answers as its script says, then 200; keeps what it got."""

    def __init__(self, *script: int | Exception) -> None:
        self.script = list(script)
        self.got: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> OutboundAnswer:
        self.got.append((headers, body))
        answer = self.script.pop(0) if self.script else 200
        if isinstance(answer, Exception):
            raise answer
        return OutboundAnswer(answer, {}, b"")


def make_webhook(url: str = URL, kinds: Any = KINDS) -> services.NewWebhook:
    return services.create_webhook(actor=SYSTEM, name="warehouse", url=url, kinds=kinds)


def something_happens(customers: int = 1) -> None:
    bus.publish("customers.changed", {"created": [str(make_customer()) for _ in range(customers)]})
    outbox.dispatch()


def deliver(receiver: Receiver) -> None:
    """Everything that is due, now or later: time passes between the tries."""
    while Delivery.objects.filter(state="pending", webhook__is_enabled=True).exists():
        Delivery.objects.filter(state="pending").update(next_at=Now())
        Webhook.objects.update(paused_until=None)
        turn = sending.take_turn()
        assert turn is not None
        sending.serve(turn, STOP, receiver)


def test_the_signature_is_that_of_the_standard():
    """The example of the Standard Webhooks specification."""
    body = b'{"test": 2432232314}'
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signing.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, secret)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_change_reaches_the_receiver_signed_and_names_customers_by_id_alone(db: None):
    webhook, receiver = make_webhook(), Receiver()
    something_happens()
    deliver(receiver)
    [(headers, body)] = receiver.got
    said = json.loads(body)
    assert said["type"] == "customer.created"
    assert [set(change) for change in said["data"]["changes"]] == [{"customer_id"}]
    expected = signing.sign(headers["webhook-id"], int(headers["webhook-timestamp"]), body, webhook.secret)
    assert headers["webhook-signature"] == expected
    assert Delivery.objects.get().state == "delivered"


def test_only_the_kinds_that_were_asked_for_are_sent(db: None):
    make_webhook(kinds=["customer.merged"])
    something_happens()
    assert not Delivery.objects.exists()


def test_many_changes_come_in_messages_of_a_hundred(db: None):
    make_webhook()
    bus.publish("customers.changed", {"updated": [str(number) for number in range(250)]})
    outbox.dispatch()
    sizes = [len(json.loads(body)["data"]["changes"]) for body in Delivery.objects.values_list("body", flat=True)]
    assert sizes == [100, 100, 50]


def test_a_failed_message_is_tried_again_under_the_same_id_and_a_fresh_signature(db: None):
    make_webhook()
    receiver = Receiver(500, OutboundFailed("timed out"), 302)
    something_happens()
    deliver(receiver)
    assert len(receiver.got) == 4
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("delivered", 4, 200)


def test_twelve_tries_over_three_days_then_it_is_given_up_in_sight_and_can_be_sent_again(db: None):
    webhook, receiver = make_webhook(), Receiver(*[500] * 12)
    something_happens()
    deliver(receiver)
    assert len(receiver.got) == retrying.MAX_ATTEMPTS == 12
    assert queries.webhook(SYSTEM, webhook.id).dead == 1
    assert services.send_again(webhook.id, actor=SYSTEM) == 1
    deliver(receiver)
    assert queries.webhook(SYSTEM, webhook.id).dead == 0
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_the_waits_grow_and_last_three_days():
    waits = [retrying.wait_after(attempt, 0.0) for attempt in range(1, 12)]
    assert all(wait is not None for wait in waits)
    assert sum((wait for wait in waits if wait), timedelta()) >= timedelta(hours=65)
    assert sum((retrying.wait_after(n, 0.5) or timedelta() for n in range(1, 12)), timedelta()) >= timedelta(hours=72)
    assert retrying.wait_after(12, 1.0) is None
    assert retrying.pause_after(1) is None
    assert retrying.pause_after(1000) == retrying.LONGEST_PAUSE


def test_a_receiver_that_is_gone_is_switched_off_with_the_reason(db: None):
    webhook, receiver = make_webhook(), Receiver(410)
    something_happens(2)
    deliver(receiver)
    view = queries.webhook(SYSTEM, webhook.id)
    assert (view.is_enabled, view.pending, len(receiver.got)) == (False, 1, 1)
    assert "410" in view.disabled_because
    something_happens()
    assert queries.webhook(SYSTEM, webhook.id).pending == 1, "nothing more is queued for it"
    services.change_webhook(webhook.id, actor=SYSTEM, is_enabled=True)
    deliver(receiver)
    assert queries.webhook(SYSTEM, webhook.id).pending == 0


def test_a_failing_receiver_is_left_alone_for_a_while_and_the_others_are_served(db: None):
    bad, good = make_webhook(), make_webhook("https://other.example.com/")
    something_happens()
    for _ in range(retrying.FAILURES_BEFORE_PAUSE):
        Delivery.objects.filter(webhook_id=bad.id).update(next_at=Now())
        Webhook.objects.filter(pk=good.id).update(is_enabled=False)
        turn = sending.take_turn()
        assert turn is not None
        sending.serve(turn, STOP, Receiver(500))
    Webhook.objects.filter(pk=good.id).update(is_enabled=True)
    Delivery.objects.update(next_at=Now())
    turn = sending.take_turn()
    assert turn is not None
    assert turn.webhook_id == good.id
    assert sending.serve(turn, STOP, Receiver()) == 1
    assert sending.take_turn() is None, "the other one rests"


def test_a_sender_that_slept_through_its_lease_sends_nothing_more(db: None):
    webhook = make_webhook()
    something_happens()
    asleep = sending.take_turn()
    assert asleep is not None
    assert sending.take_turn() is None, "one thread serves a receiver at a time"
    Webhook.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    awake, receiver = sending.take_turn(), Receiver()
    assert awake is not None
    assert sending.serve(asleep, STOP, receiver) == 0
    assert receiver.got == []
    assert sending.serve(awake, STOP, receiver) == 1
    assert queries.webhook(SYSTEM, webhook.id).pending == 0


def test_after_a_rotation_the_old_secret_signs_too_for_a_day(db: None):
    webhook, receiver = make_webhook(), Receiver()
    new = services.rotate_secret(webhook.id, actor=SYSTEM)
    something_happens()
    deliver(receiver)
    headers, body = receiver.got[0]
    signatures = headers["webhook-signature"].split(" ")
    stamp = int(headers["webhook-timestamp"])
    assert signatures == [signing.sign(headers["webhook-id"], stamp, body, key) for key in (new, webhook.secret)]
    Webhook.objects.update(old_secret_until=timezone.now())
    assert sending.valid_secrets(Webhook.objects.get()) == [new]


def test_secrets_are_sealed_in_the_database_and_shown_once(db: None):
    api = api_as("administrator")
    made = api.post("/webhooks", {"name": "w", "url": URL, "kinds": ["customer.created"]})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    stored = Webhook.objects.get()
    assert secret not in stored.secret
    assert secret not in api.get("/webhooks").content.decode()
    assert secret not in api.get(f"/webhooks/{stored.pk}").content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/", "https://user:pass@hooks.example.com/", "https://hooks.example.com:22/",
        "ftp://hooks.example.com/", "https://", "javascript:alert(1)", "https://[::1", "https://a b/", "",
        "https://hooks.example.com/\r\nX: y",
    ],
)  # fmt: skip
def test_an_address_kehu_does_not_call_is_refused(db: None, url: str):
    with pytest.raises(InvalidInput):
        make_webhook(url)


def test_what_was_taken_is_forgotten_after_a_week_and_what_was_given_up_after_a_month(db: None):
    make_webhook()
    something_happens()
    deliver(Receiver())
    assert services.forget_deliveries() == 0
    Delivery.objects.update(delivered_at=timezone.now() - timedelta(days=8))
    assert services.forget_deliveries() == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda api, id_: api.post(f"/webhooks/{id_}/ping"),
        lambda api, id_: api.post(f"/webhooks/{id_}/resend"),
        lambda api, id_: api.post(f"/webhooks/{id_}/secret"),
        lambda api, id_: api.patch(f"/webhooks/{id_}", {"name": "other", "is_enabled": False}),
        lambda api, id_: api.get(f"/webhooks/{id_}/deliveries"),
        lambda api, id_: api.call("DELETE", f"/webhooks/{id_}"),
    ],
    ids=["ping", "resend", "secret", "change", "deliveries", "delete"],
)
def test_administrators_may_and_reps_may_not(db: None, act: Callable[[Any, int], Any]):
    webhook = make_webhook()
    assert act(api_as("rep"), webhook.id).status_code == 403
    assert act(api_as("administrator"), webhook.id).status_code == 200
    assert act(api_as("administrator"), 10**6).status_code == 404
