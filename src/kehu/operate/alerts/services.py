"""What people do about alerts. Rights are asked by the caller: this room knows no actors."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.core.measures import known_measures
from kehu.core.sealing import seal
from kehu.operate.alerts.telling import SEAL, is_understood
from kehu.operate.models import Alert, AlertNote, AlertRoute, AlertRule, AlertSilence, Severity


@dataclass(frozen=True, slots=True)
class Who:
    """Who did it, for the notes of an alert."""

    id: int | None
    name: str


@transaction.atomic
def acknowledge(alert_id: int, *, by: Who, text: str = "") -> None:
    """Somebody is on it: nobody else is called. Raises NotFound when it is over."""
    _change(alert_id, (Alert.State.FIRING,), {"state": Alert.State.ACKNOWLEDGED})
    AlertNote.objects.create(alert_id=alert_id, what="acknowledged", text=text, user_id=by.id, user_name=by.name)


@transaction.atomic
def resolve(alert_id: int, *, by: Who, text: str) -> None:
    """Declared over. It fires anew if the measure is still beyond its threshold."""
    changes = {"state": Alert.State.RESOLVED, "ended_at": timezone.now()}
    _change(alert_id, (Alert.State.FIRING, Alert.State.ACKNOWLEDGED), changes)
    AlertNote.objects.create(alert_id=alert_id, what="resolved", text=text, user_id=by.id, user_name=by.name)


def _change(alert_id: int, states: tuple[str, ...], changes: dict[str, Any]) -> None:
    if not Alert.objects.filter(pk=alert_id, state__in=states).update(**changes):
        raise NotFound("open alert", alert_id)


def silence(*, rule_id: int | None, minutes: int, reason: str, by: Who) -> datetime:
    """No messages about a rule (None: about any) for a while; until when. Raises InvalidInput."""
    if not 1 <= minutes <= 60 * 24 * 14:
        raise InvalidInput("minutes", _("between a minute and two weeks."))
    if rule_id is not None and not AlertRule.objects.filter(pk=rule_id).exists():
        raise NotFound("alert rule", rule_id)
    until = timezone.now() + timedelta(minutes=minutes)
    AlertSilence.objects.create(rule_id=rule_id, until=until, reason=reason[:300], user_name=by.name)
    return until


def end_silence(silence_id: int) -> None:
    if not AlertSilence.objects.filter(pk=silence_id).update(until=timezone.now()):
        raise NotFound("silence", silence_id)


def save_rule(rule_id: int | None, **fields: Any) -> AlertRule:
    """Make a rule, or change one. Raises InvalidInput, NotFound."""
    if "measure" in fields and fields["measure"] not in {measure.name for measure in known_measures()}:
        raise InvalidInput("measure", _("there is no such measure."))
    if rule_id is None:
        return AlertRule.objects.create(**fields)
    if not AlertRule.objects.filter(pk=rule_id).update(**fields):
        raise NotFound("alert rule", rule_id)
    return AlertRule.objects.get(pk=rule_id)


def add_route(*, name: str, address: str, least_severity: str = Severity.WARNING, after_minutes: int = 0) -> int:
    """Raises InvalidInput for an address Apprise does not know."""
    if len(address) > 1000 or not is_understood(address):
        raise InvalidInput("address", _("Apprise knows no such address: see its manual for how they are written."))
    route = AlertRoute.objects.create(
        name=name, address=seal(address, SEAL), least_severity=least_severity, after_minutes=after_minutes
    )
    return int(route.pk)


def delete_route(route_id: int) -> None:
    if not AlertRoute.objects.filter(pk=route_id).delete()[0]:
        raise NotFound("alert route", route_id)
