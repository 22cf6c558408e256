"""A partner sees a customer they share with another department, and cannot confirm what only that department knows."""

import base64
from datetime import timedelta

import pytest
from django.db import connection

from kehu.core.errors import InvalidInput
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import Actor
from kehu.profile.models import Relation
from kehu.profile.queries import customer_by_identifier, customer_view, search
from kehu.profile.queries.lists import lines_of
from kehu.profile.settling import refresh_now
from kehu.resolve.models import RecordCustomer, SourceRecord
from tests.callers import make_client
from tests.cast import NOON, make_actor, make_customer, make_department, make_user


@pytest.fixture
def dealer(db):
    return make_department("Dealer")


@pytest.fixture
def shared(dealer):
    """One customer of two records: to the dealer 王芳 with an office phone, to the company 欧阳静 with her own."""
    customer = make_customer("王芳", department_id=dealer.pk, phone="02188886666")
    east = make_department("East")
    theirs = make_customer(
        "欧阳静",
        department_id=east.pk,
        identifiers={"phone": "+8613812345678"},
        phone="13812345678",
        email="jing@example.com",
    )
    record = RecordCustomer.objects.get(customer_id=theirs).record_id
    RecordCustomer.objects.filter(record_id=record).update(customer_id=customer)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM profile_customer WHERE id = %s", [theirs])
        cursor.execute("DELETE FROM profile_customerscope WHERE customer_id = %s", [theirs])
    refresh_now([customer])
    return customer


@pytest.fixture
def partner(dealer) -> Actor:
    return make_actor("partner", dealer)


THEIR_WORDS = ("欧阳静", "欧阳", "ouyang", "ouyangjing", "13812345678", "5678", "jing@example.com", "jing")


@pytest.mark.parametrize("text", THEIR_WORDS)
def test_a_word_of_another_department_finds_nothing(shared, partner, text):
    assert search(make_actor("steward"), text) == [shared], "the word is known"
    assert search(partner, text) == []


@pytest.mark.parametrize("text", ["王芳", "wangfang", "wf", "02188886666"])
def test_a_word_of_their_own_record_finds_the_customer(shared, partner, text):
    assert search(partner, text) == [shared]


def test_an_identifier_of_another_department_leads_nowhere(shared, partner):
    assert customer_by_identifier(make_actor("steward"), "phone", "+8613812345678") == [shared]
    assert customer_by_identifier(partner, "phone", "+8613812345678") == []


def test_a_tie_to_another_department_s_record_is_not_told(shared, partner, dealer):
    east = make_department("East 2")
    company = make_customer("秘密科技", department_id=east.pk)
    both = make_customer("经销商合作社", department_id=dealer.pk)
    own = RecordCustomer.objects.exclude(customer_id__in=[company, both]).filter(customer_id=shared)
    mine = SourceRecord.objects.get(id__in=own.values("record_id"), department_id=dealer.pk).id
    hidden = RecordCustomer.objects.get(customer_id=company).record_id
    known = RecordCustomer.objects.get(customer_id=both).record_id
    # The company's record now belongs to the cooperative, which the dealer sees under its own name only.
    RecordCustomer.objects.filter(record_id=hidden).update(customer_id=both)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE profile_customer SET display_name = '秘密科技' WHERE id = %s", [both])
    for other in (hidden, known):
        Relation.objects.create(left_id=mine, right_id=other, kind="contact_of", basis="told")
    assert [one.name for one in customer_view(partner, shared).relations] == ["经销商合作社"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM profile_relation WHERE right_id = %s", [known])
    assert customer_view(partner, shared).relations == []
    assert len(customer_view(make_actor("steward"), shared).relations) == 1


def test_no_page_of_a_partner_holds_what_another_department_knows(shared, dealer):
    client = make_client()
    client.force_login(make_user("partner", dealer))
    for address in (f"/customers/{shared}", "/customers", "/customers?q=王芳", f"/api/v1/customers/{shared}/view"):
        page = client.get(address).content.decode()
        assert "王芳" in page, address
        assert [one for one in ("欧阳静", "13812345678", "138****5678", "jing@") if one in page] == [], address


def test_when_another_department_last_heard_of_the_customer_is_not_told(shared, partner, dealer):
    mine = SourceRecord.objects.filter(department_id=dealer.pk)
    theirs = SourceRecord.objects.exclude(department_id=dealer.pk)
    mine.update(last_at=NOON - timedelta(days=30))
    theirs.update(last_at=NOON)
    refresh_now([shared])
    assert customer_view(make_actor("steward"), shared).last_at == NOON
    assert customer_view(partner, shared).last_at == NOON - timedelta(days=30)
    assert [line.last_at for line in lines_of(partner, [shared])] == [NOON - timedelta(days=30)]


def test_a_cursor_tells_nothing_of_what_a_list_is_ordered_by():
    cursor = encode_cursor("customers", ["ouyangjing", "x"])
    assert b"ouyang" not in base64.urlsafe_b64decode(cursor + "==")
    assert decode_cursor("customers", cursor) == ["ouyangjing", "x"]
    for other in ("customers of somebody else", "customer"):
        with pytest.raises(InvalidInput):
            decode_cursor(other, cursor)
    with pytest.raises(InvalidInput):
        decode_cursor("customers", cursor[:-2] + "AA")
