"""The rules of the profile on screen: tried, changed, refused where they mean nothing, whatever is typed."""

from typing import Any

import pytest
from django.test import Client

from kehu.core.models import Job
from kehu.extend.models import Attribute
from kehu.extend.queries import forget_catalogue
from kehu.profile.figures.models import ComputedAttribute, FigureRules
from kehu.profile.figures.services import FILL
from kehu.profile.tags.models import Tag, TagEntry
from tests.callers import make_client
from tests.cast import make_customer, make_user

HOSTILE = ("", "\x00", "'; DROP TABLE profile_tag; --", "<script>", "9" * 400, "{", "[1,2]", "null", "∞")
STANDING = {
    "basis": "orders",
    "events": "",
    "active_days": "30",
    "dormant_days": "120",
    "method": "fixed",
    "window_days": "365",
    "recency_days": "30, 90, 180, 270",
    "frequency": "2，3，5，10",
    "money": "100, 500.5, 2000, 10000",
    "high_from": "12",
    "middle_from": "8",
    "version": "1",
}


@pytest.fixture
def client(db: None) -> Client:
    forget_catalogue()
    client = make_client()
    client.force_login(make_user("steward"))
    return client


def test_a_rule_is_tried_and_then_holds(client: Client) -> None:
    kept = Attribute.objects.get(name="city").rule
    assert client.get("/profile", {"attribute": "city", "rule": "trust"}).status_code == 200
    assert Attribute.objects.get(name="city").rule == kept
    assert client.post("/profile", {"attribute": "city", "rule": "trust", "seen": kept}).status_code == 302
    assert Attribute.objects.get(name="city").rule == "trust"
    assert client.post("/profile", {"attribute": "city", "rule": "frequency", "seen": kept}).status_code == 409


def test_standing_rules_are_kept_and_a_job_follows(client: Client) -> None:
    assert client.post("/profile/standing", STANDING).status_code == 302
    kept = FigureRules.objects.get(pk=1)
    assert kept.lifecycle["active_days"] == 30
    assert kept.rating["money"] == [100, 500.5, 2000, 10000]
    assert Job.objects.filter(kind=FILL, state="queued").exists()
    stale = client.post("/profile/standing", STANDING)
    assert stale.status_code == 422
    assert FigureRules.objects.get(pk=1).version == 2


def test_a_computed_attribute_and_a_tag_come_and_go(client: Client) -> None:
    customer = make_customer()
    said = {"name": "views", "label_zh": "浏览", "over": "events", "function": "count", "window_days": "30"}
    assert client.post("/profile/computed", said).status_code == 302
    assert "浏览" in client.get("/profile/computed").content.decode()
    tag = {"slug": "vip", "label_zh": "贵宾", "label_en": "VIP", "tag_class": "value", "meaning": "买得多"}
    assert client.post("/profile/tags", tag).status_code == 302
    assert '<option value="vip">' in client.get(f"/customers/{customer}").content.decode()
    assert client.post(f"/customers/{customer}/tags", {"tag": "vip", "value": "金"}).status_code == 302
    page = client.get(f"/customers/{customer}").content.decode()
    assert "贵宾: 金" in page
    assert client.post(f"/customers/{customer}/tags/vip/remove").status_code == 302
    assert not TagEntry.objects.filter(until=None).exists()
    assert client.post("/profile/tags/vip/retire").status_code == 302
    assert Tag.objects.get().is_retired
    assert client.post("/profile/computed/views/remove").status_code == 302
    assert not ComputedAttribute.objects.exists()


@pytest.mark.parametrize(
    ("address", "valid"),
    [
        ("/profile/standing", STANDING),
        ("/profile/computed", {"name": "n", "over": "figures", "formula": "orders", "function": "", "window_days": ""}),
        ("/profile/tags", {"slug": "x", "label_zh": "x", "label_en": "x", "tag_class": "value", "rule": ""}),
        ("/profile", {"attribute": "city", "rule": "trust", "seen": "recency"}),
    ],
)
def test_whatever_is_typed_is_answered_with_an_answer(client: Client, address: str, valid: dict[str, Any]) -> None:
    for name in valid:
        for value in HOSTILE:
            answer = client.post(address, {**valid, name: value})
            assert answer.status_code in (302, 404, 409, 422), (name, value)
            if name in ("attribute", "rule") and address == "/profile":
                assert client.get(address, {"attribute": "city", "rule": "trust", name: value}).status_code in (
                    200,
                    404,
                    422,
                )
