"""No way out without the gate: each exit is walked with a yes, without, and after a no; and none is missing."""

from uuid import UUID

import pytest
from django.urls import reverse

from kehu.api.rest import api
from kehu.core.registries import exits
from kehu.govern.access import SYSTEM
from kehu.govern.consent import services
from kehu.govern.consent.services import Door
from kehu.govern.permissions import PERMISSIONS
from kehu.govern.routes import access_of, every_route
from kehu.govern.services import create_token
from tests.callers import make_client
from tests.cast import make_customer, make_user

EXITS = {"api.customers", "customer.card", "customers.export", "customers.timeline", "gate.send", "screens.card"}
"""By hand: whoever builds a way out registers it and adds it here."""
LISTS = {"api:list_customers": {}, "api:list_customers_by_identifier": {"type": "email", "value": "bird@example.com"}}
DOOR = Door("page")


@pytest.fixture
def customer(db) -> UUID:
    return make_customer("金丝雀", identifiers={"phone": "+8613900001111", "email": "bird@example.com"})


def consent(customer: UUID, is_yes: bool) -> None:
    act = services.give_consent if is_yes else services.withdraw_consent
    act(customer, [("marketing", "email")], door=DOOR, actor=SYSTEM)


def test_every_exit_is_known():
    assert {way.name for way in exits()} == EXITS


@pytest.mark.parametrize("name", sorted(EXITS))
def test_every_exit_lets_out_after_a_yes_and_nothing_without_or_after_a_no(customer, name):
    [way] = [way for way in exits() if way.name == name]
    assert not way.lets_out(customer, "marketing", "email"), "nothing was said"
    consent(customer, True)
    assert way.lets_out(customer, "marketing", "email")
    consent(customer, False)
    assert not way.lets_out(customer, "marketing", "email"), "after the no"
    services.set_mark(customer, "restricted", actor=SYSTEM)
    assert not way.lets_out(customer, "service", "email"), "stored only"


@pytest.fixture
def machine(db):
    token = create_token(user_id=make_user("steward").pk, name="t", scopes=sorted(PERMISSIONS), actor=SYSTEM)
    return make_client(headers={"Authorization": f"Bearer {token}"})


def reads_of_one_customer() -> list[str]:
    """Every GET of the API whose address names a customer, found in the routes themselves."""
    return sorted(
        name
        for address, name, pattern in every_route()
        if name.startswith("api:") and "customer_id" in address and "GET" in methods_of(name)
    )


def methods_of(name: str) -> set[str]:
    found = set()
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                if f"api:{operation.url_name}" == name:
                    found |= set(operation.methods)
    return found


def test_the_reads_of_one_customer_are_found():
    assert {"api:get_customer", "api:view_customer", "api:list_timeline"} <= set(reads_of_one_customer())


def test_no_read_by_a_machine_lets_a_customer_out_against_their_word(customer, machine):
    marketing = {"Kehu-Purpose": "marketing", "Kehu-Channel": "email"}
    for name in reads_of_one_customer():
        address = reverse(name, kwargs={"customer_id": customer})
        refused = machine.get(address, headers=marketing)
        assert (refused.status_code, refused.json()["code"]) == (409, "consent_missing"), name
        assert machine.get(address).status_code == 200, f"{name}: to serve the customer, no consent is needed"
    consent(customer, True)
    for name in reads_of_one_customer():
        address = reverse(name, kwargs={"customer_id": customer})
        assert machine.get(address, headers=marketing).status_code == 200, name
    services.set_mark(customer, "restricted", actor=SYSTEM)
    for name in reads_of_one_customer():
        assert machine.get(reverse(name, kwargs={"customer_id": customer})).status_code == 409, name


@pytest.mark.parametrize("name", sorted(LISTS))
def test_lists_for_machines_leave_out_who_said_no(customer, machine, name):
    marketing = {"Kehu-Purpose": "marketing", "Kehu-Channel": "email"}
    address = reverse(name, kwargs=LISTS[name])
    assert machine.get(address, headers=marketing).json()["items"] == []
    assert len(machine.get(address).json()["items"]) == 1
    consent(customer, True)
    assert len(machine.get(address, headers=marketing).json()["items"]) == 1
    consent(customer, False)
    assert machine.get(address, headers=marketing).json()["items"] == []


@pytest.mark.parametrize("headers", [{"Kehu-Purpose": "world domination"}, {"Kehu-Channel": "pigeon"},
                                     {"Kehu-Purpose": "'; DROP TABLE x"}])  # fmt: skip
def test_a_purpose_or_channel_nobody_entered_is_refused(customer, machine, headers):
    response = machine.get(reverse("api:get_customer", kwargs={"customer_id": customer}), headers=headers)
    assert response.status_code == 422


def test_no_route_that_exports_customers_is_without_an_exit():
    exporting = {name for _, name, pattern in every_route() if "customer.export" in (access_of(pattern, name) or ())}
    known = {route for way in exits() for route in way.routes}
    assert exporting - known == set(), "register an exit (kehu.core.registries.Exit) that names these routes"
