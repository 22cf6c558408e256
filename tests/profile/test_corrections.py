"""A correction goes to whoever answers for the source, once, and stays open until the source says otherwise."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from kehu.collect.models import Source
from kehu.collect.services import create_source
from kehu.core.errors import InvalidInput, NotFound
from kehu.govern.access import SYSTEM, Actor
from kehu.govern.errors import PermissionDenied
from kehu.profile.corrections.models import Correction
from kehu.profile.corrections.queries import corrections
from kehu.profile.corrections.services import send_corrections, withdraw_corrections
from tests.callers import make_client
from tests.cast import make_actor, make_customer, make_department, make_user
from tests.profile.figures_cast import record_of


@pytest.fixture
def crm(db: None) -> Source:
    return create_source(kind="crm", name="CRM", actor=SYSTEM)


def two_cities(source: Source, department_id: int = 0) -> tuple[UUID, UUID]:
    """A customer of Shanghai, of whom a record of the source says Hangzhou."""
    customer = make_customer("王芳", city="上海", department_id=department_id)
    wrong = record_of(make_customer("王芳", city="杭州", source_id=source.pk, department_id=department_id))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE resolve_recordcustomer SET customer_id = %s WHERE record_id = %s", [customer, wrong])
    return customer, wrong


def says(record: UUID, city: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE resolve_sourcerecord SET attributes = jsonb_set(attributes, '{city,v}', to_jsonb(%s::text)) "
            "WHERE id = %s",
            [city, record],
        )


def states(actor: Actor) -> list[str]:
    return [one.state for one in corrections(actor)]


def test_a_correction_is_sent_once_and_closes_with_the_source_s_own_word(crm: Source) -> None:
    rep, owner = make_actor("rep"), make_user("agent")
    Source.objects.filter(pk=crm.pk).update(owner_id=owner.pk)
    customer, wrong = two_cities(crm)
    assert len(send_corrections(customer, "city", wrong, actor=rep)) == 1
    assert send_corrections(customer, "city", wrong, actor=rep) == []
    [line] = corrections(rep)
    told = (str(line.wrong), str(line.right), line.source, line.owner_id, line.state)
    assert told == ("杭州", "上海", "CRM", owner.pk, "open")
    for city, state in (("北京", "changed"), ("上海", "corrected"), ("杭州", "open")):
        says(wrong, city)
        assert states(rep) == [state]


def test_one_takes_back_one_s_own_and_stewards_anybody_s(crm: Source) -> None:
    rep, other, steward = make_actor("rep"), make_actor("rep"), make_actor("steward")
    customer, wrong = two_cities(crm)
    sent = send_corrections(customer, "city", wrong, actor=rep)
    assert (states(other), states(steward)) == ([], ["open"])
    assert withdraw_corrections(sent, actor=other) == 0
    assert withdraw_corrections(sent, actor=rep) == 1
    assert states(rep) == ["withdrawn"]
    again = send_corrections(customer, "city", wrong, actor=rep)
    assert withdraw_corrections(again, actor=steward) == 1


def test_what_cannot_be_corrected_is_refused(crm: Source) -> None:
    east, west = make_department("East"), make_department("West")
    customer, wrong = two_cities(crm, department_id=east.pk)
    rep = make_actor("rep", east)
    with pytest.raises(NotFound):
        send_corrections(customer, "city", wrong, actor=make_actor("rep", west))
    with pytest.raises(PermissionDenied):
        send_corrections(customer, "city", wrong, actor=make_actor("auditor"))
    with pytest.raises(NotFound):
        send_corrections(customer, "shoe", wrong, actor=rep)
    with pytest.raises(NotFound):
        send_corrections(customer, "city", customer, actor=rep)
    says(wrong, "上海")
    with pytest.raises(InvalidInput):
        send_corrections(customer, "city", wrong, actor=rep)
    assert not Correction.objects.exists()


@pytest.mark.parametrize("value", ["", "\x00", "x", "'; DROP TABLE profile_correction; --"])
def test_the_page_sends_by_the_record_s_name_masks_and_survives_anything(crm: Source, value: Any) -> None:
    customer = make_customer("李静", phone="13800138000")
    wrong = record_of(make_customer("李静", phone="13900139000", source_id=crm.pk))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE resolve_recordcustomer SET customer_id = %s WHERE record_id = %s", [customer, wrong])
    client = make_client()
    client.force_login(make_user("rep"))
    address = f"/customers/{customer}/corrections"
    assert client.post(address, {"attribute": "phone", "value": value}).status_code == 404
    assert client.post(address, {"attribute": value, "value": str(wrong)}).status_code == 404
    assert client.post(address, {"attribute": "phone", "value": str(wrong)}).status_code == 302
    page = client.get("/corrections").content.decode()
    assert "139****9000" in page
    assert "13900139000" not in page.replace(" ", "")
    assert client.post("/corrections/withdraw", {"id": [value, "9" * 30]}).status_code == 302
