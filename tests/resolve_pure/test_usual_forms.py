"""Normal forms of many values at once say what the one-by-one forms say."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.resolve.features import build_features, email_form, phone_form
from kehu.resolve.match_keys import match_keys
from kehu.resolve.raw_columns import RawColumn
from kehu.resolve.usual_forms import usual_mailboxes, usual_phones, usual_words
from tests.resolve_pure.people import Row
from tests.resolve_pure.test_scoring import rows

MANY = 600  # enough for the column expressions to be used

phones = st.one_of(
    st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
    st.from_regex(r"\A0[0-9]{9}\Z"),
    st.from_regex(r"\A(1[3-9]\d|04)(0{8}|12345678|98765432|7{8})\Z"),
    st.from_regex(r"\A[+0-9 *-]{3,14}\Z"),
)
mailboxes = st.one_of(
    st.builds(
        "{}@{}".format,
        st.sampled_from(["lin", "Lin.Chen", "lin+shop", "+shop", ".", "test", "abc", "a.b+c", "l in", "张伟", ""]),
        st.sampled_from(["gmail.com", "googlemail.com", "qq.com", "icloud.com", "example.org", "none.com", "a..b"]),
    ),
    st.from_regex(r"\A[a-z.+]{1,6}@[a-z.]{1,6}@?\Z"),
    st.text("ab.@+ ", max_size=8),
)  # fmt: skip


@given(st.lists(phones, min_size=1, max_size=40))
@settings(deadline=None, max_examples=60)
def test_phones_of_usual_shape_are_read_as_one_by_one(values: list[str]) -> None:
    filled = values + [f"139{number:08d}" for number in range(MANY)]
    assert usual_phones(filled, phone_form) == [phone_form(value) for value in filled]


@given(st.lists(mailboxes, min_size=1, max_size=40))
@settings(deadline=None, max_examples=60)
def test_mailboxes_of_usual_shape_are_read_as_one_by_one(values: list[str]) -> None:
    filled = values + [f"box{number}@example.com" for number in range(MANY)]
    assert usual_mailboxes(filled, email_form) == [email_form(value) for value in filled]


@given(st.lists(st.text("ab Zé.", max_size=6), min_size=1))
@settings(deadline=None, max_examples=40)
def test_only_plain_words_are_left_as_they_are(values: list[str]) -> None:
    filled = [*values, *["ann lee"] * MANY]
    assert usual_words(filled, str.upper)[len(values) :] == ["ann lee"] * MANY
    for value, form in zip(values, usual_words(filled, str.upper), strict=False):
        assert form == (value if value == " ".join(value.split()) and value.isascii() and value and
                        value.replace(" ", "").isalpha() and value.islower() else value.upper())  # fmt: skip


@given(st.lists(rows, min_size=1, max_size=8))
@settings(deadline=None, max_examples=60)
def test_a_frame_has_the_keys_of_its_rows(people: list[Row]) -> None:
    columns = ("name", "phone", "email", "birth_date", "gender", "address", "company", "unionid")
    frame = pl.DataFrame(
        {name: [row.get(name) for row in people] for name in columns}, schema=dict.fromkeys(columns, pl.String)
    )
    for ours, theirs in zip(match_keys(build_features(frame)), match_keys(build_features(people)), strict=True):
        assert ours.tolist() == theirs.tolist()


def test_columns_of_lists_keep_every_entry_and_know_the_first() -> None:
    cells = [["a", None, "b"], [], None, ["", "c"], ["a"]]
    of_frame, of_rows = RawColumn.of_series(pl.Series(cells, dtype=pl.List(pl.String))), RawColumn.of(cells)
    for column in (of_frame, of_rows):
        shown = [[] for _ in cells]
        for owner, code in zip(column.owners.tolist(), column.codes.tolist(), strict=True):
            if code >= 0:
                shown[owner].append(column.values[code])
        assert shown == [["a", "b"], [], [], ["c"], ["a"]]
        assert [column.values[c] if c >= 0 else "" for c in column.first().tolist()] == ["a", "", "", "", "a"]
