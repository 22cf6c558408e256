"""The description of the API, and what a fuzzer that reads it finds."""

import json
from collections import Counter

import hypothesis
import pytest
import schemathesis
from django.test import Client
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET

from kehu.collect.services import create_source
from kehu.govern.access import SYSTEM
from tests.api.conftest import Api, api_as
from tests.callers import make_client
from tests.cast import make_customer

EXAMPLES_OF_BODIES, EXAMPLES = 12, 5  # an address and a few parameters have little room for surprises


@pytest.fixture(scope="module")
def description() -> dict:
    return json.loads(make_client().get("/api/v1/openapi.json").content)


def operations(description: dict):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_openapi_3_1_and_open_to_all(description):
    assert description["openapi"].startswith("3.1")
    assert {"Token", "BrowserSession"} <= description["components"]["securitySchemes"].keys()


def test_every_operation_says_what_it_needs_and_how_it_refuses(description):
    for name, operation in operations(description):
        assert operation["summary"], name
        assert "Permission: `" in operation["description"], name
        assert operation["security"], name
        refused = operation["responses"]["403"]["content"]
        assert list(refused) == ["application/problem+json"], name


def test_whatever_acts_in_one_transaction_takes_a_key(description):
    without = {
        name
        for name, operation in operations(description)
        if not name.startswith("GET") and "Idempotency-Key" not in {p["name"] for p in operation.get("parameters", ())}
    }
    assert without == {
        "POST /api/v1/customers/{customer_id}/reveal",
        "POST /api/v1/dead-letters/replay",
        "POST /api/v1/rebuilds/{rebuild_id}/discard",
        "POST /api/v1/rules/trial",  # writes nothing
    }


def test_bodies_have_examples(description):
    schemas = description["components"]["schemas"]
    for wanted in ("NewCustomer", "CustomerChange", "NewSource", "Merge", "Problem"):
        assert "examples" in json.dumps(schemas[wanted]), wanted


# Hypothesis draws cases from the description itself; the same ones on every run, so that a red test stays red.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "mode"),
    [
        ("administrator", GenerationMode.POSITIVE),
        ("administrator", GenerationMode.NEGATIVE),
        ("rep", GenerationMode.POSITIVE),
    ],
)
def test_no_case_a_fuzzer_draws_is_an_error_of_ours(db, role, mode, description):
    make_customer(phone="13800138000")
    create_source(kind="shop", name="Shop", actor=SYSTEM)
    caller, schema = api_as(role), schemathesis.openapi.from_dict(description)
    failures: list[str] = []
    heard: Counter[int] = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        told = {*description["paths"][operation.path][operation.method]["responses"], "405"}
        # A rep is refused before most bodies are looked into.
        failures += wrong_answers(caller, operation, mode, told, heard, is_thorough=role == "administrator")
    assert failures == []
    assert heard[422] > 0
    assert heard[200] > 0, "nothing it drew was taken: it tests no more than the door"
    assert (heard[403] > 0) == (role == "rep")


def wrong_answers(
    caller: Api,
    operation: schemathesis.APIOperation,
    mode: GenerationMode,
    told: set[str],
    heard: Counter[int],
    *,
    is_thorough: bool,
) -> list[str]:
    """Cases of one operation that were answered with an error of ours, or with a status the description keeps back."""
    failures: list[str] = []

    @hypothesis.settings(
        max_examples=EXAMPLES_OF_BODIES if is_thorough and operation.body else EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: schemathesis.Case) -> None:
        status = send(caller, case)
        heard[status] += 1
        if status == 500 or str(status) not in told:
            failures.append(f"{case.method} {case.formatted_path} {case.query} {case.body!r:.300} → {status}")

    draw()
    return failures


def send(caller: Api, case: schemathesis.Case) -> int:
    """One drawn case, sent as a browserless client would."""
    client: Client = caller.client
    headers = {**caller.headers, **{str(k): str(v) for k, v in (case.headers or {}).items() if ascii_only(v)}}
    headers = {name: value for name, value in headers.items() if name.lower() not in {"authorization", "cookie"}}
    is_json = case.media_type == "application/json"
    body = json.dumps(case.body, default=str).encode() if is_json and case.body is not NOT_SET else b""
    response = client.generic(
        case.method,
        case.formatted_path,
        body,
        content_type="application/json",
        query_params=dict(case.query or {}),
        headers={**headers, **caller.headers},
    )
    return response.status_code


def ascii_only(value: object) -> bool:
    text = str(value)
    return text.isascii() and text.isprintable()
