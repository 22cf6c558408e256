"""Comments: among colleagues who see the customer, one's own to change, following merge and unmerge, forgotten with the
person."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kehu import inline
from kehu.core import redaction
from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern.access import SYSTEM, Actor, actor_for_user
from kehu.govern.models import AuditEntry, Department, User
from kehu.govern.privacy import erasure
from kehu.profile.services import merge_customers, unmerge
from kehu.teamwork import queries, services
from kehu.teamwork.errors import NotForPartners, NotYourComment
from kehu.teamwork.models import Comment, Follow, Notification, Visit
from tests.cast import make_actor, make_customer, make_department, make_user

HOSTILE = ("", " \n", "\x00", "长" * 4001, "@{999999999999999999}", "@{1}" * 30)


@pytest.fixture
def east(db: Any) -> Department:
    return make_department("East")


@pytest.fixture
def anna(east: Department) -> User:
    return make_user("rep", east, name="安娜")


@pytest.fixture
def ben(east: Department) -> User:
    return make_user("rep", east, name="Ben")


@pytest.fixture
def customer(east: Department) -> UUID:
    return make_customer("张伟", department_id=east.pk, phone="13800138000")


def typed_in(name: str) -> UUID:
    return inline.create_customer(actor=SYSTEM, attributes={"name": name}).customer_id


def said(actor: Actor, customer: UUID) -> list[str]:
    return [comment.text for comment in queries.comments_of(actor, customer)]


def test_a_comment_calls_who_may_see_the_customer_and_nobody_else(anna: User, ben: User, customer: UUID) -> None:
    author, west = actor_for_user(anna), make_user("rep", make_department("West"), name="韦斯")
    comment = services.add_comment(customer, "@ben 客户改约周五，@安娜 跟进", actor=author)
    assert said(actor_for_user(ben), customer) == ["@Ben 客户改约周五，@安娜 跟进"]
    assert [(one.user_id, one.comment_id) for one in Notification.objects.all()] == [(ben.pk, comment)]
    with pytest.raises(InvalidInput, match="韦斯"):
        services.add_comment(customer, "@韦斯 看看", actor=author)
    with pytest.raises(NotFound):
        services.add_comment(customer, "hello", actor=actor_for_user(west))
    assert Comment.objects.count() == 1


def test_whom_a_comment_may_call_is_offered(anna: User, ben: User, customer: UUID) -> None:
    make_user("rep", make_department("West"), name="Benjamin")
    twin = make_user("rep", anna.department, name="Ben", email="ben.two@example.com")
    offered = queries.mentionable(actor_for_user(anna), customer, "ben")
    assert {(one.user_id, one.handle) for one in offered} == {
        (ben.pk, f"Ben ({ben.email})"),
        (twin.pk, "Ben (ben.two@example.com)"),
    }
    services.add_comment(customer, f"@{offered[0].handle}：看", actor=actor_for_user(anna))
    assert Notification.objects.get().user_id == offered[0].user_id


def test_only_the_author_changes_and_deletes_a_comment(anna: User, ben: User, customer: UUID) -> None:
    author, other = actor_for_user(anna), actor_for_user(ben)
    comment = services.add_comment(customer, "一", actor=author)
    for refused in (
        lambda: services.edit_comment(comment, "二", actor=other, version=1),
        lambda: services.delete_comment(comment, actor=other),
    ):
        with pytest.raises(NotYourComment):
            refused()
    services.edit_comment(comment, "@Ben 二", actor=author, version=1)
    services.edit_comment(comment, "@Ben 三", actor=author, version=2)
    with pytest.raises(VersionConflict):
        services.edit_comment(comment, "四", actor=author, version=1)
    assert said(other, customer) == ["@Ben 三"]
    assert Notification.objects.count() == 1, "an edit calls nobody twice"
    services.delete_comment(comment, actor=author)
    assert (said(other, customer), Notification.objects.count()) == ([], 0)


def test_values_a_reader_sees_only_masked_are_masked_in_comments(anna: User, customer: UUID) -> None:
    services.add_comment(customer, "回电 13800138000", actor=actor_for_user(anna))
    assert said(actor_for_user(anna), customer) == ["回电 138****8000"]
    assert said(make_actor("steward"), customer) == ["回电 13800138000"]


def test_partners_are_not_among_colleagues(east: Department, anna: User, customer: UUID) -> None:
    partner = make_actor("partner", east)
    services.add_comment(customer, "内部", actor=actor_for_user(anna))
    assert said(partner, customer) == []
    for refused in (services.follow_customer, lambda *a, **k: services.add_comment(*a, "x", **k)):
        with pytest.raises(NotForPartners):
            refused(customer, actor=partner)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_comment_is_refused(anna: User, customer: UUID, text: str) -> None:
    with pytest.raises(InvalidInput):
        services.add_comment(customer, text, actor=actor_for_user(anna))


def test_comments_and_followers_follow_their_record_through_merge_and_unmerge(db: Any) -> None:
    one, other, actor = typed_in("王芳"), typed_in("陈国庆"), make_actor("steward")
    services.add_comment(one, "在一", actor=actor)
    services.add_comment(other, "在二", actor=actor)
    services.follow_customer(other, actor=actor)
    act = merge_customers(survivor_id=one, absorbed_id=other, actor=actor, reason="same").act_id
    assert said(actor, one) == said(actor, other) == ["在二", "在一"]
    assert [line.user_id for line in queries.followers_of(actor, one)] == [actor.user_id]
    services.follow_customer(one, actor=actor)
    assert Follow.objects.count() == 1, "who follows through one record follows"
    unmerge(act, actor=actor, reason="two")
    assert (said(actor, one), said(actor, other)) == (["在一"], ["在二"])
    assert queries.followers_of(actor, one) == []
    services.unfollow_customer(other, actor=actor)
    assert not Follow.objects.exists()


def test_whoever_is_erased_leaves_no_comment_follower_visit_or_notification(
    kehu_db: Any, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(redaction, "address", lambda: kehu_db.dsn("redact"))
    settings.MEDIA_ROOT = tmp_path / "files"
    author, _reader = make_actor("steward", name="安娜"), make_actor("steward", name="Ben")
    customer, left = typed_in("金丝雀"), typed_in("李静")
    services.add_comment(customer, "@Ben 金丝雀的事", actor=author)
    services.follow_customer(customer, actor=author)
    services.note_visit(author, customer)
    services.add_comment(left, "留下", actor=author)
    erasure.run(erasure.begin(customer, cause="asked", actor=SYSTEM).pk)
    assert [comment.text for comment in Comment.objects.all()] == ["留下"]
    assert not any(table.objects.exists() for table in (Follow, Notification, Visit))
    assert "金丝雀的事" not in str(list(AuditEntry.objects.values_list("before", "after")))
