"""Every shipped role, and callers who should get in nowhere, against the tables written by hand."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from kehu.govern.access import SYSTEM, actor_for_user
from kehu.govern.models import ApiToken, Department, Role, User
from kehu.govern.permissions import PERMISSIONS
from kehu.govern.routes import access_of, every_route
from kehu.govern.services import create_token
from tests.callers import make_client
from tests.cast import make_user
from tests.govern.access_table import IN, LOGIN, TABLE, Expected
from tests.govern.rights_table import FOREIGN_PARTNER, OPENS, ROLES
from tests.govern.test_access_table import World, address_of, build_world, call, heard_in

NEEDS = {name: frozenset(rights.split()) for rights, names in OPENS.items() for name in names.split()}
SCOPE = "customer.view"
pytestmark = pytest.mark.database


class Caller(NamedTuple):
    who: str
    client: Client


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


def test_every_door_asks_for_the_rights_the_table_names_and_no_route_is_missing():
    asked = {name: frozenset(access_of(pattern, name) or ()) for _, name, pattern in every_route()}
    assert asked.keys() - NEEDS.keys() == set(), "put these beside their like in tests/govern/rights_table.py"
    assert NEEDS.keys() - asked.keys() == set(), "these routes are gone: take them out of tests/govern/rights_table.py"
    assert {name: set(NEEDS[name]) for name in NEEDS if asked[name] != NEEDS[name]} == {}


def test_every_shipped_role_opens_what_its_rights_open_and_nothing_else(db):
    assert set(Role.objects.values_list("slug", flat=True)) == {*ROLES, "administrator"}
    for slug, rights in {**ROLES, "administrator": set(PERMISSIONS)}.items():
        actor = actor_for_user(make_user(slug))
        assert set(actor.permissions) == rights, slug
        assert actor.is_strict is (slug == "partner"), slug


def test_who_should_get_in_nowhere_hears_the_refusal_at_every_door(world: World):
    """A partner of another department, a newcomer, an account closed after it signed in, a token of one scope and a
    revoked one: every refusal at every route, in one pass."""
    wrong, tried = [], 0
    for caller in make_callers():
        for number, (method, name, row) in enumerate(TABLE):
            expected = refusal(caller.who, method, name, row)
            if expected is None:
                continue
            tried += 1
            caller.client.defaults["REMOTE_ADDR"] = f"192.0.2.{number % 250}"
            heard = heard_by(caller.client, world, method, name)
            if heard != expected:
                wrong.append(f"{caller.who}: {method} {name}: {heard}, not {expected}")
    assert not wrong, "\n".join(wrong)
    assert tried > 3 * len(TABLE), "most doors are closed to most of them"


def make_callers() -> list[Caller]:
    west = Department.objects.get(name="West")
    people = {who: make_user(role, west) for who, role in
              (("partner", "partner"), ("newcomer", "newcomer"), ("closed", "steward"))}  # fmt: skip
    callers = [Caller(who, signed_in(user)) for who, user in people.items()]
    User.objects.filter(pk=people["closed"].pk).update(is_active=False)
    steward = make_user("steward")
    tokens = {who: create_token(user_id=steward.pk, name=who, scopes=[SCOPE], actor=SYSTEM)
              for who in ("narrow", "revoked")}  # fmt: skip
    ApiToken.objects.filter(name="revoked").update(revoked_at=timezone.now())
    bearers = [Caller(who, make_client(headers={"Authorization": f"Bearer {one}"})) for who, one in tokens.items()]
    return [*callers, *bearers]


def signed_in(user: User) -> Client:
    client = make_client()
    client.force_login(user)
    return client


def refusal(who: str, method: str, name: str, row: Expected) -> str | int | None:
    """What the caller must hear; None where they may come in, or where everybody may try."""
    stranger, _rep, foreign_rep, _manager, _token = row
    rights, is_api = NEEDS[name], name.startswith("api")
    if rights == {"public"}:
        return None
    match who:
        case "closed":
            return stranger
        case "revoked":
            return 401 if is_api else LOGIN
        case "narrow" if not is_api:
            return LOGIN
        case "narrow":
            return None if rights <= {SCOPE} else 403
        case "newcomer":
            return None if rights == {"signed-in"} else 403
    if rights == {"signed-in"}:
        return None
    if not rights <= ROLES[who]:
        return 403
    heard = FOREIGN_PARTNER.get((method, name), foreign_rep)
    return None if heard == IN else heard


def heard_by(client: Client, world: World, method: str, name: str) -> str | int:
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        heard = heard_in(call(client, method, name, address_of(name, world.arguments), world.bodies.get(name, {})))
        transaction.set_rollback(True)
    client.cookies = cookies
    return heard
