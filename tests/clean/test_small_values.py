"""Genders, identity cards and placeholders."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.genders import parse_gender
from kehu.clean.id_numbers import IdNumber, check_digit
from kehu.clean.placeholders import LONGEST, NAME_PLACEHOLDERS, is_placeholder
from kehu.clean.text_forms import half_width, tidy, to_simplified

KEY = b"a key for tests"


@pytest.mark.parametrize(
    "text", ["男", "男性", "先生", "M", "male", "Male", " 男 ", "1", "Ｍ", "１", "♂", "Mr.", "man"]
)
def test_male(text: str) -> None:
    assert parse_gender(text) == "male"


@pytest.mark.parametrize("text", ["女", "女士", "小姐", "F", "female", "FEMALE", "2", "Ｆ", "♀", "Mrs", "woman"])
def test_female(text: str) -> None:
    assert parse_gender(text) == "female"


@pytest.mark.parametrize("text", [None, "", "0", "未知", "unknown", "保密", "x", "男女"])
def test_neither(text: str | None) -> None:
    assert parse_gender(text) is None


def card(text: str) -> IdNumber:
    parsed = IdNumber.parse(text, KEY)
    assert parsed is not None
    return parsed


def test_an_identity_card_says_birth_date_gender_and_place() -> None:
    parsed = card("11010519491231002X")
    assert (parsed.birth_date, parsed.gender, parsed.division_code, parsed.last4) == (
        date(1949, 12, 31),
        "female",
        "110105",
        "002X",
    )


@pytest.mark.parametrize(
    "text",
    ["11010519491231002x", "110105 19491231 002X", "110105-19491231-002X", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_every_spelling_of_a_card_has_one_hash(text: str) -> None:
    assert card(text).hashed == card("11010519491231002X").hashed


def test_a_card_of_15_digits_is_its_successor_of_18() -> None:
    old = card("130503670401001")
    assert old.hashed == card("130503196704010016").hashed
    assert old.birth_date == date(1967, 4, 1)


def test_the_hash_hangs_on_the_key_and_the_number_is_nowhere() -> None:
    number = "11010519491231002X"
    one, other = IdNumber.parse(number, b"one"), IdNumber.parse(number, b"other")
    assert one is not None
    assert other is not None
    assert one.hashed != other.hashed
    assert number not in repr(one)
    assert number[6:14] not in one.hashed


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "110105194912310021",
        "11010519491331002X",
        "991231194912310020",
        "123",
        "00000000000000000",
        "1101051949123100",
        "无",
    ],
)
def test_what_fails_the_checks_is_refused(text: str | None) -> None:
    assert IdNumber.parse(text, KEY) is None


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        IdNumber.parse("11010519491231002X", b"")


@given(
    st.sampled_from(["110105", "440305", "310115"]),
    st.dates(date(1900, 1, 1), date(2020, 1, 1)),
    st.integers(0, 999),
    st.integers(0, 17),
    st.integers(1, 9),
)
def test_one_wrong_digit_never_passes(place: str, born: date, serial: int, position: int, shift: int) -> None:
    first17 = f"{place}{born:%Y%m%d}{serial:03d}"
    number = first17 + check_digit(first17)
    assert card(number).birth_date == born
    if number[position] != "X":
        wrong = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
        assert IdNumber.parse(wrong, KEY) is None


@given(st.text(max_size=24))
def test_any_text_is_a_card_or_refused(text: str) -> None:
    parsed = IdNumber.parse(text, KEY)
    assert parsed is None or len(parsed.hashed) == 64


PLACEHOLDERS = {
    "nothing": ("", "name"),
    "blank": ("  ", "name"),
    "无": ("无", "company"),
    "traditional 無": ("無", "address"),
    "null": ("NULL", "phone"),
    "n/a": ("N/A", "city"),
    "dashes": ("--------------------", "address"),
    "stars": ("***", "name"),
    "zeros": ("00000000000", "phone"),
    "ones": ("11111111111", "phone"),
    "counting": ("12345678901", "phone"),
    "mobile with zeros": ("13800000000", "phone"),
    "with country code": ("+86 13800000000", "phone"),
    "test@": ("test@qq.com", "email"),
    "test domain": ("whoever@test.com", "email"),
    "wechat user": ("微信用户", "nickname"),
    "numbered user": ("用户8472", "name"),
    "zero date": ("0000-00-00", "birth_date"),
    "last date": ("9999-12-31", "birth_date"),
    "pick-up": ("到店自提", "address"),
    "zeros for a card": ("000000000000000000", "id_number"),
}


@pytest.mark.parametrize(("text", "attribute"), PLACEHOLDERS.values(), ids=PLACEHOLDERS.keys())
def test_placeholders(text: str, attribute: str) -> None:
    assert is_placeholder(text, attribute)


@pytest.mark.parametrize(
    ("text", "attribute"),
    [("张伟", "name"), ("13800138000", "phone"), ("138****1234", "phone"), ("0571-88888888", "phone"),
    ("lin@example.org", "email"),
     ("test@our-company.cn", "email"), ("1988-06-17", "birth_date"), ("北京市朝阳区", "address"), ("海尔",
     "company"), ("Null Island Ltd", "company")],
)  # fmt: skip
def test_values(text: str, attribute: str) -> None:
    assert not is_placeholder(text, attribute)


def test_no_placeholder_word_is_longer_than_the_bound_that_skips_the_look_up() -> None:
    assert max(map(len, NAME_PLACEHOLDERS)) <= LONGEST


@given(st.text(max_size=30), st.sampled_from(["name", "phone", "email", "address", "birth_date", "id_number", "city"]))
def test_any_text_is_a_placeholder_or_not(text: str, attribute: str) -> None:
    assert is_placeholder(text, attribute) in (True, False)


@given(st.text(max_size=40))
def test_tidying_and_simplifying_are_done_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert to_simplified(to_simplified(text)) == to_simplified(text)
    assert len(to_simplified(text)) == len(text)
    assert half_width(half_width(text)) == half_width(text)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("　１２３　", "123"),
        ("（a）", "(a)"),
        ("a\u200bb", "ab"),
        ("a \t\n b", "a b"),
        ("\ufeff张伟", "张伟"),
        (None, ""),
        ("a\u00a0b", "a b"),
    ],
)
def test_tidying(text: str | None, tidied: str) -> None:
    assert tidy(text) == tidied
