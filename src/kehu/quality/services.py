"""Asking for a measurement."""

from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.quality import tasks


def measure_now(*, actor: Actor) -> int:
    """Queue a measurement of everything; the id of its job."""
    require(actor, "profile.manage")
    audit.note(actor=actor)
    return tasks.request_measuring(actor.user_id)
