"""Values that identify nobody, as people decided."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from kehu.govern.access import Actor, require
from kehu.govern.field_policy import present_identifier, present_text


@dataclass(frozen=True, slots=True)
class BlockedLine:
    """bearers: how many source records carry the value."""

    id: int
    type: str
    value: str
    reason: str
    bearers: int
    created_at: datetime


def blocked_values(actor: Actor, *, before_id: int | None = None, limit: int = 50) -> list[BlockedLine]:
    """Newest first, each as the actor may see it. One query."""
    require(actor, "review.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.id, b.type, b.value, b.reason, b.created_at, "
            "(SELECT count(*) FROM resolve_binding n WHERE n.type = b.type AND n.value = b.value) "
            "FROM resolve_blockedvalue b WHERE %s::bigint IS NULL OR b.id < %s ORDER BY b.id DESC LIMIT %s",
            [before_id, before_id, limit],
        )
        rows = cursor.fetchall()
    return [
        BlockedLine(
            id_, type_, str(present_identifier(actor, type_, value)), present_text(actor, reason), bearers, created_at
        )
        for id_, type_, value, reason, created_at, bearers in rows
    ]
