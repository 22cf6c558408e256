"""People, departments, roles and keys: on screen and by their services, with each refusal beside its success."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils import timezone

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import services
from kehu.govern.access import SYSTEM, Actor, PermissionDenied, actor_for_user
from kehu.govern.duties import duties_in
from kehu.govern.errors import MoreThanYourOwn, NotYourself
from kehu.govern.models import ApiToken, AuditEntry, Department, Role, User
from kehu.govern.permissions import PERMISSIONS
from kehu.govern.services import RoleTerms
from kehu.govern.sessions import end_session
from kehu.govern.shipped_roles import SHIPPED_ROLES
from tests.callers import make_client
from tests.cast import PASSWORD, make_actor, make_department, make_user

ROLE = {"name": "Clerk", "slug": "clerk", "scope": "own", "permissions": ["customer.view"]}


def signed_in(role: str = "administrator", **fields):
    user = make_user(role, **fields)
    client = make_client()
    client.force_login(user)
    return client, user


def test_the_three_administrators_are_apart_from_one_another():
    held = {role.slug: duties_in(role.permissions) for role in SHIPPED_ROLES if role.slug != "administrator"}
    assert held["system_administrator"] == ("system",)
    assert held["security_administrator"] == ("security",)
    assert held["auditor"] == ("audit",)
    assert [slug for slug, duties in held.items() if len(duties) > 1] == []


def test_a_role_that_unites_duties_is_refused_on_screen(db):
    client, _ = signed_in()
    for permissions, status in ((["user.manage", "audit.view"], 422), (["user.manage", "source.manage"], 302)):
        response = client.post(reverse("web:role_new"), {**ROLE, "permissions": permissions})
        assert response.status_code == status
    assert Role.objects.get(slug="clerk").permissions == ["source.manage", "user.manage"]


def test_the_founder_holds_what_later_versions_add(db, monkeypatch):
    monkeypatch.setitem(PERMISSIONS, "moon.fly", "Fly to the moon")
    assert make_actor("administrator").can("moon.fly")
    assert not make_actor("steward").can("moon.fly")


def test_who_gives_roles_gives_them_to_others_only(db):
    security, newcomer = make_actor("security_administrator"), make_user("newcomer")
    services.change_user(newcomer.pk, role="steward", actor=security)
    assert User.objects.get(pk=newcomer.pk).role.slug == "steward"
    with pytest.raises(NotYourself):
        services.change_user(security.user_id, role="administrator", actor=security)
    with pytest.raises(PermissionDenied):
        services.change_user(newcomer.pk, is_active=False, actor=security)


def test_who_makes_accounts_gives_no_more_than_they_hold(db):
    system = make_actor("system_administrator")
    fields = {"name": "New", "actor": system}
    services.create_user(email="new@example.com", role="newcomer", **fields)
    with pytest.raises(MoreThanYourOwn):
        services.create_user(email="strong@example.com", role="steward", **fields)
    steward = make_user("steward")
    with pytest.raises(MoreThanYourOwn):
        services.make_password_key(steward.pk, actor=system)


def test_nobody_changes_the_role_they_hold_or_the_founders(db):
    security = make_actor("security_administrator")
    terms = RoleTerms("Anything", ["customer.view"], "all")
    with pytest.raises(NotYourself):
        services.change_role(Role.objects.get(slug="security_administrator").pk, terms=terms, actor=security)
    with pytest.raises(InvalidInput):
        services.change_role(Role.objects.get(slug="administrator").pk, terms=terms, actor=security)
    services.change_role(Role.objects.get(slug="rep").pk, terms=terms, actor=security)
    assert make_actor("rep").department_ids is None


@pytest.mark.parametrize(
    "terms",
    [
        RoleTerms("", ["customer.view"], "own"),
        RoleTerms("A", ["customer.fly"], "own"),
        RoleTerms("A", ["*"], "own"),
        RoleTerms("A", ["customer.view"], "galaxy"),
    ],
    ids=["no name", "unknown right", "everything", "unknown scope"],
)
def test_a_role_is_refused_for(db, terms):
    with pytest.raises(InvalidInput):
        services.create_role(slug="clerk", terms=terms, actor=SYSTEM)


def test_a_role_somebody_holds_stays(db):
    role_id = services.create_role(slug="clerk", terms=RoleTerms("Clerk", [], "own"), actor=SYSTEM)
    user = make_user("clerk")
    with pytest.raises(InvalidInput):
        services.delete_role(role_id, actor=SYSTEM)
    user.role = Role.objects.get(slug="rep")
    user.save()
    services.delete_role(role_id, actor=SYSTEM)
    assert not Role.objects.filter(pk=role_id).exists()


def test_a_person_is_made_changed_and_let_go_on_screen(db):
    client, founder = signed_in()
    east = make_department("East")
    form = {"name": "李娜", "email": "li@example.com", "role": "rep", "department_id": east.pk, "language": "zh-hans"}
    made = client.post(reverse("web:person_new"), form)
    person = User.objects.get(email="li@example.com")
    assert made["Location"] == reverse("web:person", args=[person.pk])
    again = client.post(reverse("web:person_new"), form)
    assert again.status_code == 422
    edit = reverse("web:person_edit", args=[person.pk])
    changed = {"name": "李娜", "role": "manager", "department_id": "", "language": "en", "is_active": "0"}
    assert client.post(edit, changed).status_code == 302
    person.refresh_from_db()
    assert (person.role.slug, person.is_active, person.language) == ("manager", False, "en")
    own = client.post(reverse("web:person_edit", args=[founder.pk]), {**changed, "role": "administrator"})
    assert own.status_code == 422


def test_the_password_link_is_shown_once_and_lets_its_person_choose(db):
    client, _ = signed_in()
    person = make_user("rep")
    page = client.post(reverse("web:person_password_link", args=[person.pk])).content.decode()
    link = page.partition('id="password-link">')[2].partition("<")[0]
    assert "/account/password/reset/key/" in link
    assert link not in client.get(reverse("web:person", args=[person.pk])).content.decode()
    stranger = make_client()
    form_page = stranger.get(link.partition("testserver")[2], follow=True)
    stranger.post(form_page.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert AuditEntry.objects.filter(action="password link", row_id=str(person.pk)).exists()


def test_a_department_cannot_lie_inside_itself(db):
    top = make_department("Top")
    below = make_department("Below", top)
    with pytest.raises(InvalidInput):
        services.move_department(top.pk, name="Top", parent_id=below.pk, actor=SYSTEM)
    services.move_department(below.pk, name="Beside", parent_id=None, actor=SYSTEM)
    assert Department.objects.get(pk=below.pk).parent is None
    make_user("rep", below)
    with pytest.raises(InvalidInput):
        services.delete_department(below.pk, actor=SYSTEM)
    services.delete_department(top.pk, actor=SYSTEM)


def test_departments_teams_and_territories_are_kept_on_screen(db):
    client, founder = signed_in()
    assert client.post(reverse("web:department_new"), {"name": "华东", "parent_id": ""}).status_code == 302
    east = Department.objects.get(name="华东")
    assert client.post(reverse("web:team_new"), {"name": "A", "member_ids": [founder.pk]}).status_code == 302
    assert client.post(reverse("web:team_new"), {"name": "A", "member_ids": []}).status_code == 422
    territory = {"name": "浙江", "places": "浙江省\n杭州市", "team_id": "", "department_id": east.pk}
    assert client.post(reverse("web:territory_new"), territory).status_code == 302
    assert client.post(reverse("web:territory_new"), {**territory, "department_id": ""}).status_code == 422
    page = client.get(reverse("web:departments")).content.decode()
    assert "华东" in page
    assert "浙江省、杭州市" in page


def test_a_token_is_shown_once_works_and_is_revoked_on_screen(db):
    client, founder = signed_in()
    form = {"name": "ERP", "user_id": founder.pk, "days": "30", "scopes": ["customer.view"]}
    page = client.post(reverse("web:token_new"), form).content.decode()
    text = page.partition('id="new-token">')[2].partition("<")[0]
    assert text.startswith("kehu_")
    assert text not in client.get(reverse("web:tokens")).content.decode()
    program = make_client(headers={"Authorization": f"Bearer {text}"})
    assert program.get("/api/v1/customers").status_code == 200
    assert program.get("/api/v1/sources").status_code == 403
    token = ApiToken.objects.get()
    assert token.expires_at is not None
    client.post(reverse("web:token_revoke", args=[token.pk]))
    assert program.get("/api/v1/customers").status_code == 401


def test_nobody_makes_a_key_to_rights_they_lack(db):
    security = make_actor("security_administrator")
    with pytest.raises(MoreThanYourOwn):
        services.create_token(user_id=make_user("steward").pk, name="x", scopes=["home.view"], actor=security)
    steward = make_actor("steward")
    assert services.create_token(user_id=steward.user_id, name="x", scopes=["customer.view"], actor=steward)
    with pytest.raises(MoreThanYourOwn):
        services.create_token(user_id=steward.user_id, name="x", scopes=["user.manage"], actor=steward)


def test_a_steward_sees_and_revokes_their_own_keys_only(db):
    client, steward = signed_in("steward")
    other = make_user("administrator")
    services.create_token(user_id=other.pk, name="Theirs", scopes=["home.view"], actor=SYSTEM)
    actor = actor_for_user(steward)
    services.create_token(user_id=steward.pk, name="Mine", scopes=["home.view"], actor=actor)
    page = client.get(reverse("web:tokens")).content.decode()
    assert "Mine" in page
    assert "Theirs" not in page
    theirs = ApiToken.objects.get(name="Theirs")
    assert client.post(reverse("web:token_revoke", args=[theirs.pk])).status_code == 403


def test_fields_are_hidden_masked_and_fixed_by_role_on_screen(db):
    client, _ = signed_in()
    role = Role.objects.get(slug="rep")
    form = {"field.email": "hidden", "field.phone": "write", "field.city": "read", "field.name": ""}
    assert client.post(reverse("web:role_fields", args=[role.pk]), form).status_code == 302
    role.refresh_from_db()
    assert role.fields == {"email": "hidden", "phone": "write", "city": "read"}
    assert client.post(reverse("web:role_fields", args=[role.pk]), {"field.phone": "shout"}).status_code == 422


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'; DROP TABLE govern_user; --", "‮evil", "x" * 101])
def test_hostile_names_are_kept_as_text_or_refused(db, text):
    client, _ = signed_in()
    response = client.post(reverse("web:team_new"), {"name": text, "member_ids": []})
    assert response.status_code in {302, 422}
    page = client.get(reverse("web:departments")).content.decode()
    assert "<script>alert" not in page


def test_sessions_are_listed_and_ended(db):
    client, founder = signed_in()
    person = make_user("rep", password=PASSWORD)
    theirs = make_client()
    theirs.post("/account/login/", {"login": person.email, "password": PASSWORD}, HTTP_USER_AGENT="Firefox on Linux")
    assert theirs.get(reverse("web:account")).status_code == 200
    page = client.get(reverse("web:person", args=[person.pk])).content.decode()
    assert "Firefox · Linux" in page
    session = UserSession.objects.get(user=person)
    rep, _ = signed_in("rep")
    assert rep.post(reverse("web:session_end", args=[session.pk])).status_code == 403
    assert client.post(reverse("web:session_end", args=[session.pk])).status_code == 302
    assert theirs.get(reverse("web:account")).status_code == 302
    with pytest.raises(NotFound):
        end_session(session.pk, actor=actor_for_user(founder))


def test_signing_out_everywhere_leaves_no_session(db):
    client, _ = signed_in()
    person = make_user("rep", password=PASSWORD)
    browsers = [make_client(), make_client()]
    for browser in browsers:
        browser.post("/account/login/", {"login": person.email, "password": PASSWORD})
    client.post(reverse("web:person_sign_out", args=[person.pk]))
    assert [browser.get(reverse("web:account")).status_code for browser in browsers] == [302, 302]


@pytest.mark.parametrize(("age", "status"), [(timedelta(minutes=29), 200), (timedelta(minutes=31), 302)])
def test_an_idle_session_ends(db, age, status):
    client, _ = signed_in("rep")
    client.get(reverse("web:account"))
    session = client.session
    session["seen_at"] = (timezone.now() - age).isoformat()
    session.save()
    assert client.get(reverse("web:account")).status_code == status


@pytest.mark.parametrize(("age", "status"), [(timedelta(hours=11), 200), (timedelta(hours=12, minutes=1), 302)])
def test_a_busy_session_ends_after_a_day_all_the_same(db, age, status):
    client, _ = signed_in("rep")
    client.get(reverse("web:account"))
    session = client.session
    session["began_at"] = (timezone.now() - age).isoformat()
    session.save()
    assert client.get(reverse("web:account")).status_code == status


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(db):
    client, _ = signed_in("rep")
    client.get(reverse("web:account"))
    long_ago = (timezone.now() - timedelta(minutes=20)).isoformat()
    for headers, stays in (({"Kehu-Passive": "1"}, True), ({}, False)):
        session = client.session
        session["seen_at"] = long_ago
        session.save()
        client.get(reverse("web:pulse"), headers=headers)
        assert (client.session["seen_at"] == long_ago) is stays


def test_an_actor_is_a_plain_value():
    assert Actor(user_id=1, name="x") == Actor(user_id=1, name="x")
    assert len({Actor(user_id=1, name="x"), Actor(user_id=1, name="x")}) == 1
