"""Large files of customers are fetched when a second person has let them go; small ones at once."""

import time
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from kehu.core import jobs
from kehu.govern.access import actor_for_user
from kehu.govern.models import AuditEntry, User
from kehu.profile.models import Export
from kehu.profile.queries.lists import ListAsked
from kehu.profile.services import export
from tests.callers import make_client
from tests.cast import PASSWORD, make_customer, make_user


@pytest.fixture
def officer(db, monkeypatch) -> User:
    monkeypatch.setattr(export, "config", replace(export.config, export_alone_rows=1))
    return make_user("privacy_officer", language="en")


def signed_in(user: User) -> Client:
    """Somebody who has just given their password."""
    client = make_client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    return client


def make_export(user: User, people: int) -> int:
    for number in range(people):
        make_customer(f"客户{number}")
    made = export.start_export(
        ListAsked(), format="csv", columns=(), actor=actor_for_user(user), reason="for <b>me</b>"
    )
    jobs.run_job_here(Export.objects.get(pk=made).job_id)
    return made


def fetch(user: User, made: int) -> int:
    address = reverse("web:customers_export_file", args=[made])
    return signed_in(user).get(address, {"download": "1"}).status_code


def test_a_small_file_is_its_makers_at_once_a_large_one_when_somebody_else_lets_it_go(officer: User) -> None:
    marketer = make_user("marketer", language="en")
    assert fetch(marketer, make_export(marketer, 1)) == 200
    made = make_export(marketer, 2)
    assert fetch(marketer, made) == 409
    page = signed_in(marketer).get(reverse("web:customers_export_file", args=[made])).content.decode()
    assert "second person" in page
    assert "download=1" not in page
    assert signed_in(marketer).get(f"/api/v1/lists/exports/{made}").json()["release"] == "waiting"
    assert signed_in(marketer).get(f"/api/v1/lists/exports/{made}/file").status_code == 409

    desk, act = signed_in(officer), reverse("web:privacy_export_decide", args=[made])
    shown = desk.get(reverse("web:privacy_exports")).content.decode()
    assert "for &lt;b&gt;me&lt;/b&gt;" in shown
    assert desk.post(act, {"verdict": "grant", "why": " "}).status_code == 422
    assert fetch(marketer, made) == 409
    assert desk.post(act, {"verdict": "grant", "why": "the spring letter"}).status_code == 302
    assert fetch(marketer, made) == 200
    assert desk.post(act, {"verdict": "grant", "why": "again"}).status_code == 404
    assert AuditEntry.objects.filter(action="export.granted", row_id=str(made)).count() == 1


def test_nobody_lets_their_own_file_go_nor_without_saying_again_who_they_are(officer: User) -> None:
    made = make_export(officer, 3)
    act = reverse("web:privacy_export_decide", args=[made])
    assert act not in signed_in(officer).get(reverse("web:privacy_exports")).content.decode()
    assert signed_in(officer).post(act, {"verdict": "grant", "why": "mine"}).status_code == 403
    other = make_user("privacy_officer", password=PASSWORD)
    stale = make_client()
    stale.force_login(other)
    asked = stale.get(reverse("web:privacy_exports"))
    assert "reauthenticate" in asked["Location"]
    assert "reauthenticate" in stale.post(act, {"verdict": "grant", "why": "x"})["Location"]
    assert signed_in(other).post(act, {"verdict": "refuse", "why": "too many"}).status_code == 302
    assert fetch(officer, made) == 409
    assert signed_in(make_user("marketer")).post(act, {"verdict": "grant", "why": "x"}).status_code == 403
