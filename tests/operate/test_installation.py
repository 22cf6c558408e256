"""`kehu up` with stand-ins for web and worker: the order of things, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

PATIENCE_SECONDS = 90.0
STAND_IN = """
    import http.server, os, sys, time, psycopg
    print("chatter", flush=True)
    match sys.argv[1]:
        case "migrate":
            with psycopg.connect(os.environ["KEHU_MIGRATE_DATABASE_URL"], autocommit=True) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS made_by_migrate (i int)")
        case "web":
            port = int(sys.argv[sys.argv.index("--port") + 1])
            http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
        case "worker":
            psycopg.connect(os.environ["DATABASE_URL"]).execute("SELECT * FROM made_by_migrate")
            time.sleep(600)
"""
RUN = """
    import sys
    from pathlib import Path
    from kehu.operate import logs
    from kehu.operate.installation import run_installation
    logs.configure("supervisor")
    run_installation(
        Path(sys.argv[1]), host="127.0.0.1", port=0, workers=2, command=[sys.executable, sys.argv[2]],
        announce=lambda url: print(url, flush=True),
    )
"""


class Up:
    """A running installation."""

    def __init__(self, data_dir: Path, tmp_path: Path) -> None:
        self.data_dir = data_dir
        (tmp_path / "stand_in.py").write_text(textwrap.dedent(STAND_IN))
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.log = tmp_path / "log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(RUN), data_dir, tmp_path / "stand_in.py"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def wait_for_url(self) -> str:
        assert self.process.stdout is not None
        url = self.process.stdout.readline().strip()
        assert url, self.log.read_text()
        return url

    def state(self) -> dict[str, dict[str, Any]]:
        said = json.loads((self.data_dir / "supervisor.json").read_text())
        return {each["name"]: each for each in said["processes"]}

    def logged(self) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]  # the stand-ins write there too


@contextmanager
def started(data_dir: Path, tmp_path: Path) -> Iterator[Up]:
    installation = Up(data_dir, tmp_path)
    yield installation
    if installation.process.poll() is None:
        installation.process.terminate()
        installation.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def first_up(data_dir: Path, tmp_path: Path) -> Iterator[Up]:
    """On an empty folder, where everything is made first."""
    with started(data_dir, tmp_path) as installation:
        yield installation


@pytest.fixture
def up(made_dir: Path, tmp_path: Path) -> Iterator[Up]:
    with started(made_dir, tmp_path) as installation:
        yield installation


def test_everything_runs_and_sigterm_ends_it_cleanly(first_up: Up) -> None:
    url = first_up.wait_for_url()
    assert httpx.get(url).status_code == 200
    assert set(first_up.state()) == {"database", "web", "worker-1", "worker-2"}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while first_up.log.read_text().count("chatter") < 4:  # the migration, the web process and both workers
        assert time.monotonic() < deadline, first_up.log.read_text()
        time.sleep(0.02)
    pids = [each["pid"] for each in first_up.state().values()]
    first_up.process.send_signal(signal.SIGTERM)
    assert first_up.process.wait(PATIENCE_SECONDS) == 0
    assert first_up.process.stdout is not None
    assert first_up.process.stdout.read() == "", "standard output is for the answer alone"
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    stopped = [line["child_pid"] for line in first_up.logged() if line["event"] == "process stopped"]
    assert stopped[-1] == pids[0], "the database stops last"
    assert not (first_up.data_dir / "supervisor.json").exists()


@pytest.mark.faults
def test_whatever_is_killed_comes_back(up: Up) -> None:
    url = up.wait_for_url()
    for name in ("web", "worker-1", "database"):
        before = up.state()[name]["pid"]
        os.kill(before, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while up.state()[name]["pid"] in (0, before):
            assert time.monotonic() < deadline, up.log.read_text()
            time.sleep(0.02)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            assert httpx.get(url).status_code == 200
            break
        except httpx.TransportError:
            assert time.monotonic() < deadline
    deaths = [line["detail"] for line in up.logged() if line["event"] == "process exited"]
    assert sum("was killed by SIGKILL" in detail for detail in deaths) >= 3


@pytest.mark.faults
def test_nothing_survives_a_killed_supervisor_and_the_next_one_starts(up: Up, tmp_path: Path) -> None:
    up.wait_for_url()
    pids = [each["pid"] for each in up.state().values()]
    up.process.kill()
    up.process.wait()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while [pid for pid in pids if psutil.pid_exists(pid)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    again = Up(up.data_dir, tmp_path)
    again.wait_for_url()
    again.process.terminate()
    assert again.process.wait(PATIENCE_SECONDS) == 0


def test_a_second_kehu_on_the_folder_is_refused(up: Up) -> None:
    up.wait_for_url()
    second = subprocess.run(
        [sys.executable, "-m", "kehu.cli", "up", "--data-dir", up.data_dir, "--port", "0", "--json"],
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    answer = json.loads(second.stdout)
    assert answer["error"] == "already_running"
    assert f"process {up.process.pid}" in answer["message"]


def test_a_stop_during_the_start_is_obeyed(first_up: Up) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (first_up.data_dir / "postgres").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    first_up.process.send_signal(signal.SIGTERM)
    assert first_up.process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.parametrize("program", ["web", "worker", "collector"])
def test_a_part_alone_says_that_the_database_does_not_run(program: str, data_dir: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "kehu.cli", program, "--data-dir", data_dir],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "start it with `kehu up`" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_outside_server_that_is_not_durable_is_refused(data_dir: Path) -> None:
    from kehu.operate.postgres import PostgresServer

    with PostgresServer(data_dir / "outside", settings={"fsync": "off"}, durable=False) as outside:
        with psycopg.connect(outside.dsn("app")):
            pass
        done = subprocess.run(
            [sys.executable, "-m", "kehu.cli", "up", "--data-dir", data_dir, "--port", "0"],
            env=os.environ | {"DATABASE_URL": outside.dsn("app")},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert "fsync is off" in done.stderr
