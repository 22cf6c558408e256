"""May we, for this purpose, by this channel, to this address, now: each reason for a yes and for a no."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from kehu.core.database import fetch_all
from kehu.govern.access import SYSTEM
from kehu.govern.consent import gate, services
from kehu.govern.consent.decision import Reason
from kehu.govern.consent.gate import allowed_of, may, may_send
from kehu.govern.consent.models import Mark, Purpose, Suppression, Word
from kehu.govern.consent.services import Door
from kehu.govern.consent.stop_words import Reply
from kehu.profile.models import Consent
from kehu.resolve.models import RecordCustomer
from tests.cast import make_customer

PHONE, EMAIL = "+8613900001111", "bird@example.com"
DOOR = Door("page")


@pytest.fixture
def customer(db) -> UUID:
    return make_customer("金丝雀", identifiers={"phone": PHONE, "email": EMAIL})


def record_of(customer: UUID) -> UUID:
    return RecordCustomer.objects.filter(customer_id=customer).values_list("record_id", flat=True)[0]


def report(customer: UUID, state: str, *, day: int, purpose: str = "marketing", channel: str = "sms") -> None:
    """What a source says the person said."""
    at = datetime(2026, 1, day, tzinfo=UTC)
    Consent.objects.create(
        id=uuid4(),
        record_id=record_of(customer),
        source_id=1,
        purpose=purpose,
        channel=channel,
        state=state,
        occurred_at=at,
    )


def say(customer: UUID, is_yes: bool, channel: str = "sms", purpose: str = "marketing", **more) -> None:
    act = services.give_consent if is_yes else services.withdraw_consent
    act(customer, [(purpose, channel)], door=DOOR, actor=SYSTEM, **more)


def test_without_a_word_there_is_no_marketing_and_there_is_service(customer):
    assert may("marketing", "sms", customer_id=customer) == (False, Reason.NO_CONSENT)
    assert may("service", "sms", customer_id=customer) == (True, Reason.NEEDS_NO_CONSENT)
    assert may("analytics", "", customer_id=customer) == (True, Reason.NOT_REFUSED)


def test_a_yes_opens_its_purpose_and_channel_and_no_other(customer):
    report(customer, "granted", day=1)
    assert may("marketing", "sms", customer_id=customer) == (True, Reason.CONSENTED)
    assert may("marketing", "email", customer_id=customer) == (False, Reason.NO_CONSENT)
    assert may("survey", "sms", customer_id=customer) == (False, Reason.NO_CONSENT)


def test_a_purpose_nobody_entered_opens_nothing(customer):
    report(customer, "granted", day=1, purpose="world domination")
    assert may("world domination", "sms", customer_id=customer) == (False, Reason.UNKNOWN_PURPOSE)


def test_a_no_counts_at_once_and_a_feed_that_repeats_its_yes_does_not_lift_it(customer):
    report(customer, "granted", day=1)
    say(customer, False)
    assert may("marketing", "sms", customer_id=customer) == (False, Reason.WITHDRAWN)
    Consent.objects.create(
        id=uuid4(), record_id=record_of(customer), source_id=1, purpose="marketing", channel="sms", state="granted",
        occurred_at=datetime(2030, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert may("marketing", "sms", customer_id=customer) == (False, Reason.WITHDRAWN)
    say(customer, True)
    assert may("marketing", "sms", customer_id=customer) == (True, Reason.CONSENTED)


def test_no_to_everything_covers_purposes_and_channels_not_named(customer):
    report(customer, "granted", day=1)
    services.withdraw_consent(customer, [("*", "*")], door=DOOR, actor=SYSTEM)
    assert may("marketing", "sms", customer_id=customer) == (False, Reason.WITHDRAWN)
    assert may("analytics", "", customer_id=customer) == (False, Reason.WITHDRAWN)
    assert may("service", "sms", customer_id=customer) == (True, Reason.NEEDS_NO_CONSENT)


def test_a_merge_takes_the_more_restrictive_and_an_unmerge_gives_both_back(customer):
    report(customer, "granted", day=1)
    other = make_customer("王芳")
    say(other, False)
    apart = [may("marketing", "sms", customer_id=one) for one in (customer, other)]
    moved = record_of(other)
    RecordCustomer.objects.filter(record_id=moved).update(customer_id=customer)
    assert may("marketing", "sms", customer_id=customer) == (False, Reason.WITHDRAWN)
    assert may("marketing", "sms", customer_id=other) == (False, Reason.WITHDRAWN), "the old id leads to the customer"
    RecordCustomer.objects.filter(record_id=moved).update(customer_id=other)
    assert [may("marketing", "sms", customer_id=one) for one in (customer, other)] == apart


def test_a_no_said_of_the_merged_customer_stays_with_both_after_the_unmerge(customer):
    other = make_customer("王芳")
    moved = record_of(other)
    RecordCustomer.objects.filter(record_id=moved).update(customer_id=customer)
    say(customer, False)
    RecordCustomer.objects.filter(record_id=moved).update(customer_id=other)
    for one in (customer, other):
        assert may("marketing", "sms", customer_id=one) == (False, Reason.WITHDRAWN)


def test_an_address_left_alone_is_left_alone_whoever_carries_it(customer):
    say(customer, True)
    services.suppress_address("sms", "139 0000 1111", cause=Suppression.Cause.COMPLAINT, actor=SYSTEM)
    assert may("marketing", "sms", customer_id=customer, address=PHONE) == (False, Reason.SUPPRESSED)
    assert may("marketing", "sms", customer_id=customer, address="+8613900002222") == (True, Reason.CONSENTED)
    assert may("service", "sms", customer_id=customer, address=PHONE) == (True, Reason.NEEDS_NO_CONSENT)
    assert PHONE.encode() not in b"".join(bytes(s.address_hash) for s in Suppression.objects.all())


@pytest.mark.parametrize("text", ["TD", "ｔｄ", "退订", "回复TD", "STOP.", "退订，谢谢", " stop "])
def test_stop_in_any_way_of_writing_stops_the_address_and_its_bearers(customer, text):
    say(customer, True)
    assert services.hear_reply("sms", "13900001111", text, actor=SYSTEM) is Reply.STOP
    assert may("marketing", "sms", customer_id=customer, address=PHONE) == (False, Reason.SUPPRESSED)
    assert may("marketing", "sms", customer_id=customer) == (False, Reason.WITHDRAWN)
    assert may("marketing", "sms", address=PHONE).allowed is False


@pytest.mark.parametrize("text", ["don't stop", "什么时候到货？", "TD1234 的订单呢", "", "请问退订单怎么退"])
def test_other_answers_change_nothing(customer, text):
    say(customer, True)
    assert services.hear_reply("sms", PHONE, text, actor=SYSTEM) is Reply.NONE
    assert may("marketing", "sms", customer_id=customer, address=PHONE) == (True, Reason.CONSENTED)


def test_children_are_left_out_of_marketing_unless_a_guardian_agreed(db):
    child = make_customer("小明", birth_date="2020-05-01")
    say(child, True)
    assert may("marketing", "sms", customer_id=child) == (False, Reason.MINOR)
    assert may("service", "sms", customer_id=child) == (True, Reason.NEEDS_NO_CONSENT)
    say(child, True, has_guardian=True)
    assert may("marketing", "sms", customer_id=child) == (True, Reason.CONSENTED)


def test_no_profiling_stops_what_profiles_and_nothing_else(customer):
    for purpose in ("marketing", "personalisation"):
        say(customer, True, purpose=purpose)
    services.set_mark(customer, "no_profiling", actor=SYSTEM)
    assert may("personalisation", "sms", customer_id=customer) == (False, Reason.NO_PROFILING)
    assert may("marketing", "sms", customer_id=customer) == (True, Reason.CONSENTED)
    services.lift_mark(customer, "no_profiling", actor=SYSTEM)
    assert may("personalisation", "sms", customer_id=customer) == (True, Reason.CONSENTED)


@pytest.mark.parametrize(("mark", "reason"), [("restricted", Reason.RESTRICTED), ("deceased", Reason.DECEASED)])
def test_whose_data_may_only_be_stored_is_left_alone_but_for_the_law(customer, mark, reason):
    say(customer, True)
    services.set_mark(customer, mark, actor=SYSTEM)
    assert may("marketing", "sms", customer_id=customer) == (False, reason)
    assert may("service", "sms", customer_id=customer) == (False, reason)
    assert may("privacy", "email", customer_id=customer) == (True, Reason.NEEDS_NO_CONSENT)


@pytest.mark.parametrize("purpose", ["sharing", "cross_border", "sensitive", "publishing"])
def test_what_the_law_wants_a_yes_of_its_own_for_is_not_covered_by_a_bundled_one(customer, purpose):
    say(customer, True, purpose=purpose)
    assert may(purpose, "", customer_id=customer) == (False, Reason.NO_CONSENT)
    say(customer, True, purpose=purpose, is_separate=True)
    assert may(purpose, "", customer_id=customer) == (True, Reason.CONSENTED)


def test_a_purpose_that_changed_asks_anew(customer):
    say(customer, True)
    services.save_purpose("marketing", actor=SYSTEM, asks_anew=True)
    assert may("marketing", "sms", customer_id=customer) == (False, Reason.NO_CONSENT)
    say(customer, True)
    assert may("marketing", "sms", customer_id=customer) == (True, Reason.CONSENTED)


def test_many_are_answered_in_two_queries(customer, monkeypatch):
    others = [make_customer(f"人{n}") for n in range(20)]
    say(customer, True)
    asked = []
    monkeypatch.setattr(gate, "fetch_all", lambda *query: asked.append(query) or fetch_all(*query))
    found = allowed_of("marketing", "sms", [customer, *others])
    assert [one for one, answer in found.items() if answer.allowed] == [customer]
    assert len(asked) == 2


def test_asking_to_send_belongs_in_the_transaction_of_the_send(kehu_db):
    with pytest.raises(transaction.TransactionManagementError):
        may_send("marketing", "sms", address=PHONE)


def test_what_was_said_is_kept_with_its_proof_and_cannot_be_changed(customer):
    services.publish_notice("我们如何使用您的信息", "How we use your data", actor=SYSTEM)
    services.give_consent(
        customer, [("marketing", "sms")], door=Door("api", "203.0.113.9", {"form": "checkout"}), actor=SYSTEM
    )
    word = Word.objects.get()
    assert (word.notice_version, word.purpose_version, word.ip, word.proof) == (
        1,
        1,
        "203.0.113.9",
        {"form": "checkout"},
    )
    for statement in ("UPDATE consent_word SET state = 'withdrawn'", "UPDATE consent_notice SET text_zh = ''",
                      "DELETE FROM consent_notice"):  # fmt: skip
        with pytest.raises(Exception, match="keeps what was said"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_mark_and_a_purpose_are_in_the_audit_trail(customer):
    services.set_mark(customer, "minor", actor=SYSTEM, reason="told us")
    services.save_purpose("survey", actor=SYSTEM, is_active=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM govern_auditentry WHERE table_name LIKE 'consent%%'")
        assert {row[0] for row in cursor.fetchall()} >= {"consent_mark", "consent_purpose"}
    assert Mark.objects.count() == 1
    assert Purpose.objects.get(slug="survey").version == 2
