"""A value people blocked identifies nobody: who was one by it alone is two again, and back when it is lifted."""

from collections.abc import Iterator
from typing import Any

import pytest

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern.access import SYSTEM
from kehu.govern.errors import PermissionDenied
from kehu.profile.errors import AlreadyBlocked
from kehu.profile.queries.blocked_values import blocked_values
from kehu.profile.services import block_identifier, unblock_identifier
from tests.cast import make_actor
from tests.pipeline.cast import DAY, Road3, road_of
from tests.pipeline.test_merge_and_unmerge import customer_of

WHY = "the till's own card"


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def two_of_one_card(road: Road3) -> None:
    for source, external, name in (("crm", "c1", "林晓梅"), ("shop", "s1", "陈国庆")):
        body = {
            "external_id": external,
            "occurred_at": DAY.isoformat(),
            "attributes": {"name": name},
            "identifiers": [{"type": "member_id", "value": "M-1"}],
        }
        road.send([road.message(source, external, body, external)])
    road.settle()


def test_blocking_takes_its_bearers_apart_and_lifting_brings_them_back(road: Road3) -> None:
    two_of_one_card(road)
    assert customer_of(road, "c1") == customer_of(road, "s1")
    blocked = block_identifier("member_id", "M-1", actor=SYSTEM, reason=WHY)
    road.settle()
    assert customer_of(road, "c1") != customer_of(road, "s1")
    [line] = blocked_values(SYSTEM)
    assert (line.value, line.bearers, line.reason) == ("M-1", 2, WHY)
    unblock_identifier(blocked, actor=SYSTEM, reason="the card is theirs after all")
    road.settle()
    assert customer_of(road, "c1") == customer_of(road, "s1")
    assert blocked_values(SYSTEM) == []


def test_records_that_come_later_with_a_blocked_value_stay_apart(road: Road3) -> None:
    block_identifier("member_id", "M-1", actor=SYSTEM, reason=WHY)
    two_of_one_card(road)
    assert customer_of(road, "c1") != customer_of(road, "s1")


def test_a_value_is_blocked_in_the_form_the_graph_keeps(db: None) -> None:
    block_identifier("phone", "139 0013 9000", actor=SYSTEM, reason=WHY)
    assert blocked_values(SYSTEM)[0].value == "+8613900139000"
    with pytest.raises(AlreadyBlocked):
        block_identifier("phone", "+86 13900139000", actor=SYSTEM, reason=WHY)


def test_who_sees_phones_masked_sees_blocked_ones_masked(db: None) -> None:
    block_identifier("phone", "13900139000", actor=SYSTEM, reason="call 13900139000 and hear the till")
    [line] = blocked_values(make_actor("auditor"))
    assert "13900139000" not in line.value + line.reason


@pytest.mark.parametrize(
    ("type_", "value", "reason"), [("phone", "x", WHY), ("shoe_size", "42", WHY), ("phone", "13900139000", " ")]
)
def test_what_cannot_be_blocked_is_refused(db: None, type_: str, value: str, reason: str) -> None:
    with pytest.raises(InvalidInput):
        block_identifier(type_, value, actor=SYSTEM, reason=reason)


def test_a_manager_may_look_but_not_block(db: None) -> None:
    manager = make_actor("manager")
    assert blocked_values(manager) == []
    with pytest.raises(PermissionDenied):
        block_identifier("phone", "13900139000", actor=manager, reason=WHY)
    with pytest.raises(NotFound):
        unblock_identifier(7, actor=SYSTEM, reason=WHY)
