"""What a worker does besides jobs: loops that run as long as it does, and chores done once a day.

Rooms enter theirs in `AppConfig.ready`; `kehu worker` runs them.
"""

from collections.abc import Callable
from threading import Event
from typing import Any

Loop = Callable[[Event], None]
Chore = Callable[[], Any]

_loops: dict[str, Loop] = {}
_chores: dict[str, Chore] = {}


def register_loop(name: str, loop: Loop) -> None:
    """`loop(stop)` runs in a thread of its own until `stop` is set. Several workers may run it side by side."""
    _loops[name] = loop


def register_chore(name: str, chore: Chore) -> None:
    """A daily piece of tidying: forgetting what is past its time. Returns how much, for the log."""
    _chores[name] = chore


def loops() -> dict[str, Loop]:
    return dict(_loops)


def chores() -> dict[str, Chore]:
    return dict(_chores)
