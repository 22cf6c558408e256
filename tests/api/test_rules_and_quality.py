"""Cleaning rules and the quality of the data over the API: what works, what is refused, and what strangers try."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kehu.collect.services import create_source
from kehu.govern.access import SYSTEM
from tests.api.conftest import api_as

RULE = {
    "key": "phone-cn",
    "name": "Chinese numbers",
    "does": {"type": "pattern", "attribute": "phone", "pattern": r"\+861\d{10}"},
}


def test_a_set_is_tried_saved_read_back_and_restored(db):
    api = api_as("administrator")
    tried = api.post("/rules/trial", {"rules": [RULE]})
    assert (tried.status_code, tried.json()["messages"]) == (200, 0)
    assert api.get("/rules").json()["version"] == 0
    saved = api.call("PUT", "/rules", {"rules": [RULE], "base_version": 0, "note": "first"})
    assert saved.json() == {"version": 1}
    read = api.get("/rules").json()
    assert read["rules"][0] == {**read["rules"][0], **RULE, "outcome": "mark", "is_on": True}
    again = api.call("PUT", "/rules", {"rules": read["rules"], "format": read["format"], "base_version": 1})
    assert again.json() == {"version": 1}, "what was read can be written back, and changes nothing"
    assert api.call("PUT", "/rules", {"rules": [], "base_version": 0}).status_code == 409
    assert api.call("PUT", "/rules", {"rules": [], "base_version": 1}).json() == {"version": 2}
    assert api.post("/rules/versions/1/restore", {"base_version": 2}).json() == {"version": 3}
    assert [line["version"] for line in api.get("/rules/versions").json()["items"]] == [3, 2, 1]
    assert api.get("/rules/versions/2").json()["rules"] == []
    assert api.get("/rules/effects").json()["items"] == []
    assert api.get("/rules/versions/9").status_code == 404


@pytest.mark.parametrize(
    "rules",
    [
        [5],
        [{}],
        [{**RULE, "key": "Not A Key"}],
        [{**RULE, "surprise": 1}],
        [{**RULE, "outcome": "explode"}],
        [{**RULE, "does": {"type": "pattern", "attribute": "phone", "pattern": "("}}],
        [{**RULE, "does": {"type": "pattern", "attribute": "phone", "pattern": "((a{100}){100}){100}"}}],
        [{**RULE, "does": {"type": "exec", "attribute": "phone"}}],
        [{**RULE, "does": {"type": "condition", "expression": "(" * 900}}],
        [{**RULE, "does": {"type": "condition", "expression": "x" * 50_000}}],
        [{**RULE, "does": {"type": "look_up", "attribute": "city", "table": {str(n): "x" for n in range(20_001)}}}],
        [RULE] * 2,
        [{**RULE, "key": f"r{n}"} for n in range(201)],
    ],
    ids=range(13),
)
def test_rules_that_cannot_work_are_refused_in_words_and_change_nothing(db, rules):
    api = api_as("administrator")
    for method, path, body in (("PUT", "/rules", {"base_version": 0}), ("POST", "/rules/trial", {})):
        answer = api.call(method, path, {"rules": rules, **body})
        assert answer.status_code in {400, 413, 422}, path
        assert answer.json()["code"]
    assert api.get("/rules").json()["version"] == 0


def test_a_set_with_a_long_table_comes_in_as_a_file(db):
    api = api_as("administrator")
    table = {str(number): "x" for number in range(5000)}
    rules = {"rules": [{**RULE, "does": {"type": "look_up", "attribute": "city", "table": table}}]}

    def upload(data: bytes, version: int) -> int:
        fields = {"file": SimpleUploadedFile("rules.json", data), "base_version": str(version)}
        return api.client.post("/api/v1/rules/file", fields, headers=api.headers).status_code

    assert upload(json.dumps(rules).encode(), 0) == 200
    assert len(api.get("/rules").json()["rules"][0]["does"]["table"]) == 5000
    for odd in (b"", b"\xff", b"[]", b"[" * 100_000, b" " * 2_000_001):
        assert upload(odd, 1) == 422
    assert upload(json.dumps(rules).encode(), 0) == 409


def test_quality_is_measured_and_read_with_the_records_behind_it(db):
    source = create_source(kind="crm", name="CRM", actor=SYSTEM)
    api = api_as("administrator")
    assert api.get("/quality").json() == {"day": None, "measured_at": None, "figures": []}
    started = api.post("/quality/measure")
    assert (started.status_code, api.get(f"/jobs/{started.json()['job_id']}").json()["kind"]) == (
        202,
        "quality.measure",
    )
    records = f"/quality/records?source_id={source.pk}&attribute=phone"
    for check in ("completeness", "validity", "uniqueness", "consistency", "timeliness"):
        assert api.get(f"{records}&check={check}").json() == {"items": [], "next_cursor": None}
    for odd in ("&check=beauty", "&check=", "&check=validity&cursor=x", "&check=validity&limit=0"):
        assert api.get(records + odd).status_code == 422, odd
    for attribute in ("' OR 1=1", "%00", "Phone", "x" * 60):
        path = f"/quality/records?source_id={source.pk}&attribute={attribute}&check=validity"
        assert api.get(path).status_code in {400, 422}
    assert api.get(f"/quality?source_id={'9' * 30}").status_code == 422


def test_a_look_alone_saves_and_measures_nothing(db):
    api = api_as("auditor")
    assert api.get("/rules").status_code == api.get("/quality").status_code == 200
    assert api.call("PUT", "/rules", {"rules": [], "base_version": 0}).status_code == 403
    assert api.post("/rules/trial", {"rules": []}).status_code == 403
    assert api.post("/quality/measure").status_code == 403
