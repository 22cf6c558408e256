"""Masks, and who sees what: tables of cases."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kehu.extend.queries import data_class_of
from kehu.govern import masking
from kehu.govern.access import SYSTEM, Actor
from kehu.govern.field_policy import (
    is_masked_for,
    present_attributes,
    present_golden,
    present_identifier,
    present_properties,
    present_text,
    present_value,
    use_catalogue,
)

REP = Actor(user_id=1, name="rep", role="rep", unmasked=frozenset())
MANAGER = replace(REP, role="manager", unmasked=frozenset({"phone", "email", "address", "birth_date"}))
PARTNER = replace(REP, role="partner", is_strict=True, department_ids=(7,))


@pytest.fixture(autouse=True)
def catalogue():
    """Without a database: one custom field that is sensitive."""
    use_catalogue(lambda name: "sensitive" if name == "blood_type" else "personal")
    yield
    use_catalogue(data_class_of)


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (masking.mask_phone, "13800138000", "138****8000"),
        (masking.mask_phone, "+8613800138000", "138****8000"),
        (masking.mask_phone, "+86 138-0013-8000", "138****8000"),
        (masking.mask_phone, "１３８００１３８０００", "138****8000"),
        (masking.mask_phone, "010-62345678", "010****5678"),
        (masking.mask_phone, "+861062345678", "010****5678"),
        (masking.mask_phone, "138****1234", "138****1234"),
        (masking.mask_phone, "12345", "***"),
        (masking.mask_email, "zhang.wei@example.com", "z***@example.com"),
        (masking.mask_email, "@example.com", "***"),
        (masking.mask_id_number, "330106199001011234", "****1234"),
        (masking.mask_address, "浙江省杭州市西湖区文三路90号1幢301室", "浙江省杭州市西湖区文三路***"),
        (masking.mask_address, "广东省深圳市南山区科技园", "广东省深圳市南山区***"),
        (masking.mask_address, "湖滨花园3栋502", "***"),
        (masking.mask_address, "12 High Street, Springfield", "*** High Street, Springfield"),
        (masking.mask_birth_date, "1990-05-17", "1990-**-**"),
        (masking.mask_birth_date, "五月", "***"),
    ],
)
def test_masks(mask, text, shown):
    assert mask(text) == shown


@pytest.mark.parametrize(
    "text", ["13800138000", "+8613800138000", "a@b.cn", "330106199001011234", "文三路90号", "1990-05-17", "x", ""]
)
@pytest.mark.parametrize("attribute", sorted(masking.MASKS))
def test_a_mask_shows_no_more_than_it_hides_of_a_number(attribute, text):
    digits = [c for c in masking.MASKS[attribute](text) if c.isdigit()]
    assert len(digits) <= 7


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请回电 138 0013 8000，谢谢", "请回电 138****8000，谢谢"),
        ("mail zhang@example.com or +8613900139000", "mail z***@example.com or 139****9000"),
        ("身份证330106199001011234已核", "身份证****1234已核"),
        ("订单 202405061380013800099 已发货", "订单 202405061380013800099 已发货"),
        ("张伟 13800", "张伟 13800"),
        ("0571-88888888", "057****8888"),
        ("１３８００１３８０００", "138****8000"),
    ],
)
def test_free_text_is_searched_for_what_may_not_be_seen(text, shown):
    assert present_text(REP, text) == shown
    assert present_text(SYSTEM, text) == text


def test_each_role_sees_its_fields_whole():
    assert present_value(REP, "phone", "13800138000").is_masked
    assert not present_value(MANAGER, "phone", "13800138000").is_masked
    assert present_value(MANAGER, "id_number", "330106199001011234").value == "****1234"
    assert present_value(SYSTEM, "id_number", "330106199001011234").value == "330106199001011234"
    assert present_value(REP, "name", "张伟").value == "张伟"


def test_a_sensitive_custom_field_is_hidden_from_all_who_lack_it():
    assert present_value(MANAGER, "blood_type", "AB").value == masking.HIDDEN
    assert is_masked_for(REP, "blood_type")
    assert not is_masked_for(SYSTEM, "blood_type")


def test_the_hash_of_an_id_number_is_shown_to_nobody():
    assert present_identifier(SYSTEM, "id_number", "f" * 64).value == masking.HIDDEN


def test_properties_are_masked_by_their_name_and_their_text():
    properties = {
        "phone": "13800138000",
        "shipping": {"address": "文三路90号", "receiver": "张伟"},
        "note": "回电 13800138000",
        "mobile": 13800138000,
        "items": [{"sku": "A1", "quantity": 2}],
        "email_subject": "Hello",
        "total": 1999.5,
        "paid": True,
        "contacts": ["zhang@example.com"],
    }
    assert present_properties(REP, properties) == {
        "phone": "138****8000",
        "shipping": {"address": "文三路***", "receiver": "张伟"},
        "note": "回电 138****8000",
        "mobile": "138****8000",
        "items": [{"sku": "A1", "quantity": 2}],
        "email_subject": "Hello",
        "total": 1999.5,
        "paid": True,
        "contacts": ["z***@example.com"],
    }
    assert present_properties(SYSTEM, properties) == properties


def golden_of(*records: str) -> dict:
    first, *others = [
        {"v": f"1380013800{n}", "record": record, "source": n, "at": "2026-03-01", "rule": "recency"}
        for n, record in enumerate(records)
    ]
    return {"phone": {**first, "others": others}}


def test_losers_are_masked_like_the_winner():
    shown = present_golden(REP, golden_of(str(uuid4()), str(uuid4())))["phone"]
    assert (shown.value, shown.is_masked) == ("138****8000", True)
    assert [other.value for other in shown.others] == ["138****8001"]


def test_a_strict_actor_sees_the_best_value_of_its_own_records_only():
    theirs, own = str(uuid4()), str(uuid4())
    departments = {theirs: 8, own: 7}
    shown = present_golden(replace(PARTNER, unmasked=frozenset({"*"})), golden_of(theirs, own), departments)["phone"]
    assert (shown.value, shown.others) == ("13800138001", ())
    assert present_golden(PARTNER, golden_of(theirs), departments) == {}
    assert present_golden(PARTNER, golden_of(own)) == {}, "without departments nothing is in scope"


def test_values_of_one_record_are_presented():
    shown = present_attributes(REP, {"name": {"v": "张伟"}, "phone": {"v": "13800138000"}, "email": {"v": None}})
    assert {name: value.value for name, value in shown.items()} == {
        "name": "张伟",
        "phone": "138****8000",
        "email": None,
    }
