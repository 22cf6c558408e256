"""The one rule: whatever merges, unmerges, arrives late or twice, the most restrictive word counts, and comes back."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.govern.consent.rule import Demand, Standing, Word, standing_of_customer, standing_of_record

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return DAY + timedelta(days=number)


words = st.builds(Word, st.integers(0, 9).map(day), st.booleans(), st.booleans(), st.booleans(), st.booleans())
records = st.lists(words, max_size=6)
customers = st.lists(records, min_size=1, max_size=4)
demands = st.builds(Demand, st.none() | st.integers(0, 9).map(day), st.booleans(), st.booleans())


@given(customers, customers, demands)
def test_a_merged_customer_stands_as_the_more_restrictive_of_the_two(left, right, demand):
    apart = [standing_of_customer(side, demand) for side in (left, right)]
    assert standing_of_customer([*left, *right], demand) == max(apart)


@given(customers, customers, demands)
def test_unmerging_gives_each_side_what_it_said_before(left, right, demand):
    before = [standing_of_customer(side, demand) for side in (left, right)]
    merged = [*left, *right]
    standing_of_customer(merged, demand)
    again = [standing_of_customer(side, demand) for side in (merged[: len(left)], merged[len(left) :])]
    assert again == before


@given(st.lists(words, max_size=4), demands)
def test_the_order_and_number_of_arrivals_leave_no_trace(said, demand):
    found = {standing_of_record([*order, *order[:1]], demand) for order in permutations(said)}
    assert len(found) <= 1


@given(records, st.lists(st.integers(0, 30).map(day), max_size=5), demands)
def test_no_feed_lifts_what_a_person_told_us_directly(said, repeats, demand):
    no = Word(day(5), is_yes=False, is_direct=True)
    before = [word for word in said if word.at < no.at]
    nightly = [Word(at, is_yes=True) for at in repeats]
    assert standing_of_record([*before, no, *nightly], demand) == Standing.WITHDRAWN


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ([], Standing.SILENT),
        ([Word(day(1), True)], Standing.GRANTED),
        ([Word(day(1), True), Word(day(2), False)], Standing.WITHDRAWN),
        ([Word(day(2), True), Word(day(1), False)], Standing.GRANTED),
        ([Word(day(1), True), Word(day(1), False)], Standing.WITHDRAWN),
        ([Word(day(1), False), Word(day(2), True, is_direct=True)], Standing.GRANTED),
        ([Word(day(3), False), Word(day(2), True, is_direct=True)], Standing.WITHDRAWN),
        ([Word(day(3), True), Word(day(2), False, is_direct=True)], Standing.WITHDRAWN),
        ([Word(day(2), False, is_direct=True), Word(day(3), True, is_direct=True)], Standing.GRANTED),
    ],
    ids=[
        "silence", "a yes", "a no after a yes", "a yes after a no", "both at once", "a direct yes after a feed's no",
        "a feed's no after a direct yes", "a feed's yes after a direct no", "a direct yes after a direct no",
    ],
)  # fmt: skip
def test_the_word_that_counts_on_one_record(said, standing):
    assert standing_of_record(said) == standing


def test_a_yes_to_an_older_text_counts_as_silence_and_a_no_to_it_stays_a_no():
    demand = Demand(since=day(5))
    assert standing_of_record([Word(day(4), True)], demand) == Standing.SILENT
    assert standing_of_record([Word(day(5), True)], demand) == Standing.GRANTED
    assert standing_of_record([Word(day(4), False)], demand) == Standing.WITHDRAWN


def test_what_needs_a_yes_of_its_own_is_not_given_by_a_bundled_one():
    demand = Demand(is_separate=True)
    assert standing_of_record([Word(day(1), True)], demand) == Standing.SILENT
    assert standing_of_record([Word(day(1), True, is_separate=True)], demand) == Standing.GRANTED
