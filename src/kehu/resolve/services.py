"""Decisions about records, written down. Who may decide, and what follows, is the profile's business."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kehu.resolve.models import BlockedValue, Decision


def must_link(record: UUID, others: Sequence[UUID], *, survivor: UUID | None, actor_id: int | None, reason: str) -> int:
    """Tie every other record to this one. survivor: the customer id that stays; None leaves it to age."""
    decision = Decision.objects.create(
        kind=Decision.Kind.MUST_LINK,
        left_ids=[record],
        right_ids=list(others),
        survivor_customer_id=survivor,
        actor_id=actor_id,
        reason=reason,
    )
    return decision.pk


def cannot_link(left: Sequence[UUID], right: Sequence[UUID], *, actor_id: int | None, reason: str) -> int:
    """Keep every left record apart from every right one."""
    decision = Decision.objects.create(
        kind=Decision.Kind.CANNOT_LINK, left_ids=list(left), right_ids=list(right), actor_id=actor_id, reason=reason
    )
    return decision.pk


def undo_decision(decision_id: int | None) -> None:
    if decision_id is not None:
        Decision.objects.filter(pk=decision_id, undone_at=None).update(undone_at=timezone.now())


def restore_decisions(decision_ids: Sequence[int]) -> None:
    """Decisions lifted by a merge count again when the merge is undone."""
    Decision.objects.filter(pk__in=decision_ids).update(undone_at=None)


def lift_cannot_links(left: Sequence[UUID], right: Sequence[UUID]) -> list[int]:
    """Take back what keeps the two sides apart: a person now says otherwise. Returns the decisions lifted."""
    return _lift(Decision.Kind.CANNOT_LINK, left, right)


def lift_must_links(left: Sequence[UUID], right: Sequence[UUID]) -> list[int]:
    """Take back what ties the two sides together."""
    return _lift(Decision.Kind.MUST_LINK, left, right)


def _lift(kind: str, left: Sequence[UUID], right: Sequence[UUID]) -> list[int]:
    across = Decision.objects.filter(kind=kind, undone_at=None).filter(
        left_ids__overlap=list(left), right_ids__overlap=list(right)
    ) | Decision.objects.filter(kind=kind, undone_at=None).filter(
        left_ids__overlap=list(right), right_ids__overlap=list(left)
    )
    lifted = list(across.values_list("pk", flat=True))
    Decision.objects.filter(pk__in=lifted).update(undone_at=timezone.now())
    return lifted


def block_value(type_: str, value: str, *, reason: str) -> BlockedValue | None:
    """From now on the value identifies nobody, and its bearers are queued to be settled again. None: it was blocked."""
    blocked, is_new = BlockedValue.objects.get_or_create(type=type_, value=value, defaults={"reason": reason})
    if not is_new:
        return None
    _resettle_bearers(type_, value, "identifier blocked")
    return blocked


def unblock_value(blocked: BlockedValue) -> None:
    """The value counts again, and its bearers are queued to be settled again."""
    blocked.delete()
    _resettle_bearers(blocked.type, blocked.value, "identifier unblocked")


def _resettle_bearers(type_: str, value: str, why: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO resolve_resettle (record_id, reason) SELECT record_id, %s FROM resolve_binding "
            "WHERE type = %s AND value = %s ON CONFLICT DO NOTHING",
            [why, type_, value],
        )
