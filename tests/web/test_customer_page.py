"""The customer page on a real database: as many queries as ever, and nothing unmasked for who may not see it."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kehu.govern.models import Role, User
from kehu.profile.models import Customer
from kehu.web import live
from tests.web.cast import build_company

MOST_QUERIES = 40


@pytest.fixture
def company(kehu_db: object) -> Iterator[Customer]:
    live.forget()
    build_company(people=4)
    yield Customer.objects.get(display_name="张伟", record_count__gt=1)
    live.forget()


def client_of(name: str, *, unmasked: list[str] | None = None) -> Client:
    user = User.objects.get(email=f"{name}@example.com")
    if unmasked is not None:
        Role.objects.filter(pk=user.role_id).update(unmasked=unmasked)
    client = Client()
    client.force_login(user)
    return client


def test_masked_values_stay_masked_in_every_corner_of_the_page(company: Customer) -> None:
    page = client_of("li", unmasked=[]).get(f"/customers/{company.pk}").content.decode()
    assert "138****1234" in page
    for secret in ("13800131234", "138 0013 1234", "zhangwei@example.com", "tel:+86"):
        assert secret not in page


def test_whole_values_are_shown_to_who_may_see_them(company: Customer) -> None:
    page = client_of("li", unmasked=["*"]).get(f"/customers/{company.pk}").content.decode()
    assert "138 0013 1234" in page
    assert "zhangwei@example.com" in page


def test_page_takes_a_fixed_number_of_queries(company: Customer) -> None:
    client = client_of("chen")
    counts = []
    for _ in range(2):
        live.forget()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(f"/customers/{company.pk}").status_code == 200
        counts.append(len(asked))
    assert counts[0] <= MOST_QUERIES
    assert counts[1] <= counts[0]


def test_merged_id_leads_on_to_the_customer_of_today(company: Customer) -> None:
    other = Customer.objects.get(display_name="李娟")
    client = client_of("chen")
    told = {"other": str(other.pk), "reason": "one person"}
    assert client.post(f"/customers/{company.pk}/merge", told).status_code == 302
    led = client.get(f"/customers/{other.pk}")
    assert led.status_code == 302
    assert led["Location"] == f"/customers/{company.pk}"


def test_merge_without_a_reason_is_refused_beside_one_that_gives_it(company: Customer) -> None:
    other = Customer.objects.get(display_name="李娟")
    client = client_of("chen")
    refused = client.post(f"/customers/{company.pk}/merge", {"other": str(other.pk), "reason": " "})
    assert refused.status_code == 422
    assert Customer.objects.filter(pk=other.pk).exists()


def test_pin_names_a_record_and_never_carries_the_value(company: Customer) -> None:
    client = client_of("chen")
    said = company.golden["birth_date"]["others"][0]
    answer = client.post(f"/customers/{company.pk}/pin", {"attribute": "birth_date", "value": said["record"]})
    assert answer.status_code == 302
    company.refresh_from_db()
    assert company.golden["birth_date"]["v"] == said["v"]
    assert company.golden["birth_date"]["rule"] == "pin"


def test_verifying_says_the_value_of_a_record_anew_as_confirmed_by_the_customer(company: Customer) -> None:
    client, said = client_of("chen"), company.golden["birth_date"]["others"][0]
    told = {"attribute": "birth_date", "value": said["record"]}
    answer = client.post(f"/customers/{company.pk}/verify", told, headers={"HX-Request": "true"})
    assert "已核实：客户本人确认了这个值。" in answer.content.decode()
    company.refresh_from_db()
    [verified] = [
        one
        for one in (company.golden["birth_date"], *company.golden["birth_date"]["others"])
        if "verified" in one.get("f", ())
    ]
    assert verified["v"] == said["v"]
    wrong = client.post(f"/customers/{company.pk}/verify", {**told, "value": "\x00"})
    assert wrong.status_code == 404
