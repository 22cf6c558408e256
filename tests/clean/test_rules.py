"""What each kind of rule does to a touch, what a set refuses, and that hostile rules cost nobody anything."""

import time
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.clean.canonical_records import touches_of_record
from kehu.clean.rules.applying import apply_rules
from kehu.clean.rules.compiled import BadRules, compile_rules
from kehu.clean.rules.rule import (
    AllowedValues,
    Condition,
    Deed,
    Derive,
    Flag,
    LookUp,
    NotARuleFile,
    Outcome,
    Pattern,
    Range,
    Required,
    Rule,
    RuleSet,
    Step,
    Transform,
    read_rules,
    write_rules,
)
from kehu.clean.rules.steps import OPERATIONS, read_steps, write_steps
from kehu.clean.touches import Finding, Rejected, Touch
from kehu.clean.values import CleanContext

CONTEXT = CleanContext(date(2026, 3, 1), b"key")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def touch_of(kind: str = "person", **attributes: str | None) -> Touch:
    body = {"external_id": "c1", "kind": kind, "attributes": attributes}
    [touch] = touches_of_record(msgspec.json.encode(body), "crm", NOON, CONTEXT)
    return touch


def rule(does: Deed, outcome: Outcome = Outcome.MARK, key: str = "r", **fields: Any) -> Rule:
    return Rule(key, key, does, outcome, **fields)


def run(rules: Rule | list[Rule], touch: Touch, source: str = "crm") -> Touch:
    compiled = compile_rules(RuleSet((rules,) if isinstance(rules, Rule) else tuple(rules)))
    return apply_rules(compiled.of(source), touch, source, CONTEXT)


def effects(touch: Touch) -> list[tuple[str, str]]:
    return [(finding.effect, finding.attribute) for finding in touch.findings]


@pytest.mark.parametrize(
    ("does", "fits", "fails"),
    [
        pytest.param(
            Pattern("phone", r"\+861\d{10}"), {"phone": "13800131234"}, {"phone": "+4915112345678"}, id="pattern"
        ),
        pytest.param(
            Range("birth_date", "1900-01-01", "today"),
            {"birth_date": "1988-06-17"},
            {"birth_date": "1890-01-02"},
            id="dates",
        ),
        pytest.param(Range("score", "0", "100"), {"score": "100"}, {"score": "100.5"}, id="numbers"),
        pytest.param(Range("score", "0"), {"score": "7"}, {"score": "many"}, id="no number"),
        pytest.param(AllowedValues("level", ("金", "银")), {"level": "金"}, {"level": "铜"}, id="values"),
        pytest.param(
            AllowedValues("level", ("Gold",)), {"level": "ＧＯＬＤ"}, {"level": "gold!"}, id="values, odd letters"
        ),
        pytest.param(
            Condition('a.city != "上海" || a.phone.startsWith("+86")', "phone"),
            {"city": "上海", "phone": "13800131234"},
            {"city": "上海", "phone": "+4915112345678"},
            id="cross-field",
        ),
        pytest.param(
            Condition("size(a.name) > 1", "name"), {"name": "张伟"}, {"name": "伟"}, id="length in characters"
        ),
        pytest.param(
            Flag('a.nickname.contains("刷单")', "nickname"), {"nickname": "小张"}, {"nickname": "刷单 8 号"}, id="flag"
        ),
        pytest.param(Required("phone"), {"name": "张伟", "phone": "13800131234"}, {"name": "张伟"}, id="required"),
    ],
)
def test_a_check_lets_pass_what_fits_and_marks_what_does_not(does: Deed, fits: Any, fails: Any) -> None:
    assert run(rule(does), touch_of(**fits)).findings == ()
    failed = run(rule(does), touch_of(**fails))
    assert [finding.rule for finding in failed.findings] == ["r"]
    assert failed.attributes == touch_of(**fails).attributes, "marking changes no value"


def test_what_becomes_of_a_value_that_fails_is_the_stewards_choice() -> None:
    foreign = touch_of(name="张伟", phone="+4915112345678")
    check = Pattern("phone", r"\+86.*")
    marked = run(rule(check), foreign)
    assert marked.identifiers == foreign.identifiers
    distrusted = run(rule(check, Outcome.DISTRUST), foreign)
    assert distrusted.attributes["phone"].flags == ("invalid",)
    assert distrusted.identifiers == (), "what is distrusted is no evidence for a match"
    dropped = run(rule(check, Outcome.DROP), foreign)
    assert ("phone" in dropped.attributes, dropped.identifiers) == (False, ())
    assert dropped.findings == (Finding("r", "dropped", "phone", "+4915112345678"),)
    with pytest.raises(Rejected) as held:
        run(rule(check, Outcome.QUARANTINE), foreign)
    assert held.value.code == "rule:r"
    assert "4915112345678" not in str(held.value), "the reason names the rule, never a person's value"


def test_a_changed_value_goes_the_way_of_every_value_and_takes_its_identifier_along() -> None:
    said = touch_of(phone="138 0013 1234 转 9")
    mended = run(rule(Transform("phone", read_steps("replace \\s*转.* => "))), touch_of(phone="1380013123"))
    assert mended == touch_of(phone="1380013123"), "a rule that leaves a value as it was did nothing"
    dialled = run(rule(Transform("nickname", read_steps("upper\nprefix VIP-"))), touch_of(nickname="lin"))
    assert dialled.attributes["nickname"].v == "VIP-LIN"
    assert dialled.findings == (Finding("r", "changed", "nickname", "lin"),)
    other = run(rule(LookUp("phone", {"+8613800131234": "13900139000"})), touch_of(phone="13800131234"))
    assert [(one.type, one.value) for one in other.identifiers] == [("phone", "+8613900139000")]
    assert said.kind == "person"


def test_each_rule_sees_what_those_before_it_left() -> None:
    rules = [
        rule(LookUp("city", {"沪": "上海"}), key="standard"),
        rule(Derive("language", 'a.city == "上海" ? "zh" : ""'), key="derive"),
        rule(AllowedValues("city", ("上海",)), key="check"),
    ]
    done = run(rules, touch_of(city="沪"))
    assert (done.attributes["city"].v, done.attributes["language"].v) == ("上海", "zh")
    assert done.attributes["language"].flags == ("derived",)
    assert [finding.rule for finding in done.findings] == ["standard", "derive"]
    assert "check" in [finding.rule for finding in run(rules[::-1], touch_of(city="沪")).findings]


def test_a_look_up_table_keeps_what_it_does_not_know_unless_it_is_complete() -> None:
    table = {"沪": "上海"}
    assert run(rule(LookUp("city", table)), touch_of(city="苏州")).findings == ()
    assert run(rule(LookUp("city", table, is_complete=True)), touch_of(city="上海")).findings == ()
    assert effects(run(rule(LookUp("city", table, is_complete=True)), touch_of(city="苏州"))) == [("marked", "city")]


def test_a_derivation_fills_a_gap_and_overwrites_only_when_told_to() -> None:
    derive = Derive("language", '"zh"')
    assert run(rule(derive), touch_of(language="en")).attributes["language"].v == "en"
    assert run(rule(derive), touch_of(language=None)).attributes == {}, "taken back on purpose"
    forced = run(rule(Derive("language", '"zh"', overwrites=True)), touch_of(language="en"))
    assert forced.attributes["language"].v == "zh"


def test_a_rule_holds_where_its_scope_says() -> None:
    check = Required("phone")
    person, company = touch_of(name="张伟"), touch_of("organisation", name="远恒科技")
    assert run(rule(check, sources=("shop",)), person).findings == ()
    assert effects(run(rule(check, sources=("crm",)), person)) == [("missing", "phone")]
    assert run(rule(check, record_kinds=("person",)), company).findings == ()
    assert run(rule(check, is_on=False), person).findings == ()
    assert run(rule(check, when='has(a.city) && a.city == "上海"'), person).findings == ()
    assert effects(run(rule(check, when='a.name == "张伟"'), person)) == [("missing", "phone")]


def test_an_event_without_a_word_on_the_record_misses_nothing() -> None:
    event = {"key": "e", "name": "Visited", "kind": "behaviour", "occurred_at": NOON.isoformat()}
    body = msgspec.json.encode({"external_id": "c1", "events": [event]})
    [touch] = touches_of_record(body, "crm", NOON, CONTEXT)
    assert run(rule(Required("phone")), touch).findings == ()
    assert effects(run(rule(Flag('"Visited" in events')), touch)) == [("marked", "")]


def test_an_expression_over_what_was_not_said_is_silent_and_one_that_breaks_is_told() -> None:
    assert run(rule(Condition('a.email != ""', "email")), touch_of(name="张伟")).findings == ()
    assert effects(run(rule(Condition("int(a.score) > 3", "score")), touch_of(score="many"))) == [("error", "score")]


BROKEN = [
    (Pattern("phone", "("), "pattern", "pattern_syntax"),
    (Pattern("phone", "(?=x)"), "pattern", "pattern_syntax"),
    (Pattern("phone", ""), "pattern", "pattern_empty"),
    (Pattern("phone", "a" * 501), "pattern", "pattern_too_long"),
    (Pattern("phone", "((a{100}){100}){100}"), "pattern", "pattern_syntax"),
    (Pattern("Phone; DROP TABLE", "x"), "attribute", "attribute_form"),
    (Pattern("id_number", "x"), "attribute", "attribute_hashed"),
    (Range("score"), "least", "range_open"),
    (Range("score", "low"), "least", "range_end"),
    (Range("score", "9", "1"), "least", "range_reversed"),
    (AllowedValues("level", ()), "values", "values_empty"),
    (AllowedValues("level", tuple(map(str, range(2001)))), "values", "values_many"),
    (Condition("a.phone =="), "expression", "expression_syntax"),
    (Condition("phone == ''"), "expression", "expression_syntax"),
    (Condition("a.phone"), "expression", "expression_answer"),
    (Condition(" "), "expression", "expression_empty"),
    (Condition("(" * 500 + "true" + ")" * 500), "expression", "expression_nested"),
    (Condition("!" * 5000 + "true"), "expression", "expression_too_long"),
    (Condition("a.x == '\ud800'"), "expression", "expression_syntax"),
    (Derive("city", "1 + 1"), "expression", "expression_answer"),
    (Transform("city", ()), "steps", "steps_empty"),
    (Transform("city", (Step("exec"),)), "steps", "step_unknown"),
    (Transform("city", (Step("replace"),)), "steps", "step_empty"),
    (Transform("city", (Step("replace", "(a)", r"\2"),)), "steps", "step_group"),
    (Transform("city", (Step("trim"),) * 21), "steps", "steps_many"),
    (LookUp("city", {}), "table", "table_empty"),
]


@pytest.mark.parametrize(
    ("does", "field", "code"), BROKEN, ids=[f"{code} {n}" for n, (_, _, code) in enumerate(BROKEN)]
)
def test_a_rule_that_cannot_work_is_refused_with_the_place_and_the_reason(does: Deed, field: str, code: str) -> None:
    with pytest.raises(BadRules) as refused:
        compile_rules(RuleSet((rule(does, key="mine"),)))
    assert [(problem.rule, problem.field, problem.code) for problem in refused.value.problems] == [
        ("mine", field, code)
    ]


def test_a_bad_expression_is_told_by_its_character() -> None:
    with pytest.raises(BadRules) as refused:
        compile_rules(RuleSet((rule(Condition("a.name == b.name")),)))
    assert refused.value.problems[0].detail.startswith("12: ")


def test_every_problem_of_a_set_is_told_at_once_also_of_rules_that_are_off() -> None:
    rules = [rule(Pattern("phone", "("), key="a"), rule(Required("x"), key="a"), rule(Range("y"), key="b", is_on=False)]
    with pytest.raises(BadRules) as refused:
        compile_rules(RuleSet(tuple(rules)))
    assert [problem.code for problem in refused.value.problems] == ["key_twice", "pattern_syntax", "range_open"]


@pytest.mark.parametrize(
    ("does", "outcome"),
    [
        (Required("phone"), Outcome.DROP),
        (Condition("true"), Outcome.DISTRUST),
        (Transform("city", (Step("trim"),)), Outcome.QUARANTINE),
        (LookUp("city", {"a": "b"}), Outcome.DROP),
    ],
)
def test_an_outcome_that_means_nothing_for_a_rule_is_refused(does: Deed, outcome: Outcome) -> None:
    with pytest.raises(BadRules):
        compile_rules(RuleSet((rule(does, outcome),)))


@pytest.mark.parametrize(
    "does",
    [
        Pattern("note", "(a+)+$"),
        Pattern("note", "(.*)*x"),
        Transform("note", (Step("replace", "(a|a)*b", "x"),)),
        Transform("note", (Step("replace", "a", "a" * 400),) * 20),
        Condition('a.note.matches("(a+)+$") || true'),
        Condition("[1,2,3,4,5,6,7,8,9].all(x, " * 6 + "true" + ")" * 6),
        Derive("city", "a.note" + " + a.note" * 25),
    ],
    ids=["nested stars", "stars of stars", "alternatives", "growing text", "in an expression", "nested loops", "sums"],
)
def test_a_hostile_rule_ends_soon_and_keeps_values_short(does: Deed) -> None:
    touch, began = touch_of(note="a" * 1999 + "!"), time.process_time()
    done = run(rule(does), touch)
    assert time.process_time() - began < 5
    assert all(len(value.v) <= 2000 for value in done.attributes.values())


NOT_FILES = [
    b"",
    b"[]",
    b"{",
    b"\xff",
    b'{"rules":[{"key":"a"}]}',
    b'{"rules":[],"format":"kehu.rules/9"}',
    b'{"rules":[],"surprise":1}',
    b'{"rules":' + b"[" * 5000,
    b'{"rules":[{"key":"a","name":"a","does":{"type":"run"}}]}',
    b" " * 2_000_001,
]


@pytest.mark.parametrize("data", NOT_FILES, ids=range(len(NOT_FILES)))
def test_a_file_that_is_no_rule_set_is_refused(data: bytes) -> None:
    with pytest.raises(NotARuleFile):
        read_rules(data)


text = st.text(min_size=1, max_size=8)
names = st.sampled_from(["phone", "city", "name"])
deeds = st.one_of(
    st.builds(Required, names),
    st.builds(AllowedValues, names, st.lists(text, min_size=1, max_size=3).map(tuple)),
    st.builds(LookUp, names, st.dictionaries(text, text, min_size=1, max_size=3), st.booleans()),
    st.builds(Range, names, st.just("1"), st.just("9")),
)
rule_sets = st.lists(deeds, max_size=4).map(
    lambda found: RuleSet(tuple(rule(does, key=f"r{n}", note="注") for n, does in enumerate(found)))
)


@settings(max_examples=60, deadline=None)
@given(rule_sets)
def test_a_set_comes_back_whole_from_its_file(rules: RuleSet) -> None:
    assert read_rules(write_rules(rules)) == rules


@settings(max_examples=80, deadline=None)
@given(rule_sets, st.dictionaries(names, st.text(max_size=12), max_size=3))
def test_running_the_rules_over_what_they_made_changes_nothing_more(rules: RuleSet, attributes: dict[str, str]) -> None:
    compiled = compile_rules(rules).of("crm")
    once = apply_rules(compiled, touch_of(**attributes), "crm", CONTEXT)
    again = apply_rules(compiled, msgspec.structs.replace(once, findings=()), "crm", CONTEXT)
    if len({one.rule.attribute for one in compiled if isinstance(one.does, LookUp)}) == len(
        [one for one in compiled if isinstance(one.does, LookUp)]
    ):  # two tables for one attribute may hand a value to and fro
        assert again.attributes == once.attributes


def test_steps_are_written_as_they_are_read() -> None:
    written = "trim\nupper\nprefix +86\nreplace [ -] => _\nreplace x =>\nremove \\d+"
    assert write_steps(read_steps(written)) == written
    assert {step.op for step in read_steps("\n".join(OPERATIONS))} == set(OPERATIONS)
