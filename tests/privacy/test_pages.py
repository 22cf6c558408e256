"""The desk on screen: a request from its form to its package, by the privacy officer alone."""

import pytest
from django.conf import settings
from django.urls import reverse

from kehu.govern.access import SYSTEM
from kehu.govern.consent.models import Notice, Purpose
from kehu.govern.consent.services import set_mark
from kehu.govern.privacy.models import Request, RetentionPolicy
from tests.callers import make_client
from tests.cast import make_customer, make_user


@pytest.fixture
def officer(db, monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")
    client = make_client()
    client.force_login(make_user("privacy_officer", language="en"))
    return client


def test_a_copy_goes_from_the_form_to_the_package(officer):
    customer = make_customer("张伟", phone="13800138000")
    new = reverse("web:privacy_new") + f"?customer={customer}"
    assert officer.post(new, {"kind": "copy"}).status_code == 422
    made = officer.post(new, {"kind": "copy", "requester_name": "张伟"})
    address = made["Location"]
    act = reverse("web:privacy_act", args=[Request.objects.get().pk])
    assert "Identity checked" in officer.get(address).content.decode()
    refused = officer.post(act, {"act": "carry_out"})
    assert refused.status_code == 422
    assert "Check first who asks" in refused.content.decode()
    officer.post(act, {"act": "identify", "method": "call_back", "note": "knew the last order"})
    officer.post(act, {"act": "carry_out"})
    package = officer.get(reverse("web:privacy_package", args=[Request.objects.get().pk]))
    assert package["Content-Type"] == "application/zip"
    assert package["Content-Disposition"].startswith("attachment")
    officer.post(act, {"act": "close", "outcome": "sent"})
    assert Request.objects.get().state == "done"
    assert "张伟" in officer.get(reverse("web:privacy") + "?closed=1").content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {"act": "nonsense"}, {"act": "identify", "method": "hearsay"}, {"act": "person", "customer": "nobody"},
        {"act": "person", "customer": "6d0e8f1e-0000-4000-8000-000000000000"}, {"act": "refuse", "code": "no reason"},
        {"act": "confirm", "step": "'; DROP TABLE x", "note": "x"}, {"act": "close"}, {},
    ],
)  # fmt: skip
def test_hostile_steps_are_refused_in_words(officer, said):
    officer.post(reverse("web:privacy_new"), {"kind": "access", "requester_name": "x"})
    answer = officer.post(reverse("web:privacy_act", args=[Request.objects.get().pk]), said)
    assert answer.status_code == 422
    assert Request.objects.get().state == "open"


def test_retention_is_previewed_and_set(officer):
    address = reverse("web:privacy_retention_set", args=["dead_letters"])
    officer.post(address, {"days": "30", "preview": "1"})
    assert not RetentionPolicy.objects.exists()
    officer.post(address, {"days": "30", "is_enabled": "1"})
    assert RetentionPolicy.objects.get().days == 30
    for days in ("x", "-1", "99999999999999999999"):
        assert officer.post(address, {"days": days}).status_code == 422
    assert officer.post(reverse("web:privacy_retention_set", args=["nonsense"]), {"days": "3"}).status_code == 404
    assert officer.get(reverse("web:privacy_retention")).status_code == 200


def test_a_purpose_is_changed_and_a_notice_published_for_everybody_to_read(officer):
    address = reverse("web:privacy_purpose", args=["survey"])
    page = {"name_zh": "调查", "name_en": "Asking", "basis": "consent", "ask_again_after_days": "90", "is_active": "on"}
    assert officer.post(address, {**page, "basis": "whim"}).status_code == 422
    assert officer.post(address, {**page, "basis": "interest", "separate": "sharing"}).status_code == 422
    assert officer.post(address, page).status_code == 302
    assert Purpose.objects.get(slug="survey").name_en == "Asking"
    officer.post(
        reverse("web:privacy_notice"), {"text_zh": "我们这样使用", "text_en": "<script>alert(1)</script>We do"}
    )
    assert Notice.objects.get().version == 1
    stranger = make_client(headers={"Accept-Language": "en"})
    shown = stranger.get(reverse("web:notice")).content.decode()
    assert "We do" in shown
    assert "<script>alert" not in shown
    assert officer.get(reverse("web:privacy_purposes")).status_code == 200


def test_a_hold_and_a_mark_are_seen_and_ended_on_one_page(officer):
    customer = make_customer("张伟")
    address, hold = reverse("web:privacy_standing"), reverse("web:privacy_hold")
    said = {"customer": f"http://kehu/customers/{customer}", "reason": "dispute <b>17</b>", "case_number": "A-17"}
    for hostile in (
        {"customer": "nobody"},
        {**said, "reason": " "},
        {"customer": "6d0e8f1e-0000-4000-8000-000000000000"},
    ):
        assert officer.post(hold, hostile).status_code == 422
    assert officer.post(hold, said).status_code == 302
    set_mark(customer, "minor", actor=SYSTEM, reason="told us")
    page = officer.get(address).content.decode()
    assert "dispute &lt;b&gt;17&lt;/b&gt;" in page
    assert "A-17" in page
    assert "Under 14" in page
    officer.post(reverse("web:privacy_hold_release", args=[customer]))
    officer.post(reverse("web:privacy_mark_lift", args=[customer]), {"kind": "minor"})
    page = officer.get(address).content.decode()
    assert "Nothing is held." in page
    assert "Nobody is marked." in page


def test_an_address_is_left_alone_looked_up_and_given_back_with_a_reason(officer):
    address = reverse("web:privacy_left_alone")

    def say(act: str, **said: str) -> tuple[int, str]:
        answer = officer.post(address, {"channel": "sms", "address": "139 2746 8135", "act": act, **said})
        return answer.status_code, answer.content.decode()

    assert "is not left alone" in say("look")[1]
    assert say("enter", cause="complaint")[0] == 200
    assert "Left alone: complained." in say("look", address="+8613927468135")[1]
    assert say("give_back")[0] == 422
    assert "written to again" in say("give_back", reason="she called")[1]
    assert "is not left alone" in say("look")[1]
    for hostile in ({"address": "no number"}, {"channel": "smoke"}, {"address": ""}):
        assert say("enter", **hostile)[0] == 422
    assert "13927468135" not in officer.get(address).content.decode()


def test_a_new_purpose_is_entered_once(officer):
    address = reverse("web:privacy_purpose_new")
    said = {"slug": "warranty", "name_zh": "保修", "name_en": "Warranty", "basis": "contract", "channels": ["sms"],
            "ask_again_after_days": "30", "is_active": "on"}  # fmt: skip
    assert officer.post(address, {**said, "slug": "a b; DROP"}).status_code == 422
    assert officer.post(address, {**said, "channels": ["smoke"]}).status_code == 422
    assert officer.post(address, said).status_code == 302
    assert officer.post(address, said).status_code == 422
    assert Purpose.objects.get(slug="warranty").channels == ["sms"]
