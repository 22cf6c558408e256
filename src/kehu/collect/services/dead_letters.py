"""What a steward does with messages that could not be worked: mend and replay, or discard."""

from django.db import transaction

from kehu.collect import inbox
from kehu.collect.errors import NotOpen
from kehu.collect.models import DeadLetter
from kehu.core.database import current_connection
from kehu.core.errors import NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require


@transaction.atomic
def edit_and_replay_dead_letter(
    dead_letter_id: int, *, payload: bytes | None, actor: Actor, reason: str = ""
) -> inbox.Appended:
    """Append the message anew, with another payload unless that is None; the original stays, superseded.

    Raises NotFound, NotOpen.
    """
    require(actor, "dead_letter.manage")
    letter = _locked(dead_letter_id)
    audit.act_as(actor, reason)
    appended = inbox.edit_and_replay(current_connection(), letter.shard, letter.seq, payload)
    if appended is None:
        raise NotOpen(letter.pk, letter.state)
    return appended


def replay_dead_letters(*, reason_code: str, actor: Actor, reason: str = "", at_a_time: int = 500) -> int:
    """Replay all open dead letters of one reason, in transactions of at_a_time; how many there were."""
    require(actor, "dead_letter.manage")
    replayed = 0
    while True:
        with transaction.atomic():
            audit.act_as(actor, reason)
            done = inbox.replay_reason(current_connection(), reason_code, at_a_time)
        replayed += done
        if done == 0:
            return replayed


@transaction.atomic
def discard_dead_letter(dead_letter_id: int, *, actor: Actor, reason: str) -> None:
    """Decide that the message will not be worked. It stays in the inbox. Raises NotFound, NotOpen."""
    require(actor, "dead_letter.manage")
    letter = _locked(dead_letter_id)
    if letter.state != DeadLetter.State.OPEN:
        raise NotOpen(letter.pk, letter.state)
    audit.act_as(actor, reason)
    letter.state = DeadLetter.State.DISCARDED
    letter.save(update_fields=["state"])


def _locked(dead_letter_id: int) -> DeadLetter:
    try:
        return DeadLetter.objects.select_for_update().get(pk=dead_letter_id)
    except DeadLetter.DoesNotExist as error:
        raise NotFound("dead letter", dead_letter_id) from error
