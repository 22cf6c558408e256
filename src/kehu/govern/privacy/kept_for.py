"""What this room keeps for a while only: packages handed out, closed requests, and people one no longer deals with."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kehu.core.database import fetch_all
from kehu.core.registries import RetentionKind
from kehu.govern.access import SYSTEM
from kehu.govern.privacy import erasure
from kehu.govern.privacy.errors import OnHold
from kehu.govern.privacy.models import Request, RequestState
from kehu.govern.privacy.own_stores import delete_file
from kehu.govern.privacy.tasks import enqueue_erasure

_A_NIGHT = 1_000
_THREE_YEARS_IN_DAYS = 1_095

# Visitors nobody ever put a name to, and customers of whom nothing was heard, who owe and are owed nothing.
_SILENT = """
SELECT c.id FROM profile_customer c WHERE c.last_at < %s AND c.is_anonymous = %s
AND NOT EXISTS (SELECT FROM resolve_recordcustomer m JOIN privacy_hold h ON h.record_id = m.record_id
                WHERE m.customer_id = c.id AND h.released_at IS NULL)
AND NOT EXISTS (SELECT FROM resolve_recordcustomer m JOIN resolve_ledgerentry l ON l.record_id = m.record_id
                JOIN privacy_tombstone t ON t.record_id = m.record_id
                WHERE m.customer_id = c.id AND t.returned_at IS NULL)
ORDER BY c.last_at LIMIT %s
"""


def _packages(before: datetime) -> QuerySet[Request]:
    return Request.objects.filter(closed_at__lt=before).exclude(package_key="")


def _purge_packages(before: datetime) -> int:
    keys = list(_packages(before).values_list("package_key", flat=True))
    for key in keys:
        delete_file(key)
    return _packages(before).update(package_key="")


def _requests(before: datetime) -> QuerySet[Request]:
    closed = (RequestState.DONE, RequestState.REFUSED)
    return Request.objects.filter(closed_at__lt=before, state__in=closed).exclude(requester_name="")


def _count_silent(before: datetime, *, is_anonymous: bool) -> int:
    return len(fetch_all(_SILENT, [before, is_anonymous, 1_000_000]))


def _forget_silent(before: datetime, *, is_anonymous: bool) -> int:
    """At most a thousand a night, each by an erasure of their own; the rest follows."""
    cause = "retention: visitor" if is_anonymous else "retention: silent"
    begun = 0
    for (customer,) in fetch_all(_SILENT, [before, is_anonymous, _A_NIGHT]):
        try:
            enqueue_erasure(erasure.begin(customer, cause=cause, actor=SYSTEM).pk)
        except OnHold:
            continue
        begun += 1
    return begun


RETENTION: Final = (
    RetentionKind(
        "packages", _("Packages made for a request"), lambda before: _packages(before).count(), _purge_packages, 30
    ),
    RetentionKind(
        "requests", _("Who asked, in closed requests"), lambda before: _requests(before).count(),
        lambda before: _requests(before).update(requester_name="", requester_contact="", details="", identity_note=""),
        _THREE_YEARS_IN_DAYS, least_days=_THREE_YEARS_IN_DAYS,
        note=_("What was done stays as proof; the law wants it kept three years."),
    ),
    RetentionKind(
        "visitors", _("Visitors without a name"), lambda before: _count_silent(before, is_anonymous=True),
        lambda before: _forget_silent(before, is_anonymous=True), None, least_days=30,
    ),
    RetentionKind(
        "silent_customers", _("Customers of whom nothing was heard"),
        lambda before: _count_silent(before, is_anonymous=False),
        lambda before: _forget_silent(before, is_anonymous=False), None, least_days=_THREE_YEARS_IN_DAYS,
        note=_("They are erased like people who ask for it."),
    ),
)  # fmt: skip
