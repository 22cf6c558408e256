"""Which alerts begin, last and end, from what was measured. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SEVERITIES: Final = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Rule:
    id: int
    measure: str
    is_above: bool
    threshold: float
    lasts_for: timedelta

    def is_broken_by(self, value: float) -> bool:
        return value > self.threshold if self.is_above else value < self.threshold

    def is_worse(self, value: float, than: float) -> bool:
        return value > than if self.is_above else value < than


@dataclass(frozen=True, slots=True)
class Open:
    """An alert that is not over."""

    id: int
    series: str
    has_fired: bool
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """begin: series → value of new alerts; last: alert → its value now; fire, end: alerts; forget: pending ones that
    are over."""

    begin: Mapping[str, float]
    last: Mapping[int, float]
    fire: tuple[int, ...]
    end: tuple[int, ...]
    forget: tuple[int, ...]


def judge(rule: Rule, measured: Mapping[str, float] | None, known: Iterable[Open], now: datetime) -> Verdict:
    """measured None: it could not be read this time, so nothing begins and nothing ends."""
    known = list(known)
    if measured is None:
        return Verdict({}, {}, (), (), ())
    broken = {series: value for series, value in measured.items() if rule.is_broken_by(value)}
    series_known = {alert.series for alert in known}
    over = [alert for alert in known if alert.series not in broken]
    lasting = [alert for alert in known if alert.series in broken]
    return Verdict(
        begin={series: value for series, value in broken.items() if series not in series_known},
        last={alert.id: broken[alert.series] for alert in lasting},
        fire=tuple(a.id for a in lasting if not a.has_fired and now - a.began_at >= rule.lasts_for),
        end=tuple(alert.id for alert in over if alert.has_fired),
        forget=tuple(alert.id for alert in over if not alert.has_fired),
    )


def hears(route_least: str, severity: str) -> bool:
    return SEVERITIES.index(severity) >= SEVERITIES.index(route_least)
