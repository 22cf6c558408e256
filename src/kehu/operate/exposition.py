"""Every measure of every room as Prometheus text, and who may read it."""

import hmac
import ipaddress
import logging
from collections.abc import Iterator, Mapping

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from kehu.core.measures import Measure, known_measures

logger = logging.getLogger(__name__)
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def may_read(environment: Mapping[str, str], token: str) -> bool:
    """With the token, or from this machine itself: a proxy on this machine speaks for others, so its calls need one."""
    given = environment.get("HTTP_AUTHORIZATION", "")
    if given:
        return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    if any(name in environment for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(environment.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def exposition() -> bytes:
    """This process's own counters first, then what the rooms measure in the database."""
    registry = CollectorRegistry()
    registry.register(_RoomsCollector())
    return generate_latest(REGISTRY) + generate_latest(registry)


class _RoomsCollector:
    def collect(self) -> Iterator[Metric]:
        for measure in known_measures():
            try:
                yield _family(measure)
            except Exception:  # one room that cannot be read must not hide the others
                logger.exception("a measure could not be read", extra={"measure": measure.name})


def _family(measure: Measure) -> Metric:
    samples = list(measure.read())
    names = [name for name, _ in samples[0].labels] if samples else []
    kind = CounterMetricFamily if measure.kind == "counter" else GaugeMetricFamily
    family = kind(measure.name, str(measure.help), labels=names)
    for sample in samples:
        family.add_metric([value for _, value in sample.labels], sample.value)
    return family
