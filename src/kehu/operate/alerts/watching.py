"""Looks at every rule twice a minute, decides, and queues what is to be told. One alerter at a time."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from threading import Event as Stop
from typing import Final

import django.db
import psycopg
from django.db import connection as django_connection
from django.db import models, transaction
from django.utils import timezone

from kehu.core.database import AdvisoryLock, current_connection
from kehu.core.measures import Sample, known_measures
from kehu.operate.alerts.judging import Open, Rule, hears, judge
from kehu.operate.alerts.telling import tell_what_is_due
from kehu.operate.models import Alert, AlertRoute, AlertRule, AlertSilence, AlertTelling, Heartbeat

logger = logging.getLogger(__name__)

EVERY_SECONDS: Final = 30.0
ALERTER: Final = "alerter"
LATE_AFTER: Final = timedelta(minutes=5)
KEPT_FOR: Final = timedelta(days=365)
OPEN_STATES: Final = (Alert.State.PENDING, Alert.State.FIRING, Alert.State.ACKNOWLEDGED)
FIRED, ENDED = "fired", "ended"


def run_alerter(stop: Stop) -> None:
    """Watch until told to stop. The heartbeat tells others that it still does."""
    while not stop.is_set():
        try:
            if watch():
                tell_what_is_due()
        except (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError) as error:
            logger.warning("alerter: the database is away", extra={"error": type(error).__name__})
            django_connection.close()
        except Exception:
            logger.exception("alerter: could not watch")
            django_connection.close()
        stop.wait(EVERY_SECONDS)
    django_connection.close()


def watch(now: datetime | None = None) -> bool:
    """Judge every rule by what is measured now. False when another alerter is at it."""
    moment = now or timezone.now()
    rules = list(AlertRule.objects.filter(is_enabled=True))
    measured = _measure({rule.measure for rule in rules})
    with transaction.atomic():
        if not _is_mine():
            return False
        for rule in rules:
            _judge(rule, measured.get(rule.measure), moment)
        Alert.objects.filter(state__in=OPEN_STATES, rule__is_enabled=False).update(
            state=Alert.State.RESOLVED, ended_at=moment
        )
        _queue_tellings(moment)
        Heartbeat.objects.update_or_create(name=ALERTER, defaults={"at": moment})
    return True


def alerter_age(now: datetime | None = None) -> timedelta | None:
    """How long ago the alerter last looked; None when it never did."""
    at = Heartbeat.objects.filter(name=ALERTER).values_list("at", flat=True).first()
    return None if at is None else (now or timezone.now()) - at


def forget_alerts() -> int:
    gone, _each = Alert.objects.filter(state=Alert.State.RESOLVED, ended_at__lt=timezone.now() - KEPT_FOR).delete()
    return gone


def series_of(sample: Sample) -> str:
    """`source=shop, quantile=0.95`; empty for a measure of one figure."""
    return ", ".join(f"{name}={value}" for name, value in sample.labels)[:200]


def _measure(names: Iterable[str]) -> dict[str, Mapping[str, float]]:
    """What could not be read is left out."""
    found: dict[str, Mapping[str, float]] = {}
    for measure in known_measures():
        if measure.name in names:
            try:
                found[measure.name] = {series_of(sample): sample.value for sample in measure.read()}
            except (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError):
                raise
            except Exception:
                logger.exception("a measure could not be read", extra={"measure": measure.name})
    return found


def _judge(rule: AlertRule, measured: Mapping[str, float] | None, now: datetime) -> None:
    open_alerts = Alert.objects.filter(rule=rule, state__in=OPEN_STATES)
    judged = Rule(
        rule.pk,
        rule.measure,
        rule.comparison == AlertRule.Comparison.ABOVE,
        rule.threshold,
        timedelta(seconds=rule.for_seconds),
    )
    known = [Open(one.pk, one.series, one.state != Alert.State.PENDING, one.began_at) for one in open_alerts]
    verdict = judge(judged, measured, known, now)
    for series, value in verdict.begin.items():
        lasts = rule.for_seconds > 0
        Alert.objects.create(
            rule=rule,
            series=series,
            value=value,
            worst_value=value,
            began_at=now,
            state=Alert.State.PENDING if lasts else Alert.State.FIRING,
            fired_at=None if lasts else now,
        )
    worst = {one.pk: one.worst_value for one in open_alerts}
    for alert_id, value in verdict.last.items():
        further = value if judged.is_worse(value, worst[alert_id]) else worst[alert_id]
        Alert.objects.filter(pk=alert_id).update(value=value, worst_value=further)
    Alert.objects.filter(pk__in=verdict.fire).update(state=Alert.State.FIRING, fired_at=now)
    Alert.objects.filter(pk__in=verdict.end).update(state=Alert.State.RESOLVED, ended_at=now)
    Alert.objects.filter(pk__in=verdict.forget).delete()


def _queue_tellings(now: datetime) -> None:
    """Who is to hear of what: firing ones by every route that hears their severity, later ones only while nobody has
    acknowledged; and the end by those who heard of the beginning."""
    silences = list(AlertSilence.objects.filter(until__gt=now).values_list("rule_id", flat=True))
    routes = list(AlertRoute.objects.filter(is_enabled=True))
    for alert in Alert.objects.filter(state=Alert.State.FIRING).select_related("rule"):
        if None in silences or alert.rule_id in silences or alert.fired_at is None:
            continue
        for route in routes:
            is_time = now - alert.fired_at >= timedelta(minutes=route.after_minutes)
            if is_time and hears(route.least_severity, alert.rule.severity):
                AlertTelling.objects.get_or_create(alert=alert, route=route, occasion=FIRED, defaults={"next_at": now})
    heard = AlertTelling.objects.filter(occasion=FIRED, told_at__isnull=False, alert__state=Alert.State.RESOLVED)
    unsaid = heard.exclude(
        models.Exists(
            AlertTelling.objects.filter(alert=models.OuterRef("alert"), route=models.OuterRef("route"), occasion=ENDED)
        )
    )
    AlertTelling.objects.bulk_create(
        AlertTelling(alert_id=one.alert_id, route_id=one.route_id, occasion=ENDED, next_at=now) for one in unsaid
    )


def _is_mine() -> bool:
    row = (
        current_connection().execute("SELECT pg_try_advisory_xact_lock(%s, 0)", (int(AdvisoryLock.ALERTER),)).fetchone()
    )
    return row is not None and bool(row[0])
