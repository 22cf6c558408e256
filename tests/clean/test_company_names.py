"""Company names, by tables and by what must hold for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.company_names import CompanyName


def read(text: str) -> CompanyName:
    parsed = CompanyName.parse(text)
    assert parsed is not None
    return parsed


NAMES = {
    "limited": ("腾讯科技有限公司", "腾讯科技", "", "有限公司"),
    "limited liability": ("宇博餐饮管理有限责任公司", "宇博餐饮管理", "", "有限责任公司"),
    "shares": ("诚鑫物流股份有限公司", "诚鑫物流", "", "股份有限公司"),
    "group": ("信联餐饮管理集团有限公司", "信联餐饮管理", "", "集团有限公司"),
    "group of shares": ("海尔集团股份有限公司", "海尔", "", "集团股份有限公司"),
    "holding": ("腾讯控股有限公司", "腾讯", "", "控股有限公司"),
    "group in brackets": ("中国平安保险(集团)股份有限公司", "平安保险", "中国", "股份有限公司"),
    "city before": ("深圳市腾讯科技有限公司", "腾讯科技", "深圳市", "有限公司"),
    "city without 市": ("德州宇联科技有限公司", "宇联科技", "德州", "有限公司"),
    "province and city": ("广东省深圳市南山区宇联科技有限公司", "宇联科技", "广东省深圳市南山区", "有限公司"),
    "place in brackets": ("源嘉(桂林)贸易有限公司", "源嘉贸易", "桂林", "有限公司"),
    "full-width brackets": ("源嘉（桂林）贸易有限公司", "源嘉贸易", "桂林", "有限公司"),
    "traditional": ("遼陽信聯餐飲管理集團有限公司", "信联餐饮管理", "辽阳", "集团有限公司"),
    "short": ("嘉恒餐饮管理", "嘉恒餐饮管理", "", ""),
    "branch": ("阿里巴巴（中国）有限公司上海分公司", "阿里巴巴", "中国", "有限公司"),
    "the place is the brand": ("青岛啤酒股份有限公司", "青岛啤酒", "", "股份有限公司"),
    "a bank": ("北京银行", "北京银行", "", ""),
    "a university": ("吉林大学", "吉林大学", "", ""),
    "place and trade alone": ("上海商贸有限公司", "上海商贸", "", "有限公司"),
    "just group": ("海尔集团", "海尔", "", "集团"),
    "Co., Ltd.": ("Acme Trading Co., Ltd.", "Acme Trading", "", "co ltd"),
    "limited in capitals": ("ACME TRADING LIMITED", "ACME TRADING", "", "limited"),
    "article and partner": ("The Smith & Co.", "Smith", "", "co"),
    "German": ("Siemens AG", "Siemens", "", "ag"),
    "dotted": ("Acme S.A.", "Acme", "", "sa"),
}


@pytest.mark.parametrize(("text", "core", "place", "suffix"), NAMES.values(), ids=NAMES.keys())
def test_a_company_name_divides(text: str, core: str, place: str, suffix: str) -> None:
    parsed = read(text)
    assert (parsed.core, parsed.place, parsed.suffix) == (core, place, suffix)


SAME = [
    ("深圳市腾讯科技有限公司", "騰訊科技（深圳）有限責任公司"),
    ("深圳市腾讯科技有限公司", "腾讯科技"),
    ("Acme Trading Co., Ltd.", "ACME TRADING LIMITED"),
    ("Ａｃｍｅ Ｔｒａｄｉｎｇ", "Acme-Trading Inc."),
    ("宇联科技股份有限公司", "宇 联 科 技"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_company_has_one_key(one: str, other: str) -> None:
    assert read(one).key == read(other).key


@pytest.mark.parametrize(
    ("text", "brand"),
    [
        ("深圳市宇联科技有限公司", "宇联"),
        ("嘉恒餐饮管理", "嘉恒"),
        ("腾讯控股有限公司", "腾讯"),
        ("Acme Trading Ltd", "Acme Trading"),
    ],
)
def test_the_brand_leaves_the_trade_out(text: str, brand: str) -> None:
    assert read(text).brand == brand


@pytest.mark.parametrize("text", [None, "", "无", "个人", "公司", "null", "-", "自由职业", "N/A", "退休"])
def test_no_company_at_all(text: str | None) -> None:
    assert CompanyName.parse(text) is None


parts = st.lists(
    st.sampled_from(
        [
            "深圳市",
            "广东",
            "腾讯",
            "科技",
            "(",
            ")",
            "集团",
            "股份",
            "有限",
            "公司",
            "责任",
            " ",
            "Co.",
            "Ltd",
            "Acme",
            "&",
            "分公司",
        ]
    ),
    max_size=7,
).map("".join)


@given(st.one_of(st.text(max_size=40), parts))
def test_any_text_is_read_or_refused_and_reading_twice_changes_nothing(text: str) -> None:
    first = CompanyName.parse(text)
    if first is not None:
        assert CompanyName.parse(first.display) == first
        assert first.core
