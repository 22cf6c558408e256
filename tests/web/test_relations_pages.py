"""Pages of relations and organisations on a real road: seen, said, ended, denied; nothing for who may not see it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from kehu.govern.access import SYSTEM
from kehu.profile.relations.queries import relations_of
from tests.callers import make_client
from tests.cast import make_user
from tests.pipeline.cast import Road3, road_of
from tests.profile.test_relations import settle_all, tell, tie

HOSTILE = ("", "\x00", "'; DROP TABLE profile_relation; --", "<script>alert(1)</script>", "9" * 400, "∞", "../..")


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def signed_in(role: str) -> Client:
    client = make_client()
    client.force_login(make_user(role, language="en"))
    return client


def test_a_tie_is_said_changed_and_denied_on_the_page(road: Road3) -> None:
    known = settle_all(road)
    lin, head = known["lin"], known["head"]
    client = signed_in("steward")
    say = f"/customers/{lin}/relations/say"
    hits = client.get(say, {"q": "远恒智能"}).content.decode()
    assert f"other={head}" in hits
    form = client.get(say, {"other": head}).content.decode()
    assert "contact_of/left" in form
    assert "branch_of" not in form
    typed = {"tie": "contact_of/left", "role": "采购经理", "since": "2021-03-01", "until": ""}
    assert client.post(f"{say}?other={head}", typed).status_code == 302
    page = client.get(f"/customers/{lin}/relations").content.decode()
    for shown in ("远恒智能", "采购经理", "since 2021-03-01", "contact there", "<svg"):
        assert shown in page
    there = client.get(f"/organisations/{head}").content.decode()
    assert "林晓梅" in there
    assert "采购经理" in there
    change = f"/customers/{head}/relations/say?other={lin}&tie=contact_of/right"
    filled = client.get(change).content.decode()
    assert 'value="采购经理"' in filled
    assert client.post(change, {**typed, "tie": "contact_of/right", "until": "2020-01-01"}).status_code == 422
    assert client.post(change, {**typed, "tie": "contact_of/right", "until": "2024-01-01"}).status_code == 302
    [line] = relations_of(SYSTEM, lin).lines
    assert (line.is_over, line.role) == (True, "采购经理")
    assert client.post(change, {"deny": "1"}).status_code == 302
    assert relations_of(SYSTEM, lin).lines == []
    assert "Tied to nobody yet" in client.get(f"/customers/{lin}/relations").content.decode()


def test_the_page_of_an_organisation_shows_what_stands_above_and_below_it(road: Road3) -> None:
    known = settle_all(road)
    tell(road, "crm", "east", kind="organisation", day=1, relations=[tie("head", "subsidiary_of")])
    tell(road, "crm", "shop", kind="organisation", day=1, relations=[tie("east", "branch_of")])
    road.settle()
    client = signed_in("auditor")
    page = client.get(f"/organisations/{known['east']}").content.decode()
    assert "parent company" in page
    assert "branch office" in page
    assert "relations/say" not in page
    listed = client.get("/organisations").content.decode()
    assert all(f"/organisations/{known[key]}" in listed for key in ("head", "east", "shop"))
    assert str(known["lin"]) not in listed
    assert client.get(f"/organisations/{known['lin']}").status_code == 404


def test_hostile_input_is_shown_as_text_or_refused(road: Road3) -> None:
    known = settle_all(road)
    client = signed_in("steward")
    say = f"/customers/{known['lin']}/relations/say"
    for text in HOSTILE:
        assert client.get("/organisations", {"q": text, "after": text, "id": text}).status_code in (200, 422)
        assert client.get(f"/customers/{known['lin']}/relations", {"after": text, "id": UUID(int=1)}).status_code in (
            200,
            422,
        )
        assert client.get(say, {"q": text, "other": text, "tie": text}).status_code == 200
        typed = {"tie": text, "role": text, "since": text, "until": text}
        assert client.post(f"{say}?other={known['head']}", typed).status_code == 422
    assert client.post(f"{say}?other={UUID(int=5)}", {"deny": "1"}).status_code == 404
    assert relations_of(SYSTEM, known["lin"]).lines == []
    script = {"tie": "contact_of/left", "role": "<script>alert(1)</script>"}
    assert client.post(f"{say}?other={known['head']}", script).status_code == 302
    assert "<script>alert(1)" not in client.get(f"/customers/{known['lin']}/relations").content.decode()


def test_a_strict_partner_sees_neither_people_nor_orders_that_are_not_theirs(road: Road3) -> None:
    known = settle_all(road)
    tell(road, "crm", "lin", day=1, relations=[tie("head", "contact_of", role="采购经理")])
    road.settle()
    client = signed_in("partner")
    assert client.get(f"/organisations/{known['head']}").status_code == 404
    assert client.get(f"/customers/{known['lin']}/relations").status_code == 404
    assert "采购经理" not in client.get("/organisations").content.decode()
    assert client.post(f"/customers/{known['lin']}/relations/say").status_code == 403
