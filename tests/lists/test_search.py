"""Search: whom it finds under which word, in which order, what it takes for what was mistyped, and what it marks."""

from importlib import import_module
from uuid import UUID

import pytest
from django.db import connection

from kehu.govern import rate_limits
from kehu.govern.access import SYSTEM
from kehu.govern.errors import RateLimited
from kehu.profile.filters.tree import Condition, Group
from kehu.profile.highlighting import highlight
from kehu.profile.models import Customer, CustomerToken, SearchRow
from kehu.profile.queries.lists import customer_list
from kehu.profile.queries.search import find, search
from kehu.profile.search_tokens import query_words, tokens_of
from kehu.profile.search_variants import variants
from kehu.profile.survivorship import Golden
from tests.cast import NOON, make_actor, make_customer, make_department

searching = import_module("kehu.profile.queries.search")  # the package gives the function of this name


def make_findable(name: str, *, weight: int = 1, **attributes) -> UUID:
    """A customer with the words a refresh would have written."""
    department = attributes.pop("department_id", 0)
    customer = make_customer(name, department_id=department, **attributes)
    values = {"name": name, **{key: value for key, value in attributes.items() if key != "identifiers"}}
    golden = {key: Golden(value, customer, 1, NOON, "trust") for key, value in values.items()}
    tokens = tokens_of(golden, weight)
    CustomerToken.objects.bulk_create(
        [CustomerToken(customer_id=customer, token=token, rank=rank) for token, rank in tokens.items()]
    )
    SearchRow.objects.create(
        customer_id=customer, tokens=sorted(tokens), ranks=[tokens[token] for token in sorted(tokens)]
    )
    return customer


def names(found: list[UUID]) -> list[str]:
    by_id = dict(Customer.objects.values_list("pk", "display_name"))
    return [by_id[one] for one in found]


@pytest.fixture
def people(db):
    make_findable("张小明", phone="+8613800138000", email="zhang.xiaoming@example.com", city="上海市", weight=9)
    make_findable("张伟", phone="+8613912345678", city="北京", company="远恒商贸有限公司")
    make_findable("Margaret Smith", email="maggie@example.org", identifiers={"member_id": "M0082371"})
    make_findable("欧阳娜娜", phone="+8618600001234")


CASES = {
    "a character": ("张", ["张小明", "张伟"]),
    "the name": ("张小明", ["张小明"]),
    "traditional script": ("張小明", ["张小明"]),
    "pinyin": ("zhangxiaoming", ["张小明"]),
    "pinyin in two words": ("zhang xiaoming", ["张小明"]),
    "pinyin by syllables": ("zhang xiao ming", ["张小明"]),
    "initials": ("zxm", ["张小明"]),
    "surname and initials": ("zhangxm", ["张小明"]),
    "the beginning of a sound": ("ouyang n", ["欧阳娜娜"]),
    "part of a longer sound": ("ouyangna", ["欧阳娜娜"]),
    "given name first": ("smith margaret", ["Margaret Smith"]),
    "a phone in groups": ("138 0013 8000", ["张小明"]),
    "a phone with its country": ("+86 138-0013-8000", ["张小明"]),
    "the beginning of a phone": ("1391234", ["张伟"]),
    "the last four digits": ("1234", ["欧阳娜娜"]),
    "name and last four": ("欧阳 1234", ["欧阳娜娜"]),
    "an e-mail": ("maggie@example.org", ["Margaret Smith"]),
    "the beginning of an e-mail": ("maggie@ex", ["Margaret Smith"]),
    "a company": ("远恒", ["张伟"]),
    "name and city": ("张 上海", ["张小明"]),
    "a number in another system": ("M0082371", ["Margaret Smith"]),
    "nobody": ("qqqq", []),
    "nothing": ("  ", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_customers_are_found_under_all_their_words(people, text, expected):
    found = find(SYSTEM, text)
    assert names(found.ids) == expected
    assert not (found.ids and found.is_guess)


SLIPS = {
    "two letters swapped": ("zhangxiaomign", "张小明"),
    "a letter missing": ("margret", "Margaret Smith"),
    "a letter too many": ("margaretd", "Margaret Smith"),
    "a wrong letter in an e-mail": ("maggie@exampla.org", "Margaret Smith"),
    "a dialect's sound": ("zangxiaomin", "张小明"),
    "a character that sounds the same": ("章小铭", "张小明"),
    "a digit wrong in a phone": ("13800138001", "张小明"),
    "a slip in one of two words": ("smith margret", "Margaret Smith"),
}


@pytest.mark.parametrize(("text", "expected"), SLIPS.values(), ids=SLIPS)
def test_what_is_mistyped_is_found_and_called_a_guess(people, text, expected):
    found = find(SYSTEM, text)
    assert names(found.ids) == [expected]
    assert found.is_guess


@pytest.mark.parametrize("text", ["%", "_", "'", "\\", "a" * 500, "张" * 300, "\U0010ffff", "😀", "* *", "1" * 50])
def test_odd_texts_find_nobody_and_break_nothing(people, text):
    assert find(SYSTEM, text).ids == []


def test_common_words_are_joined_however_many_bear_them(people, monkeypatch):
    """With the limits of a small base everything counts as common: each way through the index gives the same."""
    for rare, first, long in ((0, 1, 1), (0, 300, 3000), (2000, 300, 3000)):
        monkeypatch.setattr(searching, "RARE", rare)
        monkeypatch.setattr(searching, "_FIRST_LOOK", first)
        monkeypatch.setattr(searching, "_LONG_LOOK", long)
        assert names(search(SYSTEM, "张 小明")) == ["张小明"]
        assert names(search(SYSTEM, "ouyang nan")) == ["欧阳娜娜"]


def test_only_those_in_sight_are_found_even_far_down_a_common_word(db, monkeypatch):
    east = make_department("East")
    for number in range(6):
        make_findable(f"王{'一二三四五六'[number]}", weight=9, department_id=make_department(f"D{number}").pk)
    make_findable("王芳", weight=0, department_id=east.pk)
    monkeypatch.setattr(searching, "RARE", 2)
    monkeypatch.setattr(searching, "_FIRST_LOOK", 2)
    monkeypatch.setattr(searching, "_LONG_LOOK", 3)
    assert names(search(make_actor("partner", east), "王")) == ["王芳"]
    assert len(search(SYSTEM, "王")) == 3


def test_a_search_keeps_to_the_filter_of_the_list(people):
    beijing = Group(conditions=(Condition("city", "is", ("北京",)),))
    assert [line.name for line in customer_list(SYSTEM, text="张", filter=beijing).lines] == ["张伟"]


def test_guesses_at_numbers_one_sees_masked_are_counted(people, monkeypatch):
    monkeypatch.setattr(rate_limits, "LOOK_UP", rate_limits.Limit("look-up", 1, 3600))
    agent = make_actor("agent")
    find(agent, "13800138001")
    with pytest.raises(RateLimited):
        find(agent, "13800138002")


def test_a_search_takes_a_bounded_number_of_statements(people, django_assert_max_num_queries):
    for text in ("张", "zhang xiaoming", "qqqqq wwwww eeeee rrrrr"):
        with django_assert_max_num_queries(30, connection=connection):
            find(SYSTEM, text)


def marked(value: str, *words: str) -> str:
    return "".join(f"[{one.text}]" if one.is_hit else one.text for one in highlight(value, words))


@pytest.mark.parametrize(
    ("value", "words", "expected"),
    [
        ("张伟", ("张",), "[张]伟"),
        ("張偉", ("张",), "[張]偉"),
        ("张小明", ("zhangx",), "[张小]明"),
        ("张小明", ("zxm",), "[张小明]"),
        ("张小明", ("xm",), "张[小明]"),
        ("138 0013 8000", ("0138",), "138 0[013 8]000"),
        ("138****8000", ("8000",), "138****[8000]"),
        ("Zhang.Wei@example.com", ("wei",), "Zhang.[Wei]@example.com"),
        ("张伟", ("李",), "张伟"),
        ("", ("x",), ""),
        ("张伟", (), "张伟"),
    ],
)
def test_what_was_met_is_marked(value, words, expected):
    assert marked(value, *words) == expected


def test_variants_of_a_word_are_few_and_never_the_word_itself():
    for word in ("zhangwei", "13800138000", "someone@example.com", "张伟"):
        assert word not in variants(word)
        assert 0 < len(variants(word)) < 3_000
    assert variants("abc") == variants("1234") == variants("x" * 100) == []


def test_a_query_is_cut_into_words_as_people_mean_them():
    assert query_words("138 0013 8000") == ["13800138000"]
    assert query_words("王 1234") == ["王", "1234"]
    assert query_words("ＺＨＡＮＧ 偉") == ["zhang", "伟"]
    assert len(query_words("a b c d e f g h")) == 6
