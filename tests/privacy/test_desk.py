"""A request from its arrival to its proof: clocks, identity, steps here and elsewhere, and what is handed over."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from kehu.core import redaction
from kehu.core.errors import InvalidInput
from kehu.govern.access import SYSTEM
from kehu.govern.consent.decision import Reason
from kehu.govern.consent.gate import may
from kehu.govern.errors import PermissionDenied
from kehu.govern.privacy import clocks, packages, services
from kehu.govern.privacy.clocks import Clock
from kehu.govern.privacy.errors import NotIdentified, OnHold, StepsOpen, WrongState
from kehu.govern.privacy.models import Request, RequestEvent, RequestState, Step
from kehu.govern.privacy.packages import _cell
from kehu.web.paper.setting import set_pdf
from tests.cast import make_actor
from tests.pipeline.cast import Road3, road_of
from tests.privacy import cast
from tests.privacy.cast import EMAIL, MEMBER, NAME, sing, told_in_tables

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def road(kehu_db: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Road3]:
    monkeypatch.setattr(redaction, "address", lambda: kehu_db.dsn("redact"))
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")
    with road_of(kehu_db) as road:
        yield road


def request(kind: str, customer: Any = None) -> int:
    return services.open_request(
        kind, actor=SYSTEM, requester_name=NAME, requester_contact=EMAIL, customer_id=customer, details=f"{NAME} wrote"
    )


def verified(kind: str, customer: Any) -> int:
    asked = request(kind, customer)
    services.verify_identity(asked, method="call_back", note="knew the last order", actor=SYSTEM)
    return asked


@pytest.mark.parametrize(
    ("after_days", "paused", "expected"),
    [(1, False, Clock.IN_TIME), (10, False, Clock.SOON), (14.5, False, Clock.LAST_DAY), (16, False, Clock.LATE),
     (16, True, Clock.PAUSED)],
)  # fmt: skip
def test_the_clock_says_how_urgent_a_request_is(after_days, paused, expected):
    now = NOON + timedelta(days=after_days)
    assert clocks.clock(NOON, clocks.due(NOON), now, is_paused=paused) == expected


def test_nothing_is_done_before_it_is_clear_who_asks(road):
    asked = request("copy", sing(road))
    with pytest.raises(NotIdentified):
        services.carry_out(asked, actor=SYSTEM)
    services.verify_identity(asked, method="document", note="", actor=SYSTEM)
    services.carry_out(asked, actor=SYSTEM)
    assert Request.objects.get(pk=asked).state == RequestState.WORKING


def test_who_asks_for_another_must_show_that_they_may(road):
    asked = request("next_of_kin", sing(road))
    with pytest.raises(InvalidInput):
        services.verify_identity(asked, method="document", note=" ", actor=SYSTEM)
    services.verify_identity(asked, method="document", note="death certificate, daughter", actor=SYSTEM)


def test_waiting_for_the_person_stops_the_clock(db):
    asked = request("access")
    due = Request.objects.get(pk=asked).due_at
    services.pause(asked, actor=SYSTEM, reason="asked for a document")
    Request.objects.filter(pk=asked).update(paused_at=timezone.now() - timedelta(days=3))
    services.resume(asked, actor=SYSTEM)
    assert Request.objects.get(pk=asked).due_at - due >= timedelta(days=3)


def test_a_copy_holds_all_there_is_in_json_csv_and_to_read(road, monkeypatch):
    asked = verified("copy", sing(road))
    told: list[Any] = []
    monkeypatch.setattr(packages, "_paper", [lambda summary: told.append(summary) or b"%PDF-"])
    services.carry_out(asked, actor=SYSTEM)
    content, name = services.open_package(asked, actor=SYSTEM)
    archive = zipfile.ZipFile(io.BytesIO(content))
    body = json.loads(archive.read("data.json"))
    assert name == f"request-{asked}.zip"
    assert {"resolve_sourcerecord", "profile_order", "profile_event", "profile_consent", "messages"} <= set(
        body["tables"]
    )
    assert EMAIL in archive.read("csv/resolve_sourcerecord.csv").decode()
    assert archive.read("summary.pdf") == b"%PDF-"
    assert NAME in str(told[0]["records"])
    assert "match_keys" not in archive.read("data.json").decode()


def test_the_page_to_read_is_a_pdf_that_takes_what_people_wrote_for_no_markup():
    said = packages.Summary(
        "您的信息", '#panic("x") *王芳*', "zh", "截至今日", "内容", [("订单", "3")], "各来源", [[("name", "]#[金丝雀")]]
    )
    assert set_pdf("subject.typ", asdict(said)).startswith(b"%PDF-")


def test_what_is_portable_leaves_out_what_our_staff_made_of_it(road):
    asked = verified("portability", sing(road))
    services.carry_out(asked, actor=SYSTEM)
    content, _ = services.open_package(asked, actor=SYSTEM)
    tables = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("data.json"))["tables"]
    assert MEMBER in json.dumps(tables)
    assert "profile_customer" not in tables


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text):
    assert _cell(text).startswith("'")


def test_a_deletion_is_done_when_every_store_and_every_system_has_answered(road, kehu_db, tmp_path):
    asked = verified("deletion", sing(road))
    services.carry_out(asked, actor=SYSTEM)
    told = {step.name: step.key for step in Step.objects.filter(request=asked, is_downstream=True)}
    assert "crm-canary-1" in told.values()
    with pytest.raises(StepsOpen):
        services.close(asked, outcome="done", actor=SYSTEM)
    cast.run_waiting_jobs()
    with pytest.raises(StepsOpen):
        services.close(asked, outcome="done", actor=SYSTEM)
    for name in told:
        services.confirm_step(asked, name, actor=SYSTEM, note="ticket 4711")
    services.close(asked, outcome=f"{NAME} is forgotten", actor=SYSTEM)
    done = Request.objects.get(pk=asked)
    assert done.state == RequestState.DONE
    assert set(Step.objects.filter(request=asked).values_list("state", flat=True)) == {"done"}
    assert {event.what for event in RequestEvent.objects.all()} >= {"opened", "identified", "carried_out", "done"}
    assert told_in_tables(kehu_db.dsn("owner")) == []
    assert cast.told_in_files(tmp_path) == []


def test_a_hold_refuses_a_deletion_with_its_reason_and_the_request_says_so(road):
    customer = sing(road)
    asked = verified("deletion", customer)
    services.hold(customer, reason="tax audit 2026", actor=SYSTEM)
    with pytest.raises(OnHold, match="tax audit 2026"):
        services.carry_out(asked, actor=SYSTEM)
    services.refuse(asked, code="legal_hold", outcome="We must keep it until the audit ends.", actor=SYSTEM)
    with pytest.raises(WrongState):
        services.carry_out(asked, actor=SYSTEM)
    assert services.release_hold(customer, actor=SYSTEM) > 0


def test_a_restriction_and_an_objection_close_the_gate(road):
    customer = sing(road)
    assert may("marketing", "sms", customer_id=customer) == (True, Reason.CONSENTED)
    services.carry_out(verified("objection", customer), actor=SYSTEM)
    assert may("marketing", "sms", customer_id=customer) == (False, Reason.WITHDRAWN)
    assert may("service", "sms", customer_id=customer).allowed
    services.carry_out(verified("restriction", customer), actor=SYSTEM)
    assert may("service", "sms", customer_id=customer) == (False, Reason.RESTRICTED)


@pytest.mark.parametrize("role", ["rep", "auditor", "steward"])
def test_the_desk_is_the_privacy_officers(db, role):
    with pytest.raises(PermissionDenied):
        services.open_request("access", actor=make_actor(role), requester_name="x")
    assert services.open_request("access", actor=make_actor("privacy_officer"), requester_name="x")
