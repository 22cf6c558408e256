"""Two people edit one customer: whoever saves second sees both values and chooses; nothing is lost unseen."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client

from kehu import inline
from kehu.govern.access import SYSTEM
from kehu.govern.models import Role
from kehu.profile.models import Customer
from kehu.web import live
from tests.web.cast import build_company
from tests.web.test_customer_page import client_of


@pytest.fixture
def company(kehu_db: object) -> Iterator[Customer]:
    live.forget()
    build_company(people=4)
    yield Customer.objects.get(display_name="张伟", record_count__gt=1)
    live.forget()


def form_of(client: Client, address: str) -> dict[str, str]:
    """What a browser would send back unchanged."""
    page = client.get(address).content.decode()
    fields = {}
    for tag in re.findall(r"<input [^>]+>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrfmiddlewaretoken":
            fields[name[1]] = unescape(value[1]) if value else ""
    return fields


def golden(customer: Customer, name: str) -> str:
    return str(Customer.objects.get(pk=customer.pk).golden.get(name, {}).get("v", ""))


def test_the_second_one_to_save_sees_both_values_and_may_keep_either(company: Customer) -> None:
    client, address = client_of("chen"), f"/customers/{company.pk}/edit"
    mine = {**form_of(client, address), "job_title": "首席采购", "company": "远恒智能"}
    inline.update_customer(company.pk, actor=SYSTEM, attributes={"job_title": "总监", "email": "zhang@example.org"})

    asked = client.post(address, mine)
    page = asked.content.decode()
    assert asked.status_code == 409
    for shown in ("首席采购", "总监", "远恒智能"):
        assert shown in page
    assert golden(company, "job_title") == "总监"
    assert 'name="email"' not in page  # only the other one changed it: it stays

    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    chosen = {
        "version": version[1],
        "kind": "person",
        "initial-job_title": "总监",
        "job_title": "总监",
        "initial-company": golden(company, "company"),
        "company": "远恒智能",
    }
    assert client.post(address, chosen).status_code == 302
    assert (golden(company, "job_title"), golden(company, "company")) == ("总监", "远恒智能")
    assert golden(company, "email") == "zhang@example.org"


def test_saving_what_was_shown_changes_nothing_of_what_others_wrote(company: Customer) -> None:
    client, address = client_of("chen"), f"/customers/{company.pk}/edit"
    mine = form_of(client, address)
    inline.update_customer(company.pk, actor=SYSTEM, attributes={"job_title": "总监"})
    assert client.post(address, mine).status_code == 302
    assert golden(company, "job_title") == "总监"


def test_who_sees_values_masked_sees_them_masked_in_the_conflict_too(company: Customer) -> None:
    client, address = client_of("li", unmasked=[]), f"/customers/{company.pk}/edit"
    mine = {**form_of(client, address), "phone": "13700001111"}
    assert "13800131234" not in str(mine)
    inline.update_customer(company.pk, actor=SYSTEM, attributes={"job_title": "总监"})
    asked = client.post(address, mine)
    assert asked.status_code == 409
    assert "13800131234" not in asked.content.decode()
    assert "138 0013 1234" not in asked.content.decode()


def test_the_form_offers_no_field_the_role_may_not_write(company: Customer) -> None:
    client, address = client_of("li"), f"/customers/{company.pk}/edit"
    assert {"email", "phone", "company"} <= form_of(client, address).keys()
    Role.objects.filter(user__email="li@example.com").update(fields={"email": "read", "phone": "hidden"})
    fields = form_of(client, address)
    assert fields.keys() & {"email", "phone"} == set()
    saved = client.post(address, {**fields, "company": "远恒智能", "email": "smuggled@example.org"})
    assert saved.status_code == 302
    assert (golden(company, "company"), golden(company, "email") == "smuggled@example.org") == ("远恒智能", False)
