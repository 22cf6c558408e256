"""Tags are given by people or by rule, with value, time and source; they follow merges and are answered for."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kehu.core.database import Connection, current_connection, set_statements
from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern.access import SYSTEM
from kehu.govern.errors import PermissionDenied
from kehu.profile.figures.definitions import Definition
from kehu.profile.figures.models import ComputedAttribute
from kehu.profile.figures.queries import figures_of, rules
from kehu.profile.figures.services import add_computed, change_rules, remove_computed
from kehu.profile.filters.compiler import compile_filter
from kehu.profile.filters.tree import filter_from
from kehu.profile.tags.queries import tag_tree, tags_of
from kehu.profile.tags.rules import run_rule, run_rules
from kehu.profile.tags.services import retire_tag, save_tag, tag_customer, untag_customer
from tests.cast import make_actor, make_customer, make_department
from tests.profile.figures_cast import buy, define, happen, record_of, work_all

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BUYERS = {"conditions": [{"field": "computed.bought", "op": "at_least", "values": ["2"]}]}


class SetStatements:
    """Django's connection, in sets for one statement at a time: between them Django uses it its own way."""

    def execute(self, *statement: Any) -> Any:
        with set_statements(current_connection()) as connection:
            return connection.execute(*statement)


@pytest.fixture
def connection(db: None) -> Any:
    return SetStatements()


def make_tag(slug: str = "vip", **fields: Any) -> None:
    terms = {"label_en": slug, "label_zh": slug, "tag_class": "value", **fields}
    save_tag(slug, actor=SYSTEM, **terms)


def carried(customer: UUID) -> list[tuple[str, str, str]]:
    return [(one.slug, one.value, one.source) for one in tags_of(SYSTEM, customer)]


def found_by(condition: dict[str, Any], actor: Any = SYSTEM) -> set[UUID]:
    made, _ = compile_filter(actor, filter_from(condition))
    with current_connection().cursor() as cursor:
        cursor.execute(f"SELECT c.id FROM profile_customer c WHERE {made.text}", made.parameters)
        return {row["id"] if isinstance(row, dict) else row[0] for row in cursor.fetchall()}


def asks(field: str, op: str, *values: str) -> dict[str, Any]:
    return {"conditions": [{"field": field, "op": op, "values": list(values)}]}


def test_a_tag_is_given_with_a_value_and_another_value_ends_the_one_before(db: None) -> None:
    customer = make_customer()
    make_tag("size")
    tag_customer(customer, "size", actor=SYSTEM, value="M")
    tag_customer(customer, "size", actor=SYSTEM, value="M")
    tag_customer(customer, "size", actor=SYSTEM, value="L", reason="grew")
    assert carried(customer) == [("size", "L", "manual")]
    history = tags_of(SYSTEM, customer, with_history=True)
    assert [(one.value, one.until is None) for one in history] == [("L", True), ("M", False)]
    untag_customer(customer, "size", actor=SYSTEM)
    assert carried(customer) == []
    with pytest.raises(NotFound):
        untag_customer(customer, "size", actor=SYSTEM)


def test_a_rule_gives_and_takes_and_tells_when(connection: Connection) -> None:
    often, once = make_customer("王芳"), make_customer("李静")
    define(Definition("bought", "orders", "count"))
    make_tag("regular", rule=BUYERS)
    buy(connection, [(record_of(one), str(n), NOW, Decimal(5)) for n, one in enumerate((often, often, once))])
    work_all(connection, NOW)
    assert run_rules() == 1
    assert (carried(often), carried(once)) == ([("regular", "", "rule")], [])
    assert run_rules() == 0
    connection.execute("UPDATE profile_order SET status = 'cancelled' WHERE number = '0'")
    work_all(connection, NOW)
    assert run_rules() == 1
    assert carried(often) == []
    assert [one.until is None for one in tags_of(SYSTEM, often, with_history=True)] == [False]
    with pytest.raises(InvalidInput, match="tag"):
        tag_customer(once, "regular", actor=SYSTEM)


def test_tags_follow_a_record_through_merge_and_unmerge(connection: Connection) -> None:
    one, other = make_customer("王芳"), make_customer("李静")
    make_tag("vip")
    tag_customer(other, "vip", actor=SYSTEM)
    connection.execute("UPDATE resolve_recordcustomer SET customer_id = %s WHERE customer_id = %s", (one, other))
    assert carried(one) == [("vip", "", "manual")]
    connection.execute(
        "UPDATE resolve_recordcustomer SET customer_id = %s WHERE record_id = %s", (other, record_of(other))
    )
    assert (carried(one), carried(other)) == ([], [("vip", "", "manual")])


def test_who_carries_a_tag_carries_those_above_it_in_every_list(db: None) -> None:
    customer, nobody = make_customer("王芳"), make_customer("李静")
    make_tag("east", tag_class="region")
    make_tag("shanghai", tag_class="region", parent="east")
    tag_customer(customer, "shanghai", actor=SYSTEM)
    assert found_by(asks("tag", "one_of", "east")) == {customer}
    assert found_by(asks("tag", "none_of", "east")) == {nobody}
    assert found_by(asks("tag", "empty")) == {nobody}
    lines = [(line.tag.slug, line.depth, line.carriers) for line in tag_tree(SYSTEM)]
    assert lines == [("east", 0, 0), ("shanghai", 1, 1)]


def test_retiring_a_tag_ends_it_and_keeps_its_history(db: None) -> None:
    customer = make_customer()
    make_tag("vip")
    tag_customer(customer, "vip", actor=SYSTEM)
    assert retire_tag("vip", actor=SYSTEM) == 1
    assert carried(customer) == []
    assert len(tags_of(SYSTEM, customer, with_history=True)) == 1
    assert tag_tree(SYSTEM) == []
    with pytest.raises(InvalidInput):
        tag_customer(customer, "vip", actor=SYSTEM)


@pytest.mark.parametrize(
    ("slug", "fields", "field"),
    [
        ("Vip", {}, "slug"),
        ("a" * 51, {}, "slug"),
        ("vip", {"tag_class": "mood"}, "tag_class"),
        ("vip", {"label_zh": " "}, "label_zh"),
        ("vip", {"label_en": "x" * 61}, "label_en"),
        ("vip", {"parent": "nothing"}, "parent"),
        ("vip", {"owner_id": 0}, "owner_id"),
        ("vip", {"rule": "{not json"}, "filter"),
        ("vip", {"rule": asks("shoe", "is", "42")}, "filter"),
        ("vip", {"rule": asks("tag", "one_of", "vip")}, "rule"),
    ],
)
def test_a_tag_that_cannot_be_is_refused_by_field(db: None, slug: str, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_tag(slug, **fields)
    assert refused.value.field == field


def test_a_tag_cannot_stand_below_itself_and_stale_changes_are_refused(db: None) -> None:
    make_tag("a")
    make_tag("b", parent="a")
    with pytest.raises(InvalidInput):
        make_tag("a", parent="b", version=1)
    with pytest.raises(VersionConflict):
        make_tag("a", version=7)


def test_lists_ask_for_figures_and_partners_get_no_answer_from_them(connection: Connection) -> None:
    buyer, viewer = make_customer("王芳"), make_customer("李静")
    define(Definition("bought", "orders", "count"), Definition("saw", "events", "last", "product"))
    buy(connection, [(record_of(buyer), "1", NOW, Decimal(5))])
    happen(connection, [(record_of(viewer), "Product Viewed", NOW, {"product": "奶瓶"})])
    work_all(connection, NOW)
    assert found_by(asks("lifecycle", "one_of", "potential")) == {viewer}
    assert found_by(asks("lifecycle", "none_of", "potential")) == {buyer}
    assert found_by(asks("computed.bought", "at_most", "0")) == {viewer}
    assert found_by(asks("computed.saw", "contains", "奶")) == {viewer}
    partner = make_actor("partner", make_department())
    assert found_by(asks("computed.bought", "at_least", "0"), partner) == set()
    assert figures_of(partner, buyer).computed == []
    told = {line.name: line.value for line in figures_of(SYSTEM, buyer).computed}
    assert told == {"bought": 1, "saw": None}


def test_a_text_a_property_brought_is_masked_like_the_property(connection: Connection) -> None:
    customer = make_customer()
    define(Definition("called_from", "events", "last", "phone"))
    happen(connection, [(record_of(customer), "Call Received", NOW, {"phone": "13800138000"})])
    work_all(connection, NOW)
    [line] = figures_of(make_actor("agent"), customer).computed
    assert line.value == "138****8000"


def test_rules_and_definitions_are_a_steward_s(db: None) -> None:
    rep, steward = make_actor("rep", make_department()), make_actor("steward")
    kept = rules(steward)
    terms: dict[str, Any] = {"lifecycle": {"active_days": 10}, "rating": {}, "version": kept.version}
    with pytest.raises(PermissionDenied):
        change_rules(actor=rep, **terms)
    with pytest.raises(PermissionDenied):
        add_computed(Definition("n", "events", "count"), label_en="n", label_zh="n", actor=rep)
    with pytest.raises(PermissionDenied):
        save_tag("x", actor=rep, label_en="x", label_zh="x", tag_class="value")
    change_rules(actor=steward, **terms)
    assert rules(steward).lifecycle.active_days == 10
    with pytest.raises(VersionConflict):
        change_rules(actor=steward, **terms)


def test_what_a_formula_names_cannot_be_taken_away(db: None) -> None:
    add_computed(Definition("n", "events", "count"), label_en="n", label_zh="n", actor=SYSTEM)
    add_computed(Definition("twice", "figures", formula="n * 2.0"), label_en="t", label_zh="t", actor=SYSTEM)
    with pytest.raises(InvalidInput, match="twice"):
        remove_computed("n", actor=SYSTEM)
    remove_computed("twice", actor=SYSTEM)
    remove_computed("n", actor=SYSTEM)
    assert not ComputedAttribute.objects.exists()


def test_a_rule_whose_field_is_gone_changes_nothing(connection: Connection) -> None:
    customer = make_customer()
    define(Definition("bought", "orders", "count"))
    make_tag("regular", rule=BUYERS)
    ComputedAttribute.objects.all().delete()
    assert run_rules() == 0
    with pytest.raises(InvalidInput):
        run_rule(tag_tree(SYSTEM)[0].tag.pk)
    assert carried(customer) == []
