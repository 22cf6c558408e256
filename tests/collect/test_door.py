"""The Segment HTTP API: every path, every way to give the key, and the answers each client needs."""

import base64
import gzip
import json
from typing import Any

import pytest

from kehu.collect.segment_requests import TYPES
from tests.collect.cast import make_source
from tests.collect.conftest import Collector

KEY = "wk_web"
SHORT = {"i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias"}
CALL = {"userId": "u-1", "event": "Signed Up", "name": "Home", "previousId": "a-1", "groupId": "g-1"}


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def payloads(collector: Collector) -> list[dict[str, Any]]:
    return [json.loads(message.payload) for message in collector.new_messages()]


@pytest.mark.parametrize("name", [*sorted(TYPES - {"merge"}), *SHORT])
def test_a_single_call_is_stored_with_the_type_of_its_path(collector: Collector, name: str) -> None:
    response = collector.post(f"/v1/{name}", json=CALL, headers=basic(KEY))
    assert (response.status_code, response.json()) == (200, {"success": True})
    [message] = collector.new_messages()
    assert json.loads(message.payload) == CALL | {"type": SHORT.get(name, name)}
    assert message.kind == "segment"
    assert message.message_id.startswith("kehu-")


@pytest.mark.parametrize(
    "path", ["/v1/batch", "/v1/import", "/v1/b", "http://collector.example//v1/batch", "/v1/batch/"]
)
def test_a_batch_is_stored_event_by_event_as_it_came(collector: Collector, path: str) -> None:
    events = [CALL | {"type": "track", "messageId": f"{path}-{n}", "n": n} for n in range(5)]
    body = {"batch": events, "sentAt": "2026-11-21T10:00:00.500Z", "writeKey": KEY}
    assert collector.post(path, json=body).json() == {"success": True}
    stored = collector.new_messages()
    assert {message.message_id for message in stored} == {f"{path}-{n}" for n in range(5)}
    assert [json.loads(message.payload) for message in stored] == events
    assert {message.sent_at.isoformat() for message in stored if message.sent_at} == {
        "2026-11-21T10:00:00.500000+00:00"
    }


@pytest.mark.parametrize(
    ("headers", "body_key", "query", "status"),
    [
        (basic(KEY), None, "", 200),
        ({}, KEY, "", 200),
        (basic(KEY), KEY, "", 200),
        ({"Authorization": "Bearer ey.J.x"}, KEY, "", 200),
        ({}, None, f"?writeKey={KEY}", 200),
        ({}, None, "", 401),
        ({}, "nobody", "", 401),
        (basic("nobody"), None, "", 401),
        (basic("nobody"), KEY, "", 401),
        ({"Authorization": "Basic %%%"}, None, "", 401),
        (basic("wk_off"), None, "", 404),
        ({}, "wk_off", "", 404),
    ],
    ids=[
        "header", "body", "header and body", "OAuth bearer and body", "query", "none", "unknown in body",
        "unknown in header", "header wins", "broken header", "disabled", "disabled in body",
    ],
)  # fmt: skip
def test_the_write_key_decides(
    collector: Collector, headers: dict[str, str], body_key: str | None, query: str, status: int
) -> None:
    body = {"batch": [CALL | {"type": "track"}]} | ({"writeKey": body_key} if body_key else {})
    response = collector.post(f"/v1/batch{query}", json=body, headers=headers)
    assert response.status_code == status
    assert len(collector.new_messages()) == (1 if status == 200 else 0)
    if status != 200:
        assert {"code", "message"} <= response.json().keys()
    assert response.headers["access-control-allow-origin"] == "*"


def test_a_source_made_a_moment_ago_is_known(collector: Collector) -> None:
    """A refusal is final for clients, so no old answer may cause one."""
    for number in range(3):
        make_source(collector.connection, f"fresh-{number}")
        assert collector.post("/v1/track", json=CALL, headers=basic(f"wk_fresh-{number}")).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", None],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_the_body_is_json_whatever_its_type_says(collector: Collector, content_type: str | None, packed: bool) -> None:
    body = json.dumps({"batch": [CALL | {"type": "track", "名": "张伟"}]}).encode()
    headers = basic(KEY) | ({"Content-Type": content_type} if content_type else {})
    if packed:
        body, headers = gzip.compress(body), headers | {"Content-Encoding": "gzip"}
    assert collector.post("/v1/batch", content=body, headers=headers).json() == {"success": True}
    assert payloads(collector)[0]["名"] == "张伟"


def test_a_chunked_gzip_body_is_read_to_its_end(collector: Collector) -> None:
    packed = gzip.compress(json.dumps({"batch": [CALL | {"type": "track"}] * 50}).encode())

    async def pieces() -> Any:
        for start in range(0, len(packed), 7):
            yield packed[start : start + 7]

    headers = basic(KEY) | {"Content-Encoding": "gzip"}
    assert collector.post("/v1/batch", content=pieces(), headers=headers).status_code == 200
    assert len(collector.new_messages()) == 50


def test_a_bad_event_of_a_batch_is_skipped_and_told_the_others_are_taken(collector: Collector) -> None:
    good = CALL | {"type": "track"}
    batch: list[Any] = [
        good, {"type": "track", "event": "x"}, good | {"type": "dance"}, 7, good | {"x": "y" * 33_000}, good
    ]  # fmt: skip
    response = collector.post("/v1/batch", json={"batch": batch, "writeKey": KEY})
    assert response.status_code == 200
    assert response.json()["success"] is True
    assert [(skipped["index"], skipped["code"]) for skipped in response.json()["skipped"]] == [
        (1, "no_id"),
        (2, "bad_type"),
        (3, "not_an_object"),
        (4, "too_large"),
    ]
    assert len(collector.new_messages()) == 2


@pytest.mark.parametrize(
    ("path", "body", "code", "status"),
    [
        ("/v1/track", {"event": "x"}, "no_id", 400),
        ("/v1/track", {"event": "x", "userId": None, "anonymousId": ""}, "no_id", 400),
        ("/v1/track", CALL | {"x": "y" * 33_000}, "too_large", 400),
        ("/v1/batch", [], "not_json", 400),
        ("/v1/batch", {"events": []}, "not_json", 400),
        ("/v1/batch", {"batch": [1] * 2_501}, "too_many_events", 400),
        ("/v1/batch", {"batch": [], "x": "y" * 4_200_000}, "too_large", 413),
        ("/v1/nothing", {}, "not_found", 404),
    ],
    ids=["no id", "empty ids", "event too large", "list", "no batch", "too many", "too large", "unknown path"],
)
def test_what_cannot_be_taken_is_refused_for_good(
    collector: Collector, path: str, body: Any, code: str, status: int
) -> None:
    response = collector.post(path, json=body, headers=basic(KEY))
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["message"]
    assert response.headers["access-control-allow-origin"] == "*"
    assert collector.new_messages() == []


def test_ids_may_be_numbers_and_python_sends_null_for_unset_ones(collector: Collector) -> None:
    batch = [
        {"type": "track", "userId": 42, "anonymousId": None, "messageId": 7},
        {"type": "track", "userId": None, "anonymousId": "a", "messageId": None},
        {"type": "group", "groupId": "g"},
        {"type": "alias", "previousId": "p"},
    ]
    assert collector.post("/v1/batch", json={"batch": batch}, headers=basic(KEY)).json() == {"success": True}
    assert "7" in {message.message_id for message in collector.new_messages()}


def test_the_sent_at_of_an_event_wins_over_that_of_the_batch(collector: Collector) -> None:
    batch = [
        {"type": "track", "userId": "u", "messageId": "own", "sentAt": "2026-01-01T00:00:00+08:00"},
        {"type": "track", "userId": "u", "messageId": "root"},
        {"type": "track", "userId": "u", "messageId": "unreadable", "sentAt": "yesterday"},
    ]
    body = {"batch": batch, "sentAt": "2026-02-02T00:00:00Z"}
    collector.post("/v1/batch", json=body, headers=basic(KEY))
    sent = {message.message_id: message.sent_at for message in collector.new_messages()}
    assert {name: str(moment)[:10] for name, moment in sent.items()} == {
        "own": "2025-12-31",
        "root": "2026-02-02",
        "unreadable": "2026-02-02",
    }


def test_context_of_the_batch_goes_under_that_of_each_event(collector: Collector) -> None:
    event = {"type": "track", "userId": "u", "context": {"locale": "en"}}
    body = {"batch": [event], "context": {"locale": "zh", "app": "x"}, "integrations": {"All": True}}
    collector.post("/v1/batch", json=body, headers=basic(KEY))
    [payload] = payloads(collector)
    assert payload["context"] == {"locale": "en", "app": "x"}
    assert payload["integrations"] == {"All": True}


def test_a_retry_is_answered_like_the_first_and_adds_nothing(collector: Collector) -> None:
    body = {"batch": [CALL | {"type": "track", "messageId": "again"}]}
    for attempt in range(3):
        headers = basic(KEY) | ({"X-Retry-Count": str(attempt)} if attempt else {})
        assert collector.post("/v1/batch", json=body, headers=headers).json() == {"success": True}
    assert len(collector.new_messages()) == 1


def test_only_a_browser_s_address_is_kept(collector: Collector) -> None:
    for key in (KEY, "wk_server"):
        collector.post("/v1/track", json=CALL | {"userId": key}, headers=basic(key))
    assert sorted(str(message.client_ip) for message in collector.new_messages()) == ["203.0.113.9", "None"]


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/t", "/v1/m", "/v1/projects/wk_web/settings", "/beacon/v1/batch"])
def test_a_preflight_is_answered_without_a_key(collector: Collector, path: str) -> None:
    response = collector.request("OPTIONS", path, headers={"Origin": "https://shop.example"})
    assert response.is_success
    assert response.headers["access-control-allow-origin"] == "*"
    assert {"POST", "GET"} <= set(response.headers["access-control-allow-methods"].split(", "))
    assert {"authorization", "content-type", "x-retry-count"} <= set(
        response.headers["access-control-allow-headers"].split(", ")
    )
    assert "access-control-allow-credentials" not in response.headers


def test_retry_after_can_be_read_by_a_page(collector: Collector) -> None:
    response = collector.post("/v1/track", json=CALL, headers=basic(KEY))
    assert "Retry-After" in response.headers["access-control-expose-headers"]


def test_another_method_is_refused_with_the_right_one(collector: Collector) -> None:
    response = collector.request("GET", "/v1/batch")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_client_metrics_are_taken_and_ignored(collector: Collector) -> None:
    assert collector.post("/v1/m", json={"series": [{"type": "Counter"}]}).status_code == 200
    assert collector.new_messages() == []


def test_the_settings_name_only_our_own_destination(collector: Collector) -> None:
    response = collector.request("GET", f"/v1/projects/{KEY}/settings")
    integrations = response.json()["integrations"]
    assert list(integrations) == ["Segment.io"]
    assert integrations["Segment.io"]["apiKey"] == KEY
    assert integrations["Segment.io"]["apiHost"] == "collector.example/v1"
    assert response.json()["metrics"] == {"sampleRate": 0}
    assert response.headers["access-control-allow-origin"] == "*"
    assert collector.request("GET", "/v1/projects/nobody/settings").status_code == 404


def test_the_beacon_brings_its_key_in_the_query(collector: Collector) -> None:
    body = json.dumps({"batch": [CALL | {"type": "track"}]})
    headers = {"Content-Type": "text/plain"}
    assert collector.post(f"/beacon/v1/batch?writeKey={KEY}", content=body, headers=headers).status_code == 200
    assert len(collector.new_messages()) == 1


def encoded(call: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(call).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (f"/v1/pixel/track?data={encoded(CALL | {'writeKey': KEY, 'properties': {'a': '？'}})}", {"a": "？"}),
        (f"/v1/pixel/track?userId=u&event=Email+Opened&properties.x.y=1&writeKey={KEY}", {"x": {"y": "1"}}),
        (f"/pixel/v1/track?writeKey={KEY}&anonymousId=a&event=E&properties.z=1", {"z": "1"}),
        (f"/pixel/v1/page?writeKey={KEY}&anonymousId=a&name=N&properties.z=1", {"z": "1"}),
    ],
    ids=["data", "plain query", "RudderStack track", "RudderStack page"],
)
def test_a_pixel_stores_a_call(collector: Collector, address: str, expected: dict[str, Any]) -> None:
    response = collector.request("GET", address)
    assert (response.status_code, response.headers["content-type"]) == (200, "image/gif")
    assert response.content.startswith(b"GIF89a")
    [payload] = payloads(collector)
    assert payload["properties"] == expected


@pytest.mark.parametrize(
    "query", ["", "data=%%%", "data=e30", f"data={encoded(CALL)}", "a=1&a.b=2", "writeKey=nobody&userId=u"]
)
def test_a_pixel_answers_with_its_image_also_on_error(collector: Collector, query: str) -> None:
    response = collector.request("GET", f"/v1/pixel/track?{query}")
    assert (response.status_code, response.content[:6]) == (200, b"GIF89a")
    assert collector.new_messages() == []


def test_a_webhook_without_a_shape_becomes_a_track_call(collector: Collector) -> None:
    assert collector.post(f"/v1/webhook?writeKey={KEY}", json={"order": 7}).status_code == 200
    [payload] = payloads(collector)
    assert (payload["event"], payload["properties"]) == ("webhook_source_event", {"order": 7})
    assert collector.post(f"/v1/webhook?writeKey={KEY}", content=b"{broken").status_code == 400


def test_the_control_plane_answers_rudderstack_s_browser_library(collector: Collector) -> None:
    response = collector.request("GET", f"/sourceConfig/?p=web&v=3&writeKey={KEY}")
    assert response.json()["source"]["writeKey"] == KEY
    assert response.json()["source"]["enabled"] is True
    assert response.json()["source"]["destinations"] == []
    assert collector.request("GET", "/sourceConfig/", headers=basic(KEY)).status_code == 200
    assert collector.request("GET", "/sourceConfig/?writeKey=nobody").status_code == 401


def test_health_says_whether_events_would_be_taken(collector: Collector) -> None:
    assert collector.request("GET", "/health").json() == {"status": "ok"}
