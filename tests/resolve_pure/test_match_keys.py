"""Match keys: from one record alone, the same for ever, and enough to bring variants together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.resolve.blocking import candidate_pairs
from kehu.resolve.features import build_features
from kehu.resolve.match_keys import KEY_FAMILIES, family_of, match_keys
from tests.resolve_pure.people import Row, positions
from tests.resolve_pure.test_scoring import rows


def keys_of(row: Row) -> set[int]:
    return set(match_keys(build_features([row]))[1].tolist())


@given(st.lists(rows, min_size=1, max_size=6))
@settings(deadline=None)
def test_keys_depend_on_the_record_alone(people: list[Row]) -> None:
    record, key = match_keys(build_features(people))
    for i, person in enumerate(people):
        assert set(key[record == i].tolist()) == keys_of(person)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"phone": "13800138000"}, {"phone": "+86 138-0013-8000"}),
        ({"name": "张先生", "phone": "138****8000"}, {"name": "张伟", "phone": "13800138000"}),
        ({"name": "张伟", "birth_date": "1980-02-01"}, {"name": "Wei Zhang", "birth_date": "1980-02-01"}),
        ({"name": "張偉"}, {"name": "章玮"}),
        ({"surname": "Hall", "given_name": "Ann"}, {"surname": "Ann", "given_name": "Hall"}),
        ({"given_name": "Uwins", "city": "Neath", "birth_place": "Ely"}, {"surname": "Uwins", "birth_place": "Ely"}),
        ({"email": "lin.chen@example.org"}, {"email": "Lin.Chen@example.org"}),
        ({"address": "北京市朝阳区建国路88号"}, {"address": "朝阳区建国路88号"}),
        ({"openid": "o1"}, {"openid": "o1", "name": "小红"}),
    ],
)
def test_variants_of_one_person_share_a_key(left: Row, right: Row) -> None:
    assert keys_of(left) & keys_of(right)


def test_an_empty_record_has_no_keys() -> None:
    assert keys_of({}) == set()


def test_a_key_tells_its_family() -> None:
    _, key = match_keys(build_features([{"email": "lin@example.org"}]))
    assert {KEY_FAMILIES[f].name for f in family_of(key)} == {"email", "mailbox"}


def test_a_key_that_too_many_share_is_dead() -> None:
    crowd = build_features([{"phone": "13800138000"}] * 30)
    assert len(candidate_pairs(*match_keys(crowd), max_members=29).left) == 0
    assert len(candidate_pairs(*match_keys(crowd), max_members=30).left) == 30 * 29 // 2


def test_pairs_are_distinct_ordered_and_told_by_all_their_families() -> None:
    features = build_features([{"email": "lin@example.org"}, {}, {"email": "lin@example.org"}])
    pairs = candidate_pairs(*match_keys(features))
    assert (pairs.left.tolist(), pairs.right.tolist()) == ([0], [2])
    assert int(np.bitwise_count(pairs.families[0])) == 2


def test_no_records_give_no_pairs() -> None:
    assert len(candidate_pairs(positions(), np.zeros(0, np.int64)).left) == 0
    assert len(candidate_pairs(*match_keys(build_features([]))).left) == 0
