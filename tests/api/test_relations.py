"""Relations and organisations over the API: said, seen, ended, drawn; refused where they cannot be."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import Api, api_as
from tests.pipeline.cast import Road3, road_of
from tests.profile.test_relations import settle_all, tell, tie


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def test_a_relation_is_said_seen_from_both_ends_and_ended(road: Road3) -> None:
    known = settle_all(road)
    lin, head = known["lin"], known["head"]
    api: Api = api_as("steward")
    said = {"other": str(head), "kind": "contact_of", "role": "采购经理", "since": "2021-03-01"}
    assert api.post(f"/customers/{lin}/relations", said).status_code == 201
    [line] = api.get(f"/customers/{lin}/relations").json()["items"]
    assert (line["customer_id"], line["side"], line["role"], line["is_over"]) == (str(head), "left", "采购经理", False)
    [person] = api.get(f"/organisations/{head}/people").json()["items"]
    assert (person["customer_id"], person["side"]) == (str(lin), "right")
    graph = api.get(f"/customers/{lin}/relations/graph").json()
    assert [node["id"] for node in graph["nodes"]] == [str(lin), str(head)]
    assert [(edge["left_id"], edge["right_id"]) for edge in graph["edges"]] == [(str(lin), str(head))]
    assert api.get(f"/organisations/{head}").json()["people"] == 1
    end = {"other": str(lin), "kind": "contact_of", "side": "right", "until": "2024-01-01"}
    assert api.post(f"/customers/{head}/relations/end", end).status_code == 200
    [line] = api.get(f"/customers/{lin}/relations").json()["items"]
    assert (line["until"], line["is_over"]) == ("2024-01-01", True)
    listed = {one["id"]: one["people"] for one in api.get("/organisations").json()["items"]}
    assert listed == {str(known[key]): 0 for key in ("head", "east", "shop")}


def test_ending_keeps_what_a_source_says_of_role_and_beginning(road: Road3) -> None:
    known = settle_all(road)
    tell(road, "crm", "lin", day=1, relations=[tie("head", "contact_of", role="采购经理", since="2021-03-01")])
    road.settle()
    end = {"other": str(known["head"]), "kind": "contact_of", "until": "2024-01-01"}
    assert api_as("steward").post(f"/customers/{known['lin']}/relations/end", end).status_code == 200
    [line] = api_as("steward").get(f"/customers/{known['lin']}/relations").json()["items"]
    assert (line["role"], line["since"], line["until"]) == ("采购经理", "2021-03-01", "2024-01-01")


def test_what_cannot_be_is_refused_and_changes_nothing(road: Road3) -> None:
    known = settle_all(road)
    api, at = api_as("steward"), f"/customers/{known['lin']}/relations"
    for body, status in (
        ({"other": str(known["head"]), "kind": "branch_of"}, 422),
        ({"other": str(known["head"]), "kind": "contact_of", "side": "right"}, 422),
        ({"other": str(known["head"]), "kind": "'; DROP TABLE"}, 422),
        ({"other": str(known["head"]), "kind": "contact_of", "role": "x" * 101}, 422),
        ({"other": str(known["head"]), "kind": "contact_of", "role": "\x00"}, 400),
        ({"other": str(UUID(int=3)), "kind": "contact_of"}, 404),
    ):
        assert api.post(at, body).status_code == status, body
    assert api.get(f"{at}?cursor=AAAA").status_code in (400, 422)
    assert api.get(at).json()["items"] == []
    nobody = api_as("executive").post(at, {"other": str(known["head"]), "kind": "contact_of"})
    assert nobody.status_code == 403
    assert api.get(f"/organisations/{known['lin']}").status_code == 404
