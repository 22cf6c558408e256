"""Ways into sight: owner, team, department, territory, share; and the page that says which of them held."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import services
from kehu.govern.access import SYSTEM, Actor, actor_for_user, customer_for
from kehu.govern.errors import FieldNotWritable, ReasonMissing
from kehu.govern.field_access import FieldAccess
from kehu.govern.field_policy import present_golden, present_value, require_writable
from kehu.govern.models import Role, Share, User
from kehu.govern.reveal import reveal_value
from kehu.govern.sight import reasons_to_see, sight_of
from tests.callers import make_client
from tests.cast import make_actor, make_customer, make_department, make_user


def sees(user: User, customer) -> bool:
    try:
        customer_for(actor_for_user(User.objects.select_related("role").get(pk=user.pk)), customer)
    except NotFound:
        return False
    return True


def ways(user: User, customer) -> list[str]:
    return [one.way for one in reasons_to_see(actor_for_user(user), customer)]


@pytest.fixture
def west(db):
    return make_department("West")


@pytest.fixture
def rep(west):
    return make_user("rep", west)


@pytest.fixture
def customer(west):
    """Of another department, so that each test opens exactly one way."""
    return make_customer("张伟", department_id=make_department("East").pk, address="浙江省杭州市西湖区文三路 1 号")


def test_the_owner_sees_theirs(rep, west):
    theirs = make_customer(department_id=make_department("East").pk, owner_id=rep.pk)
    assert ways(rep, theirs) == ["owner"]
    assert not sees(make_user("rep", west), theirs)


def test_a_team_sees_what_its_members_look_after(west):
    Role.objects.create(slug="crew", name="Crew", scope="team", permissions=["customer.view"])
    mine, mate, other = make_user("crew", west), make_user("crew"), make_user("crew")
    services.create_team(name="A", member_ids=[mine.pk, mate.pk], actor=SYSTEM)
    customer = make_customer(department_id=make_department("East").pk, owner_id=mate.pk)
    assert ways(mine, customer) == ["owner"]
    assert not sees(other, customer)


@pytest.mark.parametrize(
    ("place", "is_seen"), [("浙江省", True), ("浙江省杭州市", True), ("浙江%市", False), ("江苏省", False)]
)
def test_a_territory_is_seen_by_its_department(rep, west, customer, place, is_seen):
    assert not sees(rep, customer)
    services.create_territory(name="T", places=[place], department_id=west.pk, actor=SYSTEM)
    assert sees(rep, customer) is is_seen
    assert ways(rep, customer) == (["territory"] if is_seen else [])


def test_a_share_shows_one_customer_until_it_ends(rep, customer):
    other = make_customer(department_id=make_department("North").pk)
    share = services.share_customer(customer, user_id=rep.pk, reason="holiday cover", actor=SYSTEM)
    assert sees(rep, customer)
    assert not sees(rep, other)
    with pytest.raises(NotFound):
        services.end_share(share, other, actor=SYSTEM)
    services.end_share(share, customer, actor=SYSTEM)
    assert not sees(rep, customer)


def test_a_share_with_a_date_is_over_after_it(rep, customer):
    past = timezone.now() - timedelta(seconds=1)
    services.share_customer(customer, user_id=rep.pk, reason="x", expires_at=past, actor=SYSTEM)
    assert not sees(rep, customer)


@pytest.mark.parametrize("whom", ["team_id", "department_id"])
def test_a_share_reaches_a_team_or_a_department(rep, west, customer, whom):
    team = services.create_team(name="A", member_ids=[rep.pk], actor=SYSTEM)
    services.share_customer(customer, reason="x", actor=SYSTEM, **{whom: team if whom == "team_id" else west.pk})
    assert sees(rep, customer)
    assert not sees(make_user("rep", make_department("North")), customer)


def test_a_share_is_refused_without_a_reason_to_nobody_and_for_partners(rep, customer):
    partner = make_user("partner", make_department("Dealer"))
    for wrong, whom in (
        (ReasonMissing, {"user_id": rep.pk}),
        (InvalidInput, {}),
        (InvalidInput, {"user_id": partner.pk}),
    ):
        reason = "" if wrong is ReasonMissing else "x"
        with pytest.raises(wrong):
            services.share_customer(customer, reason=reason, actor=SYSTEM, **whom)
    with pytest.raises(NotFound):
        services.share_customer(customer, reason="x", user_id=rep.pk, actor=make_actor("rep", make_department("N")))
    assert not Share.objects.exists()


def test_a_share_with_a_department_does_not_reach_its_partners(west, customer):
    services.share_customer(customer, department_id=west.pk, reason="x", actor=SYSTEM)
    partner = make_user("partner", west)
    assert not sees(partner, customer)
    assert sight_of(SYSTEM, customer, partner.pk).reasons == ()


def test_the_page_says_why_and_shares(rep, west, customer):
    client = make_client()
    founder = make_user("administrator")
    client.force_login(founder)
    page = reverse("web:sight", args=[customer])
    assert f"{rep} 看不到这位客户" in client.get(page, {"person": rep.pk}).content.decode()
    shared = client.post(
        reverse("web:share", args=[customer]), {"whom": f"user:{rep.pk}", "reason": "代班", "days": "30"}
    )
    assert shared.status_code == 302
    told = client.get(page, {"person": rep.pk}).content.decode()
    assert f"{rep} 看得到这位客户" in told
    assert "代班" in told
    assert client.post(reverse("web:share", args=[customer]), {"whom": "user:0", "reason": "x"}).status_code == 422
    assert client.get(page, {"person": "9" * 30}).status_code == 200


def test_who_sees_no_people_asks_about_themselves_only(rep, west):
    customer = make_customer(department_id=west.pk)
    client = make_client()
    client.force_login(rep)
    page = reverse("web:sight", args=[customer])
    assert client.get(page).status_code == 200
    assert client.get(page, {"person": make_user().pk}).status_code == 403
    assert client.get(reverse("web:sight", args=[uuid4()])).status_code == 404


CLERK = Actor(
    user_id=1,
    name="clerk",
    unmasked=frozenset({"*"}),
    fields={"email": FieldAccess.HIDDEN, "phone": FieldAccess.MASKED, "city": FieldAccess.READ},
)


def test_a_role_s_word_on_a_field_beats_what_it_sees_whole():
    golden = {name: {"v": value} for name, value in {"email": "a@b.cn", "phone": "13800138000", "city": "杭州"}.items()}
    shown = present_golden(CLERK, golden)
    assert "email" not in shown
    assert (shown["phone"].value, shown["phone"].is_masked) == ("138****8000", True)
    assert (shown["city"].value, shown["city"].is_masked) == ("杭州", False)
    assert present_value(CLERK, "email", "a@b.cn").value == "***"


def test_only_a_field_one_may_write_is_written():
    require_writable(CLERK, ["phone", "name"])
    for attribute in ("city", "email"):
        with pytest.raises(FieldNotWritable):
            require_writable(CLERK, [attribute])


def test_a_hidden_field_is_not_revealed(west):
    customer = make_customer(department_id=west.pk, email="a@b.cn")
    actor = make_actor("rep", west)
    assert reveal_value(actor, customer, "email", "a call") == "a@b.cn"
    with pytest.raises(NotFound):
        reveal_value(replace(actor, fields={"email": FieldAccess.HIDDEN}), customer, "email", "a call")
