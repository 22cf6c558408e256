"""Sends what is queued, by Apprise: e-mail, WeCom, DingTalk, Feishu, Slack, SMS, webhooks and a hundred more."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import apprise
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kehu.config import config
from kehu.core.outbound import OutboundRefused
from kehu.core.outward import only_outward
from kehu.core.sealing import NotOurSeal, unseal
from kehu.operate.models import Alert, AlertTelling, Severity

logger = logging.getLogger(__name__)

SEAL: Final = "operate alert route"
MAX_ATTEMPTS: Final = 5
# Ways that would run programs or draw on the screen of this machine instead of reaching somebody.
LOCAL_SCHEMES: Final = frozenset({"macosx", "windows", "dbus", "gnome", "kde", "glib", "qt", "syslog", "file"})
KINDS: Final = {
    Severity.INFO.value: apprise.NotifyType.INFO,
    Severity.WARNING.value: apprise.NotifyType.WARNING,
    Severity.CRITICAL.value: apprise.NotifyType.FAILURE,
}
Send = Callable[[str, str, str, apprise.NotifyType], bool]


def tell_what_is_due(send: Send | None = None) -> int:
    """Returns how many were told. What fails is tried again, later and later, five times."""
    told = 0
    due = AlertTelling.objects.filter(told_at=None, attempts__lt=MAX_ATTEMPTS, next_at__lte=timezone.now())
    for telling in due.select_related("alert__rule", "route").order_by("id")[:100]:
        error = _tell(telling, by_apprise if send is None else send)
        attempts = telling.attempts + 1
        waiting = AlertTelling.objects.filter(pk=telling.pk)
        if error:
            waiting.update(attempts=attempts, next_at=timezone.now() + timedelta(minutes=2**attempts))
        else:
            waiting.update(attempts=attempts, told_at=timezone.now())
            told += 1
        type(telling.route).objects.filter(pk=telling.route_id).update(last_error=error[:300])
    return told


def is_understood(address: str) -> bool:
    """Whether Apprise knows the address and it leads away from this machine's own programs."""
    scheme = urlsplit(address).scheme.lower()
    return scheme not in LOCAL_SCHEMES and apprise.Apprise.instantiate(address, suppress_exceptions=True) is not None


def by_apprise(address: str, title: str, body: str, kind: apprise.NotifyType) -> bool:
    """One receiver, called in this thread, so that where it connects to can be watched."""
    receiver = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if receiver is None:
        return False
    with only_outward():
        return bool(receiver.notify(title=title, body=body, notify_type=kind))


def _tell(telling: AlertTelling, send: Send) -> str:
    """What went wrong, or nothing."""
    try:
        address = unseal(telling.route.address, SEAL)
    except NotOurSeal:
        return "The address was sealed with another KEHU_SECRET_KEY: enter it anew."
    with translation.override("zh-hans"):
        title, body = words(telling.alert, is_over=telling.occasion == "ended")
    kind = apprise.NotifyType.SUCCESS if telling.occasion == "ended" else KINDS[telling.alert.rule.severity]
    try:
        return "" if send(address, title, body, kind) else "The receiver did not take it."
    except OutboundRefused as refused:
        return str(refused)
    except Exception as error:  # a plugin's bug must not keep the other routes from hearing
        logger.warning("an alert could not be told", extra={"route": telling.route_id, "error": type(error).__name__})
        return f"{type(error).__name__}"


def words(alert: Alert, *, is_over: bool) -> tuple[str, str]:
    """Title and text, in the language that is active. No customer's data: a rule's name, a figure, a source."""
    of_series = f" ({alert.series})" if alert.series else ""
    said = {"rule": f"{alert.rule.name}{of_series}", "value": f"{alert.value:g}", "limit": f"{alert.rule.threshold:g}"}
    title = _("Over: %(rule)s") % said if is_over else _("Alert: %(rule)s") % said
    body = _("Value %(value)s, threshold %(limit)s.") % said
    return title, f"{body}\n{config.public_url}/operate/alerts" if config.public_url else body
