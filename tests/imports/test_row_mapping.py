"""Rows under a mapping: what they say of whom. Pure: no database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.row_mapping import (
    CellProblem,
    RowReading,
    check_mapping,
    columns_of,
    mapping_hash,
    parse_mapping,
    read_row,
    touches_of_row,
)
from kehu.clean.touches import Identifier, OrderFact, RecordRef, Rejected, RelationFact, Touch
from kehu.clean.values import CleanContext
from kehu.core.errors import InvalidInput

NOW = datetime(2024, 6, 1, tzinfo=UTC)
CONTEXT = CleanContext(NOW.date(), b"key" * 11)


@dataclass(frozen=True)
class Source:
    slug: str = "till"
    time_zone: str = "Asia/Shanghai"
    order_namespace: str = ""
    is_trusted: bool = True


def reading(row: dict[str, Any], mapping: dict[str, Any], source: Source | None = None) -> RowReading:
    return read_row(row, parse_mapping(mapping), source or Source(), NOW, "file:1", CONTEXT)


def touch(row: dict[str, Any], mapping: dict[str, Any], source: Source | None = None) -> Touch:
    return reading(row, mapping, source).touches[0]


def order(row: dict[str, Any], part: dict[str, Any], **mapping: Any) -> OrderFact:
    return touch(row, {"order": part, **mapping}).orders[0]


PEOPLE = {
    "record": {"key": ["card", {"column": "phone", "prefix": "phone:"}, {"column": "mail", "prefix": "mail:"}]},
    "attributes": {"name": "name", "phone": "phone", "mail": "email"},
    "identifiers": {"card": "member_id"},
}


@pytest.mark.parametrize(
    ("row", "external_id"),
    [
        ({"card": " M1 ", "phone": "13800138000"}, "M1"),
        ({"card": "", "phone": "138-0013-8000"}, "phone:138-0013-8000"),
        ({"card": "无", "phone": "13800138000"}, "phone:13800138000"),
        ({"card": '="0012"', "phone": ""}, "0012"),
        ({"card": "'0012"}, "0012"),
        ({"phone": "00000000000", "mail": "lin@example.org"}, "mail:lin@example.org"),
        ({"phone": "anonymous", "mail": "lin@example.org"}, "mail:lin@example.org"),
        ({"phone": "138****8000", "mail": "lin@example.org"}, "mail:lin@example.org"),
        ({"card": "6.2217E+18", "phone": "13800138000"}, "phone:13800138000"),
    ],
)
def test_the_first_usable_column_is_the_key(row: dict[str, str], external_id: str) -> None:
    assert touch(row, PEOPLE).record == RecordRef("till", external_id)


def test_digits_a_spreadsheet_lost_are_told() -> None:
    found = reading({"card": "6.2217E+18", "phone": "13800138000"}, PEOPLE)
    assert CellProblem("card", "digits_lost", "6.2217E+18") in found.problems
    assert Identifier("member_id", "6.2217E+18") not in found.touches[0].identifiers


def test_attributes_are_normalised_and_carry_identifiers() -> None:
    found = touch({"card": "M1", "name": "張偉先生", "phone": "+86 138 0013 8000", "mail": "LIN@Example.org"}, PEOPLE)
    assert found.attributes["phone"].v == "+8613800138000"
    assert found.attributes["name"].n == "zhang wei"
    assert set(found.identifiers) == {
        Identifier("phone", "+8613800138000"),
        Identifier("email", "lin@example.org"),
        Identifier("member_id", "M1"),
    }


def test_a_bad_cell_is_noted_and_the_row_goes_on() -> None:
    found = reading({"card": "M1", "phone": "1390013", "mail": "no#mail", "name": "李娜"}, PEOPLE)
    assert {(p.field, p.code) for p in found.problems} == {("phone", "not_a_number"), ("mail", "not_an_address")}
    assert found.touches[0].attributes["name"].v == "李娜"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({}, "nothing_usable"),
        ({"card": "无", "phone": "", "name": "N/A"}, "nothing_usable"),
        ({"name": "李娜"}, "no_key"),
        ({"mail": "no#mail", "name": "李娜"}, "no_key"),
    ],
)
def test_a_row_that_names_nobody_is_rejected_with_the_reason(row: dict[str, str], code: str) -> None:
    with pytest.raises(Rejected) as rejected:
        touches_of_row(row, parse_mapping(PEOPLE), Source(), NOW, "k", CONTEXT)
    assert rejected.value.code == code


def test_a_row_without_key_that_names_somebody_is_the_same_record_in_every_file() -> None:
    mapping = {"record": {"key": ["no"]}, "attributes": {"name": "name", "addr": "address"}}
    row = {"name": "张*", "addr": "浙江省杭州市西湖区文三路90号2幢301室"}
    first = touch(row, mapping).record
    again = read_row({**row, "x": "1"}, parse_mapping(mapping), Source(), NOW, "other:9", CONTEXT).touches[0].record
    assert first is not None
    assert first.external_id.startswith("row:")
    assert first == again


def test_columns_of_one_attribute_are_joined_in_the_order_of_the_row() -> None:
    mapping = {
        "record": {"key": ["id"]},
        "attributes": {
            "zip": "address",
            "street": "address",
            "city": "address",
            "first": "given_name",
            "last": "surname",
        },
    }
    row = {"id": "1", "first": "Lin", "last": "Chen", "street": "1 Main St", "city": "Springfield", "zip": "12345"}
    found = touch(row, mapping).attributes
    assert found["address"].v.startswith("1 Main St Springfield")
    assert found["name"].v == "Lin Chen"
    chinese = touch({"id": "1", "last": "欧阳", "first": "娜娜"}, mapping).attributes
    assert chinese["name"].v == "欧阳娜娜"


def test_two_phone_columns_are_two_identifiers() -> None:
    mapping = {"record": {"key": ["id"]}, "attributes": {"m": "phone", "h": "phone"}}
    found = touch({"id": "1", "m": "13800138000", "h": "0571-87654321"}, mapping)
    assert [i.type for i in found.identifiers] == ["phone", "phone"]


def test_openids_carry_their_app_and_user_ids_their_source() -> None:
    mapping = {
        "record": {"key": ["openid"]},
        "identifiers": {"openid": {"type": "openid", "prefix_column": "appid"}, "uid": "user_id"},
    }
    found = touch({"openid": "oA", "appid": "wx1", "uid": "7"}, mapping)
    assert set(found.identifiers) == {Identifier("openid", "wx1:oA"), Identifier("user_id", "till:7")}


RECEIPT = {
    "number": "no",
    "total": "sum",
    "currency": "=CNY",
    "line": {"sku": "sku", "quantity": "q", "unit_price": "price"},
    "payment": {"amount": "sum", "method": "how"},
    "refund": {"amount": "back"},
}


def test_a_receipt_told_in_two_rows_is_paid_once() -> None:
    rows = [
        {"no": "R1", "sku": sku, "q": "2", "price": "¥10.00", "sum": "30.00", "how": "微信", "back": "0.00"}
        for sku in ("a", "b")
    ]
    first, second = (order(row, RECEIPT) for row in rows)
    assert first.payments == second.payments
    assert first.lines is not None
    assert second.lines is not None
    assert first.lines[0].key != second.lines[0].key
    assert first.lines[0].amount == Decimal(20)
    assert [p.kind for p in first.payments] == ["payment"]
    assert first.namespace == "till"


def test_refunds_are_payments_back_and_a_negative_payment_is_one() -> None:
    told = order({"no": "R1", "sum": "-5", "back": "3"}, RECEIPT)
    assert {(p.kind, p.amount) for p in told.payments} == {("refund", Decimal(5)), ("refund", Decimal(3))}


def test_a_condition_gives_everything_back() -> None:
    part = {"number": "no", "refund": {"when": {"column": "state", "values": ["canceled"]}, "at": "at"}}
    assert order({"no": "1", "state": "canceled", "at": "2024-05-06"}, part).full_refund_at == datetime(
        2024, 5, 5, 16, tzinfo=UTC
    )
    assert order({"no": "1", "state": "delivered", "at": "2024-05-06"}, part).full_refund_at is None


def test_the_last_change_of_an_order_says_since_when_the_row_is_true() -> None:
    part = {"number": "no", "placed_at": "made", "updated_at": "changed"}
    row = {"no": "1", "made": "2024-05-06 12:00:00", "changed": "2024-05-08 12:00:00"}
    assert order(row, part, occurred_at="made").at == datetime(2024, 5, 8, 4, tzinfo=UTC)
    assert order({**row, "changed": ""}, part, occurred_at="made").at == NOW
    assert order({**row, "changed": ""}, part, occurred_at="sent").at == NOW
    sent = {**row, "changed": "", "sent": "2024-05-07 12:00:00"}
    assert order(sent, part, occurred_at="sent").at == datetime(2024, 5, 7, 4, tzinfo=UTC)


def test_nested_lines_are_read_from_their_own_fields_only() -> None:
    part = {
        "number": "no",
        "line": {"each": "lines", "sku": "sku", "quantity": "q", "amount": "amount"},
        "payment": {"each": "payments", "key": ["id"], "amount": "amount"},
    }
    row = {"no": "A", "amount": "99", "lines": [{"sku": "x", "q": "2", "amount": "6"}, {"sku": "x"}], "payments": []}
    told = order(row, part)
    assert told.lines is not None
    assert [(line.key, line.amount, line.unit_price) for line in told.lines] == [
        ("1:x", Decimal(6), Decimal(3)),
        ("2:x", Decimal(0), Decimal(0)),
    ]
    assert told.payments == ()
    assert order({"no": "A", "lines": '[{"sku":"x"}]'}, part).lines is not None  # a list that came through a CSV
    assert order({"no": "A"}, part).lines is None


def test_references_point_at_records_and_orders_of_other_sources() -> None:
    told = order(
        {"no": "1", "customer": "c9", "org": "o1"},
        {
            "number": "no",
            "namespace": "erp",
            "buyer": {"source": "crm", "column": "customer", "prefix": "K"},
            "organisation": {"source": "crm", "column": "org"},
        },
    )
    assert (told.namespace, told.buyer, told.organisation) == ("erp", RecordRef("crm", "Kc9"), RecordRef("crm", "o1"))
    mapping = {"record": {"source": "crm", "key": ["customer"]}, "attributes": {"name": "name"}}
    assert touch({"customer": "c9", "name": "李娜"}, mapping).record == RecordRef("crm", "c9")


def test_the_row_s_own_record_is_the_buyer() -> None:
    told = touch({"card": "M1", "no": "R1"}, {**PEOPLE, "order": {"number": "no"}}).orders[0]
    assert told.buyer == RecordRef("till", "M1")


def test_an_order_without_number_says_nothing_of_an_order() -> None:
    assert touch({"card": "M1", "no": "", "sum": "3"}, {**PEOPLE, "order": RECEIPT}).orders == ()


CALLS = {
    "occurred_at": "at",
    "event": {"name": "=Call Received", "key": ["id"], "properties": {"topic": "topic"}, "order": {"column": "no"}},
}


def test_events_keep_their_key_their_order_and_stay_without_a_record() -> None:
    found = touch({"id": "T1", "at": "2024-05-06 12:00:00", "topic": "催件", "no": "A1"}, CALLS)
    [event] = found.events
    assert (event.key, event.name, event.order, found.record) == ("T1", "Call Received", ("till", "A1"), None)
    assert event.properties == {"topic": "催件"}


def test_an_event_without_key_is_one_event_however_often_it_is_exported() -> None:
    mapping = {**CALLS, "event": {"name": "=Call", "properties": {"topic": "topic"}}}
    row = {"at": "2024-05-06 12:00:00", "topic": "催件"}
    keys = {
        read_row(row, parse_mapping(mapping), Source(), NOW, key, CONTEXT).touches[0].events[0].key
        for key in ("a:1", "b:2")
    }
    assert len(keys) == 1
    assert touch({**row, "topic": "x"}, mapping).events[0].key not in keys
    assert touch({"topic": "x"}, mapping).events[0].key == "file:1"


def test_consents_by_words_and_by_dates() -> None:
    words = {
        "record": {"key": ["mail"]},
        "attributes": {"mail": "email"},
        "consent": {
            "purpose": "=marketing",
            "channel": "=email",
            "state": {"column": "ok", "granted": ["1"], "withdrawn": ["0"]},
        },
    }
    assert [touch({"mail": "a@b.cn", "ok": ok}, words).consents for ok in ("", "x")] == [(), ()]
    assert touch({"mail": "lin@example.org", "ok": "0"}, words).consents[0].state == "withdrawn"
    assert ("ok", "unknown_word") in {
        (p.field, p.code) for p in reading({"mail": "lin@example.org", "ok": "x"}, words).problems
    }
    dates = {
        **words,
        "consent": [
            {"purpose": "=marketing", "channel": "=email", "state": "=granted", "occurred_at": "in"},
            {"purpose": "=marketing", "channel": "=email", "state": "=withdrawn", "occurred_at": "out"},
        ],
    }
    both = touch({"mail": "lin@example.org", "in": "2024-01-01", "out": "2024-02-01"}, dates).consents
    assert [c.state for c in both] == ["granted", "withdrawn"]
    assert [c.state for c in touch({"mail": "lin@example.org", "in": "2024-01-01"}, dates).consents] == ["granted"]


def test_a_contact_and_its_company_are_two_records_and_a_relation() -> None:
    mapping = {
        **PEOPLE,
        "organisation": {"key": ["公司"], "prefix": "company:", "attributes": {"公司": "name", "总机": "phone"}},
        "order": {"number": "no"},
    }
    person, company = reading({"card": "M1", "公司": "杭州宏远科技有限公司", "no": "A1"}, mapping).touches
    assert company.kind == "organisation"
    assert company.record == RecordRef("till", "company:杭州宏远科技有限公司")
    assert person.relations == (RelationFact(company.record, "contact_of"),)
    assert person.orders[0].organisation == company.record
    assert len(reading({"card": "M1"}, mapping).touches) == 1


def test_a_row_tells_what_somebody_is_at_the_company_and_from_when_to_when() -> None:
    part = {"key": ["公司"], "relation": "employee_of", "role": "职位", "since": "入职", "until": "合同到期"}
    mapping = {**PEOPLE, "organisation": part}
    row = {
        "card": "M1",
        "公司": "杭州宏远科技有限公司",
        "职位": "采购经理",
        "入职": "2021-03-01",
        "合同到期": "2099/12/31",
    }
    [relation] = reading(row, mapping).touches[0].relations
    told = (relation.kind, relation.role, relation.since, relation.until)
    assert told == ("employee_of", "采购经理", date(2021, 3, 1), date(2099, 12, 31))
    wrong = reading({**row, "入职": "昨天吧"}, mapping)
    assert wrong.touches[0].relations[0].since is None
    assert ("入职", "not_a_time") in {(problem.field, problem.code) for problem in wrong.problems}


def test_times_are_read_in_the_source_s_zone_and_the_future_is_not_believed() -> None:
    mapping = {**PEOPLE, "occurred_at": "at"}
    assert touch({"card": "M1", "at": "2024-05-06 12:00:00"}, mapping).occurred_at == datetime(
        2024, 5, 6, 4, tzinfo=UTC
    )
    brazil = Source(time_zone="America/Sao_Paulo")
    assert touch({"card": "M1", "at": "2024-05-06 12:00:00"}, mapping, brazil).occurred_at.hour == 15
    for text, code in (("2099-01-01", "in_the_future"), ("soon", "not_a_time")):
        found = reading({"card": "M1", "at": text}, mapping)
        assert found.touches[0].occurred_at == NOW
        assert found.problems == [CellProblem("at", code, text)]


def test_a_browser_s_rows_stay_untrusted() -> None:
    assert not touch({"card": "M1"}, PEOPLE, Source(is_trusted=False)).is_trusted


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ({}, "neither"),
        ({"attributes": {"a": "name"}}, "neither"),
        ({"attributes": {"a": "name"}, "event": {"name": "=x"}}, "record"),
        ({"record": {"key": ["a"]}, "attributes": {"a": "nmae"}}, "Did you mean name"),
        ({"record": {"key": ["a"], "kind": "dog"}}, "person or organisation"),
        ({"record": {"key": ["a"]}, "identifiers": {"a": "card"}}, "member_id"),
        ({"record": {"key": ["a"]}, "consent": {"purpose": "=m", "channel": "=e", "state": "yes"}}, "=granted"),
        ({"record": {"key": ["b"]}}, "did you mean"),
    ],
)
def test_a_mapping_that_makes_no_sense_says_what_is_wrong(mapping: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        check_mapping(parse_mapping(mapping), {"a", "bb"})


@pytest.mark.parametrize(
    "text", ['{"record": {"kye": ["a"]}}', '{"order": {}}', '{"record": 3}', "{", '{"event": {"name": 3}}']
)
def test_a_mapping_of_the_wrong_shape_is_refused_by_path(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_mapping(text)
    assert refusal.value.field == "mapping"


def test_the_hash_does_not_depend_on_how_the_json_was_written() -> None:
    one = parse_mapping('{"record":{"key":["a"]},"attributes":{"x":"name","y":"phone"},"event":{"name":"=E"}}')
    two = parse_mapping(
        '{"event":{"name":"=E","kind":"contact"},"attributes":{"y":"phone","x":"name"},"record":{"key":["a"],"prefix":""}}'
    )
    assert mapping_hash(one) == mapping_hash(two)
    assert mapping_hash(parse_mapping(msgspec.json.encode(one.to_json()))) == mapping_hash(one)


def test_every_column_a_mapping_reads_is_known() -> None:
    mapping = parse_mapping({**PEOPLE, "order": {**RECEIPT, "line": {"each": "lines", "sku": "sku"}}, **CALLS})
    assert set(columns_of(mapping)) >= {"card", "phone", "mail", "no", "sum", "how", "lines.sku", "at", "topic", "id"}
    assert "=Call Received" not in set(columns_of(mapping))
    assert "contact" not in set(columns_of(mapping))


@given(
    st.dictionaries(
        st.sampled_from(["card", "phone", "mail", "name", "no", "sum", "sku", "q", "at"]), st.text(max_size=20)
    )
)
def test_no_row_makes_reading_fail(row: dict[str, str]) -> None:
    found = reading(row, {**PEOPLE, "order": RECEIPT, "occurred_at": "at"})
    assert found.touches or found.problems
