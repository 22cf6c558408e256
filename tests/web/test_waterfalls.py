"""The waterfall and the spark: steps that join, on a scale of 0..100."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.web.waterfalls import THINNEST, draw_spark, draw_waterfall

BITS = st.floats(-40, 40, allow_nan=False)


def test_each_step_starts_where_the_one_before_it_ended() -> None:
    drawn = draw_waterfall(
        [("name", "same", 6.0), ("phone", "differs", -2.0)], prior_bits=-10.0, prior_label="prior", probability=0.1
    )
    start, name, phone = drawn.bars
    assert (start.sign, name.sign, phone.sign) == ("start", "plus", "minus")
    assert name.x == pytest.approx(start.x, abs=0.1)
    assert phone.x + phone.width == pytest.approx(name.x + name.width, abs=0.1)
    assert drawn.total_bits == -6.0
    assert drawn.zero == 100


@given(prior=BITS, steps=st.lists(BITS, max_size=12))
def test_no_bar_leaves_the_picture_and_none_is_too_thin_to_see(prior: float, steps: list[float]) -> None:
    drawn = draw_waterfall([("x", "", bits) for bits in steps], prior_bits=prior, prior_label="p", probability=0.5)
    assert len(drawn.bars) == len(steps) + 1
    assert drawn.total_bits == pytest.approx(prior + sum(steps), abs=0.01)
    for bar in drawn.bars:
        assert bar.width >= THINNEST
        assert bar.x >= -0.01
        assert bar.x + bar.width <= 100.01


@given(counts=st.lists(st.integers(0, 10**7), max_size=48))
def test_spark_bars_stand_on_the_floor(counts: list[int]) -> None:
    spark = draw_spark(counts, "messages")
    assert len(spark.bars) == len(counts)
    for _x, y, _width, height in spark.bars:
        assert y + height <= 30.61
        assert y >= 0
