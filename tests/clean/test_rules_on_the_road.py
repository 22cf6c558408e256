"""The rules in force work on what travels the road; a rebuild does the same to what came before them."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kehu import rebuild
from kehu.clean.rules.rule import LookUp, Outcome, Pattern, Required, Rule, RuleSet, write_rules
from kehu.clean.rules.store import RuleBook
from kehu.pipeline import Road
from tests.pipeline.cast import DAY, Road3, road_of

STANDARD_CITY = Rule("city", "城市", LookUp("city", {"沪": "上海"}))
HOLD_BACK = Rule("vip", "会员号", Pattern("nickname", "[^!]*"), Outcome.QUARANTINE)
HAS_PHONE = Rule("phone", "电话", Required("phone"))


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def put_rules(road: Road3, *rules: Rule) -> None:
    """As a save does; the road notices at once instead of within seconds."""
    road.connection.execute(
        "INSERT INTO clean_rulesetversion (version, rules, note) "
        "SELECT coalesce(max(version), 0) + 1, %s::jsonb, '' FROM clean_rulesetversion",
        (write_rules(RuleSet(rules)).decode(),),
    )
    road.road = Road.today()


def say(road: Road3, external: str, *, minute: int = 0, source: str = "crm", **attributes: str) -> None:
    at = DAY.replace(minute=minute).isoformat()
    body = {"external_id": external, "occurred_at": at, "attributes": attributes}
    road.send([road.message(source, external, body, message_id=f"{external}-{minute}-{sorted(attributes.items())}")])
    road.settle()


def rows(road: Road3, query: str) -> list[tuple[Any, ...]]:
    return road.connection.execute(query).fetchall()


def values(road: Road3) -> dict[str, dict[str, str]]:
    found = rows(road, "SELECT external_id, attributes::text FROM resolve_sourcerecord")
    return {key: {name: one["v"] for name, one in msgspec.json.decode(text).items()} for key, text in found}


def findings(road: Road3) -> list[tuple[Any, ...]]:
    return rows(road, "SELECT rule, attribute, effect, was, version FROM clean_rulefinding ORDER BY rule, attribute")


def effects(road: Road3) -> dict[str, tuple[int, ...]]:
    found = rows(
        road, "SELECT rule, sum(seen), sum(changed), sum(failed), sum(quarantined) FROM clean_ruleeffect GROUP BY 1"
    )
    return {rule: tuple(map(int, counts)) for rule, *counts in found}


def test_rules_change_mark_and_hold_back_what_comes_in_and_are_counted_once(road: Road3) -> None:
    say(road, "before", city="沪")
    put_rules(road, STANDARD_CITY, HOLD_BACK, HAS_PHONE)
    say(road, "a", city="沪", phone="13800131234")
    say(road, "b", city="上海")
    say(road, "c", nickname="刷单!")
    assert values(road) == {
        "before": {"city": "沪"},
        "a": {"city": "上海", "phone": "+8613800131234"},
        "b": {"city": "上海"},
    }
    assert findings(road) == [("city", "city", "changed", "沪", 1), ("phone", "phone", "missing", "", 1)]
    assert effects(road) == {"city": (2, 1, 0, 0), "phone": (2, 0, 1, 0), "vip": (2, 0, 0, 1)}
    [(reason, detail)] = rows(road, "SELECT reason, detail FROM collect_deadletter")
    assert reason == "rule:vip"
    assert "会员号" in detail


def test_the_last_word_of_a_record_decides_what_stands_against_it_in_any_order(road: Road3) -> None:
    put_rules(road, HAS_PHONE, STANDARD_CITY)
    say(road, "a", minute=9, city="沪")
    say(road, "a", minute=5, city="沪", name="张伟")
    [(seq_at,)] = rows(road, "SELECT at FROM clean_rulefinding WHERE rule = 'city'")
    assert seq_at.minute == 9, "the earlier word that came in late does not take the place of the later one"


def test_a_rule_of_another_source_costs_nothing_and_does_nothing(road: Road3) -> None:
    put_rules(road, msgspec.structs.replace(HAS_PHONE, sources=("shop",)))
    say(road, "a", name="张伟")
    assert (findings(road), effects(road)) == ([], {})
    say(road, "s", source="shop", name="张伟")
    assert [found[0] for found in findings(road)] == ["phone"]


def test_a_rebuild_replays_history_under_the_rules_of_today_and_counts_nothing(road: Road3, kehu_db: Any) -> None:
    say(road, "a", city="沪", phone="13800131234")
    say(road, "b", nickname="刷单!")
    put_rules(road, STANDARD_CITY, HOLD_BACK)
    generation = rebuild.start(actor_id=None)
    comparison = rebuild.build(kehu_db.dsn("migrate"), generation)
    assert (comparison["before"]["records"], comparison["after"]["records"]) == (2, 1)
    assert comparison["customers_with_other_values"] == 1
    rebuild.swap(kehu_db.dsn("migrate"), generation)
    assert values(road) == {"a": {"city": "上海", "phone": "+8613800131234"}}
    assert [found[:2] for found in findings(road)] == [("city", "city")]
    assert effects(road) == {}


def test_a_rule_an_older_release_took_and_this_one_cannot_use_is_left_out_and_stops_nobody(road: Road3) -> None:
    put_rules(road, Rule("broken", "x", Pattern("city", "(")), STANDARD_CITY)
    say(road, "a", city="沪")
    assert values(road)["a"]["city"] == "上海"


def test_the_rules_are_read_now_and_then_and_not_for_every_window() -> None:
    asked = []

    class Asked:
        def execute(self, query: str) -> "Asked":
            asked.append(query)
            return self

        def fetchone(self) -> None:
            return None

    clock = [0.0]
    book = RuleBook(ttl_seconds=5, clock=lambda: clock[0])
    for second in (0.0, 1.0, 4.0, 6.0):
        clock[0] = second
        book.open_window(Asked())  # type: ignore[arg-type]
    assert len(asked) == 2
