"""Kehu's web process on a database of its own, with the small company of `tests.web.cast` in it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 90


@dataclass(frozen=True)
class Site:
    url: str
    environment: dict[str, str]


@contextmanager
def serve(environment: dict[str, str], data_dir: Path) -> Iterator[Site]:
    """Fill the database by the road and serve it on a free port until the block ends."""
    env = {
        **os.environ,
        **environment,
        "KEHU_DATA_DIR": str(data_dir),
        "KEHU_REQUIRE_SECOND_FACTOR": "0",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    subprocess.run([sys.executable, "-m", "tests.web.company"], env=env, cwd=ROOT, check=True, timeout=240)
    work = subprocess.Popen([sys.executable, "-m", "kehu.cli", "worker"], env=env, cwd=ROOT, stderr=subprocess.DEVNULL)
    port = _free_port()
    command = [sys.executable, "-m", "kehu.cli", "web", "--port", str(port)]
    with (data_dir / "web.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(port, process, data_dir / "web.log")
        yield Site(f"http://127.0.0.1:{port}", env)
    finally:
        work.terminate()
        process.terminate()
        for one in (work, process):
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/account/login/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"The web process did not answer:\n{log.read_text()[-4000:]}")
