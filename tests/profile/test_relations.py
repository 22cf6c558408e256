"""Relations: told by sources and typed by people, with role and dates, through merges, undone merges and rebuilds."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from kehu import inline, rebuild
from kehu.core.errors import InvalidInput, NotFound
from kehu.govern.access import SYSTEM
from kehu.profile.filters.operators import Op
from kehu.profile.filters.tree import Condition, Group, Match
from kehu.profile.queries.lists import count_customers
from kehu.profile.relations.combining import Word, combine
from kehu.profile.relations.graph import above, below, relation_graph
from kehu.profile.relations.kinds import Side
from kehu.profile.relations.lines import Asked, RelationLine
from kehu.profile.relations.queries import relations_of
from kehu.profile.relations.typed import SaidRelation
from kehu.profile.services import merge_customers, unmerge
from tests.pipeline.cast import DAY, Road3, road_of
from tests.pipeline.test_merge_and_unmerge import customer_of

PEOPLE = {"lin": "林晓梅", "chen": "陈国庆"}
COMPANIES = {"head": "远恒智能科技有限公司", "east": "华星物流有限公司", "shop": "万通百货有限公司"}


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def tell(road: Road3, source: str, external: str, *, kind: str = "person", day: int = 0, **said: Any) -> None:
    at = (DAY + timedelta(days=day)).isoformat()
    body = {"external_id": external, "kind": kind, "occurred_at": at, **said}
    road.send([road.message(source, external, body, f"{source}-{external}-{day}-{len(said)}")])


def tie(other: str, kind: str, **said: Any) -> dict[str, Any]:
    return {"other": {"source": "crm", "external_id": other}, "kind": kind, **said}


def settle_all(road: Road3) -> dict[str, UUID]:
    """Two people and three companies, one customer each, by their keys in the CRM."""
    for key, name in PEOPLE.items():
        tell(road, "crm", key, attributes={"name": name})
    for key, name in COMPANIES.items():
        tell(road, "crm", key, kind="organisation", attributes={"name": name})
    road.settle()
    return {key: customer_of(road, key) for key in (*PEOPLE, *COMPANIES)}


def lines(customer: UUID) -> list[tuple[UUID, str, str, str, str]]:
    found = relations_of(SYSTEM, customer).lines
    return [(one.customer_id, one.kind, one.side.value, one.role, str(one.until_on or "")) for one in found]


def only(customer: UUID) -> RelationLine:
    [line] = relations_of(SYSTEM, customer).lines
    return line


def word(number: int, **said: Any) -> Word:
    values: dict[str, Any] = {
        "is_told": True, "source_id": 1, "trust": 50, "said_at": datetime(2026, 1, 1, tzinfo=UTC), "role": "",
        "since_on": None, "until_on": None, "is_denied": False, "detail": {},
    }  # fmt: skip
    return Word(UUID(int=number), UUID(int=99), **{**values, **said})


def test_the_trusted_word_decides_whether_a_tie_holds_and_the_first_who_knows_names_the_role() -> None:
    old = word(1, trust=40, role="采购经理", since_on=date(2020, 5, 1), until_on=date(2024, 1, 1))
    typed = word(2, trust=100)
    found = word(3, is_told=False, trust=0)
    for order in permutations((old, typed, found)):
        tie = combine(order)
        assert (tie.role, tie.since_on, tie.until_on, tie.is_denied) == ("采购经理", date(2020, 5, 1), None, False)
        assert tie.words == (typed, old, found)


def test_what_a_person_denies_is_gone_whatever_sources_and_comparing_say() -> None:
    denied = word(1, trust=100, is_denied=True, role="x")
    tie = combine([word(2, role="采购经理"), denied, word(3, is_told=False)])
    assert (tie.is_denied, tie.role) == (True, "采购经理")


@pytest.mark.parametrize("first_is_later", [False, True])
def test_the_later_word_of_a_source_counts_however_late_it_arrives(road: Road3, first_is_later: bool) -> None:
    known = settle_all(road)
    words = [
        (1, tie("head", "contact_of", role="采购员", since="2021-03-01")),
        (9, tie("head", "contact_of", role="采购经理", since="2021-03-01", until="2025-06-30")),
    ]
    for day, said in sorted(words, reverse=first_is_later):
        tell(road, "crm", "lin", day=day, relations=[said])
        road.settle()
    assert lines(known["lin"]) == [(known["head"], "contact_of", "left", "采购经理", "2025-06-30")]
    assert lines(known["head"]) == [(known["lin"], "contact_of", "right", "采购经理", "2025-06-30")]
    assert only(known["lin"]).is_over


def test_a_daughter_named_by_its_parent_and_a_parent_named_by_its_daughter_are_one_kind(road: Road3) -> None:
    known = settle_all(road)
    tell(road, "crm", "head", kind="organisation", day=1, relations=[tie("east", "parent_of")])
    tell(road, "crm", "shop", kind="organisation", day=1, relations=[tie("east", "branch_of")])
    road.settle()
    assert lines(known["east"]) == [
        (known["shop"], "branch_of", "right", "", ""),
        (known["head"], "subsidiary_of", "left", "", ""),
    ]
    assert [(place.line.customer_id, place.depth) for place in below(SYSTEM, known["head"])] == [
        (known["east"], 1),
        (known["shop"], 2),
    ]
    assert [place.line.customer_id for place in above(SYSTEM, known["shop"])] == [known["east"], known["head"]]
    daughters = relations_of(SYSTEM, known["head"], Asked(("subsidiary_of",), Side.RIGHT)).lines
    assert [one.customer_id for one in daughters] == [known["east"]]
    assert relations_of(SYSTEM, known["head"], Asked(("subsidiary_of",), Side.LEFT)).lines == []


def test_a_household_that_a_source_tells_outlives_the_comparison(road: Road3) -> None:
    known = settle_all(road)
    tell(road, "crm", "lin", day=1, relations=[tie("chen", "household", role="妻子")])
    road.settle()
    tell(road, "crm", "lin", day=2, attributes={"name": "林晓梅", "phone": "13901754826"})
    road.settle()
    assert lines(known["lin"]) == [(known["chen"], "household", "left", "妻子", "")]


def test_a_found_household_says_what_the_two_share(road: Road3) -> None:
    tell(road, "crm", "a", attributes={"name": "张建国", "phone": "13901754826", "gender": "男"})
    tell(road, "shop", "b", attributes={"name": "李秀兰", "phone": "13901754826", "gender": "女"})
    road.settle()
    line = only(customer_of(road, "a"))
    assert (line.kind, line.is_found, line.evidence[0].detail) == (
        "household",
        True,
        {"evidence": [{"what": "phone"}]},
    )


def test_a_typed_tie_is_there_at_once_can_end_and_can_be_denied(road: Road3) -> None:
    known = settle_all(road)
    lin, head = known["lin"], known["head"]
    inline.relate_customers(lin, head, SaidRelation("employee_of", "财务", date(2020, 1, 1)), actor=SYSTEM)
    line = only(lin)
    assert (line.customer_id, line.role, line.is_over, line.evidence[0].source_id) == (
        head,
        "财务",
        False,
        inline.native_source().pk,
    )
    employed = Group(Match.ALL, (Condition("relation", Op.ONE_OF, ("employee_of",)),))
    assert count_customers(SYSTEM, employed).number == 2
    ended = SaidRelation("employee_of", "财务", date(2020, 1, 1), date(2024, 1, 1))
    inline.relate_customers(lin, head, ended, actor=SYSTEM)
    assert only(lin).is_over
    inline.relate_customers(lin, head, SaidRelation("employee_of", is_denied=True), actor=SYSTEM)
    assert relations_of(SYSTEM, lin).lines == []
    assert relations_of(SYSTEM, head).lines == []
    assert count_customers(SYSTEM, employed).number == 0


IMPOSSIBLE = [
    ("head", "lin", SaidRelation("contact_of")),  # turned round
    ("lin", "chen", SaidRelation("branch_of")),  # people as branches
    ("lin", "lin", SaidRelation("household")),  # oneself
    ("lin", "head", SaidRelation("boss_of")),  # no such kind
    ("head", "east", SaidRelation("same_as")),  # only ever found
    ("lin", "head", SaidRelation("contact_of", since=date(2024, 1, 2), until=date(2024, 1, 1))),
    ("lin", "head", SaidRelation("contact_of", role="x" * 101)),
]


def test_a_tie_that_cannot_be_is_refused(road: Road3) -> None:
    known = settle_all(road)
    for left, right, said in IMPOSSIBLE:
        with pytest.raises(InvalidInput):
            inline.relate_customers(known[left], known[right], said, actor=SYSTEM)
    assert relation_rows(road) == []


def test_merging_carries_relations_unmerging_restores_them_and_a_rebuild_makes_the_same(
    road: Road3, kehu_db: Any
) -> None:
    known = settle_all(road)
    lin, chen, head, east = (known[key] for key in ("lin", "chen", "head", "east"))
    tell(road, "crm", "lin", day=1, relations=[tie("head", "contact_of", role="采购经理")])
    road.settle()
    inline.relate_customers(chen, east, SaidRelation("employee_of", "司机"), actor=SYSTEM)
    apart = (lines(lin), lines(chen), lines(head), lines(east))
    people = merge_customers(survivor_id=lin, absorbed_id=chen, actor=SYSTEM, reason="test").act_id
    firms = merge_customers(survivor_id=head, absorbed_id=east, actor=SYSTEM, reason="test").act_id
    assert sorted(line[1:4] for line in lines(lin)) == [
        ("contact_of", "left", "采购经理"),
        ("employee_of", "left", "司机"),
    ]
    assert {line[0] for line in lines(lin)} == {head}
    inline.relate_customers(lin, head, SaidRelation("owner_of", "股东"), actor=SYSTEM)
    merged, stored = lines(lin), relation_rows(road)
    generation = rebuild.start(actor_id=None)
    rebuild.build(kehu_db.dsn("migrate"), generation)
    rebuild.swap(kehu_db.dsn("migrate"), generation)
    assert (relation_rows(road), lines(lin)) == (stored, merged)
    unmerge(firms, actor=SYSTEM, reason="no")
    unmerge(people, actor=SYSTEM, reason="no")
    typed_since = (head, "owner_of", "left", "股东", "")
    assert [line for line in lines(lin) if line != typed_since] == apart[0]
    assert (lines(chen), lines(east)) == (apart[1], apart[3])
    assert typed_since in lines(lin), "what was typed while they were one stays with the survivors"


def relation_rows(road: Road3) -> list[tuple[Any, ...]]:
    return road.connection.execute(
        "SELECT left_id, right_id, kind, basis, source_id, said_at, role, since_on, until_on, is_denied, detail::text "
        "FROM profile_relation ORDER BY 1, 2, 3, 4"
    ).fetchall()


def test_the_graph_reaches_two_steps_and_says_when_it_was_cut(road: Road3) -> None:
    known = settle_all(road)
    tell(road, "crm", "lin", day=1, relations=[tie("head", "contact_of")])
    tell(road, "crm", "chen", day=1, relations=[tie("head", "contact_of")])
    tell(road, "crm", "head", kind="organisation", day=1, relations=[tie("east", "branch_of")])
    road.settle()
    graph = relation_graph(SYSTEM, known["lin"])
    assert {(node.id, node.distance) for node in graph.nodes} == {
        (known["lin"], 0),
        (known["head"], 1),
        (known["chen"], 2),
        (known["east"], 2),
    }
    assert {(edge.left_id, edge.right_id, edge.kind) for edge in graph.edges} == {
        (known["lin"], known["head"], "contact_of"),
        (known["chen"], known["head"], "contact_of"),
        (known["head"], known["east"], "branch_of"),
    }
    assert graph.is_whole
    cut = relation_graph(SYSTEM, known["lin"], most=3)
    assert (len(cut.nodes), cut.is_whole) == (3, False)


def test_relations_come_in_pages(road: Road3) -> None:
    known = settle_all(road)
    for key in PEOPLE:
        tell(road, "crm", key, day=1, relations=[tie("head", "contact_of")])
    road.settle()
    first = relations_of(SYSTEM, known["head"], limit=1)
    second = relations_of(SYSTEM, known["head"], after=first.next, limit=1)
    assert [one.customer_id for one in (*first.lines, *second.lines)] == [known["chen"], known["lin"]]
    assert second.next is None


def test_nobody_learns_of_the_relations_of_a_customer_there_is_not(road: Road3) -> None:
    with pytest.raises(NotFound):
        relations_of(SYSTEM, UUID(int=7))
