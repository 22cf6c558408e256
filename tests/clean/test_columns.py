"""What the columns of a file hold, by heading and by values."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.column_headings import normal_heading
from kehu.clean.columns import guess_columns


def attribute_of(heading: str, values: list[str] | None = None) -> str:
    return guess_columns([heading], {heading: values or []})[heading].attribute


HEADINGS = {
    "name": [
        "name",
        "full_name",
        "Full Name",
        "customerName",
        "姓名",
        "客户姓名",
        "收货人",
        "联系人",
        "会员姓名",
        "收件人姓名",
    ],
    "surname": ["surname", "last_name", "LastName", "family name", "姓"],
    "given_name": ["given_name", "first_name", "FirstName", "forename", "名"],
    "nickname": ["nickname", "昵称", "微信昵称"],
    "phone": [
        "phone",
        "Mobile",
        "phone1",
        "phone_2",
        "手机",
        "手机号",
        "联系电话",
        "收货人手机",
        "电话",
        "客户联系电话(必填)",
        "buyer_mobile",
    ],
    "email": ["email", "E-mail", "email address", "邮箱", "电子邮箱", "Customer Email"],
    "birth_date": ["dob", "date_of_birth", "dateOfBirth", "birthday", "生日", "出生日期"],
    "gender": ["gender", "sex", "性别", "Customer Gender"],
    "address": ["address", "address_1", "收货地址", "地址", "详细地址", "shipping_address"],
    "street_number": ["street_number", "门牌号"],
    "city": ["city", "suburb", "城市", "customer_city"],
    "province": ["state", "province", "省份"],
    "postcode": ["postcode", "zip", "邮编"],
    "birth_place": ["birth_place"],
    "company": ["company", "公司", "公司名称", "company_name", "organization"],
    "id_number": ["soc_sec_id", "身份证号", "id_card"],
    "openid": ["openid", "OpenID"],
    "unionid": ["unionid"],
    "member_id": ["会员号", "会员卡号", "member_no", "member id"],
    "user_id": ["客户编号", "customer_id", "user_id"],
    "order_number": ["订单号", "order_id", "订单编号"],
    "amount": ["金额", "实付金额", "total", "amount", "payment_value"],
    "occurred_at": ["下单时间", "order_date", "created_at", "发货时间", "order_approved_at"],
    "job_title": ["occupation", "职位"],
    "remark": ["备注", "notes"],
}


@pytest.mark.parametrize(("attribute", "heading"), [(a, h) for a, hs in HEADINGS.items() for h in hs])
def test_headings(attribute: str, heading: str) -> None:
    assert attribute_of(heading) == attribute


@pytest.mark.parametrize("heading", ["", "id", "source", "x1", "status", "类型", "c3", "权重"])
def test_headings_that_say_nothing(heading: str) -> None:
    assert attribute_of(heading) == ""


BIRTHDAYS = [str(date(1955, 3, 1) + timedelta(days=577 * n)) for n in range(30)]
ORDER_DAYS = [str(date.today() - timedelta(days=n)) for n in range(30)]
VALUES = {
    "email": ["lin@example.org", "wang@qq.com", "a.b@163.com", ""],
    "phone": ["13912345670", "138****1234", "+86 139 8765 4321", "010-82345678"],
    "birth_date": BIRTHDAYS,
    "occurred_at": ORDER_DAYS,
    "gender": ["男", "女", "女", "男"],
    "address": ["北京市朝阳区建国路88号", "深圳南山区阳光小区3栋501", "杭州市西湖区文三路1号"],
    "company": ["腾讯科技有限公司", "Acme Ltd.", "海尔集团"],
    "name": ["张伟", "李娜", "欧阳修", "王先生"],
    "id_number": ["11010519491231002X", "130503196704010016"],
    "openid": ["o6af29bad379bec84a5964f", "oA1b2C3d4E5f6G7h8I9j0KlMnOpQ"],
    "amount": ["128.45", "1,107.78", "9.90", "¥12.00"],
}


@pytest.mark.parametrize(("attribute", "values"), VALUES.items(), ids=VALUES.keys())
def test_values_alone_tell_the_column(attribute: str, values: list[str]) -> None:
    guess = guess_columns(["c1"], {"c1": values})["c1"]
    assert (guess.attribute, guess.why) == (attribute, "values")
    assert 0.4 < guess.confidence <= 0.8


@pytest.mark.parametrize(
    "values",
    [
        ["1", "2", "3"],
        ["delivered", "canceled", "delivered"],
        ["b2b6027bc5c5109e529d4dc6358b12c3"],
        ["3860", "2200"],
        [],
        ["", "无"],
    ],
)
def test_values_that_tell_nothing(values: list[str]) -> None:
    assert attribute_of("c1", values) == ""


def test_values_confirm_a_heading_or_speak_against_it() -> None:
    guesses = guess_columns(
        ["电话", "手机", "邮箱"], {"电话": ["13912345670"], "手机": ["lin@example.org", "wang@qq.com"], "邮箱": []}
    )
    assert (guesses["电话"].attribute, guesses["电话"].why) == ("phone", "heading and values")
    assert (guesses["手机"].attribute, guesses["手机"].why) == ("email", "values against heading")
    assert (guesses["邮箱"].attribute, guesses["邮箱"].why) == ("email", "heading")
    assert guesses["电话"].confidence > guesses["邮箱"].confidence > guesses["手机"].confidence


def test_the_order_of_columns_and_values_does_not_matter() -> None:
    names = ["a", "b", "c"]
    samples = {"a": VALUES["email"], "b": VALUES["phone"], "c": VALUES["name"]}
    expected = guess_columns(names, samples)
    shuffled = {name: random.Random(3).sample(values, len(values)) for name, values in samples.items()}
    assert guess_columns(names[::-1], shuffled) == expected


@pytest.mark.parametrize(
    ("heading", "normal"),
    [
        ("dateOfBirth", "date_of_birth"),
        ("Date of Birth", "date_of_birth"),
        ("手机号（必填）", "手机号"),
        ("E-Mail", "e_mail"),
        ("（空）", "空"),
    ],
)
def test_headings_have_one_spelling(heading: str, normal: str) -> None:
    assert normal_heading(heading).strip("（）") == normal


@given(st.dictionaries(st.text(max_size=12), st.lists(st.text(max_size=20), max_size=4), max_size=4))
def test_any_table_gets_a_guess_per_column(samples: dict[str, list[str]]) -> None:
    guesses = guess_columns(list(samples), samples)
    assert guesses.keys() == samples.keys()
    assert all(0 <= guess.confidence <= 1 for guess in guesses.values())
