"""TCP ports: a free one, whether one can be had, and waiting until somebody listens."""

import socket
import subprocess
import time
from collections.abc import Callable

from kehu.operate.errors import PortTaken, ProcessFailed
from kehu.operate.processes import exit_reason


def choose_port(host: str, port: int) -> int:
    """`port` if it can be listened on, any free one for 0; PortTaken otherwise."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(host, port, error.strerror or str(error)) from error
        chosen: int = probe.getsockname()[1]
        return chosen


def listening(name: str, host: str, port: int) -> Callable[["subprocess.Popen[bytes]"], None]:
    """A readiness check for a ProcessSpec: waits until the port takes connections, while the process lives."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)

    def wait(process: "subprocess.Popen[bytes]") -> None:
        while True:
            try:
                socket.create_connection((reachable, port), timeout=1).close()
                return
            except OSError as error:
                code = process.poll()
                if code is not None:
                    raise ProcessFailed(name, exit_reason(code)) from error
                time.sleep(0.05)

    return wait
