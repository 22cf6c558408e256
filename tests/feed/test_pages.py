"""Webhooks by page: made, its secret shown once, its messages seen and sent again."""

import re

import pytest

from kehu.core import outbound
from kehu.feed.models import Delivery, Webhook
from tests.callers import make_client
from tests.cast import make_user

NEW = {"name": "Warehouse", "url": "https://hooks.example.com/kehu", "kinds": ["customer.created", "customer.merged"]}


@pytest.fixture(autouse=True)
def public_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "_resolve", lambda host, port: ["93.184.215.14"])


def test_a_webhook_is_made_and_its_secret_shown_once(db: None):
    client = make_client()
    client.force_login(make_user("system_administrator", language="en"))
    assert "No webhook yet" in client.get("/operate/webhooks").content.decode()
    assert client.post("/operate/webhooks/new", NEW | {"url": "http://127.0.0.1/"}).status_code == 422
    assert client.post("/operate/webhooks/new", NEW | {"kinds": ["customer.erased"]}).status_code == 422
    made = client.post("/operate/webhooks/new", NEW)
    assert made.status_code == 302
    page = client.get(made.url)
    assert re.search(r"whsec_[\w+/=]{40,}", page.content.decode())
    assert page["Cache-Control"] == "no-store"
    assert "whsec_" not in client.get(made.url).content.decode()
    assert "Warehouse" in client.get("/operate/webhooks").content.decode()


def test_messages_are_seen_and_sent_again(db: None):
    client = make_client()
    client.force_login(make_user("system_administrator", language="en"))
    here = client.post("/operate/webhooks/new", NEW).url
    assert client.post(f"{here}/ping").status_code == 302
    Delivery.objects.update(state="dead", attempts=12, last_error="answered <500>")
    page = client.get(here).content.decode()
    assert "given up" in page
    assert "answered &lt;500&gt;" in page
    assert client.post(f"{here}/resend").status_code == 302
    assert Delivery.objects.get().state == "pending"
    assert client.get(f"{here}?before=%00").status_code == 200
    assert client.get(f"{here}?before={'9' * 30}").status_code == 200
    changed = NEW | {"name": "Lake", "is_enabled": "0"}
    assert client.post(f"{here}/edit", changed).status_code == 302
    assert (Webhook.objects.get().name, Webhook.objects.get().is_enabled) == ("Lake", False)
    assert client.post(f"{here}/secret").status_code == 302
    assert client.post(f"{here}/delete").status_code == 302
    assert not Webhook.objects.exists()
