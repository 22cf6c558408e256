"""Signing in: guesses are slowed down, nobody learns who has an account, and rights follow the role at once."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import path, reverse

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import routes
from kehu.govern.access import ANONYMOUS, SYSTEM, NotSignedIn, PermissionDenied, require
from kehu.govern.errors import MoreThanYourOwn, NotYourself
from kehu.govern.models import User
from kehu.govern.services import change_user, create_department, create_user
from tests.callers import make_client
from tests.cast import PASSWORD, make_actor, make_customer, make_department, make_user

LOGIN = "/account/login/"


def try_password(client: Client, email: str, password: str, address: str = "192.0.2.1"):
    return client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=address)


def test_the_right_password_lets_in_and_logging_out_ends_the_session(db):
    user = make_user("rep", password=PASSWORD)
    client = make_client()
    assert try_password(client, user.email, PASSWORD)["Location"] == "/"
    key = client.session.session_key
    assert client.get(reverse("web:pulse")).status_code == 200
    client.post("/account/logout/")
    client.cookies["sessionid"] = key
    assert client.get(reverse("web:pulse")).status_code == 302


def test_a_partner_starts_at_their_customers(db):
    partner = make_user("partner", make_department("Dealer"), password=PASSWORD)
    client = make_client()
    assert try_password(client, partner.email, PASSWORD)["Location"] == reverse("web:customers")
    assert client.get(reverse("web:customers")).status_code == 200
    assert client.get(reverse("web:home")).status_code == 403


def test_the_session_id_changes_on_login(db):
    user = make_user("rep", password=PASSWORD)
    client = make_client()
    client.get(LOGIN)
    client.cookies["sessionid"] = "chosen-by-somebody-else"
    try_password(client, user.email, PASSWORD)
    assert client.session.session_key != "chosen-by-somebody-else"


def test_five_wrong_passwords_close_an_account_for_a_while(db):
    user = make_user("rep", password=PASSWORD)
    for number in range(5):
        try_password(make_client(), user.email, f"wrong {number}", f"192.0.2.{number}")
    refused = try_password(make_client(), user.email, PASSWORD, "192.0.2.9")
    assert refused.status_code != 302, "the right password is not even looked at"


def test_known_and_unknown_addresses_hear_the_same(db):
    user = make_user("rep", password=PASSWORD)
    known = try_password(make_client(), user.email, "wrong").content.decode()
    unknown = try_password(make_client(), "nobody@example.com", "wrong").content.decode()
    assert strip(known, user.email) == strip(unknown, "nobody@example.com")


def strip(page: str, email: str) -> list[str]:
    """The page without what differs on every request."""
    lines = page.replace(email, "").splitlines()
    return [line for line in lines if "csrf" not in line.lower() and "nonce" not in line]


def test_nobody_signs_up_by_themselves(db):
    client = make_client()
    client.post("/account/signup/", {"email": "new@example.com", "password1": PASSWORD})
    assert not User.objects.filter(email="new@example.com").exists()


def test_somebody_let_go_is_out_at_the_next_click(db):
    user = make_user("rep")
    client = make_client()
    client.force_login(user)
    assert client.get(reverse("web:pulse")).status_code == 200
    change_user(user.pk, is_active=False, actor=SYSTEM)
    assert client.get(reverse("web:pulse")).status_code == 302


def test_require_says_no_in_three_ways(db):
    east, west = make_department("East"), make_department("West")
    rep = make_actor("rep", east)
    with pytest.raises(NotSignedIn):
        require(ANONYMOUS, "customer.view")
    with pytest.raises(PermissionDenied):
        require(rep, "customer.merge")
    with pytest.raises(NotFound):
        require(rep, "customer.edit", on=make_customer(department_id=west.pk))
    require(rep, "customer.edit", on=(make_customer(department_id=east.pk), make_customer()))
    with pytest.raises(LookupError):
        require(rep, "customer.fly")


def test_a_manager_sees_the_departments_below(db):
    east = make_department("East")
    below = make_department("Shop 1", east)
    manager, rep = make_actor("manager", east), make_actor("rep", east)
    customer = make_customer(department_id=below.pk)
    require(manager, "customer.view", on=customer)
    with pytest.raises(NotFound):
        require(rep, "customer.view", on=customer)


def test_a_route_without_a_permission_stops_the_start(monkeypatch):
    def forgotten(request):
        raise AssertionError

    pattern = path("forgotten", forgotten)
    monkeypatch.setattr(routes, "every_route", lambda: [("/forgotten", "web:forgotten", pattern)])
    with pytest.raises(ImproperlyConfigured, match="/forgotten"):
        routes.refuse_undeclared_routes.__wrapped__("kehu.urls")
    with pytest.raises(LookupError):
        routes.requires("customer.fly")


def test_people_are_made_with_care(db):
    fields = {"name": "New", "role": "rep", "actor": SYSTEM}
    for email, password, field in (
        ("no address", PASSWORD, "email"),
        ("new@example.com", "short", "password"),
        ("new@example.com", "password1234", "password"),
    ):
        with pytest.raises(InvalidInput, match=field):
            create_user(email=email, password=password, **fields)
    with pytest.raises(InvalidInput, match="role"):
        create_user(email="new@example.com", name="New", role="emperor", actor=SYSTEM)
    with pytest.raises(NotFound):
        create_user(email="new@example.com", department_id=999_999, **fields)
    create_user(email="new@example.com", department_id=create_department(name="East", actor=SYSTEM), **fields)
    with pytest.raises(InvalidInput, match="email"):
        create_user(email="NEW@example.com", **fields)


def test_nobody_makes_themselves_stronger(db):
    from dataclasses import replace

    rep = make_actor("rep")
    clerk = replace(rep, permissions=rep.permissions | {"user.manage"})
    with pytest.raises(NotYourself):
        change_user(clerk.user_id, role="administrator", actor=clerk)
    with pytest.raises(MoreThanYourOwn):
        change_user(make_user().pk, role="administrator", actor=clerk)
    boss = make_user("administrator")
    with pytest.raises(MoreThanYourOwn):
        change_user(boss.pk, is_active=False, actor=clerk)
