"""Passwords that would be guessed are refused; who forgot theirs gets a link once, and strangers learn nothing."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from allauth.account.forms import default_token_generator
from django.core import mail
from django.test import Client
from django.urls import reverse

from kehu.core import jobs
from kehu.core.errors import InvalidInput
from kehu.core.models import Job
from kehu.govern import forgotten, services
from kehu.govern.access import SYSTEM
from kehu.govern.models import User
from kehu.govern.passwords import is_guessable
from tests.callers import make_client
from tests.cast import PASSWORD, make_user

NEW = "violet anchor mosquito 7"


@pytest.mark.parametrize(
    "password",
    ["Password2026!", "p@ssw0rd123456", "qwertyuiop12", "woaini1314520", "1qaz2wsx3edc", "Kehu-2026-Kehu!",
     "iloveyou1234", "dragon!!!dragon", "aaaaaaaaaaaaaa", "123456789012345", "abcabcabcabc", "Zhangwei2026!",
     "1314520520131"],
)  # fmt: skip
def test_what_would_be_guessed_is_refused(password: str) -> None:
    assert is_guessable(password, ["Zhangwei", "zw@example.com", "kehu"])


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "a-long-demo-password", NEW, "xK9#mQ2$vL8@nR4", "买了三只会飞的木头鸭子呢", "tr0mb0ne&glacier"],
)
def test_what_would_not_be_guessed_is_taken(password: str) -> None:
    assert not is_guessable(password, ["Zhang Wei", "zw@example.com", "kehu"])


def test_an_account_is_not_made_with_such_a_password(db) -> None:
    with pytest.raises(InvalidInput):
        services.create_user(
            email="li.na@example.com", name="Li Na", role="rep", actor=SYSTEM, password="Password2026!"
        )


@pytest.fixture
def sending(db, monkeypatch) -> None:
    known = replace(forgotten.config, mail_url="smtp://mail", public_url="https://kehu.example.com")
    monkeypatch.setattr(forgotten, "config", known)


def forget(address: str) -> tuple[int, str, bytes]:
    client = make_client(HTTP_HOST="localhost")
    answer = client.post(reverse("account_reset_password"), {"email": address})
    return answer.status_code, answer["Location"], client.get(answer["Location"]).content


def work() -> None:
    for job in Job.objects.filter(kind=forgotten.KIND, state="queued").values_list("pk", flat=True):
        jobs.run_job_here(job)


def mailed_link() -> str:
    [found] = re.findall(r"https://kehu\.example\.com(\S+)", str(mail.outbox[-1].body))
    return str(found)


def choose(client: Client, link: str, password: str) -> int:
    form = client.get(link, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password}).status_code


def test_known_and_unknown_accounts_hear_the_same_and_only_a_known_one_gets_mail(sending: None) -> None:
    user = make_user("rep", password=PASSWORD, email="chen@example.com")
    closed = make_user("rep", password=PASSWORD, email="gone@example.com")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    heard = {tuple(str(part).replace(one, "") for part in forget(one))
             for one in ("chen@example.com", "nobody@example.com", "gone@example.com")}  # fmt: skip
    assert len({(status, where) for status, where, _ in heard}) == 1
    assert Job.objects.filter(kind=forgotten.KIND).count() == 3, "the same work is queued whoever is asked for"
    assert user.email not in str(list(Job.objects.values_list("payload", flat=True)))
    work()
    assert [message.to for message in mail.outbox] == [[user.email]]


def test_the_link_works_once_and_for_an_hour_and_opens_nothing_by_itself(sending: None) -> None:
    user = make_user("rep", password=PASSWORD, email="chen@example.com")
    forget(user.email)
    work()
    link, client = mailed_link(), make_client()
    assert choose(client, link, "Password2026!") == 200
    assert choose(client, link, NEW) == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert client.get(reverse("web:customers")).status_code == 302, "who has the link still signs in"
    choose(make_client(), link, "another good one 42")
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_a_mailed_key_dies_after_an_hour(db, monkeypatch) -> None:
    user = make_user("rep", password=PASSWORD)
    key = forgotten.MailedKeys().make_token(user)
    assert default_token_generator.check_token(user, key)
    later = datetime.now() + timedelta(minutes=61)
    monkeypatch.setattr(type(default_token_generator), "_now", lambda self: later)
    assert not default_token_generator.check_token(user, key)


def test_without_a_mail_server_the_page_says_whom_to_ask(db) -> None:
    page = make_client(headers={"Accept-Language": "en"}).get(reverse("account_reset_password")).content.decode()
    assert "ask an administrator" in page
    make_user("rep", email="chen@example.com")
    forget("chen@example.com")
    work()
    assert mail.outbox == []
