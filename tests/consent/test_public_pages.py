"""The preference centre and the one-click link: no login, no cookie, no effect of a mere look, and nobody else's."""

from uuid import UUID

import pytest
from django.urls import reverse

from kehu.govern.access import SYSTEM
from kehu.govern.consent import services
from kehu.govern.consent.decision import Reason
from kehu.govern.consent.gate import may
from kehu.govern.consent.links import token_for, unsubscribe_headers
from kehu.govern.consent.models import Suppression, Word
from kehu.govern.consent.services import Door
from kehu.resolve.models import RecordCustomer
from tests.callers import make_client
from tests.cast import make_customer, make_user

EMAIL, PHONE = "bird@example.com", "+8613900001111"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def customer(db) -> UUID:
    made = make_customer("金丝雀", identifiers={"phone": PHONE, "email": EMAIL})
    services.give_consent(made, [("marketing", "email"), ("marketing", "sms")], door=Door("page"), actor=SYSTEM)
    return made


def link(customer: UUID | None, page: str = "unsubscribe", purpose: str = "marketing") -> str:
    return reverse(f"web:{page}", args=[token_for("email", EMAIL, customer_id=customer, purpose=purpose)])


def test_a_mail_carries_the_headers_of_one_click_and_no_address_in_them(customer):
    headers = unsubscribe_headers("email", EMAIL, customer_id=customer, purpose="marketing")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<http")
    assert "bird" not in headers["List-Unsubscribe"]


def test_looking_changes_nothing_and_one_click_without_cookies_unsubscribes_once(customer):
    strict = make_client(enforce_csrf_checks=True)
    assert strict.get(link(customer)).status_code == 200
    assert may("marketing", "email", customer_id=customer, address=EMAIL) == (True, Reason.CONSENTED)
    for _ in range(2):
        assert strict.post(link(customer), ONE_CLICK).status_code == 200
    assert may("marketing", "email", customer_id=customer, address=EMAIL) == (False, Reason.SUPPRESSED)
    assert may("marketing", "sms", customer_id=customer, address=PHONE) == (True, Reason.CONSENTED)
    assert Suppression.objects.count() == 1
    assert Word.objects.filter(door="one_click").exists()


def test_a_link_of_nobody_we_know_still_stops_its_address(db):
    make_client().post(link(None), ONE_CLICK)
    assert may("marketing", "email", address=EMAIL) == (False, Reason.SUPPRESSED)


def test_a_link_survives_a_merge(customer):
    other = make_customer("王芳")
    address = link(customer)
    RecordCustomer.objects.filter(customer_id=customer).update(customer_id=other)
    make_client().post(address, ONE_CLICK)
    assert may("marketing", "email", customer_id=other) == (False, Reason.WITHDRAWN)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_preference_centre_shows_what_is_chosen_and_keeps_what_is_changed(customer, language):
    client = make_client(headers={"Accept-Language": language})
    page = client.get(link(customer, "choices"))
    text = page.content.decode()
    assert ("优惠与活动" if language == "zh-hans" else "Offers and news") in text
    assert 'name="marketing.email" checked' in text
    assert EMAIL not in text, "whoever was forwarded the mail learns no address"
    assert page["Referrer-Policy"] == "no-referrer"
    saved = client.post(link(customer, "choices"), {"marketing.email": "on"})
    assert saved.status_code == 200
    assert may("marketing", "email", customer_id=customer, address=EMAIL) == (True, Reason.CONSENTED)
    assert may("marketing", "sms", customer_id=customer) == (False, Reason.WITHDRAWN)


def test_saying_nothing_please_is_one_button_and_saying_yes_again_is_as_easy(customer):
    client = make_client()
    client.post(link(customer, "choices"), {"marketing.email": "on", "none": "1"})
    assert may("marketing", "email", customer_id=customer, address=EMAIL).allowed is False
    client.post(link(customer, "choices"), {"marketing.email": "on"})
    assert may("marketing", "email", customer_id=customer, address=EMAIL) == (True, Reason.CONSENTED)


@pytest.mark.parametrize(
    "token", ["x", "a:b", "..", "eyJ0IjoxfQ:1:x", "%00", "'; DROP TABLE consent_word; --", "A" * 3000]
)
def test_a_link_we_did_not_sign_leads_nowhere(customer, token):
    for page in ("choices", "unsubscribe"):
        try:
            address = reverse(f"web:{page}", args=[token])
        except Exception:
            continue
        for answer in (make_client().get(address), make_client().post(address, ONE_CLICK)):
            assert answer.status_code == 404
    assert may("marketing", "email", customer_id=customer, address=EMAIL) == (True, Reason.CONSENTED)


def test_a_link_changed_by_one_letter_leads_nowhere(customer):
    address = link(customer)
    forged = address[:-1] + ("A" if address[-1] != "A" else "B")
    assert make_client().post(forged, ONE_CLICK).status_code == 404


def test_the_page_of_a_customer_writes_down_a_yes_only_with_its_proof(customer):
    client = make_client()
    client.force_login(make_user("agent"))
    address = reverse("web:customer_consents", args=[customer])
    said = {"purpose": "survey", "channel": ["phone"], "word": "yes"}
    assert client.post(address, said).status_code == 422
    assert client.post(address, {**said, "proof": "on the phone"}).status_code == 302
    assert may("survey", "phone", customer_id=customer) == (True, Reason.CONSENTED)
    client.post(address, {"purpose": "*", "word": "no"})
    assert may("survey", "phone", customer_id=customer) == (False, Reason.WITHDRAWN)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"word": "yes", "purpose": "marketing", "channel": ["pigeon"], "proof": "x"},
        {"word": "yes", "purpose": "no such thing", "channel": ["sms"], "proof": "x"},
        {"mark": "nonsense"},
        {"word": "yes", "purpose": "*", "channel": ["sms"], "proof": "x"},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(customer, said):
    client = make_client()
    client.force_login(make_user("agent"))
    assert client.post(reverse("web:customer_consents", args=[customer]), said).status_code == 422


def test_what_is_asked_alone_is_not_asked_here_but_can_be_taken_back_here(customer):
    client = make_client()
    assert "sharing.email" not in client.get(link(customer, "choices")).content.decode()
    services.give_consent(customer, [("sharing", "email")], door=Door("page"), actor=SYSTEM, is_separate=True)
    assert 'name="sharing.email" checked' in client.get(link(customer, "choices")).content.decode()
    client.post(link(customer, "choices"), {"sharing.email": "on"})
    assert may("sharing", "email", customer_id=customer) == (True, Reason.CONSENTED), "kept as it was given"
    client.post(link(customer, "choices"), {})
    assert may("sharing", "email", customer_id=customer) == (False, Reason.WITHDRAWN)
