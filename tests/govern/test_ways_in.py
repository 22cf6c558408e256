"""Ways in: one limiter over all of them, second factors by role, the one-time set-up link, the company's sign-on."""

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oidc_provider_mock import run_server_in_thread

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import login_limits, services
from kehu.govern.models import ApiToken, AuditEntry, SetUpLink, User
from kehu.govern.routes import THIRD_PARTY
from tests.callers import make_client
from tests.cast import PASSWORD, hash_of_password, make_user

LOGIN = "/account/login/"
SECRET = "correct-horse"


@pytest.fixture
def strict_factors(settings):
    settings.REQUIRE_SECOND_FACTOR = True


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client: Client, user: User, password: str = PASSWORD, address: str = "192.0.2.1"):
    return client.post(LOGIN, {"login": user.email, "password": password}, REMOTE_ADDR=address)


def sign_in_and_confirm(client: Client, user: User) -> None:
    """What touches the ways in asks for the password once more."""
    sign_in(client, user)
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


def test_wrong_tries_from_one_address_count_over_all_ways_in(db):
    ways = [LOGIN, reverse("account_reset_password"), reverse("web:set_up", args=["guess"])]
    heard = []
    for number in range(12):
        form = {"login": f"{number}@example.com", "email": f"{number}@example.com", "password": "wrong"}
        heard.append(make_client().post(ways[number % 3], form, REMOTE_ADDR="192.0.2.50").status_code)
    assert 429 not in heard[:10]
    assert heard[10:] == [429, 429]
    assert make_client().post(LOGIN, {"login": "x@example.com", "password": "wrong"}).status_code != 429


def test_right_tries_are_given_back(db):
    for number in range(12):
        user = make_user("rep", email=f"office{number}@example.com")
        user.password = hash_of_password()
        user.save()
        assert sign_in(make_client(), user, address="192.0.2.60").status_code == 302, number


def test_a_refused_try_says_when_to_come_back(db):
    for _ in range(10):
        refused = make_client().post(reverse("account_reset_password"), {"email": "a@b.cn"}, REMOTE_ADDR="192.0.2.70")
    refused = make_client().post(LOGIN, {"login": "a@b.cn", "password": "x"}, REMOTE_ADDR="192.0.2.70")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_every_route_that_takes_a_secret_is_limited():
    asks_for_a_secret = re.compile(r"login$|authenticate|reauthenticate|reset_password(_from_key)?$|callback")
    taking = {name for name in THIRD_PARTY if asks_for_a_secret.search(name)}
    # The link to the provider takes none; the code of a confirmed login is not in use.
    assert taking - login_limits.CREDENTIAL_ROUTES == {"openid_connect_login"}


def test_a_role_that_asks_for_a_second_factor_gets_nothing_before_it_has_one(db, strict_factors):
    founder, rep = make_user("administrator"), make_user("rep")
    for user, status in ((founder, 302), (rep, 200)):
        client = make_client()
        client.force_login(user)
        assert client.get(reverse("web:home")).status_code == status
        assert client.get(reverse("web:account")).status_code == 200
        assert client.get("/api/v1/customers").status_code == (403 if status == 302 else 200)
    client = make_client()
    client.force_login(founder)
    assert client.get(reverse("web:home"))["Location"] == reverse("mfa_index")
    assert client.get(reverse("web:home"), headers={"HX-Request": "true"})["HX-Redirect"] == reverse("mfa_index")


def test_an_authenticator_app_is_set_up_asked_for_and_its_secret_lies_encrypted(db, strict_factors):
    founder = make_user("administrator", password=PASSWORD)
    client = make_client()
    sign_in(client, founder)
    assert "reauthenticate" in client.get(reverse("mfa_activate_totp"))["Location"]
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": "000000"}).status_code == 200
    assert client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}).status_code == 302
    assert client.get(reverse("web:home")).status_code == 200
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert secret not in str(list(AuditEntry.objects.values_list("after", flat=True)))

    again = make_client()
    first = sign_in(again, founder)
    assert first["Location"] == reverse("mfa_authenticate")
    assert again.get(reverse("web:home")).status_code == 302, "the password alone opens nothing"
    assert again.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200


def test_a_recovery_code_lets_in_once(db):
    user = make_user("rep", password=PASSWORD)
    client = make_client()
    sign_in_and_confirm(client, user)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    codes = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    for expected in (302, 200):
        other = make_client()
        sign_in(other, user)
        assert other.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == expected


def test_a_security_key_can_be_added(db):
    client = make_client()
    user = make_user("rep", password=PASSWORD)
    sign_in_and_confirm(client, user)
    page = client.get(reverse("mfa_add_webauthn"))
    assert page.status_code == 200
    challenge = page.context["js_data"]["creation_options"]["publicKey"]
    assert challenge["rp"]["id"] == "testserver"
    assert len(base64.urlsafe_b64decode(challenge["challenge"] + "==")) >= 16
    assert client.post(reverse("mfa_add_webauthn"), {"name": "Key", "credential": "{}"}).status_code == 200
    assert not Authenticator.objects.exists()


def test_the_set_up_link_makes_the_first_account_once(db):
    User.objects.all().delete()
    secret = services.make_set_up_link(timezone.now())
    page = reverse("web:set_up", args=[secret])
    form = {"name": "Founder", "email": "founder@example.com", "password": PASSWORD}
    client = make_client()
    assert client.get(page).status_code == 200
    assert client.post(page, {**form, "password": "short"}).status_code == 422
    assert client.post(page, form).status_code == 302
    assert client.get(reverse("web:people")).status_code == 200
    founder = User.objects.get()
    assert (founder.email, founder.role.slug) == ("founder@example.com", "administrator")
    assert make_client().post(page, {**form, "email": "second@example.com"}).status_code == 404
    assert services.make_set_up_link(timezone.now()) is None


def test_a_set_up_link_dies_of_age_and_of_a_newer_one(db):
    User.objects.all().delete()
    now = timezone.now()
    old = services.make_set_up_link(now)
    new = services.make_set_up_link(now)
    assert not services.is_set_up_link(old, now)
    assert services.is_set_up_link(new, now)
    assert not services.is_set_up_link(new, now + timedelta(hours=25))
    fields = {"name": "F", "email": "f@example.com", "language": "en"}
    with pytest.raises(NotFound):
        services.set_up("guess", password=PASSWORD, now=now, **fields)
    with pytest.raises(InvalidInput):
        services.set_up(new, password="password1234", now=now, **fields)
    assert new not in str(SetUpLink.objects.values_list("secret_hash"))


def test_a_new_installation_has_no_account_at_all(kehu_db):
    assert not User.objects.exists()
    assert not ApiToken.objects.exists()


# -- single sign-on, against a provider that runs in this process ---------------------------------------------------


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with run_server_in_thread(require_client_registration=False) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def company(settings, provider, db):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "company",
                    "name": "Company",
                    "client_id": "kehu",
                    "secret": SECRET,
                    "settings": {"server_url": provider},
                }
            ],
        }
    }
    return provider


def to_the_provider(client: Client) -> str:
    """Press the button; the provider's address with what Kehu asks of it."""
    pressed = client.post(reverse("openid_connect_login", kwargs={"provider_id": "company"}))
    assert pressed.status_code == 302
    return pressed["Location"]


def come_back(client: Client, asked: str, subject: str, **claims: str):
    """Sign in at the provider as `subject`, and follow it back to Kehu."""
    issuer = asked.partition("/oauth2")[0]
    httpx.put(f"{issuer}/users/{subject}", json={"sub": subject, **claims}).raise_for_status()
    answered = httpx.post(asked, data={"sub": subject})
    assert answered.status_code == 302, answered.text
    back = urlsplit(answered.headers["location"])
    return client.get(f"{back.path}?{back.query}")


def test_who_connected_their_account_signs_in_by_the_company(company):
    user = make_user("rep", password=PASSWORD)
    client = make_client()
    sign_in(client, user)
    pressed = client.post(reverse("openid_connect_login", kwargs={"provider_id": "company"}) + "?process=connect")
    come_back(client, pressed["Location"], "sub-1", email="somebody@else.example")
    account = SocialAccount.objects.get(user=user)
    assert (account.provider, account.uid) == ("company", "sub-1")
    other = make_client()
    assert come_back(other, to_the_provider(other), "sub-1").status_code == 302
    assert other.get(reverse("web:account")).status_code == 200


def test_the_request_carries_state_and_a_pkce_challenge(company, db):
    asked = parse_qs(urlsplit(to_the_provider(make_client())).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 16
    assert asked["redirect_uri"] == ["http://testserver/account/sso/oidc/company/login/callback/"]


def test_an_address_alone_opens_no_account(company, db):
    user = make_user("administrator")
    client = make_client()
    come_back(client, to_the_provider(client), "stranger", email=user.email)
    assert client.get(reverse("web:account")).status_code == 302
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("makes_accounts", [False, True])
def test_somebody_new_gets_an_account_without_rights_only_if_the_company_says_so(company, db, settings, makes_accounts):
    settings.OIDC_MAKES_ACCOUNTS = makes_accounts
    client = make_client()
    come_back(client, to_the_provider(client), "new-1", email="new@example.com", name="New Person")
    made = User.objects.filter(email="new@example.com").first()
    assert (made is not None) is makes_accounts
    if made is not None:
        assert made.role.slug == "newcomer"
        assert client.get(reverse("web:customers")).status_code == 403


def test_a_forged_state_is_refused(company, db):
    user = make_user("rep")
    SocialAccount.objects.create(user=user, provider="company", uid="sub-9")
    client, other = make_client(), make_client()
    asked = to_the_provider(other)
    to_the_provider(client)
    response = come_back(client, asked, "sub-9")
    assert response.status_code != 302
    assert client.get(reverse("web:account")).status_code == 302
