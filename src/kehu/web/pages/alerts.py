"""Alerts: what fires, what was done about it, by which rules, and who is told."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.govern.access import Actor
from kehu.operate.alerts.watching import LATE_AFTER, alerter_age
from kehu.operate.models import Alert, AlertNote, AlertRoute, AlertRule, AlertSilence, Severity
from kehu.web.wording import format_span

SHOWN_RESOLVED = 30
TONES = {"critical": "danger", "warning": "warn", "info": ""}
RULE_NAMES = {
    "A source is more than 5 minutes behind": gettext_lazy("A source is more than 5 minutes behind"),
    "Messages are unaccounted for": gettext_lazy("Messages are unaccounted for"),
    "More was settled than came in": gettext_lazy("More was settled than came in"),
    "The disk is filling up": gettext_lazy("The disk is filling up"),
    "Jobs wait": gettext_lazy("Jobs wait"),
    "Jobs failed": gettext_lazy("Jobs failed"),
    "Events are not handed on": gettext_lazy("Events are not handed on"),
    "Many dead letters": gettext_lazy("Many dead letters"),
    "Webhook messages were given up": gettext_lazy("Webhook messages were given up"),
    "No backup for two days": gettext_lazy("No backup for two days"),
}


@dataclass(frozen=True, slots=True)
class NoteLine:
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AlertLine:
    id: int
    name: str
    series: str
    severity: str
    tone: str
    state: str
    is_firing: bool
    is_open: bool
    value: str
    worst: str
    began_at: datetime
    ended_at: datetime | None
    lasted: str
    notes: list[NoteLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RuleLine:
    id: int
    name: str
    says: str
    severity: str
    tone: str
    is_enabled: bool
    url: str


@dataclass(frozen=True, slots=True)
class RouteLine:
    id: int
    name: str
    says: str
    error: str


@dataclass(frozen=True, slots=True)
class SilenceLine:
    id: int
    says: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AlertsPage:
    firing: list[AlertLine]
    past: list[AlertLine]
    rules: list[RuleLine]
    routes: list[RouteLine]
    silences: list[SilenceLine]
    warning: str
    can_manage: bool


def alerts_page(actor: Actor) -> AlertsPage:
    open_states = (Alert.State.FIRING, Alert.State.ACKNOWLEDGED)
    alerts = Alert.objects.select_related("rule").prefetch_related("notes")
    routes = list(AlertRoute.objects.order_by("name"))
    return AlertsPage(
        firing=[_alert(one) for one in alerts.filter(state__in=open_states).order_by("-fired_at", "-id")],
        past=[_alert(one) for one in alerts.filter(state=Alert.State.RESOLVED).order_by("-id")[:SHOWN_RESOLVED]],
        rules=[_rule(one) for one in AlertRule.objects.order_by("-is_shipped", "id")],
        routes=[_route(one) for one in routes] if actor.can("operate.manage") else [],
        silences=[_silence(one) for one in AlertSilence.objects.filter(until__gt=timezone.now()).order_by("until")],
        warning=_warning(bool(routes)),
        can_manage=actor.can("operate.manage"),
    )


def rule_name(rule: AlertRule) -> str:
    return str(RULE_NAMES.get(rule.name, rule.name)) if rule.is_shipped else rule.name


def _figure(measure: str, value: float) -> str:
    """In the unit the measure's name ends with."""
    if measure.endswith("_seconds") and isfinite(value):
        return format_span(value)
    if measure.endswith("_bytes"):
        return f"{value / 1024**3:,.1f} GiB"
    return f"{value:,.6g}"


def _warning(has_routes: bool) -> str:
    """The watcher of the watcher: a page that everybody looks at says when nobody looks any more."""
    age = alerter_age()
    if age is None or age > LATE_AFTER:
        span = format_span(age.total_seconds()) if age else _("ever")
        return _("The alerter has not looked for %(span)s: is a worker running?") % {"span": span}
    return (
        "" if has_routes else _("Nobody is told: add a route, so that alerts reach somebody who is not on this page.")
    )


def _alert(alert: Alert) -> AlertLine:
    ended = alert.ended_at or timezone.now()
    severity = alert.rule.severity
    return AlertLine(
        id=alert.pk,
        name=rule_name(alert.rule),
        series=alert.series,
        severity=str(Severity(severity).label),
        tone=TONES[severity],
        state=str(Alert.State(alert.state).label),
        is_firing=alert.state == Alert.State.FIRING,
        is_open=alert.state != Alert.State.RESOLVED,
        value=_figure(alert.rule.measure, alert.value),
        worst=_figure(alert.rule.measure, alert.worst_value),
        began_at=alert.began_at,
        ended_at=alert.ended_at,
        lasted=format_span((ended - alert.began_at).total_seconds()),
        notes=[_note(note) for note in sorted(alert.notes.all(), key=lambda note: note.pk)],
    )


def _note(note: AlertNote) -> NoteLine:
    what = _("acknowledged") if note.what == "acknowledged" else _("declared over")
    return NoteLine(" · ".join(part for part in (note.user_name, what, note.text) if part), note.at)


def _rule(rule: AlertRule) -> RuleLine:
    lasting = format_span(rule.for_seconds) if rule.for_seconds else ""
    said: dict[str, Any] = {"measure": rule.measure, "limit": _figure(rule.measure, rule.threshold), "span": lasting}
    is_above = rule.comparison == AlertRule.Comparison.ABOVE
    if lasting:
        says = (
            _("%(measure)s above %(limit)s for %(span)s") if is_above else _("%(measure)s below %(limit)s for %(span)s")
        )
    else:
        says = _("%(measure)s above %(limit)s") if is_above else _("%(measure)s below %(limit)s")
    severity = str(Severity(rule.severity).label)
    url = reverse("web:alert_rule", args=[rule.pk])
    return RuleLine(rule.pk, rule_name(rule), says % said, severity, TONES[rule.severity], rule.is_enabled, url)


def _route(route: AlertRoute) -> RouteLine:
    severity = Severity(route.least_severity).label
    if route.after_minutes:
        span = format_span(timedelta(minutes=route.after_minutes).total_seconds())
        says = _("from “%(severity)s” on, if nobody acknowledges within %(span)s") % {
            "severity": severity,
            "span": span,
        }
    else:
        says = _("from “%(severity)s” on, at once") % {"severity": severity}
    return RouteLine(route.pk, route.name, says, route.last_error)


def _silence(silence: AlertSilence) -> SilenceLine:
    about = rule_name(silence.rule) if silence.rule else _("everything")
    says = " · ".join(part for part in (about, silence.reason, silence.user_name) if part)
    return SilenceLine(silence.pk, says, silence.until)
