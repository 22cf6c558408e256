"""What must hold when it is calm again: everything promised is there, nothing is there twice, nothing else is there."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from kehu.collect import inbox
from tests.faults.clients import History
from tests.faults.installation import Installation


@dataclass
class Verdict:
    """lost: promised and absent. doubled: present more than once. unknown: present and never sent.

    overtaken: missed by a reader who went on from the last number it saw.
    """

    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    overtaken: set[str] = field(default_factory=set)
    not_on_timelines: set[str] = field(default_factory=set)
    dead_letters: list[str] = field(default_factory=list)
    stored: int = 0

    @property
    def is_green(self) -> bool:
        wrong = self.lost or self.doubled or self.unknown or self.overtaken or self.not_on_timelines
        return not (wrong or self.dead_letters)

    def __str__(self) -> str:
        return (
            f"{self.stored} stored, {len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.unknown)} unknown, "
            f"{len(self.overtaken)} overtaken, {len(self.not_on_timelines)} not on timelines, "
            f"{len(self.dead_letters)} dead letters {sorted(set(self.dead_letters))}"
        )


class Follower:
    """A witness of commit order: reads each shard on from the last number it saw, as often as it can."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._after = dict.fromkeys(range(inbox.SHARDS), 0)
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower")
        self.seen: set[str] = set()

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> set[str]:
        """Everything seen, after a last look."""
        self._is_stopping.set()
        self._thread.join(60)
        with self._installation.connect() as connection:
            self._look(connection)
        return self.seen

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                with self._installation.connect() as connection:
                    while not self._is_stopping.wait(0.005):
                        self._look(connection)
            except psycopg.OperationalError:  # killed: go on with a new connection, from the same numbers
                self._is_stopping.wait(0.2)

    def _look(self, connection: "psycopg.Connection[Any]") -> None:
        for shard, after in self._after.items():
            for message in inbox.read_window(connection, shard, after, 10_000):
                self._after[shard] = message.seq
                self.seen.add(message.message_id)


def wait_for_calm(installation: Installation, timeout_seconds: float) -> bool:
    """True when the worker has worked off every shard (and the database has answered at all)."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline and installation.failure is None:
        try:
            with installation.connect() as connection:
                if not installation.with_worker:
                    return True
                row = connection.execute(
                    """SELECT count(*) FROM collect_shardoffset AS done WHERE EXISTS (
                           SELECT FROM collect_inbox AS i WHERE i.shard = done.shard AND i.seq > done.seq)"""
                ).fetchone()
                if row == (0,):
                    return True
        except psycopg.Error:
            pass
        time.sleep(0.2)
    return False


def check(installation: Installation, history: History, followed: set[str] | None = None) -> Verdict:
    with installation.connect() as connection:
        rows = connection.execute("SELECT message_id, count(*) FROM collect_inbox GROUP BY 1").fetchall()
        copies = dict(rows)
        verdict = Verdict(
            lost=history.acknowledged - copies.keys(),
            doubled={name for name, count in copies.items() if count > 1},
            unknown=copies.keys() - history.tried,
            overtaken=set() if followed is None else copies.keys() - followed,
            stored=len(copies),
        )
        if installation.with_worker:
            events = connection.execute(
                "SELECT properties->>'number', count(*) FROM profile_event GROUP BY 1"
            ).fetchall()
            on_timelines = {f"m-{number}": count for number, count in events}
            verdict.not_on_timelines = copies.keys() - on_timelines.keys()
            verdict.doubled |= {name for name, count in on_timelines.items() if count > 1}
            verdict.unknown |= on_timelines.keys() - copies.keys()
            verdict.dead_letters = [
                f"{reason}: {detail[:300]}"
                for reason, detail in connection.execute("SELECT reason, detail FROM collect_deadletter").fetchall()
            ]
    return verdict
