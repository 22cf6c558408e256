"""Strangers' input: every answer is a 4xx with a code, never a 5xx, and nothing is taken that nobody named."""

import pytest

from kehu.collect.models import Source
from kehu.collect.services import create_source
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import SYSTEM
from tests.api.conftest import api_as

SQL = ["' OR 1=1 --", "'; DROP TABLE collect_source; --", "1) UNION SELECT 1", "%' ESCAPE '", "\\", "$$"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"kind": "shop", "name": "\\u0000"}',
        b'{"kind": "shop", "name": "\\ud800"}',
        b'{"kind": "shop", "name": "\xff\xfe"}',
        b'{"kind": "shop", "name": NaN}',
        b'{"kind": "shop", "kind": "till", "name": "x"}',
        b'{"kind": "shop", "name": "x", "trust_rank": ' + b"9" * 400 + b"}",
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"[" * 100_000,
        b'{"kind": "shop", "name": ["x"]}',
        b'{"kind": {"$ne": 1}, "name": "x"}',
        b'{"kind": "shop", "name": "' + b"x" * 200_000 + b'"}',
        b'{"kind": "shop", "name": "' + b"x" * 6_000_000 + b'"}',
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_a_bad_body_is_refused(db, body):
    response = api_as("administrator").call("POST", "/sources", raw=body)
    assert 400 <= response.status_code < 500
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"]
    assert not Source.objects.exists()


@pytest.mark.parametrize("field", ["id", "write_key", "created_at", "department", "is_staff", "__class__", "mapping"])
def test_fields_nobody_named_are_refused(db, field):
    api = api_as("administrator")
    assert api.post("/sources", {"kind": "shop", "name": "x", field: "1"}).status_code == 422
    source = create_source(kind="shop", name="Shop", actor=SYSTEM)
    key = source.write_key
    assert api.patch(f"/sources/{source.pk}", {field: "wk_mine"}).status_code == 422
    source.refresh_from_db()
    assert source.write_key == key


@pytest.mark.parametrize("text", [*SQL, "%00", "%ED%A0%80", "9" * 60, "-1", "0", "null", "../../etc/passwd"])
def test_odd_addresses_and_filters_are_answered_quietly(db, text):
    api = api_as("administrator")
    for path in (f"/sources/{text}", f"/dead-letters?reason={text}", f"/dead-letters?limit={text}", f"/jobs/{text}"):
        assert api.get(path).status_code in {200, 400, 404, 422}, path
    assert api.get("/sources").status_code == 200


CURSORS = {"short": "x", "not ascii": "é", "padding": "=" * 50, "long": "AAAA" * 20, "of another list": ""}


@pytest.mark.parametrize("cursor", CURSORS.values(), ids=CURSORS)
def test_a_cursor_that_is_not_ours_is_refused(db, cursor):
    cursor = cursor or encode_cursor("another list", [1])
    response = api_as("administrator").get(f"/dead-letters?cursor={cursor}")
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")


def test_a_cursor_comes_back_whole():
    assert decode_cursor("a list", encode_cursor("a list", ["张", 3, None])) == ["张", 3, None]
    assert decode_cursor("a list", "") is None


def test_an_unknown_address_and_method_are_problems_too(db):
    api = api_as("administrator")
    assert api.get("/nothing/here").json()["code"] == "not_found"
    assert api.call("DELETE", "/sources").status_code == 405


def test_an_error_of_ours_tells_only_its_id(db, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("password=hunter2 at /srv/kehu")

    monkeypatch.setattr("kehu.api.sources.queries.sources", broken)
    response = api_as("administrator").get("/sources", X_Request_Id="request-0815")
    assert response.status_code == 500
    assert "hunter2" not in response.content.decode()
    assert "request-0815" in response.content.decode()
