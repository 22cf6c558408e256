"""Tags and values for many customers at once: done, left alone where there is nothing to do, stopped, and undone."""

from uuid import UUID

import pytest

from kehu import bulk_edits, inline
from kehu.core import jobs
from kehu.core.errors import InvalidInput
from kehu.govern.access import Actor, actor_for_user
from kehu.govern.errors import FieldNotWritable
from kehu.govern.models import Role
from kehu.profile.models import BulkAct, Customer
from kehu.profile.queries.lists import ListAsked
from kehu.profile.services import bulk, export
from kehu.profile.tags.models import Tag, TagEntry
from kehu.profile.tags.queries import tags_of
from kehu.profile.tags.services import retire_tag, tag_customer, untag_customer
from tests.callers import make_client
from tests.cast import SYSTEM, make_customer, make_department, make_user


@pytest.fixture
def manager(db) -> Actor:
    return actor_for_user(make_user("manager", make_department("East")))


@pytest.fixture
def crowd(db) -> tuple[UUID, ...]:
    return tuple(make_customer(f"客户{number}") for number in range(4))


@pytest.fixture
def vip(db) -> Tag:
    return Tag.objects.create(slug="vip", label_en="VIP", label_zh="贵宾", tag_class="value")


def act(name: str, parameters: dict[str, str], chosen: tuple[UUID, ...], actor: Actor) -> int:
    number = bulk.start_bulk(name, parameters, bulk.Selection(ids=chosen), actor=actor, reason="spring")
    jobs.run_job_here(BulkAct.objects.get(pk=number).job_id)
    return number


def undo(number: int, actor: Actor) -> dict[str, int]:
    jobs.run_job_here(bulk.undo_bulk(number, actor=actor))
    return bulk.counts_of(bulk.bulk_of(actor, number))


def carried(crowd: tuple[UUID, ...]) -> list[list[tuple[str, str]]]:
    return [sorted((one.slug, one.value) for one in tags_of(SYSTEM, customer)) for customer in crowd]


# -- tags -----------------------------------------------------------------------------------------------------------


def test_a_tag_is_given_to_many_and_taken_back_with_what_it_replaced(crowd, vip, manager):
    tag_customer(crowd[0], "vip", actor=manager, value="gold")
    tag_customer(crowd[1], "vip", actor=manager, value="silver")
    before = carried(crowd)
    number = act("tag.add", {"tag": "vip", "value": "gold"}, crowd, manager)
    assert carried(crowd) == [[("vip", "gold")]] * 4
    assert bulk.counts_of(bulk.bulk_of(manager, number)) == {"done": 3, "skipped": 1}
    assert undo(number, manager) == {"undone": 3, "skipped": 1}
    assert carried(crowd) == before


def test_a_tag_somebody_took_off_since_is_not_taken_again(crowd, vip, manager):
    number = act("tag.add", {"tag": "vip"}, crowd, manager)
    untag_customer(crowd[2], "vip", actor=manager)
    tag_customer(crowd[3], "vip", actor=manager, value="gold")
    assert undo(number, manager) == {"undone": 2, "changed": 2}
    assert carried(crowd) == [[], [], [], [("vip", "gold")]]


def test_a_tag_is_taken_off_many_and_given_back_with_its_values(crowd, vip, manager):
    tag_customer(crowd[0], "vip", actor=manager, value="gold")
    tag_customer(crowd[1], "vip", actor=manager)
    before = carried(crowd)
    number = act("tag.remove", {"tag": "vip"}, crowd, manager)
    assert carried(crowd) == [[]] * 4
    assert TagEntry.objects.count() == 2, "history stays"
    assert undo(number, manager) == {"undone": 2, "skipped": 2}
    assert carried(crowd) == before


def test_only_one_value_of_a_tag_is_taken_off_when_it_is_named(crowd, vip, manager):
    tag_customer(crowd[0], "vip", actor=manager, value="gold")
    tag_customer(crowd[1], "vip", actor=manager, value="silver")
    act("tag.remove", {"tag": "vip", "value": "gold"}, crowd, manager)
    assert carried(crowd)[:2] == [[], [("vip", "silver")]]


def test_a_tag_that_retires_before_its_turn_is_given_to_nobody(crowd, vip, manager):
    number = bulk.start_bulk("tag.add", {"tag": "vip"}, bulk.Selection(ids=crowd), actor=manager)
    retire_tag("vip", actor=SYSTEM)
    jobs.run_job_here(BulkAct.objects.get(pk=number).job_id)
    assert carried(crowd) == [[]] * 4


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("tag.add", {"tag": "nothing"}),
        ("tag.add", {"tag": "by-rule"}),
        ("tag.add", {"tag": "vip\x00"}),
        ("tag.add", {"tag": "vip", "value": "x" * 101}),
        ("tag.add", {"tag": "vip", "colour": "red"}),
        ("tag.remove", {}),
        ("attribute.set", {"attribute": "phone", "value": "13800138000"}),
        ("attribute.set", {"attribute": "name", "value": "张伟"}),
        ("attribute.set", {"attribute": "'; DROP TABLE x", "value": "1"}),
        ("attribute.set", {"attribute": "city", "value": "x" * 501}),
        ("attribute.set", {"attribute": "city", "value": "x", "trust": "100"}),
        ("customer.delete", {}),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_queued(crowd, vip, manager, name, parameters):
    rule = {"match": "all", "conditions": []}
    Tag.objects.create(slug="by-rule", label_en="R", label_zh="R", tag_class="value", rule=rule)
    if parameters.get("tag") == "vip\x00":
        vip.delete()
    with pytest.raises(InvalidInput):
        bulk.start_bulk(name, parameters, bulk.Selection(ids=crowd), actor=manager)
    assert not BulkAct.objects.exists()


# -- values ---------------------------------------------------------------------------------------------------------


def city_of(customer: UUID) -> str | None:
    return (Customer.objects.get(pk=customer).golden.get("city") or {}).get("v")


def test_a_value_is_typed_for_many_and_taken_back_to_what_was_typed_before(crowd, manager):
    inline.update_customer(crowd[0], actor=manager, attributes={"city": "北京"})
    inline.update_customer(crowd[1], actor=manager, attributes={"city": "上海"})
    number = act("attribute.set", {"attribute": "city", "value": "上海"}, crowd[:3], manager)
    assert [city_of(one) for one in crowd] == ["上海", "上海", "上海", None]
    assert bulk.counts_of(bulk.bulk_of(manager, number)) == {"done": 2, "skipped": 1}
    inline.update_customer(crowd[2], actor=manager, attributes={"city": "广州"})
    assert undo(number, manager) == {"undone": 1, "skipped": 1, "changed": 1}
    assert [city_of(one) for one in crowd] == ["北京", "上海", "广州", None]


def test_whoever_may_not_write_an_attribute_cannot_set_it_for_many(crowd):
    user = make_user("rep")
    Role.objects.filter(pk=user.role_id).update(fields={"city": "read"})
    user.refresh_from_db()
    actor = actor_for_user(user)
    assert "city" not in {one.name for one in bulk_edits.settable(actor)}
    assert "job_title" in {one.name for one in bulk_edits.settable(actor)}
    with pytest.raises(FieldNotWritable):
        bulk.start_bulk("attribute.set", {"attribute": "city", "value": "x"}, bulk.Selection(ids=crowd), actor=actor)


# -- stopping, pages, files -----------------------------------------------------------------------------------------


@pytest.fixture
def browser(db):
    """Somebody who may do it all, and their language is Chinese."""
    client = make_client()
    client.force_login(make_user("administrator"))
    return client


def test_the_list_offers_each_act_and_its_sheet_shows_who_is_meant(browser, crowd, vip):
    page = browser.get("/customers").content.decode()
    for name, words in (("tag.add", "贵宾"), ("tag.remove", "贵宾"), ("attribute.set", "职位")):
        assert f'value="{name}"' in page
        sheet = browser.get("/customers/bulk", {"act": name, "id": [str(one) for one in crowd[:2]]}).content.decode()
        assert words in sheet
        assert "客户0" in sheet
        assert "客户2" not in sheet


def test_an_act_is_begun_stopped_and_told_on_its_page(browser, crowd, vip):
    said = {"act": "tag.add", "tag": "vip", "value": "gold", "id": [str(one) for one in crowd]}
    led = browser.post("/customers/bulk", said)
    page = browser.get(led["Location"]).content.decode()
    assert "添加标签：贵宾 · gold" in page
    assert f"{led['Location']}/cancel" in page
    browser.post(f"{led['Location']}/cancel")
    assert "4 未处理" in browser.get(led["Location"]).content.decode()


@pytest.mark.parametrize("said", [{"act": "tag.add", "tag": "none"}, {"act": "\x00"}, {"act": "attribute.set"}, {}])
def test_a_form_that_makes_no_sense_is_shown_again(browser, crowd, said):
    answer = browser.post("/customers/bulk", {**said, "id": [str(crowd[0])]})
    assert answer.status_code == 422
    assert "客户0" in answer.content.decode()


def test_an_act_that_is_cancelled_does_nothing_more(crowd, vip, manager):
    number = bulk.start_bulk("tag.add", {"tag": "vip"}, bulk.Selection(ids=crowd), actor=manager)
    assert bulk.cancel_bulk(number, actor=manager)
    assert jobs.view(BulkAct.objects.get(pk=number).job_id).state == "cancelled"
    assert not bulk.cancel_bulk(number, actor=manager), "it is over"
    assert bulk.counts_of(bulk.bulk_of(manager, number)) == {"waiting": 4}
    assert carried(crowd) == [[]] * 4


def test_a_file_holds_the_chosen_alone_as_far_as_they_are_seen(crowd, manager):
    hidden = make_customer("赵敏", department_id=make_department("West").pk)
    rep = actor_for_user(make_user("manager", make_department("North")))
    made = export.start_export(
        ListAsked(), format="csv", columns=("attribute.city",), actor=rep, chosen=[crowd[2], hidden]
    )
    jobs.run_job_here(export.export_of(rep, made).job_id)
    text = export.fetch_export(made, actor=rep).path.read_text("utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == ["客户2"]
    with pytest.raises(InvalidInput):
        export.start_export(ListAsked(), format="csv", columns=(), actor=rep, chosen=[])
