"""Writes of the room: sources and dead letters."""

from kehu.collect.services.dead_letters import (
    discard_dead_letter,
    edit_and_replay_dead_letter,
    replay_dead_letters,
)
from kehu.collect.services.sources import change_source, create_source, renew_write_key

__all__ = [
    "change_source",
    "create_source",
    "discard_dead_letter",
    "edit_and_replay_dead_letter",
    "renew_write_key",
    "replay_dead_letters",
]
