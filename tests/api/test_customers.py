"""Customers over the API: look-ups, the 360, and what a caller may not see or know of."""

from uuid import uuid4

import pytest

from kehu.govern import rate_limits
from kehu.govern.models import AuditEntry
from kehu.profile.models import Customer, Order
from kehu.resolve.models import RecordCustomer
from tests.api.conftest import api_as
from tests.cast import NOON, make_customer, make_department, make_user

PHONE, EMAIL = "13800138000", "zhang.wei@example.com"
ID_CARD_TAIL = "1234"


@pytest.fixture
def east(db):
    return make_department("East")


@pytest.fixture
def west(db):
    return make_department("West")


def test_a_customer_comes_with_its_lineage(db):
    customer = make_customer("张伟", phone=PHONE)
    body = api_as("steward").get(f"/customers/{customer}").json()
    assert (body["id"], body["name"], body["redirected_from"]) == (str(customer), "张伟", None)
    assert body["golden"]["phone"]["value"] == PHONE
    assert body["golden"]["phone"]["source_id"] == 1
    assert body["golden"]["phone"]["rule"] == "trust"


def test_the_360_has_every_part(db):
    body = api_as("steward").get(f"/customers/{make_customer()}/view").json()
    assert {"golden", "identifiers", "records", "timeline", "orders", "relations", "merges", "consents"} <= body.keys()
    assert len(body["records"]) == 1


def test_what_does_not_exist_and_what_may_not_be_seen_look_alike(east, west):
    theirs = make_customer(department_id=west.pk)
    rep = api_as("rep", east)
    nobody = "7f0b4f2e-6f0e-5c86-9b55-3b9d3a1c9999"
    for path in ("/customers/{}", "/customers/{}/view", "/customers/{}/timeline"):
        hidden, missing = rep.get(path.format(theirs)), rep.get(path.format(nobody))
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert hidden.json()["code"] == missing.json()["code"]
        assert hidden.json()["detail"].replace(str(theirs), "x") == missing.json()["detail"].replace(nobody, "x")


def test_every_act_on_a_foreign_customer_is_404(east, west):
    theirs, ours = make_customer(department_id=west.pk), make_customer(department_id=east.pk)
    manager = api_as("manager", east)
    reason = {"reason": "because"}
    attempts = [
        manager.post(f"/customers/{theirs}/merge", {**reason, "absorbed_id": str(ours)}),
        manager.post(f"/customers/{ours}/merge", {**reason, "absorbed_id": str(theirs)}),
        manager.post(f"/customers/{theirs}/split", {**reason, "record_ids": [str(ours)]}),
        manager.post(f"/customers/{theirs}/reveal", {**reason, "attribute": "name"}),
        manager.call("PUT", f"/customers/{theirs}/pins/name", {"value": "张伟"}),
        manager.call("DELETE", f"/customers/{theirs}/pins/name"),
        manager.call("PUT", f"/customers/{theirs}/owner", {"owner_id": None}),
    ]
    assert [attempt.status_code for attempt in attempts] == [404] * len(attempts)


def test_lists_and_searches_hold_only_what_is_in_scope(east, west):
    mine, shared = make_customer("李娜", department_id=east.pk), make_customer("王芳")
    make_customer("赵敏", department_id=west.pk)
    listed = {item["id"] for item in api_as("rep", east).get("/customers").json()["items"]}
    assert listed == {str(mine), str(shared)}
    assert len(api_as("agent").get("/customers").json()["items"]) == 3


def test_an_assigned_customer_is_seen_wherever_its_records_are(east, west):
    rep = make_user("rep", east)
    theirs = make_customer(department_id=west.pk, owner_id=rep.pk)
    assert api_as("rep", user=rep).get(f"/customers/{theirs}").status_code == 200


def test_a_partner_never_sees_what_is_merely_shared(east):
    shared, own = make_customer(), make_customer(department_id=east.pk)
    partner = api_as("partner", east)
    assert partner.get(f"/customers/{shared}").status_code == 404
    assert partner.get(f"/customers/{own}").status_code == 200
    assert [item["id"] for item in partner.get("/customers").json()["items"]] == [str(own)]


def test_of_a_shared_customer_a_partner_sees_its_own_records_only(east, west):
    """Two records of one customer, one from each department: values, records, orders and events are cut down."""
    ours = make_customer("张伟", department_id=east.pk, company="Dealer East", event={"topic": "ours"})
    theirs = make_customer("张先生", department_id=west.pk, job_title="Director", event={"topic": "theirs"})
    record = RecordCustomer.objects.get(customer_id=theirs).record_id
    RecordCustomer.objects.filter(record_id=record).update(customer_id=ours)
    Order.objects.create(
        id=uuid4(), namespace="w", number="W-1", record_id=record, status="paid", placed_at=NOON,
        currency="CNY", total=500, paid=500, refunded=0,
    )  # fmt: skip
    Customer.objects.filter(pk=theirs).delete()
    partner = api_as("partner", east).get(f"/customers/{ours}/view")
    manager = api_as("steward").get(f"/customers/{ours}/view")
    mine, whole = partner.json(), manager.json()
    assert (len(mine["records"]), len(whole["records"])) == (1, 2)
    assert (mine["order_count"], whole["order_count"]) == (0, 1)
    assert (mine["orders"], len(whole["orders"])) == ([], 1)
    assert "theirs" not in partner.content.decode()
    assert "theirs" in manager.content.decode()
    [line] = api_as("partner", east).get("/customers").json()["items"]
    assert (line["order_count"], line["record_count"]) == (0, 1)


def test_a_list_goes_on_by_cursor_without_gaps_or_repeats(db):
    made = {str(make_customer(f"客户{number:02}")) for number in range(7)}
    api, seen, cursor = api_as("steward"), [], ""
    for _ in range(10):
        page = api.get(f"/customers?limit=3&cursor={cursor}").json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(seen) == 7
    assert set(seen) == made


def test_a_cursor_of_one_filter_is_refused_by_another(db):
    for number in range(3):
        make_customer(f"客户{number}")
    api = api_as("steward")
    cursor = api.get("/customers?limit=1").json()["next_cursor"]
    assert api.get(f"/customers?limit=1&sort=changed&cursor={cursor}").status_code == 422


CANARY = {
    "phone": PHONE,
    "email": EMAIL,
    "address": "浙江省杭州市西湖区文三路90号1幢301室",
    "birth_date": "1990-05-17",
}


@pytest.mark.parametrize("role", ["rep", "agent", "marketer", "auditor"])
def test_masked_values_never_leave_in_any_answer(east, role):
    customer = make_customer(
        "张伟",
        department_id=east.pk,
        external_id=PHONE,
        identifiers={"phone": f"+86{PHONE}", "email": EMAIL, "openid": "wx1:oABCDEFGHIJKLMN", "id_number": "f" * 64},
        event={"topic": f"回电 {PHONE}", "customer_email": EMAIL, "n": int(PHONE), "to": [{"mobile": PHONE}]},
        **CANARY,
    )
    api = api_as(role, east)
    for path in (
        f"/customers/{customer}",
        f"/customers/{customer}/view",
        f"/customers/{customer}/timeline",
        "/customers",
        "/customers?q=张伟",
        f"/customers?q={PHONE}",
        f"/customers/by/phone/{PHONE}",
    ):
        response = api.get(path)
        assert response.status_code == 200, path
        for value in (PHONE, "zhang.wei", "90号", "301室", "05-17", "oABCDEF", "f" * 64):
            assert value not in response.content.decode(), (path, value)
    assert api.get(f"/customers/{customer}").json()["golden"]["phone"]["value"] == "138****8000"


def test_a_reveal_needs_a_reason_and_is_kept_without_the_value(east):
    customer = make_customer("张伟", department_id=east.pk, phone=PHONE)
    rep = api_as("rep", east)
    assert rep.post(f"/customers/{customer}/reveal", {"attribute": "phone", "reason": " "}).status_code == 422
    shown = rep.post(f"/customers/{customer}/reveal", {"attribute": "phone", "reason": "calling back"})
    assert shown.json() == {"attribute": "phone", "value": PHONE}
    kept = AuditEntry.objects.get(action="reveal")
    assert (kept.row_id, kept.after, kept.reason) == (str(customer), {"attribute": "phone"}, "calling back")
    assert PHONE not in str(list(AuditEntry.objects.values_list("before", "after")))
    assert api_as("auditor").post(f"/customers/{customer}/reveal", {}).status_code == 403


def test_reveals_are_counted(east, monkeypatch):
    customer = make_customer("张伟", department_id=east.pk, phone=PHONE)
    monkeypatch.setattr(rate_limits, "REVEAL", rate_limits.Limit("reveal", 2, 3600))
    rep = api_as("rep", east)
    body = {"attribute": "phone", "reason": "calling back"}
    answers = [rep.post(f"/customers/{customer}/reveal", body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_looking_up_numbers_one_sees_masked_is_counted(east, monkeypatch):
    monkeypatch.setattr(rate_limits, "LOOK_UP", rate_limits.Limit("look-up", 2, 3600))
    rep, steward = api_as("rep", east), api_as("steward")
    look_ups = [f"/customers/by/phone/{PHONE}", "/customers?q=8000", "/customers?q=138 0013 8000"]
    assert [rep.get(path).status_code for path in look_ups] == [200, 200, 429]
    assert [steward.get(path).status_code for path in look_ups] == [200, 200, 200]
    assert rep.get("/customers?q=张伟").status_code == 200


@pytest.mark.parametrize("name", ["13800138000", "zhang.wei@example.com"])
def test_a_name_that_is_a_number_is_masked_as_one(east, name):
    customer = make_customer(name, department_id=east.pk)
    for path in ("/customers", f"/customers/{customer}/view"):
        assert name not in api_as("rep", east).get(path).content.decode()
