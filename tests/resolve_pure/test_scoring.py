"""Scores: the same for the same two records whatever else is in the frame, and explained to the last bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.resolve.attributes import ATTRIBUTES, LEVELS
from kehu.resolve.corroboration import facts_agreeing
from kehu.resolve.explain import explain_pair
from kehu.resolve.features import build_features
from kehu.resolve.match_model import InvalidModel, MatchModel, model_fields
from kehu.resolve.scoring import score_pairs
from tests.resolve_pure.people import Row, explained, level, positions, probability

PHONE = "13800138000"

rows = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["张伟", "張偉", "张先生", "Zhang Wei", "王芳", "John Smith", "Smith, Johnny", ""]),
        "phone": st.sampled_from([PHONE, "+86 138-0013-8000", "138****8000", "13800138001", "13900139000", None]),
        "email": st.sampled_from(["zw@example.org", "ZW@Example.org", "zw@example.com", None]),
        "birth_date": st.sampled_from(["1980-02-01", "1980-01-02", "1980-01-01", "1980", "02-01", "不详"]),
        "gender": st.sampled_from(["男", "F", None]),
        "address": st.sampled_from(["北京市朝阳区建国路88号", "朝阳区建国路88号3号楼501室", "12 High Street", None]),
        "company": st.sampled_from(["北京华信科技有限公司", "华信科技", None]),
        "unionid": st.sampled_from(["u1", "u2", None]),
    },
)


@given(st.lists(rows, min_size=2, max_size=6))
@settings(deadline=None)
def test_an_explanation_sums_to_the_score(people: list[Row]) -> None:
    features, model = build_features(people), MatchModel.default()
    scores = score_pairs(features, positions(0), positions(1), model)
    why = explain_pair(features, 0, 1, model)
    total = why.prior_bits + sum(part.bits for part in why.contributions)
    assert abs(total - why.total_bits) < 1e-6
    assert abs(why.total_bits - scores.weight_bits[0]) < 1e-6
    assert abs(why.probability - scores.probability[0]) < 1e-9


@given(st.lists(rows, min_size=2, max_size=6))
@settings(deadline=None)
def test_a_score_knows_neither_sides_nor_neighbors(people: list[Row]) -> None:
    model = MatchModel.default()
    among_others = score_pairs(build_features(people), positions(0, 1), positions(1, 0), model).weight_bits
    alone = score_pairs(build_features(people[:2]), positions(0), positions(1), model).weight_bits
    assert np.allclose(among_others, alone[0], atol=1e-9)


@pytest.mark.parametrize(
    ("attribute", "left", "right", "expected"),
    [
        ("surname", {"name": "张伟"}, {"name": "張偉"}, "exact"),
        ("surname", {"name": "张伟"}, {"name": "章伟"}, "same sound"),
        ("surname", {"name": "John Smith"}, {"name": "John Smyth"}, "close"),
        ("surname", {"surname": "Smith", "given_name": "Ann"}, {"surname": "Ann", "given_name": "Smith"}, "swapped"),
        ("given_name", {"name": "张伟"}, {"name": "张维"}, "same sound or nickname"),
        ("given_name", {"name": "张伟"}, {"name": "Zhang Wei"}, "same sound or nickname"),
        ("given_name", {"name": "William Hall"}, {"name": "Bill Hall"}, "same sound or nickname"),
        ("given_name", {"name": "孙莲洁"}, {"name": "孙莲"}, "part"),
        ("given_name", {"name": "张先生"}, {"name": "张伟"}, "missing"),
        ("given_name", {"name": "李羽嘉"}, {"name": "yujia"}, "same sound or nickname"),
        ("given_name", {"surname": "Pelham", "given_name": "Rev."}, {"name": "John Pelham"}, "missing"),
        ("given_name", {"name": "Rt. Hon. John Pelham", "surname": "Pelham", "given_name": "Rt."},
         {"surname": "Pelham", "given_name": "John"}, "exact"),
        ("given_name", {"given_name": "Earl", "surname": "Hall"}, {"given_name": "Earl", "surname": "Hall"}, "exact"),
        ("surname", {"given_name": "Denninh"}, {"surname": "Denning", "given_name": "William"}, "close"),
        ("surname", {"given_name": "Denning"}, {"surname": "Denning", "given_name": "William"}, "swapped"),
        ("given_name", {"given_name": "Denninh"}, {"surname": "Denning", "given_name": "William"}, "missing"),
        ("given_name", {"name": "臧丽霄"}, {"nickname": "老霄"}, "part"),
        ("given_name", {"name": "臧丽霄"}, {"nickname": "阳光"}, "missing"),
        ("given_name", {"nickname": "阳光"}, {"nickname": "阳光"}, "missing"),
        ("surname", {"name": "李婷"}, {"nickname": "小李"}, "exact"),
        ("phone", {"phone": "+86 138 0013 8000"}, {"phone": PHONE}, "exact"),
        ("phone", {"phone": "138****8000"}, {"phone": PHONE}, "masked agrees"),
        ("phone", {"phone": "13800138001"}, {"phone": PHONE}, "one digit off"),
        ("phone", {"phone": ["13900139000", PHONE]}, {"phone": PHONE}, "exact"),
        ("email", {"email": "Lin@Example.org"}, {"email": "lin@example.org"}, "exact"),
        ("email", {"email": "lin.chen@example.com"}, {"email": "lin.chen@example.org"}, "same mailbox name"),
        ("birth_date", {"birth_date": "1980-02-01"}, {"birth_date": "1980年2月1日"}, "exact"),
        ("birth_date", {"birth_date": "1980-02-01"}, {"birth_date": "1980-01-02"}, "day and month swapped"),
        ("birth_date", {"birth_date": "1980-01-01"}, {"birth_date": "1980-01-01"}, "exact, 1 January"),
        ("birth_date", {"birth_date": "1980-02-11"}, {"birth_date": "1980-02-17"}, "one digit off"),
        ("identifier", {"unionid": "a"}, {"unionid": "a"}, "exact"),
        ("identifier", {"unionid": "a"}, {"openid": "a"}, "missing"),
        ("company", {"company": "华信科技有限公司"}, {"company": "华信科技"}, "exact"),
        ("address", {"address": "武汉黄陂区紫金花园30-2804"}, {"address": "武汉黄陂区紫金花园3-4-902"}, "same street"),
        ("address", {"address": "武汉黄陂区紫金花园30-2804"}, {"address": "武汉蔡甸区紫金花园3-4-902"}, "different"),
    ],
)  # fmt: skip
def test_levels_of_agreement(attribute: str, left: Row, right: Row, expected: str) -> None:
    assert level(attribute, left, right) == expected
    assert level(attribute, right, left) == expected


def test_a_family_that_shares_phone_and_address_is_related_and_not_one_person() -> None:
    home = {"phone": PHONE, "address": "北京市朝阳区建国路88号"}
    assert probability({"name": "张伟", **home}, {"name": "张小红", **home}) < MatchModel.default().review_probability
    assert probability({"name": "张伟", **home}, {"name": "张伟", **home}) > 0.99


def test_the_household_shows_in_the_explanation() -> None:
    why = explained({"name": "张伟", "phone": PHONE}, {"name": "张小红", "phone": PHONE})
    assert {part.attribute: part.bits for part in why.contributions}["household"] < -2


def test_a_rare_surname_says_more_than_a_common_one() -> None:
    common = explained({"name": "王明"}, {"name": "王明"}).contributions[0].bits
    rare = explained({"name": "纵明"}, {"name": "纵明"}).contributions[0].bits
    assert rare > common + 3


def test_a_postcode_says_little_where_the_city_agrees() -> None:
    place = {"city": "Kirra", "postcode": "2155"}
    together = {part.attribute: part.bits for part in explained(place, place).contributions}
    alone = {part.attribute: part.bits for part in explained({"postcode": "2155"}, {"postcode": "2155"}).contributions}
    assert together["postcode"] < 2 < 8 < alone["postcode"]


def test_a_postcode_says_little_where_the_birth_place_agrees() -> None:
    place = {"birth_place": "Kirra", "postcode": "2155"}
    assert {part.attribute: part.bits for part in explained(place, place).contributions}["postcode"] < 2


def test_a_name_of_two_characters_says_more_than_a_name_of_one() -> None:
    one = explained({"name": "张伟"}, {"name": "张伟"}).contributions[1].bits
    two = explained({"name": "张固善"}, {"name": "张固善"}).contributions[1].bits
    assert two > one + 2


def test_circumstance_alone_must_be_surer_than_what_points_at_a_person() -> None:
    model, name = MatchModel.default(), {"name": "崔龙"}
    bold = replace(model, circumstantial_probability=0.0)
    features = build_features([name, name])
    assert score_pairs(features, positions(0), positions(1), bold).probability[0] > model.link_probability
    assert model.review_probability < probability(name, name) < model.link_probability
    assert "caution" in {part.attribute for part in explained(name, name).contributions}
    known = {**name, "phone": PHONE}
    assert "caution" not in {part.attribute for part in explained(known, known).contributions}
    rare = {"name": "欧阳固善"}
    assert probability(rare, rare) > model.circumstantial_probability


@pytest.mark.parametrize(
    ("left", "right", "facts"),
    [
        ({"name": "张伟", "gender": "男"}, {"name": "张伟", "gender": "男"}, 1),
        ({"name": "张伟", "phone": "138****8000"}, {"name": "张先生", "phone": PHONE}, 2),
        ({"name": "张伟", "phone": PHONE}, {"name": "李芳", "phone": PHONE}, 1),
        ({"name": "张伟"}, {"phone": PHONE}, 0),
    ],
)
def test_facts_are_counted_once(left: Row, right: Row, facts: int) -> None:
    scores = score_pairs(build_features([left, right]), positions(0), positions(1), MatchModel.default())
    assert facts_agreeing(scores.levels.T).tolist() == [facts]


def test_a_model_survives_json() -> None:
    model = MatchModel.default()
    again = MatchModel.from_json(model.to_json())
    assert np.array_equal(again.match_weights, model.match_weights)
    assert again.version == model.version


def test_a_model_that_lacks_an_attribute_is_refused() -> None:
    fields = model_fields()
    del fields["m"]["phone"]
    with pytest.raises(InvalidModel, match="phone"):
        MatchModel(**fields)


def test_the_shipped_tables_are_probabilities() -> None:
    model = MatchModel.default()
    for name in ATTRIBUTES:
        for table in (model.m, model.u, model.household):
            assert len(table[name]) == len(LEVELS[name]) - 1
            assert sum(table[name]) == pytest.approx(1.0, abs=1e-4)
