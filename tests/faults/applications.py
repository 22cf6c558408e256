"""The collector as it is, and as it must not be: what the negative controls run in its place.

Each is served by `granian --interface asgi tests.faults.applications:NAME`; importing this module changes nothing until
one of the factories is asked for its application.
"""

import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Application = Callable[..., Awaitable[None]]

DELAY_SECONDS = 0.15


def __getattr__(name: str) -> Application:
    """`sound`, `delayed`, `delayed_without_lock`, `acknowledging_early`."""
    makers: dict[str, Callable[[], None]] = {
        "sound": lambda: None,
        "delayed": _commit_late,
        "delayed_without_lock": _commit_late_without_lock,
        "acknowledging_early": _acknowledge_before_commit,
    }
    if name not in makers:
        raise AttributeError(name)
    makers[name]()
    from kehu.asgi import collector_application

    return collector_application


def _commit_late() -> None:
    """Some transactions dawdle between drawing their numbers and committing, as on a busy disk."""
    from kehu.collect import group_commit

    before = group_commit.failpoint

    def dawdle(name: str) -> None:
        before(name)
        if name == "inbox.before_commit":
            time.sleep(random.random() * DELAY_SECONDS)

    group_commit.failpoint = dawdle  # type: ignore[assignment]


def _commit_late_without_lock() -> None:
    from kehu.collect import inbox

    _commit_late()
    inbox.lock_shard = lambda connection, shard: None  # type: ignore[assignment]
    # The row of counts a shard's writers share would keep them in order in the lock's place.
    inbox.traffic.record_arrivals = lambda connection, arrivals: None  # type: ignore[attr-defined,assignment]


def _acknowledge_before_commit() -> None:
    """Answers as soon as the messages are queued."""
    import asyncio

    from kehu.collect.group_commit import GroupCommit

    append = GroupCommit.append
    background: set[Any] = set()

    async def hasty(self: GroupCommit, messages: Sequence[Any]) -> None:
        task = asyncio.ensure_future(append(self, messages))
        background.add(task)
        task.add_done_callback(background.discard)

    GroupCommit.append = hasty  # type: ignore[method-assign]
    _commit_late()
