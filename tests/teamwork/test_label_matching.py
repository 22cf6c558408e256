"""A label is meant by its words, its sound and its initials, from any syllable on."""

import pytest

from kehu.web.label_matching import is_meant


@pytest.mark.parametrize(
    ("query", "label", "meant"),
    [
        ("", "客户", True),
        ("客", "新建客户", True),
        ("kehu", "新建客户", True),
        ("xjkh", "新建客户", True),
        ("kh", "新建客户", True),
        ("xin jian", "新建客户", True),
        ("chongjian", "重建", True),
        ("zhongjian", "重建", False),
        ("ehu", "新建客户", False),
        ("cust", "New customer", True),
        ("nc", "New customer", False),
        ("API 令", "API 令牌", True),
        ("apilp", "API 令牌", False),
        ("'; DROP", "客户", False),
        ("\x00", "客户", False),
    ],
)
def test_what_is_typed_means_a_label(query: str, label: str, meant: bool) -> None:
    assert is_meant(query, [label]) is meant
