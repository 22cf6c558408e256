"""Who gets in: tokens with scopes, browsers with their CSRF token, nobody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kehu.collect.services import create_source
from kehu.govern import rate_limits
from kehu.govern.access import SYSTEM
from kehu.govern.errors import MoreThanYourOwn
from kehu.govern.models import ApiToken, AuditEntry
from kehu.govern.services import change_user, create_token, create_user, revoke_token
from tests.api.conftest import Api, api_as
from tests.cast import PASSWORD, make_actor, make_user


def problem_of(response) -> dict:
    assert response["Content-Type"] == "application/problem+json"
    return response.json()


def test_a_token_lets_in_and_notes_its_use(db):
    response = api_as("steward").get("/sources")
    assert (response.status_code, response.json()["next_cursor"]) == (200, None)
    assert ApiToken.objects.get().last_used_at is not None
    assert response["RateLimit-Limit"] == "1200"


@pytest.mark.parametrize(
    "token",
    ["", "nonsense", "kehu_0000000000_" + "0" * 40, "kehu__", "kehu_x", "kehu_a_b_c", "工具", "a" * 5000],
)
def test_a_wrong_token_is_told_401_even_with_a_session(db, token):
    api = Api(token or " ")
    api.client.force_login(make_user("administrator"))
    response = api.get("/sources")
    assert (response.status_code, problem_of(response)["code"]) == (401, "not_signed_in")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_expired_revoked_and_orphaned_tokens_are_dead_at_once(db):
    user = make_user("steward")
    expired = create_token(
        user_id=user.pk,
        name="old",
        scopes=["source.view"],
        actor=SYSTEM,
        expires_at=timezone.now() - timedelta(seconds=1),
    )
    alive = create_token(user_id=user.pk, name="live", scopes=["source.view"], actor=SYSTEM)
    assert Api(expired).get("/sources").status_code == 401
    assert Api(alive).get("/sources").status_code == 200
    revoke_token(ApiToken.objects.get(name="live").pk, actor=SYSTEM)
    assert Api(alive).get("/sources").status_code == 401

    another = create_token(user_id=user.pk, name="third", scopes=["source.view"], actor=SYSTEM)
    assert Api(another).get("/sources").status_code == 200
    change_user(user.pk, is_active=False, actor=SYSTEM)
    assert Api(another).get("/sources").status_code == 401


def test_scopes_cut_down_and_never_add(db):
    assert api_as("steward", scopes=["customer.view"]).get("/sources").status_code == 403
    assert api_as("rep", scopes=["source.view"]).get("/sources").status_code == 403


def test_a_changed_role_counts_at_the_next_call(db):
    user = make_user("steward")
    api = api_as("steward", user=user)
    assert api.get("/sources").status_code == 200
    change_user(user.pk, role="rep", actor=SYSTEM)
    assert api.get("/sources").status_code == 403


def test_guessing_tokens_is_slowed_down(db):
    guesser = Api("kehu_0123456789_" + "0" * 40)
    answers = [guesser.get("/sources").status_code for _ in range(rate_limits.TOKEN_FAILURES.at_most + 1)]
    assert answers[0] == 401
    assert answers[-1] == 429


def test_a_browser_needs_its_csrf_token_to_act(db):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_user("administrator"))
    body = {"kind": "shop", "name": "Shop"}
    assert browser.get("/api/v1/sources").status_code == 200
    refused = browser.post("/api/v1/sources", body, content_type="application/json")
    assert refused.status_code == 403
    browser.get("/account/login/")
    browser.cookies["csrftoken"] = "x" * 32
    accepted = browser.post("/api/v1/sources", body, content_type="application/json", headers={"X-CSRFToken": "x" * 32})
    assert accepted.status_code == 201


def test_strangers_hear_401_whatever_they_try(db):
    for method in ("GET", "POST", "PATCH"):
        response = Client(enforce_csrf_checks=True).generic(method, "/api/v1/sources")
        assert response.status_code in {401, 405}, method


def test_what_a_token_does_is_audited_with_token_and_request(db):
    api = api_as("administrator")
    api.post("/sources", {"kind": "shop", "name": "Shop"}, X_Request_Id="request-4711")
    entry = AuditEntry.objects.filter(table_name="collect_source").latest("id")
    assert entry.request_id == "request-4711"
    assert f"token {ApiToken.objects.get().pk}" in entry.actor_label
    assert entry.actor_id == ApiToken.objects.get().user_id


def test_nobody_gives_away_rights_they_lack(db):
    steward = make_actor("steward")
    with pytest.raises(MoreThanYourOwn):
        create_token(user_id=steward.user_id, name="x", scopes=["user.manage"], actor=make_token_manager())
    with pytest.raises(MoreThanYourOwn):
        create_user(
            email="new@example.com",
            name="New",
            role="administrator",
            password=PASSWORD,
            actor=make_token_manager(),
        )


def make_token_manager():
    """Somebody who may manage people and tokens, and little else."""
    from dataclasses import replace

    return replace(make_actor("rep"), permissions=frozenset({"user.manage", "token.manage", "customer.view"}))


def test_write_keys_are_shown_to_those_who_manage_sources_only(db):
    source = create_source(kind="shop", name="Shop", actor=SYSTEM)
    listed = api_as("manager").get("/sources")
    assert listed.status_code == 200
    assert source.write_key not in listed.content.decode()
    assert source.write_key not in api_as("manager").get(f"/sources/{source.pk}").content.decode()
