"""Large files of customers: made by one person, let go by another."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.errors import NotYourself
from kehu.profile.models import Export
from kehu.profile.services.export import KEPT_FOR

PERMISSION: Final = "export.release"


def exports_waiting(actor: Actor, *, now: datetime | None = None) -> list[Export]:
    """Those somebody else made and nobody has decided on, oldest first."""
    require(actor, PERMISSION)
    waiting = Export.objects.filter(release=Export.Release.WAITING, expires_at__gt=now or timezone.now())
    return list(waiting.exclude(actor_id=actor.user_id).exclude(file_key="").order_by("pk")[:200])


@transaction.atomic
def decide_release(export_id: int, *, is_granted: bool, why: str, actor: Actor) -> None:
    """Let a file go, or not; never one's own. A day to fetch it begins anew."""
    require(actor, PERMISSION)
    export = Export.objects.select_for_update().filter(pk=export_id, release=Export.Release.WAITING).first()
    if export is None:
        raise NotFound("export", export_id)
    if actor.user_id is None or export.actor_id == actor.user_id:
        raise NotYourself
    if not why.strip():
        raise InvalidInput("why", _("say why."))
    audit.note(
        actor=actor,
        reason=why.strip(),
        action="export.granted" if is_granted else "export.refused",
        on=str(export.pk),
        details={"rows": export.rows, "made_by": export.actor_id},
    )
    export.release = Export.Release.GRANTED if is_granted else Export.Release.REFUSED
    export.decided_by_id, export.decided_at, export.decided_why = actor.user_id, timezone.now(), why.strip()[:300]
    export.expires_at = timezone.now() + KEPT_FOR
    export.save(update_fields=["release", "decided_by_id", "decided_at", "decided_why", "expires_at"])
