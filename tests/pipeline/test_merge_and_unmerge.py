"""Merging changes one mapping; unmerging gives every record back; people's decisions outlive every run."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kehu.core.errors import NotFound
from kehu.govern.access import SYSTEM
from kehu.govern.errors import PermissionDenied
from kehu.pipeline import Road
from kehu.profile import queries
from kehu.profile.errors import NotMergedThere, SameCustomer
from kehu.profile.services import decide_pair, merge_customers, pin_value, split_records, unmerge
from kehu.resolve.models import RecordCustomer
from tests.cast import make_actor
from tests.pipeline.cast import DAY, Road3, road_of

REASON = "same person, says the shop"


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def say(road: Road3, source: str, external: str, **attributes: str) -> UUID:
    """One record; returns its customer."""
    body = {"external_id": external, "occurred_at": DAY.isoformat(), "attributes": attributes}
    road.send([road.message(source, external, body, f"{source}-{external}-{len(attributes)}")])
    road.settle()
    return customer_of(road, external)


def customer_of(road: Road3, external: str) -> UUID:
    row = road.connection.execute(
        "SELECT m.customer_id FROM resolve_sourcerecord r JOIN resolve_recordcustomer m ON m.record_id = r.id "
        "WHERE r.external_id = %s",
        (external,),
    ).fetchone()
    assert row is not None
    customer: UUID = row[0]
    return customer


def owners() -> dict[UUID, UUID]:
    return dict(RecordCustomer.objects.values_list("record_id", "customer_id"))


def two_strangers(road: Road3) -> tuple[UUID, UUID]:
    shop = say(road, "shop", "s1", name="林晓梅", email="lin@example.org")
    desk = say(road, "crm", "c1", name="陈国庆", phone="13585607319")
    assert shop != desk
    return shop, desk


def test_the_same_phone_and_name_in_two_systems_is_one_customer(road: Road3) -> None:
    assert say(road, "crm", "a", name="欧阳晓明", phone="13901754826") == say(
        road, "shop", "b", name="歐陽曉明", phone="+86 139-0175-4826"
    )


def test_a_shared_phone_with_different_names_relates_but_does_not_merge(road: Road3) -> None:
    husband = say(road, "crm", "a", name="张建国", phone="13901754826", gender="男")
    wife = say(road, "shop", "b", name="李秀兰", phone="13901754826", gender="女")
    assert husband != wife
    view = queries.customer_view(SYSTEM, husband)
    assert [(line.customer_id, line.kind) for line in view.relations] == [(wife, "household")]


def test_unmerge_gives_each_source_record_back_to_the_customer_it_came_from(road: Road3) -> None:
    shop, desk = two_strangers(road)
    before = owners()
    receipt = merge_customers(survivor_id=shop, absorbed_id=desk, actor=SYSTEM, reason=REASON)
    assert set(owners().values()) == {shop}
    unmerge(receipt.act_id, actor=SYSTEM, reason="two people after all")
    assert owners() == before


def test_a_merged_id_leads_to_its_successor_and_an_unmerge_gives_it_back(road: Road3) -> None:
    shop, desk = two_strangers(road)
    receipt = merge_customers(survivor_id=shop, absorbed_id=desk, actor=SYSTEM, reason=REASON)
    assert queries.current_customer(SYSTEM, desk) == (shop, desk)
    unmerge(receipt.act_id, actor=SYSTEM, reason="no")
    assert queries.current_customer(SYSTEM, desk) == (desk, None)


def test_the_younger_customer_can_be_the_survivor(road: Road3) -> None:
    shop, desk = two_strangers(road)
    merge_customers(survivor_id=desk, absorbed_id=shop, actor=SYSTEM, reason=REASON)
    assert set(owners().values()) == {desk}
    say(road, "shop", "s1", name="林晓梅", email="lin@example.org", city="上海")
    assert set(owners().values()) == {desk}, "a later message about a member must not undo the decision"


def test_a_merge_cannot_be_undone_twice(road: Road3) -> None:
    shop, desk = two_strangers(road)
    receipt = merge_customers(survivor_id=shop, absorbed_id=desk, actor=SYSTEM, reason=REASON)
    unmerge(receipt.act_id, actor=SYSTEM, reason="no")
    with pytest.raises(NotMergedThere):
        unmerge(receipt.act_id, actor=SYSTEM, reason="no")


def test_a_customer_is_not_merged_with_itself(road: Road3) -> None:
    shop, _ = two_strangers(road)
    with pytest.raises(SameCustomer):
        merge_customers(survivor_id=shop, absorbed_id=shop, actor=SYSTEM, reason=REASON)


def test_who_may_not_merge_changes_nothing(road: Road3) -> None:
    shop, desk = two_strangers(road)
    before = owners()
    with pytest.raises((PermissionDenied, NotFound)):
        merge_customers(survivor_id=shop, absorbed_id=desk, actor=make_actor("marketer"), reason=REASON)
    assert owners() == before


def test_records_split_off_an_automatic_merge_stay_apart(road: Road3) -> None:
    customer = say(road, "crm", "a", name="欧阳晓明", phone="13901754826")
    assert say(road, "shop", "b", name="欧阳晓明", phone="13901754826") == customer
    [record] = [m.id for m in queries.members_of([customer])[customer] if m.external_id == "b"]
    split_records(customer, [record], actor=SYSTEM, reason="father and son")
    assert customer_of(road, "b") != customer
    say(road, "shop", "b", name="欧阳晓明", phone="13901754826", email="ou@example.org")
    say(road, "till", "t", name="欧阳晓明", phone="13901754826")
    assert customer_of(road, "a") != customer_of(road, "b")


def test_a_pair_called_different_does_not_come_back(road: Road3) -> None:
    unsure = replace(road.road.model, link_probability=1 - 1e-12, review_probability=1e-6)
    road.road = Road(model=unsure)
    say(road, "crm", "a", name="张伟", phone="13901754826")
    say(road, "shop", "b", name="张伟", phone="13901754826")
    assert road.connection.execute("SELECT count(*) FROM resolve_reviewpair").fetchone() == (1,)
    records = sorted(owners())
    decide_pair(records[0], records[1], "different", actor=SYSTEM)
    road.settle()
    assert road.connection.execute("SELECT count(*) FROM resolve_reviewpair").fetchone() == (0,)


def questions(road: Road3) -> list[tuple[UUID, UUID]]:
    return road.connection.execute("SELECT left_id, right_id FROM resolve_reviewpair").fetchall()


def test_two_customers_are_one_question_however_many_records_they_have(road: Road3) -> None:
    road.road = Road(model=replace(road.road.model, link_probability=1 - 1e-3, review_probability=1e-6))
    clerk = {"name": "张伟", "phone": "13901754826", "email": "zhangwei@example.org", "birth_date": "1980-02-11"}
    assert say(road, "crm", "a", **clerk) == say(road, "shop", "b", **clerk)
    son = say(road, "till", "c", name="张伟", phone="13901754826", birth_date="2005-07-30")
    assert son != customer_of(road, "a")
    [(left, right)] = questions(road)
    decide_pair(left, right, "different", actor=SYSTEM)
    road.settle()
    assert questions(road) == []


def test_nobody_is_asked_what_only_one_fact_speaks_for(road: Road3) -> None:
    road.road = Road(model=replace(road.road.model, link_probability=1 - 1e-12, review_probability=1e-6))
    say(road, "crm", "a", name="崔龙", email="cl@example.org")
    say(road, "shop", "b", name="崔龙", phone="13901754826")
    assert road.connection.execute("SELECT reason FROM resolve_link").fetchall() == [("one fact",)]
    assert questions(road) == []


def test_a_pinned_value_wins_over_the_rule_and_survives_a_later_message(road: Road3) -> None:
    customer = say(road, "crm", "a", name="欧阳晓明", phone="13901754826", address="上海市浦东新区世纪大道88号")
    say(road, "till", "b", name="欧阳晓明", phone="13901754826", address="杭州市西湖区文三路1号")
    golden = queries.customer_view(SYSTEM, customer).golden["address"]
    loser = golden.others[0].value
    pin_value(customer, "address", loser, actor=SYSTEM, reason="called")
    say(road, "shop", "c", name="欧阳晓明", phone="13901754826", email="ou@example.org")
    pinned = queries.customer_view(SYSTEM, customer).golden["address"]
    assert (pinned.value, pinned.rule) == (loser, "pin")
