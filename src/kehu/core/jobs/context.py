"""What a handler holds while it runs: its payload, its progress, and the way to learn that it must stop."""

import time
from collections.abc import Mapping
from datetime import timedelta
from threading import Event
from typing import Any

from kehu.core.database import Connection, current_connection
from kehu.core.jobs import queue
from kehu.core.jobs.errors import Cancelled, LeaseLost, WorkerStopping


class JobContext:
    """Made by the worker. Its flags are set by the heartbeat thread and read by `checkpoint`."""

    def __init__(self, claimed: queue.Claimed, lease: timedelta, stop: Event) -> None:
        self._claimed, self._lease, self._stop = claimed, lease, stop
        self._cancelled = self._lost = False
        self._safe_until = time.monotonic() + lease.total_seconds()

    @property
    def job_id(self) -> int:
        return self._claimed.id

    @property
    def kind(self) -> str:
        return self._claimed.kind

    @property
    def payload(self) -> Mapping[str, Any]:
        return self._claimed.payload

    @property
    def actor_id(self) -> int | None:
        return self._claimed.actor_id

    @property
    def attempt(self) -> int:
        return self._claimed.attempts

    @property
    def position(self) -> int:
        """The `done` last committed, by this attempt or an earlier one."""
        return self._claimed.progress_done

    def progress(
        self, done: int, total: int | None = None, note: str = "", connection: Connection | None = None
    ) -> None:
        """Tell how far it is. As the last statement of a transaction it also fences it: raises LeaseLost, so that
        a worker that slept through its lease commits nothing. Hears of a cancel: the next checkpoint raises it."""
        answer = queue.save_progress(connection or current_connection(), self._claimed, done, total, note)
        if answer is None:
            self._lost = True
            raise LeaseLost(self.job_id)
        self._cancelled = self._cancelled or answer

    def checkpoint(self) -> None:
        """Call between steps, outside a transaction. Raises Cancelled, LeaseLost or WorkerStopping."""
        if self._lost or time.monotonic() > self._safe_until:
            raise LeaseLost(self.job_id)
        if self._cancelled:
            raise Cancelled(self.job_id)
        if self._stop.is_set():
            raise WorkerStopping(self.job_id)

    def beat(self, connection: Connection) -> bool:
        """Extend the lease (heartbeat thread). False once it is lost."""
        asked_at = time.monotonic()
        answer = queue.extend_lease(connection, self._claimed, self._lease)
        if answer is None:
            self._lost = True
            return False
        self._cancelled = self._cancelled or answer
        self._safe_until = asked_at + self._lease.total_seconds()
        return True
