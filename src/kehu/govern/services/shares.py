"""Showing one customer to somebody outside its scope."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.errors import ReasonMissing
from kehu.govern.models import Department, Share, Team, User

_LONGEST_REASON = 500


@transaction.atomic
def share_customer(
    customer_id: UUID,
    *,
    actor: Actor,
    reason: str,
    user_id: int | None = None,
    team_id: int | None = None,
    department_id: int | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Let a person, a team or a department see the customer, until `expires_at` (None = until taken back).

    Strict roles are not reached by shares: give the source record to the partner's department instead.
    """
    require(actor, "customer.share", on=customer_id)
    if not reason.strip():
        raise ReasonMissing
    if sum(one is not None for one in (user_id, team_id, department_id)) != 1:
        raise InvalidInput("with", _("choose one person, team or department."))
    if user_id is not None and not User.objects.filter(pk=user_id, is_active=True).exists():
        raise NotFound("user", user_id)
    if user_id is not None and User.objects.filter(pk=user_id, role__is_strict=True).exists():
        raise InvalidInput(
            "with", _("partners see the records of their own department only: shares do not reach them.")
        )
    if team_id is not None and not Team.objects.filter(pk=team_id).exists():
        raise NotFound("team", team_id)
    if department_id is not None and not Department.objects.filter(pk=department_id).exists():
        raise NotFound("department", department_id)
    audit.note(actor=actor, reason=reason.strip())
    return Share.objects.create(
        record_id=_founding_record(customer_id),
        user_id=user_id,
        team_id=team_id,
        department_id=department_id,
        reason=reason.strip()[:_LONGEST_REASON],
        shared_by_id=actor.user_id,
        expires_at=expires_at,
    ).pk


@transaction.atomic
def end_share(share_id: int, customer_id: UUID, *, actor: Actor) -> None:
    """Take a share of this customer back."""
    require(actor, "customer.share", on=customer_id)
    audit.note(actor=actor)
    records = _records(customer_id)
    if not Share.objects.filter(pk=share_id, record_id__in=records).delete()[0]:
        raise NotFound("share", share_id)


def _founding_record(customer_id: UUID) -> UUID:
    """The record whose birth id the customer bears, as assignments and pins use it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_id FROM resolve_ledgerentry WHERE customer_id = %s", [customer_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("customer", customer_id)
    record: UUID = row[0]
    return record


def _records(customer_id: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_id FROM resolve_recordcustomer WHERE customer_id = %s", [customer_id])
        return [row[0] for row in cursor.fetchall()]
