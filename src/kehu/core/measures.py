"""What can be measured: each room says its figures here; /metrics, alerts and the operations centre read them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure. labels: which one of several (a source's short name, a state); never a person."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """name: kehu_…, with its unit at the end. help: one sentence for people. kind: as Prometheus has it."""

    name: str
    help: Any
    read: Callable[[], Iterable[Sample]]
    kind: Literal["gauge", "counter"] = "gauge"


_measures: dict[str, Measure] = {}


def register_measures(*measures: Measure) -> None:
    """Enter measures; the same name twice is a mistake, the same measure twice is not."""
    for measure in measures:
        known = _measures.setdefault(measure.name, measure)
        if known.read is not measure.read:
            raise ValueError(f"{measure.name} is measured in two ways.")


def known_measures() -> tuple[Measure, ...]:
    return tuple(sorted(_measures.values(), key=lambda measure: measure.name))
