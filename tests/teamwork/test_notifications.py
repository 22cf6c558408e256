"""People are told what they asked to be told: once, not of their own acts, and only while they see the customer."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from kehu import inline
from kehu.core import outbox
from kehu.core.jobs import enqueue, run_job_here, sweep_jobs
from kehu.core.models import Job, OutboxEvent
from kehu.govern.access import SYSTEM, Actor, actor_for_user
from kehu.profile.models import BulkAct
from kehu.profile.services import assign_owner, merge_customers, unmerge
from kehu.profile.services.bulk import Selection, start_bulk
from kehu.teamwork import hearing, queries, services
from kehu.teamwork.models import Notification
from kehu.teamwork.services.notifications import forget_notifications
from tests.cast import make_actor, make_customer, make_department, make_user


def told(actor: Actor) -> list[tuple[str, int]]:
    return [(one.kind, one.times) for one in queries.notifications_page(actor)]


def typed_in(name: str) -> UUID:
    return inline.create_customer(actor=SYSTEM, attributes={"name": name}).customer_id


def settle() -> None:
    while outbox.dispatch():
        pass


@pytest.fixture
def follower(db: Any) -> Actor:
    return make_actor("steward")


@pytest.fixture
def other(db: Any) -> Actor:
    return make_actor("steward")


def test_a_follower_hears_of_changes_by_others_in_one_line_until_it_is_read(follower: Actor, other: Actor) -> None:
    customer = typed_in("王芳")
    settle()
    services.follow_customer(customer, actor=follower)
    services.follow_customer(customer, actor=other)
    for title in ("店长", "经理"):
        inline.update_customer(customer, actor=other, attributes={"job_title": title})
        settle()
    assert told(follower) == [("changed", 2)]
    assert told(other) == [], "nobody is told what they did themselves"
    [line] = queries.notifications_page(follower)
    assert (line.customer_id, line.customer, line.actor, line.is_read) == (customer, "王芳", other.name, False)
    assert services.mark_read(follower, [line.id]) == 1
    inline.update_customer(customer, actor=other, attributes={"job_title": "总监"})
    settle()
    assert told(follower) == [("changed", 1), ("changed", 2)]
    assert queries.unread_count(follower) == 1


def test_an_event_taken_twice_is_told_once(follower: Actor, other: Actor) -> None:
    customer = typed_in("王芳")
    settle()
    services.follow_customer(customer, actor=follower)
    inline.update_customer(customer, actor=other, attributes={"job_title": "店长"})
    settle()
    row = OutboxEvent.objects.filter(name=hearing.CHANGED).latest("id")
    again = outbox.PublishedEvent(row.pk, row.position or 0, row.name, row.payload, row.actor_id, row.occurred_at)
    hearing.hear_of_customers(again)
    assert told(follower) == [("changed", 1)]
    services.mark_all_read(follower, up_to=Notification.objects.latest("id").pk)
    hearing.hear_of_customers(again)
    assert told(follower) == [("changed", 1)]


def test_a_merge_and_its_undoing_are_told_by_their_names(follower: Actor, other: Actor) -> None:
    one, two = typed_in("王芳"), typed_in("陈国庆")
    settle()
    services.follow_customer(two, actor=follower)
    act = merge_customers(survivor_id=one, absorbed_id=two, actor=other, reason="same").act_id
    settle()
    assert told(follower) == [("merged", 1)]
    assert queries.notifications_page(follower)[0].customer_id == one
    unmerge(act, actor=other, reason="two")
    settle()
    assert told(follower)[0] == ("split", 1)
    assert queries.notifications_page(follower)[0].customer_id == two


def test_a_new_owner_is_told_and_of_many_customers_in_one_line(follower: Actor, other: Actor) -> None:
    one, many = typed_in("王芳"), [typed_in(name) for name in ("陈国庆", "李静", "赵云")]
    assign_owner(one, follower.user_id, actor=other)
    assign_owner(many[0], follower.user_id, actor=follower)
    settle()
    assert told(follower) == [("assigned", 1)], "who takes a customer over knows"
    bulk = start_bulk("owner.assign", {"owners": [follower.user_id]}, Selection(ids=tuple(many[1:])), actor=other)
    run_job_here(BulkAct.objects.get(pk=bulk).job_id)
    settle()
    assert told(follower) == [("assigned", 2), ("assigned", 1)]


def test_whoever_began_a_job_is_told_how_it_ended(follower: Actor) -> None:
    job = enqueue("nobody.does", {}, actor_id=follower.user_id)
    OutboxEvent.objects.all().delete()
    Job.objects.filter(pk=job).update(attempts=5)
    sweep_jobs()
    settle()
    [line] = queries.notifications_page(follower)
    assert (line.kind, line.job_id, dict(line.job)) == ("job", job, {"kind": "nobody.does", "state": "failed"})


def test_a_kind_that_is_switched_off_is_not_told(follower: Actor, other: Actor) -> None:
    customer = typed_in("王芳")
    services.follow_customer(customer, actor=follower)
    services.choose_kinds(follower, ["mention", "merged"])
    inline.update_customer(customer, actor=other, attributes={"job_title": "店长"})
    assign_owner(customer, follower.user_id, actor=other)
    settle()
    assert told(follower) == []
    services.add_comment(customer, f"@{follower.name} 你好", actor=other)
    assert told(follower) == [("mention", 1)]


def test_who_does_not_see_the_customer_any_more_reads_nothing_of_it(db: Any) -> None:
    east = make_department("East")
    user = make_user("rep", east)
    customer, other = make_customer(department_id=east.pk), make_actor("steward")
    services.add_comment(customer, f"@{user} 你好", actor=other)
    assert queries.unread_count(actor_for_user(user)) == 1
    user.department = make_department("West")
    user.save()
    moved = actor_for_user(user)
    assert (told(moved), queries.unread_count(moved)) == ([], 0)
    stranger = make_actor("steward")
    assert services.mark_read(stranger, list(Notification.objects.values_list("pk", flat=True))) == 0


def test_old_notifications_are_forgotten(follower: Actor) -> None:
    now = timezone.now()
    for days, read in ((1, 0), (40, 35), (200, None)):
        Notification.objects.create(
            user_id=follower.user_id,
            kind="job",
            cause=uuid4().hex,
            at=now - timedelta(days=days),
            read_at=None if read is None else now - timedelta(days=read),
        )
    assert forget_notifications() == 2


def test_recently_viewed_and_followed_stand_in_order_each_once(follower: Actor) -> None:
    customers = [make_customer(name) for name in ("甲", "乙", "丙")]
    for customer in (*customers, customers[0]):
        services.note_visit(follower, customer)
    assert {one.line.id for one in queries.visited_customers(follower)} == set(customers)
    assert len(queries.visited_customers(follower, limit=2)) == 2
    services.follow_customer(customers[1], actor=follower)
    assert [one.line.name for one in queries.followed_customers(follower)] == ["乙"]
