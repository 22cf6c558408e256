"""The same key gives the same answer and one effect; with another request it is refused."""

import threading

import pytest
from django.db import connection

from kehu.collect.models import Source
from kehu.core.idempotency import Answer, once
from kehu.core.models import IdempotencyKey
from tests.api.conftest import api_as

SHOP = {"kind": "shop", "name": "Shop"}


def test_a_repeated_request_does_nothing_and_answers_the_same(db):
    api = api_as("administrator")
    first = api.post("/sources", SHOP, Idempotency_Key="k1")
    again = api.post("/sources", SHOP, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert Source.objects.filter(kind="shop").count() == 1


def test_the_same_key_with_another_body_is_refused(db):
    api = api_as("administrator")
    api.post("/sources", SHOP, Idempotency_Key="k1")
    other = api.post("/sources", {**SHOP, "name": "Other"}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert Source.objects.filter(kind="shop").count() == 1


def test_keys_of_two_callers_are_two_keys(db):
    assert api_as("administrator").post("/sources", SHOP, Idempotency_Key="k1").status_code == 201
    assert api_as("administrator").post("/sources", SHOP, Idempotency_Key="k1").status_code == 201
    assert Source.objects.filter(kind="shop").count() == 2


def test_a_refused_request_leaves_the_key_free(db):
    api = api_as("administrator")
    refused = api.post("/sources", {**SHOP, "time_zone": "Mars/Olympus"}, Idempotency_Key="k1")
    assert refused.status_code == 422
    assert not IdempotencyKey.objects.exists()
    assert api.post("/sources", SHOP, Idempotency_Key="k1").status_code == 201


@pytest.mark.parametrize("key", ["é", "x" * 256, "a\tb"])
def test_a_key_is_short_printable_text(db, key):
    response = api_as("administrator").post("/sources", SHOP, Idempotency_Key=key)
    assert response.status_code == 422
    assert not Source.objects.filter(kind="shop").exists()


def test_ten_at_once_have_one_effect(kehu_db):
    done: list[Answer] = []
    runs = []

    def effect() -> Answer:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        runs.append(1)
        return Answer(201, b"{}")

    def call() -> None:
        try:
            done.append(once(holder="user 1", key="k", request_hash=b"h", effect=effect))
        finally:
            connection.close()

    callers = [threading.Thread(target=call) for _ in range(10)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(runs) == 1
    assert sorted(answer.is_repeated for answer in done) == [False] + [True] * 9
