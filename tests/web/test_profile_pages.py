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
        ("/profile/tags", {"slug": "x", "label_zh": "x", "label_en": "x", "tag_class": "value"}),
        ("/profile/tags/vip/rule", {"filter": "{}", "version": "1"}),
        ("/profile", {"attribute": "city", "rule": "trust", "seen": "recency"}),
    ],
)
def test_whatever_is_typed_is_answered_with_an_answer(client: Client, address: str, valid: dict[str, Any]) -> None:
    Tag.objects.create(slug="vip", label_en="v", label_zh="v", tag_class="value")
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


CITY = {"match-0": "all", "in-0": "0", "field-0": "city", "op-0": "is", "value-0": "上海"}


def test_the_rule_of_a_tag_is_put_together_looked_at_and_kept(client: Client) -> None:
    make_customer("王芳", city="上海")
    make_customer("李静", city="北京")
    assert client.post("/profile/tags", {"slug": "east", "label_zh": "华东", "label_en": "East", "tag_class": "region"})
    address = "/profile/tags/east/rule"
    asked = CITY
    assert client.get(address, {**asked, "add": "0"}).content.decode().count('name="field-') == 2
    looked = client.get(address, {**asked, "apply": "1"})
    assert looked.context["page"].found_text
    said = {"filter": looked.context["page"].filter_text, "version": "1"}
    assert client.post(address, said).status_code == 302
    tag = Tag.objects.get(slug="east")
    assert tag.rule["conditions"][0]["values"] == ["上海"]
    assert client.post(address, said).status_code == 409, "somebody changed it since"
    changed = {"slug": "east", "label_zh": "东", "label_en": "East", "tag_class": "region", "version": "2"}
    client.post("/profile/tags", changed)
    tag.refresh_from_db()
    assert (tag.label_zh, tag.rule is not None) == ("东", True), "the form keeps the rule"
    of_tags = {**asked, "field-0": "tag", "op-0": "one_of", "value-0": "east", "apply": "1"}
    refused = client.get(address, of_tags).context["page"]
    assert (refused.found_text, bool(refused.builder.error)) == ("", True)
    assert client.post(address, {"version": "3"}).status_code == 302
    tag.refresh_from_db()
    assert tag.rule is None
    client.post("/profile/tags/east/retire")
    assert client.get(address).status_code == 404
