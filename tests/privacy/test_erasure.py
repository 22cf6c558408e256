"""After an erasure the canary is found nowhere, stays away, and the trail still proves what was done."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from kehu import inline
from kehu.collect.imports import services as imports
from kehu.collect.subject_store import redact_queued
from kehu.core import idempotency, redaction
from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import SYSTEM
from kehu.govern.audit_chain import chain_audit, verify_audit
from kehu.govern.consent import services as consent
from kehu.govern.consent.decision import Reason
from kehu.govern.consent.gate import may
from kehu.govern.consent.services import Door
from kehu.govern.privacy import erasure
from kehu.govern.privacy.errors import OnHold
from kehu.govern.privacy.models import Erasure, Hold, Redaction, Step
from kehu.govern.privacy.services import carry_out, confirm_step, open_request, verify_identity
from kehu.profile import queries
from kehu.profile.models import Rebuild
from kehu.profile.services import merge_customers, pin_value
from kehu.rebuild import build
from kehu.resolve.models import RecordCustomer
from tests.pipeline.cast import DAY, Road3, road_of
from tests.privacy import cast
from tests.privacy.cast import ADDRESS, E164, EMAIL, MEMBER, NAME, PHONE, sing, told_in_files, told_in_tables


@pytest.fixture
def road(kehu_db: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Road3]:
    monkeypatch.setattr(redaction, "address", lambda: kehu_db.dsn("redact"))
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")
    with road_of(kehu_db) as road:
        yield road


def fill_every_corner(road: Road3, kehu_db: Any) -> Any:
    """What people and machines did with the canary: pins, merges, notes, imports, letters, answers."""
    customer = sing(road)
    pin_value(customer, "address", ADDRESS, actor=SYSTEM, reason=f"{NAME} called from {PHONE}")
    inline.update_customer(customer, actor=SYSTEM, attributes={"job_title": f"{NAME}的歌手"})
    other = inline.create_customer(actor=SYSTEM, attributes={"name": "欧阳晓明", "email": "o@example.org"}).customer_id
    merge_customers(survivor_id=customer, absorbed_id=other, actor=SYSTEM, reason=f"also known as {NAME}")
    consent.give_consent(
        customer, [("marketing", "sms")], door=Door("page", proof={"said": f"yes, {NAME}"}), actor=SYSTEM
    )
    consent.set_mark(customer, "no_profiling", actor=SYSTEM, reason=f"{NAME} wrote from {EMAIL}")
    audit.note(
        actor=SYSTEM, action="customer.revealed", on=str(customer), details={"value": E164}, reason=f"for {NAME}"
    )
    file = io.BytesIO(f"key,name,phone,email\nc9,{NAME},{PHONE},{EMAIL}\nc8,王芳,13800001111,w@example.org\n".encode())
    imports.upload(file, file_name="list.csv", actor=SYSTEM)
    road.send([road.message("crm", "bad", {"external_id": "bad", "attributes": {"phone": 12, "note": EMAIL}}, "bad")])
    road.settle()
    from django.db import transaction

    with transaction.atomic():
        idempotency.once(
            holder="user 1", key="k", request_hash=b"h",
            effect=lambda: idempotency.Answer(201, f'{{"email": "{EMAIL}"}}'.encode()),
        )  # fmt: skip
    return customer


def erase(customer: Any) -> Erasure:
    found = erasure.begin(customer, cause="asked", actor=SYSTEM)
    erasure.run(found.pk)
    found.refresh_from_db()
    return found


def test_the_canary_is_found_nowhere_and_the_chain_holds(road: Road3, kehu_db: Any, tmp_path: Path) -> None:
    customer = fill_every_corner(road, kehu_db)
    cast.send_raw(road, "till", "till-neighbor", {"attributes": {"name": "王芳", "phone": "13800001111"}}, "n-1")
    neighbor = cast.customer_of("till-neighbor")
    chain_audit()
    head = verify_audit().head
    told = told_in_tables(kehu_db.dsn("owner"))
    assert {place.split(".")[1] for place in told} >= {
        "resolve_sourcerecord", "profile_customer", "profile_customertoken", "profile_event", "profile_orderline",
        "profile_consent", "profile_pin", "consent_word", "consent_mark", "govern_auditentry", "core_idempotencykey",
        "profile_mergeact", "resolve_binding",
    }, "the canary must sing everywhere before she can fall silent"  # fmt: skip
    assert any("collect_inbox" in place for place in told)
    assert told_in_files(tmp_path)

    done = erase(customer)
    assert done.left_over == [], done.left_over
    assert done.finished_at is not None
    assert done.plan is None
    road.settle()

    assert told_in_tables(kehu_db.dsn("owner")) == []
    assert told_in_files(tmp_path) == []
    assert queries.search(SYSTEM, NAME) == []
    assert queries.search(SYSTEM, "13927468135") == []
    with pytest.raises(NotFound):
        queries.customer_view(SYSTEM, customer)
    assert verify_audit(head).is_sound
    chain_audit()
    assert verify_audit(head).is_sound
    assert queries.customer_view(SYSTEM, neighbor).name == "王芳"


def test_what_others_carry_too_gives_nobody_away_and_stays_theirs(road: Road3, kehu_db: Any) -> None:
    sing(road)
    flatmate = {"attributes": {"name": "王芳", "address": ADDRESS}}
    tablet = {"attributes": {"name": "李静"}, "identifiers": [{"type": "erp_no", "value": "crm-canary-1"}]}
    cast.send_raw(road, "till", "till-flatmate", flatmate, "f-1")
    cast.send_raw(road, "till", "till-tablet", tablet, "f-2")
    done = erase(cast.customer_of("shop-canary-1"))
    assert (done.left_over, done.plan) == ([], None)
    assert queries.customer_view(SYSTEM, cast.customer_of("till-flatmate")).golden["address"].value == ADDRESS
    assert not any("profile_pin" in place or "profile_order" in place for place in told_in_tables(kehu_db.dsn("owner")))


def test_what_somebody_else_tells_of_the_person_is_found_and_settled_by_a_look(road: Road3, kehu_db: Any) -> None:
    customer = sing(road)
    asked = open_request("deletion", requester_name="x", actor=SYSTEM, customer_id=customer)
    verify_identity(asked, method="in_person", note="", actor=SYSTEM)
    cast.send_raw(road, "till", "till-gossip", {"attributes": {"name": "王芳", "company": f"c/o {EMAIL}"}}, "g-1")
    carry_out(asked, actor=SYSTEM)
    found = Erasure.objects.get(request_id=asked)
    with pytest.raises(NotFound):
        confirm_step(asked, "search", note="not run yet", actor=SYSTEM)
    erasure.run(found.pk)
    found.refresh_from_db()
    assert any("resolve_sourcerecord.attributes" in place for place in found.left_over)
    assert found.plan is not None
    confirm_step(asked, "search", note="the address of a company of hers", actor=SYSTEM)
    found.refresh_from_db()
    assert (found.plan, Step.objects.get(request_id=asked, name="search").state) == (None, "done")


def test_a_second_run_and_a_rebuild_bring_nothing_back(road: Road3, kehu_db: Any) -> None:
    customer = fill_every_corner(road, kehu_db)
    done = erase(customer)
    before = done.counts
    erasure.run(done.pk)
    assert Erasure.objects.get(pk=done.pk).counts == before
    rebuild = Rebuild.objects.create(schema="gen_7")
    build(kehu_db.dsn("migrate"), rebuild)
    assert told_in_tables(kehu_db.dsn("owner")) == []


def test_a_tampered_entry_is_found_although_others_were_forgotten(road: Road3, kehu_db: Any) -> None:
    customer = fill_every_corner(road, kehu_db)
    chain_audit()
    erase(customer)
    chain_audit()
    with psycopg.connect(kehu_db.dsn("owner"), autocommit=True) as owner:
        owner.execute("ALTER TABLE govern_auditentry DISABLE TRIGGER audit_is_append_only")
        owner.execute(
            "UPDATE govern_auditentry SET reason = 'nothing happened' WHERE id = "
            "(SELECT max(id) FROM govern_auditentry WHERE forgotten_at IS NULL AND chain_no IS NOT NULL)"
        )
    assert not verify_audit().is_sound


def test_only_the_redacting_role_may_forget(road: Road3, kehu_db: Any) -> None:
    sing(road)
    for statement in (
        "SELECT govern_forget_audit(ARRAY[1]::bigint[])",
        "UPDATE govern_auditentry SET before = NULL",
        "UPDATE collect_inbox SET payload = ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            road.connection.execute(statement)


def test_what_is_sent_again_stays_out_and_is_blanked(road: Road3, kehu_db: Any) -> None:
    erase(sing(road))
    for number, (source, key, body) in enumerate(cast.canary_bodies()):
        late = {**body, "consents": []}
        cast.send_raw(road, source, key, {**late, "occurred_at": DAY.isoformat()}, f"again-{number}")
    assert RecordCustomer.objects.count() == 0
    assert Redaction.objects.count() == 2
    assert redact_queued() == 2
    assert told_in_tables(kehu_db.dsn("owner")) == []


def test_who_comes_back_with_a_fresh_consent_is_admitted_anew(road: Road3, kehu_db: Any) -> None:
    erase(sing(road))
    now = datetime.now(UTC) + timedelta(seconds=1)
    fresh = {"purpose": "marketing", "channel": "sms", "state": "granted", "occurred_at": now.isoformat()}
    said = {"attributes": {"name": "新来的", "phone": PHONE}, "occurred_at": now.isoformat()}
    cast.send_raw(road, "shop", "shop-canary-1", {**said, "consents": [fresh]}, "back-1")
    back = cast.customer_of("shop-canary-1")
    assert queries.customer_view(SYSTEM, back).name == "新来的"
    cast.send_raw(
        road, "shop", "shop-canary-1", {"attributes": {"city": "杭州"}, "occurred_at": now.isoformat()}, "back-2"
    )
    assert queries.customer_view(SYSTEM, back).golden["city"].value == "杭州"
    assert MEMBER not in str(queries.customer_view(SYSTEM, back))


def test_the_address_of_an_erased_person_is_left_alone_until_they_say_yes_to_us(road: Road3, kehu_db: Any) -> None:
    erase(sing(road))
    somebody = inline.create_customer(actor=SYSTEM, attributes={"name": "某人", "phone": PHONE}).customer_id
    assert may("marketing", "sms", customer_id=somebody, address=PHONE) == (False, Reason.SUPPRESSED)
    consent.give_consent(somebody, [("marketing", "sms")], door=Door("page"), actor=SYSTEM)
    assert may("marketing", "sms", customer_id=somebody, address=PHONE) == (True, Reason.CONSENTED)


def test_typing_an_erased_record_in_again_is_refused_with_what_to_do(road: Road3, kehu_db: Any) -> None:
    from kehu.collect.models import Source

    erase(sing(road))
    with pytest.raises(InvalidInput, match="fresh consent"):
        inline.create_customer(
            actor=SYSTEM, attributes={"name": NAME}, source=Source.objects.get(slug="crm"), external_id="crm-canary-1"
        )
    assert told_in_tables(kehu_db.dsn("owner")) == []


def test_a_legal_hold_blocks_with_its_reason(road: Road3, kehu_db: Any) -> None:
    customer = sing(road)
    record = RecordCustomer.objects.filter(customer_id=customer).values_list("record_id", flat=True)[0]
    hold = Hold.objects.create(record_id=record, reason="dispute 2026-17")
    with pytest.raises(OnHold, match="dispute 2026-17"):
        erasure.begin(customer, cause="asked", actor=SYSTEM)
    assert queries.customer_view(SYSTEM, customer).name == NAME
    hold.released_at = datetime.now(UTC)
    hold.save()
    assert erase(customer).finished_at is not None


def test_after_a_restore_the_register_outside_the_database_says_whom_to_forget_again(road: Road3, kehu_db: Any) -> None:
    customer = sing(road)
    records = list(RecordCustomer.objects.filter(customer_id=customer).values_list("record_id", flat=True))
    started = datetime.now(UTC)
    erase(customer)
    [(at, known)] = erasure.erased_since(started)
    assert set(known) == set(records)
    assert erasure.erased_since(at + timedelta(seconds=1)) == []
    assert erasure.erase_again(known, at) == 0, "nobody of them is there: nothing was restored"
