"""Draws lines over time in a box of 600 × 160: paths for the picture, and the same figures as a table. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 600.0, 160.0


@dataclass(frozen=True, slots=True)
class Line:
    """label and figures, oldest first; None = nothing was measured. tone: 1..4, a color and a dash of its own."""

    label: Any
    values: Sequence[float | None]
    tone: int = 1


@dataclass(frozen=True, slots=True)
class DrawnLine:
    label: Any
    tone: int
    path: str
    dots: tuple[tuple[float, float], ...]
    last: str


@dataclass(frozen=True, slots=True)
class Chart:
    """label: what a reader who cannot see it is told. rows: (time, figures in words) for the table under it."""

    label: Any
    lines: tuple[DrawnLine, ...]
    top: str
    start: str
    end: str
    heads: tuple[Any, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def draw_chart(label: Any, times: Sequence[str], lines: Sequence[Line], word: Any = str) -> Chart:
    """times: one text per step; word: a figure in words (a count, a span)."""
    tallest = max((value for line in lines for value in line.values if value is not None), default=0.0)
    ceiling = _round_up(tallest)
    return Chart(
        label=label,
        lines=tuple(_drawn(line, ceiling, word) for line in lines),
        top=word(ceiling),
        start=times[0] if times else "",
        end=times[-1] if times else "",
        heads=tuple(line.label for line in lines),
        rows=tuple(
            (time, tuple(_worded(line.values[step], word) for line in lines))
            for step, time in reversed(list(enumerate(times)))
            if any(line.values[step] for line in lines)
        ),
    )


def _drawn(line: Line, ceiling: float, word: Any) -> DrawnLine:
    step = WIDTH / max(len(line.values) - 1, 1)
    parts: list[list[tuple[float, float]]] = [[]]
    for number, value in enumerate(line.values):
        if value is None:
            parts.append([])
        else:
            parts[-1].append((round(number * step, 1), round(HEIGHT - value / ceiling * HEIGHT, 1)))
    path = " ".join("M" + " L".join(f"{x} {y}" for x, y in part) for part in parts if len(part) > 1)
    dots = tuple(part[0] for part in parts if len(part) == 1)
    told = next((value for value in reversed(line.values) if value is not None), None)
    return DrawnLine(line.label, line.tone, path, dots, _worded(told, word))


def _worded(value: float | None, word: Any) -> str:
    return "—" if value is None else str(word(value))


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 × 10ⁿ, so that the axis has a round top."""
    if value <= 0:
        return 1.0
    unit = 1.0
    while unit * 10 < value:
        unit *= 10
    while unit > value:
        unit /= 10
    return next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= value)
