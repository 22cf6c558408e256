"""The audit trail on screen: searched, paged, exported, and told on each record; masked for who sees masked."""

import csv
import io

import pytest
from django.urls import reverse

from kehu.govern import audit, services
from kehu.govern.access import SYSTEM, actor_for_user
from kehu.govern.audit_search import Wanted, history_of_customer, search_audit
from kehu.govern.models import AuditEntry, Department
from kehu.govern.reveal import reveal_value
from kehu.profile.models import Pin
from kehu.resolve.models import RecordCustomer
from tests.callers import make_client
from tests.cast import PASSWORD, make_actor, make_customer, make_department, make_user


@pytest.fixture
def auditor(db):
    client = make_client()
    client.force_login(make_user("auditor"))
    return client


def pin(customer, actor, attribute="phone", value="13800138000"):
    audit.act_as(actor, "read from the card")
    record = RecordCustomer.objects.filter(customer_id=customer).first().record_id
    return Pin.objects.create(record_id=record, attribute=attribute, value={"v": value})


def test_an_auditor_finds_who_what_when_and_which_request(auditor):
    steward = make_actor("steward", email="wang@example.com")
    audit.note(actor=steward, reason="moved", request_id="request-0042", address="192.0.2.7")
    Department.objects.create(name="New")
    page = reverse("web:audit")
    for wish in (
        {"q": "wang"},
        {"request": "request-0042"},
        {"table": "govern_department", "action": "insert", "q": "wang"},
    ):
        told = auditor.get(page, wish).content.decode()
        assert "moved" in told, wish
    for wish in ({"q": "nobody"}, {"until": "2020-01-01"}, {"row": "no such"}, {"action": "' OR 1=1 --"}):
        assert "moved" not in auditor.get(page, wish).content.decode(), wish
    assert auditor.get(page, {"since": "yesterday"}).status_code == 422
    assert auditor.get(page, {"cursor": "forged"}).status_code == 422


def test_pages_of_the_trail_join_without_gap_or_repeat(auditor):
    for number in range(12):
        Department.objects.create(name=f"D{number}")
    actor = make_actor("auditor")
    seen, before = [], None
    while page := search_audit(actor, Wanted(table="govern_department"), before=before, limit=5):
        seen += [one.id for one in page]
        before = page[-1].id
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) >= 12


def test_the_export_is_the_search_disarmed_and_an_entry_itself(auditor):
    audit.note(actor=make_actor("steward"), reason='=HYPERLINK("http://evil")')
    Department.objects.create(name="X")
    response = auditor.get(reverse("web:audit_export"), {"table": "govern_department"})
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0][:3] == ["id", "at", "who"]
    assert rows[1][7].startswith("'=")
    assert {row[4] for row in rows[1:]} == {"govern_department"}
    assert AuditEntry.objects.filter(action="export", row_id="audit").exists()


def test_the_trail_shows_masked_what_its_reader_sees_masked(auditor):
    customer = make_customer(phone="13800138000")
    pin(customer, make_actor("steward"))
    pin(customer, make_actor("steward"), "birth_date", "1988-06-17")
    page = auditor.get(reverse("web:audit"), {"table": "profile_pin"}).content.decode()
    assert "138****8000" in page
    assert "13800138000" not in page
    assert "06-17" not in page


def test_sign_ins_and_failed_ones_are_in_the_trail(auditor):
    person = make_user("rep", password=PASSWORD)
    client = make_client()
    client.post("/account/login/", {"login": person.email, "password": "wrong"}, REMOTE_ADDR="192.0.2.33")
    client.post("/account/login/", {"login": person.email, "password": PASSWORD}, REMOTE_ADDR="192.0.2.34")
    client.post("/account/logout/")
    acts = {one.action: one for one in AuditEntry.objects.filter(action__startswith="sign").order_by("pk")}
    assert set(acts) >= {"sign in failed", "sign in", "sign out"}
    assert acts["sign in failed"].after == {"account": f"{person.email[0]}***@example.com"}
    assert acts["sign in failed"].address == "192.0.2.33"
    assert (acts["sign in"].actor_id, acts["sign in"].address) == (person.pk, "192.0.2.34")


def test_the_history_of_a_customer_tells_pins_shares_and_reveals(db):
    east = make_department("East")
    customer, other = make_customer(department_id=east.pk, phone="13800138000"), make_customer(department_id=east.pk)
    rep = make_user("rep", east)
    actor = actor_for_user(rep)
    pinned = pin(customer, make_actor("steward"))
    pinned.value = {"v": "13900139000"}
    pinned.save()
    services.share_customer(customer, user_id=rep.pk, reason="cover", actor=SYSTEM)
    reveal_value(actor, customer, "phone", "a call back")
    pin(other, make_actor("steward"))
    entries = history_of_customer(actor, customer)
    assert [(one.action, one.table) for one in entries] == [
        ("reveal", ""),
        ("insert", "govern_share"),
        ("update", "profile_pin"),
        ("insert", "profile_pin"),
    ]
    client = make_client()
    client.force_login(rep)
    page = client.get(reverse("web:history", args=[customer])).content.decode()
    assert "a call back" in page
    assert "13900139000" not in page
    assert "13800138000" not in page


def test_a_partner_learns_nothing_of_a_customer_s_history(db):
    dealer = make_department("Dealer")
    customer = make_customer(department_id=dealer.pk)
    pin(customer, make_actor("steward"))
    assert history_of_customer(make_actor("partner", dealer), customer) == []


def test_the_history_of_a_person_and_a_role_is_told_to_who_sees_them(auditor):
    person = make_user("rep")
    services.change_user(person.pk, role="manager", actor=SYSTEM)
    page = auditor.get(reverse("web:row_history", args=["person", person.pk]))
    assert page.status_code == 200
    assert "role_id" in page.content.decode()
    assert auditor.get(reverse("web:row_history", args=["moon", 1])).status_code == 404
    rep = make_client()
    rep.force_login(make_user("rep"))
    assert rep.get(reverse("web:row_history", args=["person", person.pk])).status_code == 403
