"""A steward writes rules on the pages: tried before they are saved, told where they are wrong, kept in versions."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile as Upload
from django.db import transaction
from django.test import Client

from kehu.clean import queries
from kehu.clean.canonical_records import CanonicalRecord, encode_record
from kehu.clean.models import RuleSetVersion
from kehu.clean.rules.rule import LookUp, Outcome, Pattern, Range, Required, Rule, RuleSet, Step, Transform, write_rules
from kehu.clean.services import import_rules, move_rule, put_rule, remove_rule, restore_rules, save_rules, switch_rule
from kehu.collect.inbox import NewMessage, append
from kehu.collect.services import create_source
from kehu.core.database import current_connection, fetch_all
from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern.access import SYSTEM
from kehu.govern.errors import PermissionDenied
from kehu.leader import run_to_quiescence
from kehu.quality.measuring import measure
from kehu.rule_trials import try_rules
from kehu.web import live
from tests.callers import make_client
from tests.cast import make_actor, make_user
from tests.quality.test_quality import TODAY

PHONE = Rule("phone", "电话", Required("phone"))
CITY = Rule("city", "城市", LookUp("city", {"沪": "上海"}))


def send(source: Any, *people: dict[str, Any]) -> None:
    with transaction.atomic():
        append(
            current_connection(),
            [
                NewMessage(
                    source.pk, "record", f"{n}-{said}", encode_record(CanonicalRecord(str(n), attributes=said)), str(n)
                )
                for n, said in enumerate(people)
            ],
        )


@pytest.fixture
def crm(db: None) -> Any:
    source = create_source(kind="crm", name="CRM", slug="crm", is_trusted=True)
    send(source, {"name": "林晓梅", "city": "沪", "phone": "13800131234"}, {"name": "王芳", "city": "苏州"})
    return source


@pytest.fixture
def steward(db: None) -> Iterator[Client]:
    live.forget()
    client = make_client()
    client.force_login(make_user("administrator", language="en"))
    yield client
    live.forget()


def test_every_save_is_a_version_with_author_and_note_and_an_earlier_one_comes_back(crm: Any) -> None:
    actor = make_actor("steward")
    assert put_rule(PHONE, base_version=0, actor=actor, note="calls need it") == 1
    assert put_rule(CITY, base_version=1, actor=actor) == 2
    assert put_rule(CITY, base_version=2, actor=actor) == 2, "saving what there is makes no version"
    assert move_rule("city", places=-1, base_version=2, actor=actor) == 3
    assert [rule.key for rule in queries.rules_in_force(SYSTEM).rules.rules] == ["city", "phone"]
    assert switch_rule("city", is_on=False, base_version=3, actor=actor) == 4
    assert remove_rule("phone", base_version=4, actor=actor) == 5
    assert restore_rules(2, base_version=5, actor=actor) == 6
    assert queries.rules_in_force(SYSTEM).rules == RuleSet((PHONE, CITY))
    lines = queries.rules_versions(SYSTEM)
    assert [(line.version, line.added, line.changed, line.removed) for line in lines] == [
        (6, ("phone",), ("city",), ()),
        (5, (), (), ("phone",)),
        (4, (), ("city",), ()),
        (3, (), (), ()),
        (2, ("city",), (), ()),
        (1, ("phone",), (), ()),
    ]
    assert (lines[-1].note, lines[-1].author_id) == ("calls need it", actor.user_id)


def test_who_saves_over_a_version_they_did_not_see_is_told(crm: Any) -> None:
    save_rules(RuleSet((PHONE,)), base_version=0, actor=SYSTEM)
    with pytest.raises(VersionConflict):
        put_rule(CITY, base_version=0, actor=SYSTEM)
    with pytest.raises(NotFound):
        remove_rule("other", base_version=1, actor=SYSTEM)
    with pytest.raises(NotFound):
        restore_rules(7, base_version=1, actor=SYSTEM)
    with pytest.raises(PermissionDenied):
        put_rule(CITY, base_version=1, actor=make_actor("manager"))
    assert queries.rules_in_force(SYSTEM).rules == RuleSet((PHONE,))


def test_rules_travel_as_a_file(crm: Any) -> None:
    rules = RuleSet((PHONE, CITY, Rule("t", "t", Transform("city", (Step("trim"),)))))
    assert import_rules(write_rules(rules), base_version=0, actor=SYSTEM) == 1
    assert write_rules(queries.rules_in_force(SYSTEM).rules) == write_rules(rules)
    with pytest.raises(InvalidInput, match="rules"):
        import_rules(b'{"rules": 5}', base_version=1, actor=SYSTEM)


def test_a_trial_tells_what_would_change_and_writes_nothing(crm: Any) -> None:
    run_to_quiescence(current_connection())
    tables = ("clean_ruleeffect", "clean_rulefinding", "clean_rulesetversion", "collect_deadletter")
    rules = RuleSet((CITY, PHONE, Rule("hold", "hold", Pattern("city", "[^苏]+"), Outcome.QUARANTINE)))
    trial = try_rules(rules, actor=SYSTEM)
    assert (trial.messages, trial.touches, trial.touches_changed, trial.held_back) == (2, 2, 1, 1)
    assert (trial.by_rule["city"].changed, trial.by_rule["phone"].failed, trial.by_rule["hold"].quarantined) == (
        1,
        1,
        1,
    )
    assert [(one.attribute, one.before, one.after) for one in trial.examples] == [("city", "沪", "上海")]
    assert [fetch_all(f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * 4
    save_rules(rules, base_version=0, actor=SYSTEM)
    same = try_rules(rules, actor=SYSTEM)
    assert (same.touches_changed, same.held_back, same.released) == (0, 0, 0)
    assert try_rules(RuleSet(), actor=SYSTEM).released == 1


def test_a_trial_shows_values_only_to_who_may_see_them_whole(crm: Any) -> None:
    drop = RuleSet((Rule("drop", "drop", Pattern("phone", "x"), Outcome.DROP),))
    assert try_rules(drop, actor=SYSTEM).examples[0].before == "+8613800131234"
    masked = make_actor("steward")
    object.__setattr__(masked, "unmasked", frozenset())
    assert "0013" not in try_rules(drop, actor=masked).examples[0].before
    with pytest.raises(PermissionDenied):
        try_rules(drop, actor=make_actor("auditor"))


FORMS = {
    "required": {},
    "pattern": {"pattern": r"\+861\d{10}"},
    "range": {"least": "1900-01-01", "most": "today"},
    "allowed_values": {"values": "金\n银\n"},
    "condition": {"expression": "has(a.phone)"},
    "flag": {"expression": 'a.name == "x"'},
    "transform": {"steps": "trim\nreplace a => b"},
    "look_up": {"table": "沪 = 上海\nSH=上海", "is_complete": "on"},
    "derive": {"expression": '"zh"', "overwrites": "on"},
}


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_of_rule_is_written_tried_saved_and_comes_back_into_its_form(
    crm: Any, steward: Client, kind: str
) -> None:
    address = f"/rules/new?kind={kind}"
    assert steward.get(address).status_code == 200
    said = {"name": "First Rule", "attribute": "city", "outcome": "mark", "base_version": "0", **FORMS[kind]}
    tried = steward.post(address, {**said, "try": "1"})
    assert tried.status_code == 200
    assert "real message" in tried.content.decode()
    assert not RuleSetVersion.objects.exists()
    saved = steward.post(address, said)
    assert (saved.status_code, saved["Location"]) == (302, "/rules/of/first-rule")
    [rule] = queries.rules_in_force(SYSTEM).rules.rules
    assert rule.kind == kind
    for page in ("/rules", "/rules/of/first-rule", "/rules/versions", "/rules/of/first-rule/remove"):
        assert "First Rule" in steward.get(page).content.decode() or page == "/rules/versions"
    shown = steward.get("/rules/of/first-rule/edit")
    again = {name: value for name, value in shown.context["form"].initial.items() if value not in (None, False)}
    steward.post("/rules/of/first-rule/edit", {**again, "name": "Renamed", "base_version": "1"})
    [renamed] = queries.rules_in_force(SYSTEM).rules.rules
    assert (renamed.name, renamed.key, renamed.does) == ("Renamed", "first-rule", rule.does)


@pytest.mark.parametrize(
    ("kind", "field", "text", "told"),
    [
        ("pattern", "pattern", "(", "RE2 cannot read"),
        ("pattern", "pattern", "(?<=x)", "look-around"),
        ("condition", "expression", "a.city ==", "at character"),
        ("condition", "expression", "(" * 900 + "true" + ")" * 900, "nested"),
        ("derive", "expression", "1 + 1", "a derivation a text"),
        ("range", "least", "low", "neither a number nor a date"),
        ("transform", "steps", "explode", "no step"),
        ("look_up", "table", "no equals sign", "at least one line"),
        ("allowed_values", "values", " \n ", "required"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_written_stays(
    crm: Any, steward: Client, kind: str, field: str, text: str, told: str
) -> None:
    said = {"name": "r", "attribute": "city", "outcome": "mark", "base_version": "0", field: text}
    for button in ({}, {"try": "1"}):
        answer = steward.post(f"/rules/new?kind={kind}", {**said, **button})
        assert answer.status_code == 422
        assert told in " ".join(answer.context["form"].errors[field])
    assert not RuleSetVersion.objects.exists()


def test_a_second_tab_is_told_of_the_first_ones_save(crm: Any, steward: Client) -> None:
    save_rules(RuleSet((PHONE, CITY)), base_version=0, actor=SYSTEM)
    assert steward.post("/rules/of/city/move", {"places": "-1", "base_version": "1"}).status_code == 302
    assert steward.post("/rules/of/city/switch", {"is_on": "0", "base_version": "1"}).status_code == 409
    stale = {"name": "n", "attribute": "phone", "outcome": "mark", "base_version": "1"}
    assert steward.post("/rules/of/phone/edit", stale).status_code == 422
    assert steward.post("/rules/of/city/remove", {"base_version": "x"}).status_code == 422
    assert steward.post("/rules/versions/1/restore", {"base_version": "2"}).status_code == 302
    assert [rule.key for rule in queries.rules_in_force(SYSTEM).rules.rules] == ["phone", "city"]


def test_a_file_is_exported_and_put_in_force_on_the_pages(crm: Any, steward: Client) -> None:
    save_rules(RuleSet((CITY,)), base_version=0, actor=SYSTEM)
    exported = steward.get("/rules/export.json")
    assert json.loads(exported.content)["rules"][0]["key"] == "city"
    save_rules(RuleSet((PHONE,)), base_version=1, actor=SYSTEM)
    file = {"base_version": "2", "file": Upload("rules.json", exported.content)}
    assert "real message" in steward.post("/rules/import", {**file, "try": "1"}).content.decode()
    file["file"] = Upload("rules.json", exported.content)
    assert steward.post("/rules/import", file).status_code == 302
    assert queries.rules_in_force(SYSTEM).rules == RuleSet((CITY,))
    bad = {"base_version": "3", "file": Upload("rules.json", b"[" * 9000)}
    assert steward.post("/rules/import", bad).status_code == 422


@pytest.mark.parametrize("odd", ["%00", "' OR 1=1", "../x", "9" * 300, "%ED%A0%80", "<script>"])
def test_odd_addresses_are_answered_quietly(crm: Any, steward: Client, odd: str) -> None:
    for address in (
        f"/rules/of/{odd}",
        f"/rules/new?kind={odd}",
        f"/rules/export.json?version={odd}",
        f"/quality?source={odd}",
        f"/quality/{crm.pk}/{odd}/validity",
        f"/quality/{crm.pk}/phone/{odd}",
        f"/quality/{crm.pk}/phone/validity?after={odd}",
    ):
        assert steward.get(address).status_code in {200, 400, 404}, address


def test_pages_show_what_rules_did_and_how_good_the_data_is(crm: Any, steward: Client) -> None:
    save_rules(
        RuleSet((CITY, PHONE, Rule("age", "Age", Range("birth_date", "1900-01-01")))), base_version=0, actor=SYSTEM
    )
    run_to_quiescence(current_connection())
    assert "Not measured yet" in steward.get("/quality").content.decode()
    measure(TODAY)
    live.forget()
    rule = steward.get("/rules/of/city").content.decode()
    assert "林晓梅" in rule
    assert "沪" in rule
    quality = steward.get(f"/quality?source={crm.pk}").content.decode()
    assert f"/quality/{crm.pk}/phone/completeness" in quality
    assert "王芳" in steward.get(f"/quality/{crm.pk}/phone/completeness").content.decode()
    assert "Completeness" in steward.get(f"/sources/{crm.pk}").content.decode()
    [(customer,)] = fetch_all("SELECT id FROM profile_customer WHERE display_name = '林晓梅'")
    assert "was 沪" in steward.get(f"/customers/{customer}").content.decode()


def test_measuring_is_asked_for_and_followed_on_the_page(crm: Any, steward: Client) -> None:
    assert steward.post("/quality/measure").status_code == 302
    assert 'id="measuring"' in steward.get("/quality").content.decode()
    assert 'id="measuring"' in steward.get("/quality/progress").content.decode()
