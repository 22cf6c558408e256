"""Adding, changing, merging, pinning over the API, on the real road."""

from uuid import uuid4

import pytest

from kehu.core.models import IdempotencyKey
from kehu.govern.models import AuditEntry
from kehu.profile.models import Customer
from tests.api.conftest import Api, api_as
from tests.cast import make_customer, make_department

REASON = {"reason": "same person"}


@pytest.fixture
def steward(db) -> Api:
    return api_as("steward")


def add(api: Api, **attributes: str) -> dict:
    response = api.post("/customers", {"attributes": attributes})
    assert response.status_code == 201, response.content
    return response.json()


def test_a_new_customer_is_resolved_before_the_answer(steward):
    saved = add(steward, name="张伟", phone="138 0013 8000")
    assert saved["is_new"]
    assert saved["customer"]["golden"]["name"]["value"] == "张伟"
    found = steward.get("/customers/by/phone/+86-138-0013-8000").json()["items"]
    assert [item["id"] for item in found] == [saved["customer_id"]]


def test_the_same_person_sent_again_is_recognised(steward):
    first = add(steward, name="张伟", phone="13800138000", email="zhang@example.com")
    again = add(steward, name="張偉", phone="+86 138 0013 8000", email="Zhang@Example.com")
    assert not again["is_new"]
    assert again["customer_id"] == first["customer_id"]


def test_many_come_at_once_and_find_each_other(steward):
    known = add(steward, name="王芳", phone="13700137000")
    people = [
        {"attributes": {"name": "张伟", "phone": "13800138000", "email": "zhang@example.com"}},
        {"attributes": {"name": "王芳", "phone": "137 0013 7000"}},
        {"attributes": {"name": "張偉", "phone": "+86 138 0013 8000", "email": "Zhang@Example.com"}},
    ]
    answers = [
        steward.post("/customers/batch/create", {"customers": people}, Idempotency_Key="three") for _ in range(2)
    ]
    assert answers[0].status_code == 201, answers[0].content
    assert answers[1].content == answers[0].content
    zhang, wang, again = answers[0].json()["saved"]
    assert (zhang["is_new"], wang["is_new"], again["is_new"]) == (True, False, False)
    assert wang["customer_id"] == known["customer_id"]
    assert again["customer_id"] == zhang["customer_id"]
    assert Customer.objects.count() == 2


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ({"attributes": {"fone": "1"}}, "customers.1.attributes.fone"),
        ({"attributes": {"name": "x"}, "external_id": "7"}, "customers.1.external_id"),
        (
            {"attributes": {"name": "x"}, "identifiers": [{"type": "id_number", "value": "1"}]},
            "customers.1.identifiers",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_that_cannot_be_taken_refuses_all_and_is_named(steward, bad, where):
    response = steward.post("/customers/batch/create", {"customers": [{"attributes": {"name": "张伟"}}, bad]})
    assert response.status_code == 422
    assert where in response.content.decode()
    assert not Customer.objects.exists()


def test_each_of_many_hears_what_could_not_be_taken_of_it_alone(steward):
    people = [{"attributes": {"name": "张伟", "birth_date": "yesterday-ish"}}, {"attributes": {"name": "王芳"}}]
    response = steward.post("/customers/batch/create", {"customers": people})
    assert response.status_code == 201, response.content
    zhang, wang = response.json()["saved"]
    assert any("birth_date" in warning for warning in zhang["warnings"]), zhang
    assert wang["warnings"] == []


def test_too_many_at_once_are_refused(steward):
    many = [{"attributes": {"name": "张伟"}}] * 101
    assert steward.post("/customers/batch/create", {"customers": many}).status_code == 422, "at most 100"


def test_a_key_makes_one_customer_however_often_it_is_sent(steward):
    body = {"attributes": {"name": "李娜", "phone": "13900139000"}}
    answers = [steward.post("/customers", body, Idempotency_Key="li-na") for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert Customer.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1


def test_a_change_needs_the_version_it_was_read_at(steward):
    saved = add(steward, name="王芳", phone="13700137000")
    change = {"version": saved["version"], "attributes": {"job_title": "采购经理"}}
    changed = steward.patch(f"/customers/{saved['customer_id']}", change)
    assert changed.status_code == 200, changed.content
    assert changed.json()["customer"]["golden"]["job_title"]["value"] == "采购经理"
    stale = steward.patch(f"/customers/{saved['customer_id']}", change)
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")


def test_typing_about_a_customer_opens_it_to_nobody_else(db):
    east, west = make_department("East"), make_department("West")
    customer = make_customer("张伟", department_id=east.pk, phone="13800138000")
    change = {"version": 1, "attributes": {"job_title": "采购经理"}}
    ours, theirs = api_as("rep", east), api_as("rep", west)
    changed = ours.patch(f"/customers/{customer}", change)
    assert changed.status_code == 200, changed.content
    assert ours.get(f"/customers/{customer}").json()["golden"]["job_title"]["value"] == "采购经理"
    assert theirs.get(f"/customers/{customer}").status_code == 404
    typed = add(theirs, name="李静")
    assert ours.get(f"/customers/{typed['customer_id']}").status_code == 200, "typed in alone it is the company's"


def test_a_merge_leads_the_old_id_on_and_an_unmerge_gives_it_back(steward):
    one, two = add(steward, name="张伟", phone="13800138000"), add(steward, name="李静", phone="13600136000")
    merged = steward.post(f"/customers/{one['customer_id']}/merge", {**REASON, "absorbed_id": two["customer_id"]})
    assert merged.status_code == 200, merged.content
    led = steward.get(f"/customers/{two['customer_id']}").json()
    assert (led["id"], led["redirected_from"]) == (one["customer_id"], two["customer_id"])
    view = steward.get(f"/customers/{one['customer_id']}/view").json()
    assert [(merge["kind"], merge["reason"]) for merge in view["merges"]] == [("merge", "same person")]
    assert len(view["records"]) == 2

    undone = steward.post(f"/merges/{merged.json()['act_id']}/unmerge", {"reason": "two people"})
    assert set(undone.json()["customers"]) == {one["customer_id"], two["customer_id"]}
    assert steward.get(f"/customers/{two['customer_id']}").json()["redirected_from"] is None
    again = steward.post(f"/merges/{merged.json()['act_id']}/unmerge", {"reason": "twice"})
    assert (again.status_code, again.json()["code"]) == (409, "not_merged_there")


def test_a_merge_is_audited_with_its_reason(steward):
    one, two = add(steward, name="张伟"), add(steward, name="李静")
    steward.post(f"/customers/{one['customer_id']}/merge", {**REASON, "absorbed_id": two["customer_id"]})
    act = AuditEntry.objects.get(table_name="profile_mergeact")
    assert act.reason == "same person"
    assert "steward" in act.actor_label
    assert AuditEntry.objects.filter(table_name="resolve_decision", reason="same person").exists()


def test_a_merge_needs_a_reason_and_two_customers(steward):
    one = add(steward, name="张伟")["customer_id"]
    assert steward.post(f"/customers/{one}/merge", {"absorbed_id": one, "reason": ""}).status_code == 422
    assert steward.post(f"/customers/{one}/merge", {**REASON, "absorbed_id": one}).status_code == 409
    missing = steward.post(f"/customers/{one}/merge", {**REASON, "absorbed_id": str(uuid4())})
    assert missing.status_code == 404


def test_a_pinned_value_wins_until_it_is_unpinned(steward):
    saved = add(steward, name="张伟", phone="13800138000")
    path = f"/customers/{saved['customer_id']}/pins/phone"
    value = saved["customer"]["golden"]["phone"]["value"]
    pinned = steward.call("PUT", path, {"value": value, "reason": "he confirmed it"})
    assert pinned.status_code == 200, pinned.content
    assert pinned.json()["golden"]["phone"]["rule"] == "pin"
    assert steward.call("DELETE", path).json()["golden"]["phone"]["rule"] != "pin"
    assert steward.call("PUT", path, {"value": "12345"}).status_code == 409


def test_a_customer_can_be_given_to_somebody_who_exists(steward):
    saved = add(steward, name="张伟")
    path = f"/customers/{saved['customer_id']}/owner"
    assert steward.call("PUT", path, {"owner_id": 999_999}).status_code == 404
    assert steward.call("PUT", path, {"owner_id": None}).json()["owner_id"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"attributes": {}},
        {"attributes": {"name": "  "}},
        {"attributes": {"owner_id": "1"}},
        {"attributes": {"golden": "x"}},
        {"attributes": {"name": "x"}, "id": "dc76732b-cfe8-420d-b8a4-749aa393e2a6"},
        {"attributes": {"name": "x"}, "owner_id": 1},
        {"attributes": {"name": "x"}, "is_manual": True},
        {"attributes": {"name": 5}},
        {"attributes": {"name": None}},
        {"attributes": "name"},
        {"attributes": {"name": "x"}, "kind": "device"},
        {"attributes": {"name": "x"}, "identifiers": [{"type": "native", "value": "9d6fad58a4494fb9a6588d10a6677a35"}]},
        {"attributes": {"name": "x"}, "identifiers": [{"type": "user_id", "value": "web:1"}]},
        {"attributes": {"name": "x"}, "identifiers": [{"type": "id_number", "value": "123"}]},
        {"attributes": {"name": "x"}, "external_id": "7"},
        {"attributes": {"name": "x"}, "source": "kehu", "external_id": "7"},
        {"attributes": {"name": "x"}, "source": "nowhere", "external_id": "7"},
        {"attributes": {"name": "x"}, "occurred_at": "2026-01-01T00:00:00"},
        {"attributes": {"name": "x"}, "occurred_at": "9999999-01-01"},
    ],
    ids=str,
)
def test_what_nobody_may_say_of_a_customer_is_refused(steward, body):
    response = steward.post("/customers", body)
    assert response.status_code in {404, 422}
    assert not Customer.objects.exists()


def test_speaking_for_a_source_needs_more_than_typing_in(db):
    body = {"attributes": {"name": "x"}, "source": "shop", "external_id": "7"}
    assert api_as("rep").post("/customers", body).status_code == 403
