"""One whole installation under one supervisor: database, migrations, web with collector, workers."""

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg

from kehu.operate.ports import choose_port, listening
from kehu.operate.postgres import PostgresServer, assert_durable
from kehu.operate.private_files import FolderLock
from kehu.operate.processes import ProcessSpec
from kehu.operate.supervisor import Stopped, Supervisor

logger = logging.getLogger(__name__)

STATE_FILE = "supervisor.json"


def run_installation(
    data_dir: Path,
    *,
    host: str,
    port: int,
    workers: int,
    command: Sequence[str],
    announce: Callable[[str], None],
) -> None:
    """Run until SIGTERM or SIGINT. `command` starts `kehu` (its subcommands are the children); `announce` gets the URL.

    With DATABASE_URL in the environment that server is used (and must be durable); otherwise the embedded one runs.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = FolderLock(data_dir, "supervisor")
    lock.take()
    server: PostgresServer | None = None
    supervisor = Supervisor(state_path=data_dir / STATE_FILE)
    try:
        port = choose_port(host, port)
        with supervisor.stop_on_signals():
            try:
                environment = dict(os.environ)
                if "DATABASE_URL" in environment:
                    with psycopg.connect(environment["DATABASE_URL"], connect_timeout=10) as connection:
                        assert_durable(connection)
                else:
                    server = PostgresServer(data_dir)
                    server.prepare()
                    environment |= server.address.environment()
                    supervisor.add(server.spec())
                supervisor.run_once(ProcessSpec("migrations", [*command, "migrate"], environment))
                supervisor.add(*children(command, environment, host=host, port=port, workers=workers))
                announce(f"http://{host}:{port}/")
                supervisor.run()
            except Stopped:
                pass
            finally:
                supervisor.stop()
    finally:
        if server is not None:
            server.release()
        lock.release()


def children(
    command: Sequence[str], environment: dict[str, str], *, host: str, port: int, workers: int
) -> list[ProcessSpec]:
    """The processes above the database."""
    web = ProcessSpec(
        name="web",
        argv=[*command, "web", "--host", host, "--port", str(port)],
        env=environment,
        wait_ready=listening("web", host, port),
    )
    return [
        web,
        *(
            ProcessSpec(name=f"worker-{number}", argv=[*command, "worker"], env=environment)
            for number in range(1, workers + 1)
        ),
    ]
