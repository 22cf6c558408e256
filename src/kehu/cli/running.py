"""`kehu up` and its parts apart: `web`, `collector`, `worker`."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from kehu.cli.environment import DataDir, database_address, set_up_django, use_data_dir
from kehu.cli.output import FAILED, AsJson, answer, expected_errors, say

Host = Annotated[str, typer.Option(help="The address to listen on.")]
WebPort = Annotated[int, typer.Option(help="The port of pages, API and collector; 0 takes a free one.")]
CollectorPort = Annotated[int, typer.Option("--port", help="The port to listen on; 0 takes a free one.")]

WEB = "kehu.asgi:application"
COLLECTOR = "kehu.asgi:collector_application"


@expected_errors
def up(
    host: Host = "127.0.0.1",
    port: WebPort = 8000,
    data_dir: DataDir = None,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Run everything: the database (unless DATABASE_URL names one), web with collector, and workers.

    Stops cleanly on SIGTERM or Ctrl-C (a second Ctrl-C does not wait); restarts what dies.
    """
    from kehu.operate import logs
    from kehu.operate.installation import run_installation

    logs.configure("supervisor")
    folder = use_data_dir(data_dir)

    def announce(url: str) -> None:
        link = _set_up_link(url)
        text = f"Kehu is at {url}" + (f"\nNobody can sign in yet. Set it up within 24 hours at {link}" if link else "")
        answer({"url": url, "data_dir": folder, **({"set_up_link": link} if link else {})}, as_json=as_json, text=text)

    run_installation(
        folder, host=host, port=port, workers=workers, command=[sys.executable, "-m", "kehu.cli"], announce=announce
    )


def _set_up_link(url: str) -> str:
    """Asked of a process of its own: this one supervises and never loads Django. "" once somebody can sign in."""
    command = [sys.executable, "-m", "kehu.cli", "user", "set-up-link", "--url", url, "--json"]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if asked.returncode:
        say(f"The set-up link could not be made: run `kehu user set-up-link`. {asked.stderr.strip()[-300:]}")
        return ""
    return str(json.loads(asked.stdout)["link"])


@expected_errors
def web(host: Host = "127.0.0.1", port: WebPort = 8000, data_dir: DataDir = None) -> None:
    """Serve pages, API and collector (the database must run)."""
    _serve("web", WEB, host, port, data_dir)


@expected_errors
def collector(host: Host = "127.0.0.1", port: CollectorPort = 8001, data_dir: DataDir = None) -> None:
    """Serve the collector alone, beside a web process elsewhere (the database must run)."""
    _serve("collector", COLLECTOR, host, port, data_dir)


@expected_errors
def worker(data_dir: DataDir = None) -> None:
    """Resolve what came in and do the queued work, until SIGTERM (the database must run)."""
    from kehu.operate import logs

    logs.configure("worker")
    database_address(use_data_dir(data_dir))
    set_up_django()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    import kehu.rebuild_jobs  # noqa: F401  registers its kinds of job
    from kehu.config import config
    from kehu.core.background import loops
    from kehu.core.jobs.worker import run_jobs
    from kehu.govern.tasks import ensure_upkeep
    from kehu.leader import lead
    from kehu.operate.tasks import ensure_schedules
    from kehu.quality.tasks import ensure_measuring

    ensure_upkeep()
    ensure_schedules()
    ensure_measuring()
    parts = [
        threading.Thread(target=lead, args=(config.database_url, stop), name="leader"),
        threading.Thread(target=run_jobs, args=(stop,), name="jobs"),
        *(threading.Thread(target=loop, args=(stop,), name=name) for name, loop in loops().items()),
    ]
    for part in parts:
        part.start()
    # The main thread only waits, so that it is free to hear signals. A part that ends unasked ends the whole:
    # the supervisor starts it again.
    while all(part.is_alive() for part in parts) and not stop.is_set():
        time.sleep(0.2)
    unasked = not stop.is_set()
    stop.set()
    for part in parts:
        part.join()
    if unasked:
        raise typer.Exit(FAILED)


def _serve(name: str, application: str, host: str, port: int, data_dir: Path | None) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from kehu.operate import logs
    from kehu.operate.ports import choose_port

    logs.configure(name)
    folder = use_data_dir(data_dir)
    database_address(folder)
    (folder / "static").mkdir(parents=True, exist_ok=True)
    os.environ["KEHU_PROCESS"] = name
    chosen = choose_port(host, port)
    say(f"{name} listens on http://{host}:{chosen}")
    Granian(
        application,
        address=host,
        port=chosen,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_access=False,
        log_enabled=False,
    ).serve()
