"""The supervisor by its effects: what runs, what comes back, what ends."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from kehu.operate.errors import ProcessFailed
from kehu.operate.processes import ProcessSpec
from kehu.operate.supervisor import ProcessEvent, Supervisor

PATIENCE_SECONDS = 60.0


def python(name: str, code: str, **more: object) -> ProcessSpec:
    """A spec that runs a few lines of Python."""
    return ProcessSpec(name, [sys.executable, "-I", "-S", "-c", textwrap.dedent(code)], **more)  # type: ignore[arg-type]


def sleeper(name: str = "sleeper", **more: object) -> ProcessSpec:
    return python(name, "import time\nwhile True: time.sleep(1)", **more)


def eventually(condition: Callable[[], object], supervisor: Supervisor | None = None) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        if supervisor is not None:
            supervisor.step()
        time.sleep(0.01)


@pytest.fixture
def events() -> list[ProcessEvent]:
    return []


@pytest.fixture
def supervise(events: list[ProcessEvent], tmp_path: Path) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def make(*specs: ProcessSpec) -> Supervisor:
        supervisor = Supervisor(specs, state_path=tmp_path / "state.json", on_event=events.append)
        made.append(supervisor)
        supervisor.start()
        return supervisor

    yield make
    for supervisor in made:
        supervisor.stop()


def test_what_is_killed_comes_back_with_another_pid(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(sleeper())
    first = supervisor.find("sleeper").pid
    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervisor.find("sleeper").pid not in (0, first), supervisor)
    assert supervisor.find("sleeper").last_exit == "was killed by SIGKILL"
    assert supervisor.find("sleeper").restarts == 1


def test_what_dies_at_once_is_started_ever_more_slowly(
    supervise: Callable[..., Supervisor], events: list[ProcessEvent]
) -> None:
    supervisor = supervise(python("doomed", "raise SystemExit(3)"))
    eventually(lambda: sum(event.what == "exited" for event in events) >= 4, supervisor)
    waits = [event.detail for event in events if event.what == "exited"][:4]
    assert [text.rsplit(" ", 2)[-2] for text in waits] == ["0.1", "0.2", "0.4", "0.8"]
    assert waits[0].startswith("ended with exit code 3")


def test_each_start_waits_for_the_one_before_to_be_ready(
    supervise: Callable[..., Supervisor], events: list[ProcessEvent]
) -> None:
    supervise(sleeper("first", wait_ready=lambda process: time.sleep(0.2)), sleeper("second"))
    assert [(event.name, event.what) for event in events] == [
        ("first", "started"), ("first", "ready"), ("second", "started"),
    ]  # fmt: skip


def test_a_stop_lets_children_finish_and_stops_what_they_stand_on_last(
    supervise: Callable[..., Supervisor], events: list[ProcessEvent], tmp_path: Path
) -> None:
    finished = tmp_path / "finished"
    tidy = f"""
        import pathlib, signal, time
        def finish(*_):
            time.sleep(0.3)
            pathlib.Path({str(finished)!r}).write_text("done")
            raise SystemExit(0)
        signal.signal(signal.SIGTERM, finish)
        pathlib.Path({str(tmp_path / "up")!r}).touch()
        while True: time.sleep(1)
    """
    supervisor = supervise(sleeper("ground", stop_last=True), python("tidy", tidy))
    eventually((tmp_path / "up").exists)
    supervisor.stop()
    assert finished.read_text() == "done"
    assert [(event.name, event.what) for event in events[-4:]] == [
        ("tidy", "stopping"), ("tidy", "stopped"), ("ground", "stopping"), ("ground", "stopped"),
    ]  # fmt: skip
    assert not (tmp_path / "state.json").exists()


def test_what_ignores_the_stop_is_killed_with_its_own_children(
    supervise: Callable[..., Supervisor], tmp_path: Path
) -> None:
    stubborn = f"""
        import pathlib, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        pathlib.Path({str(tmp_path / "grandchild.new")!r}).write_text(str(child.pid))
        pathlib.Path({str(tmp_path / "grandchild.new")!r}).rename({str(tmp_path / "grandchild")!r})
        while True: time.sleep(1)
    """
    supervisor = supervise(python("stubborn", stubborn, stop_grace_seconds=0.3))
    eventually((tmp_path / "grandchild").exists)
    grandchild = int((tmp_path / "grandchild").read_text())
    supervisor.stop()
    eventually(lambda: is_gone(grandchild))


def test_a_task_that_fails_says_how(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise()
    supervisor.run_once(python("fine", "pass"))
    with pytest.raises(ProcessFailed, match="broken ended with exit code 7"):
        supervisor.run_once(python("broken", "raise SystemExit(7)"))


def test_the_state_file_names_the_processes(supervise: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = supervise(sleeper())
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["pid"] == os.getpid()
    assert [(each["name"], each["pid"]) for each in state["processes"]] == [("sleeper", supervisor.find("sleeper").pid)]
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_children_end_with_the_supervisor_however_it_ends(how: signal.Signals, tmp_path: Path) -> None:
    program = f"""
        import pathlib, sys
        from kehu.operate.processes import ProcessSpec
        from kehu.operate.supervisor import Stopped, Supervisor
        supervisor = Supervisor(
            [ProcessSpec("child", [sys.executable, "-c", "import time; time.sleep(600)"])],
            state_path=pathlib.Path({str(tmp_path / "state.json")!r}),
        )
        with supervisor.stop_on_signals():
            supervisor.start()
            supervisor.run()
            supervisor.stop()
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)])
    eventually((tmp_path / "state.json").exists)
    child = json.loads((tmp_path / "state.json").read_text())["processes"][0]["pid"]
    assert not is_gone(child)
    process.send_signal(how)
    assert process.wait(PATIENCE_SECONDS) == (0 if how is not signal.SIGKILL else -signal.SIGKILL)
    eventually(lambda: is_gone(child))


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
