"""What a rep sees masked is nowhere in what they are sent: pages, fragments, API, search, errors, audit."""

import pytest
from django.urls import reverse

from kehu.govern import rate_limits
from tests.callers import make_client
from tests.cast import make_customer, make_department, make_user

PHONE, EMAIL = "13912345678", "canary.bird@example.com"
ADDRESS, BORN = "浙江省杭州市西湖区文三路97号3幢808室", "1987-11-23"
SECRETS = (PHONE, "139 1234 5678", "139-1234-5678", "canary.bird", "97号", "808室", "11-23")


@pytest.fixture
def east(db):
    return make_department("East")


@pytest.fixture
def customer(east):
    return make_customer(
        "金丝雀",
        department_id=east.pk,
        external_id=PHONE,
        identifiers={"phone": f"+86{PHONE}", "email": EMAIL},
        event={"topic": f"回电 {PHONE}", "email": EMAIL, "shippingAddress": ADDRESS},
        phone=PHONE,
        email=EMAIL,
        address=ADDRESS,
        birth_date=BORN,
    )


def pages_of(customer) -> list[str]:
    return [
        reverse("web:customers"),
        reverse("web:customers") + f"?q={PHONE}",
        reverse("web:customers") + "?q=金丝雀",
        reverse("web:customer", args=[customer]),
        reverse("web:timeline", args=[customer]),
        reverse("web:customer_edit", args=[customer]),
        reverse("web:palette") + "?q=金丝雀",
        reverse("web:home"),
        f"/api/v1/customers/{customer}/view",
        "/api/v1/customers?q=金丝雀",
    ]


@pytest.mark.parametrize("role", ["rep", "agent"])
def test_masked_values_are_in_no_page(east, customer, role):
    client = make_client()
    client.force_login(make_user(role, east))
    for address in pages_of(customer):
        for headers in ({}, {"HX-Request": "true"}):
            response = client.get(address, headers=headers)
            assert response.status_code == 200, address
            page = response.content.decode().replace(f"q={PHONE}", "").replace(f'value="{PHONE}"', "")
            found = [secret for secret in SECRETS if secret in page]
            assert found == [], (address, headers, around(page, found))


def around(page: str, found: list[str]) -> str:
    place = page.find(found[0]) if found else 0
    return page[max(0, place - 80) : place + 80]


def test_whoever_may_see_them_does(east, customer):
    """The negative control: the same pages do hold the values for somebody else."""
    client = make_client()
    client.force_login(make_user("steward"))
    page = client.get(reverse("web:customer", args=[customer])).content.decode()
    assert "canary.bird" in page
    assert PHONE in client.get(f"/api/v1/customers/{customer}/view").content.decode()


def test_a_customer_of_another_department_is_in_no_page(east, customer):
    client = make_client()
    client.force_login(make_user("rep", make_department("West")))
    for address in pages_of(customer):
        response = client.get(address)
        if str(customer) in address:
            assert response.status_code == 404, address
        else:
            shown = response.content.decode().replace("?q=金丝雀", "").replace('value="金丝雀"', "")
            assert str(customer) not in shown, address


def test_searching_numbers_one_sees_masked_is_counted_on_pages_too(east, customer, monkeypatch):
    monkeypatch.setattr(rate_limits, "LOOK_UP", rate_limits.Limit("look-up", 2, 3600))
    rep, steward = make_client(), make_client()
    rep.force_login(make_user("rep", east))
    steward.force_login(make_user("steward"))
    pages = [reverse("web:customers") + f"?q={q}" for q in ("5678", PHONE, EMAIL)]
    assert [rep.get(page).status_code for page in pages] == [200, 200, 429]
    assert [steward.get(page).status_code for page in pages] == [200, 200, 200]
