"""What people type goes through the inbox too, and is resolved before they see the answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from kehu import inline
from kehu.core.errors import InvalidInput, VersionConflict
from kehu.govern.access import SYSTEM
from kehu.govern.errors import PermissionDenied
from kehu.profile import queries
from kehu.profile.services import merge_customers, unmerge
from tests.cast import make_actor
from tests.pipeline.cast import DAY, Road3, road_of


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def known_customer(road: Road3) -> Any:
    body = {
        "external_id": "a",
        "occurred_at": DAY.isoformat(),
        "attributes": {"name": "欧阳晓明", "phone": "13901754826"},
    }
    road.send([road.message("crm", "a", body, "m")])
    road.settle()
    [row] = road.connection.execute("SELECT id FROM profile_customer").fetchall()
    return row[0]


def test_a_new_customer_is_there_at_once_and_the_worker_does_not_take_it_in_again(road: Road3) -> None:
    saved = inline.create_customer(actor=SYSTEM, attributes={"name": "林晓梅", "phone": "139 0175 4826"})
    assert saved.is_new
    assert queries.search(SYSTEM, "13901754826") == [saved.customer_id]
    before = road.fingerprint()
    road.settle()
    assert road.fingerprint() == before


def test_typing_in_somebody_we_know_finds_them(road: Road3) -> None:
    known = known_customer(road)
    saved = inline.create_customer(actor=SYSTEM, attributes={"name": "歐陽曉明", "phone": "+86 139-0175-4826"})
    assert (saved.customer_id, saved.is_new) == (known, False)


def test_a_typed_value_wins_and_its_origin_is_on_the_card(road: Road3) -> None:
    known = known_customer(road)
    inline.update_customer(known, actor=SYSTEM, attributes={"address": "上海市浦东新区世纪大道88号"})
    golden = queries.customer_view(SYSTEM, known).golden["address"]
    assert golden.source_id == inline.native_source().pk
    assert "世纪大道" in golden.value


def test_what_was_typed_stays_with_its_customer_through_merge_and_unmerge(road: Road3) -> None:
    known = known_customer(road)
    other = inline.create_customer(actor=SYSTEM, attributes={"name": "陈国庆"}).customer_id
    inline.update_customer(other, actor=SYSTEM, attributes={"city": "杭州"})
    receipt = merge_customers(survivor_id=known, absorbed_id=other, actor=SYSTEM, reason="test")
    assert queries.customer_view(SYSTEM, known).golden["city"].value == "杭州"
    unmerge(receipt.act_id, actor=SYSTEM, reason="test")
    assert "city" not in queries.customer_view(SYSTEM, known).golden
    assert queries.customer_view(SYSTEM, other).golden["city"].value == "杭州"


def test_two_people_editing_one_customer_are_told(road: Road3) -> None:
    known = known_customer(road)
    seen = queries.customer_view(SYSTEM, known).version
    inline.update_customer(known, actor=SYSTEM, attributes={"city": "杭州"}, version=seen)
    with pytest.raises(VersionConflict):
        inline.update_customer(known, actor=SYSTEM, attributes={"city": "宁波"}, version=seen)
    assert queries.customer_view(SYSTEM, known).golden["city"].value == "杭州"


def test_the_same_message_id_twice_adds_nothing(road: Road3) -> None:
    source = inline.native_source()
    for _ in range(2):
        inline.create_customer(
            actor=SYSTEM, attributes={"name": "林晓梅"}, source=source, external_id="x1", message_id="once"
        )
    assert road.fingerprint()["records"] == 1


@pytest.mark.parametrize("attributes", [{}, {"name": "   "}])
def test_a_customer_of_whom_nothing_is_said_is_refused(road: Road3, attributes: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        inline.create_customer(actor=SYSTEM, attributes=attributes)
    assert road.fingerprint()["records"] == 0


def test_who_may_not_create_leaves_nothing_behind(road: Road3) -> None:
    with pytest.raises(PermissionDenied):
        inline.create_customer(actor=make_actor("auditor"), attributes={"name": "林晓梅"})
    assert road.connection.execute("SELECT count(*) FROM collect_inbox").fetchone() == (0,)
