"""What a supervised process is, and how one is started, signalled and described."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from kehu.operate.system_user import SystemUser

STANDARD_ERROR = 2
CHILD_PROGRAM = Path(__file__).with_name("child.py")


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One program the supervisor keeps running.

    before_start runs before each start (clearing what a crash left); wait_ready after it, and raises when the
    process
    will never be ready. env is the whole environment, None inherits ours. A stop sends stop_signal, waits
    stop_grace_seconds, then kills the process group; stop_last marks what the others stand on (the database).
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    user: SystemUser | None = None
    log_path: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_grace_seconds: float = 20.0
    stop_last: bool = False
    before_start: Callable[[], None] | None = None
    wait_ready: Callable[["subprocess.Popen[bytes]"], None] | None = field(default=None, compare=False)


def spawn(spec: ProcessSpec, *, parent_pid: int) -> "subprocess.Popen[bytes]":
    """Start the program in its own process group; it gets stop_signal when the calling *thread* ends.

    Call it from a thread that lives as long as the program should (Linux ties the death signal to the
    thread).
    """
    user = spec.user
    command = [
        sys.executable, "-I", "-S", str(CHILD_PROGRAM),
        str(parent_pid), str(int(spec.stop_signal)),
        str(user.uid if user else -1), str(user.gid if user else -1), "--", *spec.argv,
    ]  # fmt: skip
    log = _open_private(spec.log_path) if spec.log_path else None
    try:
        return subprocess.Popen(
            command,
            env=dict(spec.env) if spec.env is not None else None,
            cwd=spec.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log if log else STANDARD_ERROR,  # standard output belongs to the answer of our own command
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
        )
    finally:
        if log is not None:
            log.close()


def _open_private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """True once the process is dead; whatever it left in its process group is killed then.

    The group is killed before the process is reaped, while its number cannot belong to anybody else.
    """
    if process.returncode is not None:
        return True
    try:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
    except ChildProcessError:
        return process.poll() is not None
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True


def exit_reason(code: int) -> str:
    """A return code in words: `ended with exit code 3`, `was killed by SIGKILL`."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
