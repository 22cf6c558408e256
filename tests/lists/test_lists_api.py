"""Lists over the API: filters in the list, saved lists, acts on many, files; and what strangers send."""

import json
from urllib.parse import quote

import pytest

from kehu.core import jobs
from kehu.profile.models import BulkAct, Customer, Export
from tests.api.conftest import api_as
from tests.cast import make_customer, make_department, make_user

SHANGHAI = {"conditions": [{"field": "city", "op": "is", "values": ["上海"]}]}


@pytest.fixture
def people(db):
    make_customer("张伟", city="上海", phone="+8613800138000")
    make_customer("李娜", city="北京")


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [item["name"] for item in response.json()["items"]]


def test_a_list_is_filtered_sorted_counted_and_paged(people):
    api = api_as("steward")
    text = quote(json.dumps(SHANGHAI))
    assert names(api.get(f"/customers?filter={text}")) == ["张伟"]
    assert api.get(f"/lists/count?filter={text}").json() == {"count": 1, "is_exact": True, "is_least": False}
    first = api.get("/customers?sort=-records&limit=1").json()
    rest = api.get(f"/customers?sort=-records&limit=1&cursor={first['next_cursor']}").json()
    assert {first["items"][0]["name"], rest["items"][0]["name"]} == {"张伟", "李娜"}
    assert api.get(f"/customers?sort=-records&filter={text}&cursor={first['next_cursor']}").status_code == 422


def test_fields_offer_only_what_the_caller_may_ask(people):
    def operators(role):
        return {one["name"]: one["operators"] for one in api_as(role).get("/lists/fields").json()["items"]}

    assert "contains" in operators("steward")["phone"]
    assert operators("agent")["phone"] == ["is", "set", "empty"]
    assert "id_number" not in operators("agent")
    secret = quote(json.dumps({"conditions": [{"field": "phone", "op": "starts", "values": ["138"]}]}))
    for path in ("/customers", "/lists/count"):
        refused = api_as("agent").get(f"{path}?filter={secret}")
        assert (refused.status_code, refused.json()["code"]) == (403, "field_not_readable")


def test_a_view_goes_through_its_life(people):
    user = make_user("manager", make_department("East"))
    api = api_as("manager", user=user)
    made = api.post("/lists/views", {"name": "上海", "filter": SHANGHAI, "audience": "company"})
    assert made.status_code == 201
    view = made.json()
    changed = api.call("PUT", f"/lists/views/{view['id']}", {"name": "沪", "filter": SHANGHAI, "version": 1})
    assert (changed.json()["name"], changed.json()["version"]) == ("沪", 2)
    assert api.call("PUT", f"/lists/views/{view['id']}", {"name": "x", "version": 1}).status_code == 409
    assert api.call("DELETE", f"/lists/views/{view['id']}").status_code == 200
    assert api.get("/lists/views").json()["items"] == []


def test_an_act_on_many_and_a_file(people):
    rep, user = make_user("rep"), make_user("steward")
    api = api_as("steward", user=user)
    body = {"act": "owner.assign", "parameters": {"owners": [rep.pk]}, "selection": {"filter": SHANGHAI}}
    assert api.post("/lists/bulk-acts/preview", body).json() == {"total": 1, "sample": ["张伟"]}
    act = api.post("/lists/bulk-acts", body).json()
    jobs.run_job_here(BulkAct.objects.get().job_id)
    assert api.get(f"/lists/bulk-acts/{act['id']}").json()["counts"] == {"done": 1}
    assert Customer.objects.get(display_name="张伟").owner_id == rep.pk
    assert api.post(f"/lists/bulk-acts/{act['id']}/undo", {}).status_code == 200

    made = api.post("/lists/exports", {"format": "csv", "filter": SHANGHAI, "columns": ["attribute.city"]}).json()
    assert api.get(f"/lists/exports/{made['id']}/file").status_code == 410
    jobs.run_job_here(Export.objects.get().job_id)
    assert api.get(f"/lists/exports/{made['id']}").json()["is_ready"]
    text = b"".join(api.get(f"/lists/exports/{made['id']}/file").streaming_content).decode("utf-8-sig")
    assert "张伟,上海" in text


@pytest.mark.parametrize("text", ["[]", "{", '{"match":1}', "\\", "null", '{"groups":[' * 2000])
def test_odd_filters_are_refused_quietly(people, text):
    api = api_as("steward")
    for path in ("/customers", "/lists/count"):
        assert api.get(f"{path}?filter={quote(text)}").status_code == 422, path
    assert api.get(f"/customers?sort={quote(text[:70])}").status_code == 422


@pytest.mark.parametrize(
    "selection",
    [{"filter": {"x": 1}}, {"filter": {"groups": "x"}}, {"customer_ids": ["x"]}, {"all": True}, {"q": "x" * 300}],
)
def test_odd_selections_touch_nobody(people, selection):
    body = {"act": "owner.assign", "parameters": {"owners": []}, "selection": selection}
    assert api_as("steward").post("/lists/bulk-acts", body).status_code == 422
    assert not BulkAct.objects.exists()
