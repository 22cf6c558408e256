"""What a file's columns mean, guessed; every guess is a mapping that could be run as it is."""

from typing import Any

import pytest

from kehu.clean.row_mapping import check_mapping, parse_mapping
from kehu.collect.imports.guessing import guess_mapping
from kehu.collect.imports.trade_headings import trade_role


def guessed(columns: dict[str, list[str]], lists: tuple[str, ...] = ()) -> dict[str, Any]:
    mapping = guess_mapping(list(columns), columns, lists).mapping
    check_mapping(parse_mapping(mapping), {*columns, *lists})
    return mapping


def test_a_member_list() -> None:
    mapping = guessed(
        {
            "会员号": ["M1", "M2", "M3"],
            "姓名": ["张伟", "王芳", "李娜"],
            "手机号码": ["13800138001", "13900139002", ""],
            "邮箱": ["", "wang@example.cn", ""],
            "性别": ["男", "女", "女"],
            "开卡日期": ["2024-05-06", "2024-05-07", "2024-05-08"],
            "门店": ["南京路店", "淮海路店", "南京路店"],
        }
    )
    assert mapping == {
        "record": {"key": ["会员号"]},
        "attributes": {"姓名": "name", "手机号码": "phone", "邮箱": "email", "性别": "gender"},
        "identifiers": {"会员号": "member_id"},
        "occurred_at": "开卡日期",
    }


def test_the_key_falls_back_where_the_first_column_is_empty() -> None:
    mapping = guessed(
        {
            "card_no": ["C1", "", "C3"],
            "mobile": ["13800138001", "13900139002", "13700137003"],
            "name": ["Lin Chen", "Ann Wu", "Bo Li"],
        }
    )
    assert mapping["record"]["key"] == ["card_no", {"column": "mobile", "prefix": "phone:"}]


def test_an_order_export_with_lines_payment_and_refund() -> None:
    mapping = guessed(
        {
            "订单编号": ["2601", "2602"],
            "收货人": ["张*", "王*"],
            "联系电话": ["138****1234", "139****9876"],
            "收货地址": ["浙江省杭州市西湖区文三路90号", "上海市浦东新区世纪大道100号"],
            "商品编码": ["S1", "S2"],
            "商品标题": ["奶粉", "奶瓶"],
            "购买数量": ["1", "2"],
            "单价": ["199.00", "59.00"],
            "实付金额": ["199.00", "118.00"],
            "退款金额": ["0.00", "118.00"],
            "订单状态": ["交易成功", "已退款"],
            "下单时间": ["2024-05-06 10:00:00", "2024-05-07 11:00:00"],
        }
    )
    assert mapping["record"]["key"] == ["订单编号"]  # masked phones name nobody
    assert mapping["order"] == {
        "number": "订单编号",
        "status": "订单状态",
        "placed_at": "下单时间",
        "total": "实付金额",
        "line": {"sku": "商品编码", "name": "商品标题", "quantity": "购买数量", "unit_price": "单价"},
        "payment": {"amount": "实付金额"},
        "refund": {"amount": "退款金额"},
    }
    assert mapping["occurred_at"] == "下单时间"


def test_nested_orders() -> None:
    mapping = guessed(
        {
            "order_no": ["A1"],
            "created_at": ["2024-05-06 10:00:00"],
            "buyer.phone": ["13800138001"],
            "lines.sku": ["S1"],
            "lines.quantity": ["2"],
            "lines.price": ["9.90"],
            "payments.amount": ["19.80"],
            "payments.payment_no": ["P1"],
        },
        lists=("lines", "payments"),
    )
    assert mapping["order"]["line"] == {"each": "lines", "sku": "sku", "quantity": "quantity", "unit_price": "price"}
    assert mapping["order"]["payment"] == {"each": "payments", "amount": "amount", "key": ["payment_no"]}


def test_a_contact_with_its_company() -> None:
    mapping = guessed(
        {
            "客户编号": ["K1", "K2"],
            "联系人": ["张伟先生", "王总"],
            "手机": ["13800138001", "13900139002"],
            "公司名称": ["杭州宏远科技有限公司", "上海联诚贸易有限公司"],
            "公司电话": ["0571-87654321", "021-61234567"],
        }
    )
    assert mapping["organisation"]["attributes"] == {"公司名称": "name", "公司电话": "phone"}
    assert "公司电话" not in mapping["attributes"]
    assert mapping["attributes"]["公司名称"] == "company"


def test_companies_alone_are_organisations() -> None:
    mapping = guessed(
        {"公司名称": ["杭州宏远科技有限公司", "上海联诚贸易有限公司"], "电话": ["0571-87654321", "021-61234567"]}
    )
    assert mapping["record"]["kind"] == "organisation"
    assert mapping["attributes"] == {"公司名称": "name", "电话": "phone"}


def test_an_address_in_columns_is_one_address_unless_the_street_repeats_them() -> None:
    parted = {
        "phone": ["13800138001"],
        "street": ["文三路90号2幢301室"],
        "city": ["杭州市"],
        "province": ["浙江省"],
    }
    assert {c for c, a in guessed(parted)["attributes"].items() if a == "address"} == {"street", "city", "province"}
    whole = {**parted, "street": ["浙江省杭州市文三路90号2幢301室"]}
    assert {c for c, a in guessed(whole)["attributes"].items() if a == "address"} == {"street"}


def test_day_before_month_is_seen_in_the_values() -> None:
    mapping = guessed({"phone": ["13800138001", "13900139002"], "created_at": ["03/04/2024", "25/04/2024"]})
    assert mapping["time_format"] == "dmy"


def test_seconds_since_1970_are_a_time() -> None:
    mapping = guessed({"openid": ["oAbcdefghijklmnopqrstu1"], "subscribe_time": ["1714968000"], "appid": ["wx1"]})
    assert mapping["occurred_at"] == "subscribe_time"
    assert mapping["identifiers"]["openid"] == {"type": "openid", "prefix_column": "appid"}


def test_subscriptions_by_the_words_that_occur() -> None:
    mapping = guessed({"email": ["a@example.cn", "b@example.cn", "c@example.cn"], "subscribed": ["yes", "no", "yes"]})
    assert mapping["consent"]["state"] == {"column": "subscribed", "granted": ["yes"], "withdrawn": ["no"]}


def test_columns_that_mean_nothing_stay_without_a_role_and_sureness_is_of_the_least_sure() -> None:
    guess = guess_mapping(["x", "phone"], {"x": ["foo", "bar"], "phone": ["13800138001", "13900139002"]})
    roles = {column.column: (column.role, column.confidence) for column in guess.columns}
    assert roles["x"] == ("", 0.0)
    assert guess.confidence == roles["phone"][1] > 0.8


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("退款金额", "refund.amount"),
        ("Refunded at", "refund.at"),
        ("实付金额", "payment.amount"),
        ("payment_value", "payment.amount"),
        ("付款时间", "payment.at"),
        ("order_item_id", "line.key"),
        ("Qty", "line.quantity"),
        ("unitPrice", "line.unit_price"),
        ("订单金额(元)", "order.total"),
        ("order_purchase_timestamp", "order.placed_at"),
        ("备注", ""),
        ("name", ""),
    ],
)
def test_headings_of_trade(heading: str, role: str) -> None:
    assert trade_role(heading) == role


def test_a_column_called_id_that_never_repeats_is_the_key() -> None:
    people = {
        "id": ["1", "2", "3"],
        "phone": ["13800138001", "13900139002", "13800138001"],
        "name": ["张伟", "王芳", "李娜"],
    }
    assert guessed(people)["record"]["key"] == ["id"]
    assert guessed({**people, "id": ["1", "1", "2"]})["record"]["key"] == ["phone"]


def test_titles_of_reviews_do_not_become_people() -> None:
    mapping = guessed(
        {
            "review_id": ["r1", "r2"],
            "order_id": ["o1", "o2"],
            "review_comment_title": ["Super recomendo", "Muito bom"],
            "created_at": ["2018-05-23 00:00:00", "2018-05-24 00:00:00"],
        }
    )
    assert "record" not in mapping
    assert mapping["order"] == {"number": "order_id"}


def test_several_payments_of_an_order_are_not_its_total() -> None:
    mapping = guessed(
        {
            "order_id": ["o1", "o1"],
            "payment_sequential": ["1", "2"],
            "payment_type": ["credit_card", "voucher"],
            "payment_value": ["99.33", "24.39"],
        }
    )
    assert mapping["order"] == {
        "number": "order_id",
        "payment": {"key": ["payment_sequential"], "method": "payment_type", "amount": "payment_value"},
    }


def test_an_order_is_dated_by_when_it_was_placed_and_by_its_last_change() -> None:
    mapping = guessed(
        {
            "订单号": ["1", "2"],
            "下单时间": ["2024-05-06 10:00:00", "2024-05-07 10:00:00"],
            "发货时间": ["2024-05-08 10:00:00", ""],
            "更新时间": ["2024-05-09 10:00:00", "2024-05-07 11:00:00"],
        }
    )
    assert mapping["occurred_at"] == mapping["order"]["placed_at"] == "下单时间"
    assert mapping["order"]["updated_at"] == "更新时间"
