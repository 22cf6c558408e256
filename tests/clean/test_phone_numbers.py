"""Telephone numbers, by tables, against libphonenumber's own examples, and by what must hold for any text."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.numbering_plans import national_to_e164, to_e164
from kehu.clean.phone_numbers import PhoneNumber


def read(text: str, region: str = "CN") -> PhoneNumber:
    parsed = PhoneNumber.parse(text, region)
    assert parsed is not None
    return parsed


MOBILES = [
    "13800138000", "138 0013 8000", "138-0013-8000", "1380013-8000", "+8613800138000", "+86 138 0013 8000",
    "+86-138-0013-8000",
    "86-13800138000", "86 13800138000", "8613800138000", "008613800138000", "0086 138 0013 8000", "（+86）13800138000",
    "(86)13800138000", "１３８００１３８０００", "＋８６ １３８００１３８０００", "013800138000", "13800138000.0",
    " 13800138000\n",
    "手机:13800138000", "13800138000/13900139000", "13800138000;13900139000", "138.0013.8000", "\u200b13800138000",
    "13800138000 张三",
]  # fmt: skip


@pytest.mark.parametrize("text", MOBILES)
def test_every_spelling_of_a_mobile_is_one_number(text: str) -> None:
    parsed = read(text)
    assert (parsed.e164, parsed.kind, parsed.tail, parsed.national) == (
        "+8613800138000",
        "mobile",
        "8000",
        "13800138000",
    )


LANDLINES = {
    "Beijing": ("010-82345678", "+861082345678", ""),
    "brackets": ("(010)82345678", "+861082345678", ""),
    "no separator": ("01082345678", "+861082345678", ""),
    "blanks": ("021 6321 7890", "+862163217890", ""),
    "country code": ("+86 10 8234 5678", "+861082345678", ""),
    "country code and zero": ("+86 0755 82345678", "+8675582345678", ""),
    "country code without plus": ("86-755-82345678", "+8675582345678", ""),
    "seven digits": ("0755 8234567", "+867558234567", ""),
    "转": ("0755-82345678转801", "+8675582345678", "801"),
    "分机": ("0755-82345678 分机 801", "+8675582345678", "801"),
    "dashed extension": ("010-82345678-801", "+861082345678", "801"),
    "ext.": ("021-63217890 ext. 12", "+862163217890", "12"),
    "all eights exist": ("0571-88888888", "+8657188888888", ""),
    "full-width": ("（０１０）８２３４５６７８", "+861082345678", ""),
}


@pytest.mark.parametrize(("text", "e164", "extension"), LANDLINES.values(), ids=LANDLINES.keys())
def test_landlines(text: str, e164: str, extension: str) -> None:
    parsed = read(text)
    assert (parsed.kind, parsed.e164, parsed.extension) == ("landline", e164, extension)


@pytest.mark.parametrize(
    ("text", "e164"),
    [("400-810-8888", "+864008108888"), ("4008108888", "+864008108888"), ("4008-108-888", "+864008108888"),
     ("800 810 8888", "+868008108888"), ("95588", ""), ("10086", ""), ("12315", "")],
)  # fmt: skip
def test_service_numbers(text: str, e164: str) -> None:
    assert (read(text).kind, read(text).e164) == ("service", e164)


FOREIGN = {
    "plus": ("+1 415 555 2671", "CN", "+14155552671"),
    "double zero": ("001 415 555 2671", "CN", "+14155552671"),
    "American grouping": ("(504) 621-8927", "CN", "+15046218927"),
    "American dashes": ("504-621-8927", "CN", "+15046218927"),
    "American with its one": ("1-415-555-2671", "CN", "+14155552671"),
    "British": ("+44 20 7946 0958", "CN", "+442079460958"),
    "British with (0)": ("+44 (0)20 7946 0958", "CN", "+442079460958"),
    "Hong Kong": ("+852 9123 4567", "CN", "+85291234567"),
    "Taiwan": ("+886 912 345 678", "CN", "+886912345678"),
    "at home in Britain": ("020 7946 0958", "GB", "+442079460958"),
    "at home in America": ("(415) 555-2671", "US", "+14155552671"),
    "at home in France": ("06 12 34 56 78", "FR", "+33612345678"),
}


@pytest.mark.parametrize(("text", "region", "e164"), FOREIGN.values(), ids=FOREIGN.keys())
def test_numbers_from_elsewhere(text: str, region: str, e164: str) -> None:
    assert (read(text, region).kind, read(text, region).e164) == ("foreign", e164)


def test_a_chinese_number_stays_chinese_abroad() -> None:
    assert read("+86 138 0013 8000", "US").e164 == "+8613800138000"


MASKED = {
    "usual": ("138****1234", "138****1234", "1234"),
    "country code": ("+86 138****1234", "138****1234", "1234"),
    "letters": ("138xxxx1234", "138****1234", "1234"),
    "full-width": ("１３８＊＊＊＊１２３４", "138****1234", "1234"),
    "blanks": ("138 **** 1234", "138****1234", "1234"),
    "only the end": ("*******1234", "****1234", "1234"),
    "the end hidden": ("1380013****", "1380013****", ""),
}


@pytest.mark.parametrize(("text", "masked", "tail"), MASKED.values(), ids=MASKED.keys())
def test_a_masked_number_keeps_its_shown_digits(text: str, masked: str, tail: str) -> None:
    parsed = read(text)
    assert (parsed.kind, parsed.e164, parsed.masked, parsed.tail) == ("masked", "", masked, tail)


@pytest.mark.parametrize("text", ["1380013800", "82345678", "6.02E+10", "+1 555", "00862", "98765012345678901"])
def test_what_no_telephone_has_is_invalid_but_kept(text: str) -> None:
    parsed = read(text)
    assert (parsed.kind, parsed.e164) == ("invalid", "")
    assert parsed.national


@pytest.mark.parametrize(
    "text",
    [None, "", " ", "无", "null", "00000000000", "11111111111", "13800000000", "13812345678", "12345678901", "123",
    "010-12345678",
     "+86 13888888888", "abc", "-", "８６１３８００００００００"],
)  # fmt: skip
def test_no_number_at_all(text: str | None) -> None:
    assert PhoneNumber.parse(text) is None


def test_the_numbering_plans_know_every_example_of_libphonenumber() -> None:
    wrong = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number(region)
        if example is None:
            continue
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        home = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
        if to_e164(e164[1:]) != e164:
            wrong.append((region, e164))
        digits = "".join(c for c in home if c.isdecimal())
        if national_to_e164(digits, region) != e164:
            wrong.append((region, home))
    assert len(wrong) <= 6, wrong  # a few regions write the trunk prefix so that two readings are right


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    parsed = PhoneNumber.parse(text)
    if parsed is not None and parsed.e164:
        assert PhoneNumber.parse(parsed.e164) is not None
        assert PhoneNumber.parse(parsed.e164).e164 == parsed.e164  # type: ignore[union-attr]


@given(st.text(alphabet="0123456789 +-()*转x（）１８６/.", max_size=24))
def test_any_row_of_digits_and_marks_is_read_or_refused(text: str) -> None:
    parsed = PhoneNumber.parse(text)
    assert parsed is None or parsed.kind in ("mobile", "landline", "service", "foreign", "masked", "invalid")


SHAPES = st.sampled_from(
    ["{0}{1}{2}", "+86{0}{1}{2}", "0086{0}{1}{2}", "86-{0}{1}{2}", "{0} {1} {2}", "{0}-{1}-{2}", "+86 {0} {1} {2}",
    "（+86）{0}{1}{2}",
     "0{0}{1}{2}", "（86）{0}-{1}-{2}"]
)  # fmt: skip


@given(
    st.from_regex(r"1[3-9][0-9]", fullmatch=True),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    SHAPES,
    st.booleans(),
)
def test_the_shape_and_width_of_a_mobile_do_not_matter(
    head: str, middle: str, tail: str, shape: str, wide: bool
) -> None:
    text = shape.format(head, middle, tail)
    if wide:
        text = "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isdecimal() else c for c in text)
    plain, written = PhoneNumber.parse(head + middle + tail), PhoneNumber.parse(text)
    assert (plain and plain.e164) == (written and written.e164)
