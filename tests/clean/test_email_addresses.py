"""E-mail addresses, by tables and by what must hold for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.email_addresses import EmailAddress, is_disposable_domain


def read(text: str) -> EmailAddress:
    parsed = EmailAddress.parse(text)
    assert parsed is not None
    return parsed


SPELLINGS = {
    "plain": "lin@example.org",
    "capitals": "Lin@Example.ORG",
    "blanks around": "  lin@example.org\n",
    "blanks inside": "lin @ example.org",
    "full-width at": "lin＠example.org",
    "all full-width": "ｌｉｎ＠ｅｘａｍｐｌｅ．ｏｒｇ",
    "Chinese full stop": "lin@example。org",
    "with a name": "Lin Chen <lin@example.org>",
    "mailto": "mailto:lin@example.org",
    "quoted": "'lin@example.org'",
    "punctuation behind": "lin@example.org;",
    "label before": "邮箱:lin@example.org",
    "zero-width blank": "lin@example.org\u200b",
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_spelling_of_an_address_is_that_address(text: str) -> None:
    parsed = read(text)
    assert (parsed.address, parsed.local, parsed.domain) == ("lin@example.org", "lin", "example.org")


@pytest.mark.parametrize(
    ("text", "match_form"),
    [("Lin.Chen+shop@gmail.com", "linchen@gmail.com"), ("lin.chen@googlemail.com", "linchen@gmail.com"),
     ("lin.chen+a@outlook.com", "lin.chen@outlook.com"), ("lin.chen+a@163.com", "lin.chen+a@163.com")],
)  # fmt: skip
def test_only_the_match_form_drops_dots_and_tags(text: str, match_form: str) -> None:
    assert read(text).match_form == match_form
    assert read(text).address == text.lower()


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [("lin@gamil.com", "lin@gmail.com"), ("lin@qq.con", "lin@qq.com"), ("lin@163.con", "lin@163.com"),
    ("lin@hotmial.com", "lin@hotmail.com"),
     ("lin@gmail.com", ""), ("lin@example.org", "")],
)  # fmt: skip
def test_a_mistyped_domain_is_flagged_not_changed(text: str, suggestion: str) -> None:
    assert (read(text).address, read(text).suggestion) == (text, suggestion)


def test_throw_away_providers_are_known_with_their_subdomains() -> None:
    assert read("lin@mailinator.com").is_disposable
    assert is_disposable_domain("any.mailinator.com")
    assert not read("lin@qq.com").is_disposable


def test_international_domains_are_shown_in_their_script() -> None:
    assert read("lin@xn--fiqs8s.cn").address == "lin@中国.cn"
    assert read("张伟@公司.中国").domain == "公司.中国"


@pytest.mark.parametrize(
    "text",
    [None, "", "无", "lin", "lin@", "@example.org", "lin@example", "test@qq.com", "test@test.com", "none@none.com",
    "123456@qq.com",
     "a@a.com", "lin at example.org", "lin@@example.org"],
)  # fmt: skip
def test_no_address_at_all(text: str | None) -> None:
    assert EmailAddress.parse(text) is None


def test_a_mailbox_called_test_may_be_somebodys() -> None:
    assert read("test@our-company.cn").local == "test"


@given(st.one_of(st.text(max_size=40), st.emails(), st.text(alphabet="ab.@+＠。 <>-_中", max_size=20)))
def test_any_text_is_read_or_refused_and_reading_twice_changes_nothing(text: str) -> None:
    first = EmailAddress.parse(text)
    if first is not None:
        assert EmailAddress.parse(first.address) == first
        assert first.address == f"{first.local}@{first.domain}"
