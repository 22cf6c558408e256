"""What a worker does besides jobs: loops that run as long as it does, and chores done once a day.

Rooms enter theirs in `AppConfig.ready`; `kehu worker` runs them.
"""

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

Loop = Callable[[Event], None]
Chore = Callable[[], Any]

BackupNote = Callable[["psycopg.Connection[Any]"], Any]

_loops: dict[str, Loop] = {}
_chores: dict[str, Chore] = {}
_backup_notes: dict[str, BackupNote] = {}


def register_loop(name: str, loop: Loop) -> None:
    """`loop(stop)` runs in a thread of its own until `stop` is set. Several workers may run it side by side."""
    _loops[name] = loop


def register_chore(name: str, chore: Chore) -> None:
    """A daily piece of tidying: forgetting what is past its time. Returns how much, for the log."""
    _chores[name] = chore


def register_backup_note(name: str, read: BackupNote) -> None:
    """Something that is to stand in every backup's manifest (JSON), read in the snapshot of the backup."""
    _backup_notes[name] = read


def backup_notes(connection: "psycopg.Connection[Any]") -> dict[str, Any]:
    return {name: read(connection) for name, read in _backup_notes.items()}


def loops() -> dict[str, Loop]:
    return dict(_loops)


def chores() -> dict[str, Chore]:
    return dict(_chores)
