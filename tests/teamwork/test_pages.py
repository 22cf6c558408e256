"""The bell, the list, the card of the team, the palette and the sheet of paper, as people meet them."""

import re
import zlib
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from kehu.govern.access import SYSTEM, actor_for_user
from kehu.govern.consent import services as consent
from kehu.govern.models import AuditEntry, Department, User
from kehu.profile.queries import customer_view
from kehu.profile.relations.lines import RelationLine, Side
from kehu.teamwork import queries, services
from kehu.teamwork.kinds import NotificationKind
from kehu.teamwork.models import Comment, Notification
from kehu.web.pages.customer_card import card_page
from kehu.web.paper.setting import set_pdf
from tests.callers import make_client
from tests.cast import make_customer, make_department, make_user

HOSTILE = ("", "\x00", "'; DROP TABLE teamwork_comment; --", "<script>alert(1)</script>", "9" * 400, "@{9}", "∞")


@pytest.fixture
def east(db: Any) -> Department:
    return make_department("East")


@pytest.fixture
def user(east: Department) -> User:
    return make_user("rep", east, name="安娜")


@pytest.fixture
def client(user: User) -> Client:
    client = make_client()
    client.force_login(user)
    return client


@pytest.fixture
def customer(east: Department) -> UUID:
    return make_customer("张伟", department_id=east.pk, phone="13800138000")


def shown(client: Client, address: str, **headers: str) -> str:
    return client.get(address, headers=headers).content.decode()


def test_a_comment_is_written_changed_and_deleted_on_the_page(client: Client, customer: UUID) -> None:
    assert client.post(f"/customers/{customer}/comments", {"text": "约周五 <b>"}).status_code == 302
    page = shown(client, f"/customers/{customer}/team")
    assert "约周五 &lt;b&gt;" in page
    comment = Comment.objects.get()
    assert client.post(f"/comments/{comment.pk}/edit", {"text": "约周六", "version": "1"}).status_code == 302
    stale = client.post(f"/comments/{comment.pk}/edit", {"text": "约周日", "version": "1"})
    assert stale.status_code == 422
    assert "约周日" in stale.content.decode(), "what was typed is not lost"
    assert client.post(f"/comments/{comment.pk}/delete").status_code == 302
    assert not Comment.objects.exists()


def test_following_turns_into_a_list_of_ones_own(client: Client, user: User, customer: UUID) -> None:
    client.post(f"/customers/{customer}/follow")
    assert "张伟" in shown(client, "/my/customers?show=followed")
    assert 'aria-pressed="true"' in shown(client, f"/customers/{customer}/team")
    client.post(f"/customers/{customer}/unfollow")
    assert "张伟" not in shown(client, "/my/customers?show=followed")
    client.get(f"/customers/{customer}")
    assert "张伟" in shown(client, "/my/customers")


def test_the_bell_counts_and_a_notification_leads_to_its_comment(client: Client, user: User, customer: UUID) -> None:
    other = actor_for_user(make_user("rep", user.department, name="Ben"))
    comment = services.add_comment(customer, "@安娜 看一下", actor=other)
    bell = client.get("/notifications/bell", headers={"HX-Request": "true"})
    assert '<b class="count">1</b>' in bell.content.decode()
    assert "kehu:announce" in bell["HX-Trigger"]
    page = shown(client, "/notifications")
    assert "看一下" in page
    number = Notification.objects.get().pk
    assert client.get(f"/notifications/{number}")["Location"] == f"/customers/{customer}#comment-{comment}"
    assert '<b class="count"></b>' in shown(client, "/notifications/bell")
    assert make_client().get(f"/notifications/{number}").status_code == 302
    stranger = make_client()
    stranger.force_login(make_user("steward"))
    assert stranger.get(f"/notifications/{number}").status_code == 404


def test_all_is_read_up_to_what_was_shown_and_kinds_are_chosen(client: Client, user: User) -> None:
    for kind in NotificationKind:
        Notification.objects.create(
            user_id=user.pk, kind=kind, cause=kind, detail={"kind": "import.run", "state": "done"}
        )
    last = Notification.objects.latest("pk").pk
    assert client.get("/notifications").status_code == 200
    client.post("/notifications/read", {"up_to": str(last - 1)})
    assert list(Notification.objects.filter(read_at=None).values_list("pk", flat=True)) == [last]
    assert client.get(f"/notifications/{last}").status_code == 302
    client.post("/notifications/kinds", {"kind": ["mention", "job"]})
    assert queries.wanted_kinds(actor_for_user(user)) == [NotificationKind.MENTION, NotificationKind.JOB]


def test_the_palette_offers_what_the_person_may_do_here(client: Client, customer: UUID) -> None:
    here = {"HX-Current-URL": f"http://testserver/customers/{customer}"}
    offered = shown(client, "/shell/palette", **here)
    assert f"/customers/{customer}/edit" in offered
    assert f"/customers/{customer}/merge" not in offered, "a rep merges nobody"
    assert f'formaction="/customers/{customer}/follow"' in offered
    assert "/customers/new" in shown(client, "/shell/palette?q=xjkh")
    assert "/customers/new" in shown(client, "/shell/palette?q=new+cust")
    assert 'formaction="/theme" name="theme" value="dark"' in shown(client, "/shell/palette?q=waiguan")
    assert "/imports/new" not in shown(client, "/shell/palette?q=import")
    stranger = make_customer("李静", department_id=make_department("West").pk)
    elsewhere = {"HX-Current-URL": f"http://testserver/customers/{stranger}"}
    assert f"/customers/{stranger}" not in shown(client, "/shell/palette", **elsewhere)
    client.get(f"/customers/{customer}")
    assert "张伟" in shown(client, "/shell/palette"), "recently viewed"


def test_whatever_is_typed_is_answered_with_an_answer(client: Client, customer: UUID) -> None:
    comment = services.add_comment(customer, "一", actor=actor_for_user(User.objects.get(name="安娜")))
    for text in HOSTILE:
        answers = [
            client.post(f"/customers/{customer}/comments", {"text": text}),
            client.post(f"/comments/{comment}/edit", {"text": text, "version": text}),
            client.post("/notifications/read", {"up_to": text}),
            client.post("/notifications/kinds", {"kind": text}),
            client.get("/notifications", {"cursor": text, "show": text}),
            client.get(f"/customers/{customer}/people", {"q": text}),
            client.get(f"/customers/{customer}/team", {"before": text}),
            client.get("/shell/palette", {"q": text}, headers={"HX-Current-URL": f"http://[{text[:20]}"}),
        ]
        assert {answer.status_code for answer in answers} <= {200, 302, 422}, text
    assert "<script>alert" not in shown(client, f"/customers/{customer}/team")


def test_a_pdf_shows_what_its_reader_may_see_and_is_on_record(client: Client, user: User, customer: UUID) -> None:
    answer = client.get(f"/customers/{customer}/card.pdf")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert AuditEntry.objects.filter(action="customer.card", row_id=str(customer), actor_id=user.pk).count() == 1
    actor = actor_for_user(user)
    employer = RelationLine(
        customer, "远恒", "organisation", "employee_of", Side.LEFT, "采购", None, None, False, False, ()
    )
    card = card_page(actor, replace(customer_view(actor, customer), relations=[employer]))
    assert "远恒" in str(card.parts)
    assert "138****8000" in str(card)
    assert "13800138000" not in str(card)
    consent.set_mark(customer, "restricted", actor=SYSTEM)
    assert client.get(f"/customers/{customer}/card.pdf").status_code == 409


def test_chinese_is_set_in_a_font_that_has_it_and_markup_stays_text() -> None:
    def pdf(name: str) -> bytes:
        said = {"id": "1", "name": name, "subtitle": "", "language": "zh", "printed": "", "orders_title": ""}
        parts = [{"title": "档案", "rows": [["姓名", name, ""]]}]
        return set_pdf("customer.typ", {**said, "figures": [["a", "b"]], "parts": parts, "orders": []})

    assert fonts_of(pdf("张伟 張三")) == {"NotoSansSC-Regular"}
    assert fonts_of(pdf('#panic("no") $ * _ <x> @y //')) == {"NotoSansSC-Regular"}


def fonts_of(pdf: bytes) -> set[str]:
    """Names of the fonts that are embedded, out of the compressed objects."""
    told = pdf
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            told += zlib.decompress(stream)
    return {found.decode() for found in re.findall(rb"/FontName\s*/[A-Z]{6}\+([\w-]+)", told)}
