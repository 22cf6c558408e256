"""Remembering whose pages somebody opened lately."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models.functions import Now

from kehu.core.database import current_connection
from kehu.govern.access import Actor
from kehu.teamwork.models import Visit

KEPT_FOR: Final = timedelta(days=90)
# Looking again within the minute writes nothing.
_NOTE: Final = """
INSERT INTO teamwork_visit (record_id, user_id, at)
SELECT record_id, %s, now() FROM resolve_ledgerentry WHERE customer_id = %s
ON CONFLICT (user_id, record_id) DO UPDATE SET at = now() WHERE teamwork_visit.at < now() - interval '1 minute'
"""


def note_visit(actor: Actor, customer_id: UUID) -> None:
    """The actor has the page of this customer (as of today) open: the page has looked whether they may."""
    if actor.user_id is not None:
        current_connection().execute(_NOTE, (actor.user_id, customer_id))


def forget_visits() -> int:
    gone, _each = Visit.objects.filter(at__lt=Now() - KEPT_FOR).delete()
    return gone
