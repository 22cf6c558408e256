"""Seeing a masked value whole: one value, with a reason, counted and kept in the audit trail."""

from uuid import UUID

from django.db import connection, transaction

from kehu.core.errors import NotFound
from kehu.govern import audit, rate_limits
from kehu.govern.access import Actor, customer_for, require
from kehu.govern.errors import ReasonMissing
from kehu.govern.field_access import FieldAccess
from kehu.govern.field_policy import access_to
from kehu.govern.visibility import sees_record_of


def reveal_value(actor: Actor, customer_id: UUID, attribute: str, reason: str) -> str:
    """The golden value of one attribute, unmasked. The audit trail keeps who, whose, which, why; not the value."""
    require(actor, "customer.reveal")
    if not reason.strip():
        raise ReasonMissing
    customer_for(actor, customer_id)
    if access_to(actor, attribute) is FieldAccess.HIDDEN:
        raise NotFound("value", attribute)
    rate_limits.count(rate_limits.REVEAL, actor)
    with transaction.atomic():
        value = _golden_value(actor, customer_id, attribute)
        audit.note(
            actor=actor,
            reason=reason.strip(),
            action="reveal",
            on=str(customer_id),
            details={"attribute": attribute},
        )
    return value


def _golden_value(actor: Actor, customer_id: UUID, attribute: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.golden -> %s ->> 'v', r.department_id FROM profile_customer AS c"
            " LEFT JOIN resolve_sourcerecord AS r ON r.id = (c.golden -> %s ->> 'record')::uuid"
            " WHERE c.id = %s",
            [attribute, attribute, customer_id],
        )
        row = cursor.fetchone()
    if row is None or row[0] is None or not sees_record_of(actor, row[1]):
        raise NotFound("value", attribute)
    return str(row[0])
