"""The timeline over the API: filtered, searched under the field policy, paged, and told in words."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from kehu.profile.models import Event
from kehu.profile.queries.lookup import founding_record
from tests.api.conftest import api_as
from tests.cast import NOON, make_customer


@pytest.fixture
def customer(db) -> UUID:
    """Whose phone rang on three days, from two sources."""
    customer = make_customer()
    for day in range(3):
        at = NOON - timedelta(days=day)
        Event.objects.create(
            id=uuid4(),
            record_id=founding_record(customer),
            source_id=1 + day % 2,
            name="Call Received",
            kind="contact",
            occurred_at=at,
            received_at=at,
            properties={"subject": f"day {day}, call 13800138000"},
        )
    return customer


def address_of(customer: UUID, **asked: object) -> str:
    return f"/customers/{customer}/timeline?{urlencode(asked)}"


def days(api, customer: UUID, **asked: str) -> list[str]:
    answer = api.get(address_of(customer, **asked))
    assert answer.status_code == 200, answer.content
    return [row["properties"]["subject"][:5] for row in answer.json()["items"]]


def test_rows_are_told_in_words_in_the_language_of_the_caller(customer):
    api = api_as("manager")
    for language, words in (("zh-Hans", "来电 day 0"), ("en", "Incoming call day 0")):
        answer = api.get(address_of(customer), Accept_Language=language)
        assert answer.json()["items"][0]["told"].startswith(words)


def test_the_timeline_is_narrowed_by_words_source_and_time(customer):
    api = api_as("manager")
    assert days(api, customer, q="DAY 1,") == ["day 1"]
    assert days(api, customer, source_id="1") == ["day 0", "day 2"]
    assert days(api, customer, until=(NOON - timedelta(days=1)).isoformat()) == ["day 1", "day 2"]
    assert days(api, customer, since=(NOON - timedelta(days=1)).isoformat(), q="day") == ["day 0", "day 1"]


def test_a_search_over_the_api_is_no_way_around_a_mask(customer):
    assert len(days(api_as("manager"), customer, q="13800138000")) == 3
    assert days(api_as("rep"), customer, q="13800138000") == []


def test_a_cursor_belongs_to_the_words_it_was_given_for(customer):
    api = api_as("manager")
    page = api.get(address_of(customer, q="day", limit=2)).json()
    rest = api.get(address_of(customer, q="day", limit=2, cursor=page["next_cursor"])).json()
    assert [len(page["items"]), len(rest["items"])] == [2, 1]
    assert api.get(address_of(customer, q="call", cursor=page["next_cursor"])).status_code == 422


@pytest.mark.parametrize(
    "asked", [{"since": "yesterday"}, {"until": "9999-12-31T23:59:59Z"}, {"q": "x" * 101}, {"source_id": "-1"}]
)
def test_what_makes_no_sense_is_refused(customer, asked):
    assert api_as("manager").get(address_of(customer, **asked)).status_code == 422
