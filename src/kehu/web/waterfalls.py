"""Draws match weights as a waterfall: where each step starts and how wide it is, on a scale of 0..100. Pure."""

from collections.abc import Sequence
from typing import Any

from kehu.web.components import Spark, Waterfall, WaterfallBar

THINNEST = 0.6  # a step of nearly no bits is still to be seen


def draw_waterfall(
    steps: Sequence[tuple[Any, Any, float]], *, prior_bits: float, prior_label: Any, probability: float
) -> Waterfall:
    """steps: (attribute label, level label, bits). The first bar is the prior; the last edge is the sum."""
    edges = [0.0, prior_bits]
    for _label, _level, bits in steps:
        edges.append(edges[-1] + bits)
    low, high = min(edges), max(edges)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round((value - low) / span * 100, 2)

    bars = [_bar(prior_label, "", 0.0, prior_bits, place, "start")]
    for number, (label, level, bits) in enumerate(steps):
        start = edges[number + 1]
        bars.append(_bar(label, level, start, start + bits, place, "plus" if bits >= 0 else "minus"))
    return Waterfall(bars=tuple(bars), zero=place(0.0), total_bits=round(edges[-1], 2), probability=probability)


def _bar(label: Any, level: Any, start: float, end: float, place: Any, sign: str) -> WaterfallBar:
    left, right = sorted((place(start), place(end)))
    width = max(right - left, THINNEST)
    left = min(left, 100 - width)
    return WaterfallBar(
        label=label,
        level=level,
        bits=round(end - start, 2),
        x=round(left, 2),
        width=round(width, 2),
        sign=sign,
    )


def draw_spark(counts: Sequence[int], label: Any, *, ceiling: int = 0) -> Spark:
    """counts: oldest first. ceiling: what fills the height, 0 = the greatest of them.

    Bars stand on the floor of a box of 100 × 30, with a gap of a fifth between them.
    """
    tallest = ceiling or max([*counts, 1])
    step = 100 / max(len(counts), 1)
    bars = []
    for number, count in enumerate(counts):
        height = max(round(count / tallest * 30, 2), 0.6)
        bars.append((round(number * step, 2), round(30 - height, 2), round(step * 0.8, 2), height))
    return Spark(bars=tuple(bars), label=label)
