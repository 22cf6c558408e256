"""Cards in other systems' pages, and customers that come up when a phone rings: who sees what, until when."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from kehu.core.errors import InvalidInput
from kehu.govern.access import SYSTEM, Actor
from kehu.govern.models import ApiToken, Role
from kehu.profile.models import Customer
from kehu.profile.screens.links import sign_link
from kehu.profile.screens.models import Screen, ScreenPop
from kehu.profile.screens.origins import origin_from
from kehu.profile.screens.queries import called_from
from kehu.profile.screens.services import add_screen
from kehu.web.live_stream import POPS, look, news_for
from tests.api.conftest import Api, api_as
from tests.callers import make_client
from tests.cast import make_actor, make_customer, make_department, make_user

DESK = "https://desk.example.com"
PHONE = "+8613900001111"


@pytest.fixture
def screen(db: None) -> Screen:
    return add_screen(name="Desk", origins=[DESK, "https://desk.example.com:8443"], actor=SYSTEM)


def caller(name: str = "金丝雀", **fields: Any) -> UUID:
    return make_customer(name, phone=PHONE, identifiers={"phone": PHONE}, **fields)


def card_of(api: Api, screen: Screen, customer: UUID) -> str:
    given = api.post(f"/screens/{screen.pk}/cards", {"customer_id": str(customer)})
    assert given.status_code == 201, given.content
    return str(given.json()["url"]).replace("http://testserver", "")


def test_a_card_shows_what_the_token_s_user_may_see_in_the_frames_of_its_screen_alone(screen: Screen) -> None:
    customer, agent, steward = caller(), api_as("agent"), api_as("steward")
    stranger = Client()
    masked, whole = (stranger.get(card_of(api, screen, customer)) for api in (agent, steward))
    assert masked.status_code == 200
    assert "金丝雀" in masked.content.decode()
    assert "139****1111" in masked.content.decode()
    assert "13900001111" not in masked.content.decode().replace(" ", "")
    assert "139 0000 1111" in whole.content.decode()
    policy = masked["Content-Security-Policy"]
    assert f"frame-ancestors {DESK} https://desk.example.com:8443;" in f"{policy};"
    assert "X-Frame-Options" not in masked
    assert (masked["Referrer-Policy"], masked["Cache-Control"]) == ("no-referrer", "private, no-store")
    assert "<form" not in masked.content.decode()
    assert "<script" not in masked.content.decode()
    assert stranger.post(card_of(agent, screen, customer)).status_code == 405
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM govern_auditentry WHERE action = 'card' AND row_id = %s", [str(customer)])
        assert cursor.fetchone() == (5,), "three links were given, two cards looked at"


def test_a_link_ends_with_its_time_its_token_its_screen_and_its_user_s_rights(screen: Screen) -> None:
    east = make_department("East")
    customer, rep = caller(department_id=east.pk), make_user("rep", east)
    address = card_of(api_as("rep", user=rep), screen, customer)
    token, stranger = ApiToken.objects.get(user=rep), Client()
    assert stranger.get(address).status_code == 200
    late = sign_link(screen, customer, token.pk, timezone.now() - timedelta(seconds=1))
    refused = [
        f"/card/{late}",
        address[:-2] + "xx",
        address.replace("/card/", "/card/a"),
        f"/card/{'a' * 600}",
        "/card/%00",
    ]
    for one in refused:
        assert stranger.get(one).status_code == 404, one
    Role.objects.filter(pk=rep.role_id).update(permissions=["home.view"])
    assert stranger.get(address).status_code == 404
    Role.objects.filter(pk=rep.role_id).update(permissions=["customer.view"])
    assert stranger.get(address).status_code == 200
    rep.department = make_department("West")
    rep.save()
    assert stranger.get(address).status_code == 404, "the customer is out of sight"
    rep.department = east
    rep.save()
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    assert stranger.get(address).status_code == 404
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=None)
    screen.delete()
    ended = stranger.get(address)
    assert (ended.status_code, "frame-ancestors 'none'" in ended["Content-Security-Policy"]) == (404, True)


def test_cards_are_given_by_identifier_to_tokens_that_see_the_customer(screen: Screen) -> None:
    east = make_department("East")
    customer = caller(department_id=east.pk)
    asked = {"type": "phone", "value": "139 0000 1111"}
    address = f"/screens/{screen.pk}/cards"
    assert api_as("rep", east).post(address, asked).json()["customer_id"] == str(customer)
    other = api_as("rep", make_department("West"))
    assert other.post(address, asked).status_code == 404
    assert other.post(address, {"customer_id": str(customer)}).status_code == 404
    for wrong in ({}, {**asked, "customer_id": str(customer)}, {"type": "phone"}, {"type": "phone", "value": "\x00"}):
        assert other.post(address, wrong).status_code in (400, 422), wrong
    session = make_client()
    session.force_login(make_user("rep", east))
    refused = session.post(f"/api/v1{address}", {"customer_id": str(customer)}, content_type="application/json")
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "text",
    ["http://desk.example.com", "https://*.example.com", "*", "'none'", "https://desk.example.com/page", "data:", "",
     "https://a.example.com https://b.example.com", "https://desk.example.com;script-src *", "https://user@desk.com",
     "https://desk.example.com\nX-Evil: 1", "https://desk.example.com:99999", "https://[::1", "javascript://x"],
)  # fmt: skip
def test_what_is_no_origin_never_reaches_the_header(text: str) -> None:
    with pytest.raises(InvalidInput):
        origin_from(text)


@pytest.mark.parametrize(
    "text", ["https://Desk.example.com/", "https://desk.example.com:8443", "http://localhost:3000"]
)
def test_origins_are_kept_as_browsers_compare_them(text: str) -> None:
    assert origin_from(text) == text.lower().removesuffix("/")


@pytest.fixture
def exchange(db: None) -> Api:
    role = Role.objects.create(slug="exchange", name="Exchange", permissions=["screen.pop"], scope="own")
    return api_as("exchange", user=make_user(role.slug))


def pop_on(agent: Any) -> str:
    client = make_client()
    client.force_login(agent)
    return client.get("/shell/pop", headers={"HX-Request": "true"}).content.decode()


def test_a_ringing_phone_brings_the_caller_up_for_its_agent_alone_as_the_agent_sees_it(exchange: Api) -> None:
    agent, other = make_user("agent"), make_user("agent")
    caller()
    sent = exchange.post("/screen-pops", {"agent": agent.email.upper(), "value": "139 0000 1111", "call": "c-1"})
    assert sent.status_code == 201, sent.content
    shown = pop_on(agent)
    assert "金丝雀" in shown
    assert "139****1111" in shown
    assert "13900001111" not in shown.replace(" ", "")
    assert "金丝雀" not in pop_on(other)
    client = make_client()
    client.force_login(other)
    client.post(f"/shell/pop/{sent.json()['id']}/close")
    assert "金丝雀" in pop_on(agent), "nobody closes another's"
    client.force_login(agent)
    client.post(f"/shell/pop/{sent.json()['id']}/close")
    assert "金丝雀" not in pop_on(agent)


def test_who_may_not_see_the_customer_is_told_of_a_stranger(exchange: Api) -> None:
    agent = make_user("rep", make_department("West"))
    caller(department_id=make_department("East").pk)
    exchange.post("/screen-pops", {"agent": agent.email, "value": PHONE})
    shown = pop_on(agent)
    assert "金丝雀" not in shown
    assert "/customers/new?pop=" in shown


def test_an_unknown_number_is_kept_with_the_customer_one_enters_even_where_it_is_masked(
    kehu_db: Any, exchange: Api
) -> None:
    agent, other = make_user("agent"), make_user("agent")
    pop = exchange.post("/screen-pops", {"agent": agent.email, "value": "13900002222"}).json()["id"]
    client = make_client()
    client.force_login(other)
    assert "13900002222" not in client.get(f"/customers/new?pop={pop}").content.decode()
    client.force_login(agent)
    assert "13900002222" not in client.get(f"/customers/new?pop={pop}").content.decode()
    made = client.post(f"/customers/new?pop={pop}", {"kind": "person", "name": "李静"})
    assert made.status_code == 302
    assert Customer.objects.get(display_name="李静").golden["phone"]["v"] == "+8613900002222"


@pytest.mark.parametrize(
    "body",
    [
        {"agent": "nobody@example.com", "value": PHONE},
        {"agent": "' OR 1=1 --", "value": PHONE},
        {"agent": "li@example.com", "value": "\x00"},
        {"agent": "li@example.com", "value": "no number"},
        {"agent": "li@example.com", "value": PHONE, "type": "native"},
        {"agent": "li@example.com", "value": PHONE, "call": "x" * 101},
        {"agent": "li@example.com", "value": PHONE, "customer_id": "1"},
        [],
    ],
)
def test_hostile_rings_bring_nobody_up(exchange: Api, body: Any) -> None:
    make_user("agent", email="li@example.com")
    assert exchange.call("POST", "/screen-pops", body).status_code in (400, 422)
    assert not ScreenPop.objects.exists()


def test_only_who_may_pop_pops(db: None) -> None:
    agent = make_user("agent")
    assert api_as("steward").post("/screen-pops", {"agent": agent.email, "value": PHONE}).status_code == 403


def test_the_stream_tells_the_agent_and_nobody_else(exchange: Api) -> None:
    agent = make_user("agent")
    mine, other = Actor(agent.pk, "a"), Actor(agent.pk + 1, "b")
    before = look({}, whole=True)
    exchange.post("/screen-pops", {"agent": agent.email, "value": PHONE})
    after = look(before, whole=False)
    assert POPS in news_for(mine, before, after)
    assert POPS not in news_for(other, before, after)
    assert POPS not in news_for(mine, after, before), "growing old is no news"
    actor = make_actor("agent")
    assert called_from(actor, ScreenPop.objects.get().pk) is None
