"""Keeps a few processes running: starts them in order, restarts what dies, stops them in reverse.

`kehu up` and the fault harness run this same code. Only processes started here are ever signalled.
"""

import json
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from kehu.operate.errors import OperateError, ProcessFailed
from kehu.operate.private_files import write_private
from kehu.operate.processes import ProcessSpec, exit_reason, has_ended, spawn

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.05
SHORTEST_BACK_OFF_SECONDS = 0.1
LONGEST_BACK_OFF_SECONDS = 2.0
STABLE_AFTER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ProcessEvent:
    """Something that happened to a supervised process: started, ready, exited, stopping, killed, gave_up."""

    name: str
    what: str
    pid: int
    detail: str = ""


def log_event(event: ProcessEvent) -> None:
    """The default listener: one log line per event; a death that nobody asked for is a warning."""
    level = {"exited": logging.WARNING, "killed": logging.WARNING, "gave_up": logging.ERROR}.get(
        event.what, logging.INFO
    )
    fields = {"child": event.name, "child_pid": event.pid, "detail": event.detail}
    logger.log(level, "process %s", event.what, extra={key: value for key, value in fields.items() if value})


class Stopped(BaseException):
    """A stop was asked for while something was being waited for: no error, so no `except` catches it."""


class SupervisedProcess:
    """One spec and the process that runs it just now, if any."""

    def __init__(self, spec: ProcessSpec) -> None:
        self.spec = spec
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at: datetime | None = None
        self.restarts = 0
        self.last_exit = ""
        self.error: Exception | None = None  # set by the thread that waits for readiness after a restart
        self._started_clock = 0.0
        self._back_off = SHORTEST_BACK_OFF_SECONDS
        self.start_again_clock = 0.0

    @property
    def pid(self) -> int:
        """The running process's id, 0 when there is none."""
        return self.process.pid if self.process is not None else 0

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start a process; the caller waits for readiness."""
        if self.spec.before_start is not None:
            self.spec.before_start()
        self.process = spawn(self.spec, parent_pid=os.getpid())
        self.started_at = datetime.now(UTC)
        self._started_clock = time.monotonic()
        return self.process

    def plan_restart(self) -> float:
        """After a death: when to start again. Doubles up to 2 s, forgotten after 10 s of life."""
        now = time.monotonic()
        if now - self._started_clock > STABLE_AFTER_SECONDS:
            self._back_off = SHORTEST_BACK_OFF_SECONDS
        wait_seconds = self._back_off
        self._back_off = min(self._back_off * 2, LONGEST_BACK_OFF_SECONDS)
        self.start_again_clock = now + wait_seconds
        return wait_seconds

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the process and what it started (it leads its own group); a dead one is left alone."""
        if self.process is None or self.process.returncode is not None:
            return
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            self.process.send_signal(number)  # the group is not there yet: the child is still becoming itself


class Supervisor:
    """Runs the specs until asked to stop.

    start() and run() belong in one thread that outlives the processes.
    state_path gets a small JSON file telling others which processes run.
    """

    def __init__(
        self,
        specs: Sequence[ProcessSpec] = (),
        *,
        state_path: Path | None = None,
        on_event: Callable[[ProcessEvent], None] = log_event,
    ) -> None:
        self.processes = [SupervisedProcess(spec) for spec in specs]
        self._state_path = state_path
        self._on_event = on_event
        self._started_at = datetime.now(UTC)
        self._stop_requests = 0
        self._interruptible = False
        self._state_lock = threading.Lock()

    def find(self, name: str) -> SupervisedProcess:
        """The supervised process of that name."""
        return next(supervised for supervised in self.processes if supervised.spec.name == name)

    def start(self) -> None:
        """Start every spec in order, each ready before the next. A failure is raised, not retried."""
        for supervised in self.processes:
            if supervised.process is None:
                self._start_and_wait(supervised)

    def add(self, *specs: ProcessSpec) -> None:
        """Supervise more processes, starting them now; they will be stopped before the earlier ones."""
        self.processes += [SupervisedProcess(spec) for spec in specs]
        self.start()

    def run_once(self, spec: ProcessSpec) -> None:
        """Run something that ends by itself and must succeed (migrations); a requested stop ends it."""
        task = SupervisedProcess(spec)
        process = task.launch()
        try:
            with self.interruptible():
                code = process.wait()
        except Stopped:
            process.send_signal(spec.stop_signal)
            process.wait()
            raise
        if code != 0:
            raise ProcessFailed(spec.name, exit_reason(code))

    def run(self) -> None:
        """Restart what dies until a stop is requested. Raises what cannot be mended (durability lost)."""
        while not self._stop_requests:
            self.step()
            time.sleep(POLL_SECONDS)

    def request_stop(self) -> None:
        """Ask run() to return; safe in a signal handler."""
        self._stop_requests += 1
        if self._interruptible:
            raise Stopped()

    @contextmanager
    def stop_on_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT request a stop; a second one ends the grace period. Main thread only."""

        def handle(number: int, frame: FrameType | None) -> None:
            self.request_stop()

        before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def step(self) -> None:
        """Look at each process once: note deaths, start what is due."""
        for supervised in self.processes:
            if supervised.error is not None:
                raise supervised.error
            process = supervised.process
            if process is not None and has_ended(process):
                self._note_death(supervised, process.wait())
            if supervised.process is None and time.monotonic() >= supervised.start_again_clock:
                self._restart(supervised)

    def stop(self) -> None:
        """Stop everything together, then what the others stand on (the database)."""
        self._stop_together([each for each in self.processes if not each.spec.stop_last])
        self._stop_together([each for each in self.processes if each.spec.stop_last])
        if self._state_path is not None:
            self._state_path.unlink(missing_ok=True)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Inside, a requested stop raises Stopped, at once if it was requested before."""
        if self._stop_requests:
            raise Stopped()
        self._interruptible = True
        try:
            yield
        finally:
            self._interruptible = False

    def _start_and_wait(self, supervised: SupervisedProcess) -> None:
        process = supervised.launch()
        self._tell(supervised, "started")
        if supervised.spec.wait_ready is not None:
            with self.interruptible():
                supervised.spec.wait_ready(process)
            self._tell(supervised, "ready")

    def _restart(self, supervised: SupervisedProcess) -> None:
        """Start again; readiness is waited for in a thread, so that the other processes stay under watch."""
        try:
            process = supervised.launch()
        except (OSError, OperateError) as error:
            wait_seconds = supervised.plan_restart()
            self._tell(supervised, "gave_up", f"{error} Next try in {wait_seconds:.1f} s.")
            return
        supervised.restarts += 1
        self._tell(supervised, "started", f"restart {supervised.restarts}")
        wait_ready = supervised.spec.wait_ready
        if wait_ready is None:
            return

        def wait() -> None:
            try:
                wait_ready(process)
            except Exception as error:
                if process.poll() is None:  # alive, but not what we may run on
                    supervised.error = error
                return
            self._tell(supervised, "ready")

        threading.Thread(target=wait, name=f"ready {supervised.spec.name}", daemon=True).start()

    def _note_death(self, supervised: SupervisedProcess, code: int) -> None:
        pid = supervised.pid
        supervised.last_exit = exit_reason(code)
        supervised.process = None
        wait_seconds = supervised.plan_restart()
        event = ProcessEvent(
            supervised.spec.name, "exited", pid, f"{supervised.last_exit}, restart in {wait_seconds:.1f} s"
        )
        self._on_event(event)
        self._write_state()

    def _stop_together(self, group: Sequence[SupervisedProcess]) -> None:
        alive = [each for each in group if each.process is not None]
        for supervised in alive:
            self._tell(supervised, "stopping")
            # The process alone, not its group: a server tells its own workers when to drain.
            assert supervised.process is not None
            supervised.process.send_signal(supervised.spec.stop_signal)
        patience_of = self._stop_requests
        started = time.monotonic()
        for supervised in alive:
            process = supervised.process
            assert process is not None
            while not has_ended(process):
                impatient = self._stop_requests > max(patience_of, 1) and not supervised.spec.stop_last
                if impatient or time.monotonic() - started > supervised.spec.stop_grace_seconds:
                    self._tell(supervised, "killed", "did not stop in time")
                    supervised.signal_group(signal.SIGKILL)
                time.sleep(0.01)
            supervised.last_exit = exit_reason(process.wait())
            self._on_event(ProcessEvent(supervised.spec.name, "stopped", process.pid, supervised.last_exit))
            supervised.process = None

    def _tell(self, supervised: SupervisedProcess, what: str, detail: str = "") -> None:
        self._on_event(ProcessEvent(supervised.spec.name, what, supervised.pid, detail))
        self._write_state()

    def _write_state(self) -> None:
        if self._state_path is None:
            return
        state = {
            "pid": os.getpid(),
            "started_at": self._started_at.isoformat(),
            "processes": [
                {
                    "name": supervised.spec.name,
                    "pid": supervised.pid,
                    "started_at": supervised.started_at.isoformat() if supervised.started_at else None,
                    "restarts": supervised.restarts,
                    "last_exit": supervised.last_exit,
                }
                for supervised in self.processes
            ],
        }
        with self._state_lock:
            write_private(self._state_path, json.dumps(state, indent=1))
