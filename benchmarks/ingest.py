"""How many events the collector makes durable in a second: HTTP → inbox, fsync on, beside a COPY of the same JSON.

A database and a collector of their own are started in a temporary folder; senders in another process keep
`--connections` requests of `--batch` events under way. The wall clock is shared by client, collector and
database, so the processor seconds of each are printed as well: "one core" is what the collector alone would do
in a second of its own.
HTTP → golden record is measured by `kehu bench ingest`.

    python benchmarks/ingest.py [--events N] [--batch N] [--connections N] [--gzip] [--json FILE]
"""

import argparse
import base64
import gzip
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from kehu.collect import inbox, inbox_rows
from kehu.collect.segment_requests import parse_batch
from kehu.operate.postgres import PostgresServer

GOAL = 20_000
WRITE_KEY = "wk_bench"
COPY_WINDOW = 2_000

# One row as the inbox stores it, but without sequence, deduplication or lock: the least any design must do.
FLOOR = """
CREATE SCHEMA floor;
CREATE TABLE floor.inbox (LIKE public.collect_inbox INCLUDING ALL);
CREATE TABLE floor.dedupe (LIKE public.collect_dedupe INCLUDING ALL);
"""


def make_call(number: int) -> bytes:
    """A browser's track call of some 650 bytes."""
    return json.dumps(
        {
            "type": "track",
            "messageId": f"ajs-next-1763700000000-{number:012d}",
            "userId": f"user-{number % 50_000}",
            "anonymousId": f"6a2e1f0c-0000-4000-8000-{number % 50_000:012d}",
            "event": "Product Viewed",
            "timestamp": "2026-11-21T10:00:00.123Z",
            "properties": {"product_id": f"p-{number % 997}", "name": "龙井茶", "price": 19.9, "currency": "CNY"},
            "context": {
                "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
                "page": {
                    "path": "/tea", "referrer": "", "search": "", "title": "茶", "url": "https://shop.example/tea"
                },
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0",
                "locale": "zh-CN",
                "timezone": "Asia/Shanghai",
            },
            "integrations": {},
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()  # fmt: skip


def make_requests(events: int, batch: int, packed: bool) -> list[bytes]:
    """Whole HTTP requests, so that the senders cost next to nothing."""
    authorization = base64.b64encode(f"{WRITE_KEY}:".encode())
    requests = []
    for start in range(0, events, batch):
        calls = b",".join(make_call(number) for number in range(start, min(start + batch, events)))
        body = b'{"batch":[' + calls + b'],"sentAt":"2026-11-21T10:00:00.500Z"}'
        extra = b""
        if packed:
            body, extra = gzip.compress(body, 6), b"Content-Encoding: gzip\r\n"
        head = b"POST /v1/batch HTTP/1.1\r\nHost: collector\r\nContent-Type: application/json\r\n"
        length = b"Content-Length: %d\r\n\r\n" % len(body)
        requests.append(head + b"Authorization: Basic " + authorization + b"\r\n" + extra + length + body)
    return requests


def send_all(port: int, requests: Sequence[bytes], connections: int) -> dict[str, float]:
    """Send every request once; latencies in milliseconds. Runs in a process of its own."""
    latencies: list[float] = []
    todo = iter(requests)
    lock = threading.Lock()
    errors: list[str] = []

    def sender() -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with lock:
                    request = next(todo, None)
                if request is None:
                    return
                began = time.perf_counter()
                connection.sendall(request)
                answer = connection.recv(65_536)
                latencies.append((time.perf_counter() - began) * 1_000)
                if not answer.startswith(b"HTTP/1.1 200"):
                    errors.append(answer[:200].decode(errors="replace"))

    threads = [threading.Thread(target=sender) for _ in range(connections)]
    began, cpu_began = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise RuntimeError(f"{len(errors)} requests were refused, the first with {errors[0]}")
    latencies.sort()
    return {
        "seconds": time.perf_counter() - began,
        "client_cpu_seconds": time.process_time() - cpu_began,
        "p50_ms": latencies[len(latencies) // 2],
        "p99_ms": latencies[int(len(latencies) * 0.99)],
    }


def measure_floor(url: str, events: int) -> float:
    """Rows a second of COPY of the same JSON into tables like the inbox and the dedupe table."""
    with psycopg.connect(url) as connection:
        connection.execute(FLOOR)
        connection.commit()
        calls = [make_call(number) for number in range(events)]
        names = [f"ajs-next-1763700000000-{number:012d}" for number in range(events)]
        began = time.perf_counter()
        for start in range(0, events, COPY_WINDOW):
            window = range(start, min(start + COPY_WINDOW, events))
            with connection.cursor() as cursor:
                with cursor.copy("COPY floor.dedupe (source_id, message_hash) FROM STDIN") as copy:
                    copy.write("".join(f"1\t{inbox.message_hash(names[number])}\n" for number in window))
                rows = [inbox_rows.HEADER, *(_row(number, names[number], calls[number]) for number in window)]
                with cursor.copy(f"COPY floor.inbox ({inbox_rows.COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
                    copy.write(b"".join([*rows, inbox_rows.TRAILER]))
            connection.commit()
        seconds = time.perf_counter() - began
        connection.execute("DROP SCHEMA floor CASCADE")
    return events / seconds


def _row(number: int, message_id: str, payload: bytes) -> bytes:
    return inbox_rows.inbox_row(
        shard=0, seq=number, source_id=1, kind="segment", message_id=message_id, received_at=800_000_000_000_000,
        sent_at=None, client_ip=None, import_id=None, supersedes=None, is_inline=False, first_received_at=None,
        payload=payload,
    )  # fmt: skip


def measure_parsing(events: int, batch: int) -> float:
    """Events a second of taking bodies apart, on one core: the part of the door that is not I/O."""
    bodies = [request.partition(b"\r\n\r\n")[2] for request in make_requests(events, batch, False)]
    began = time.perf_counter()
    for body in bodies:
        parse_batch(body)
    return events / (time.perf_counter() - began)


@contextmanager
def running_collector(server: PostgresServer, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """A collector under Granian on a free port of this machine."""
    environment = os.environ | server.address.environment() | {"KEHU_DATA_DIR": str(folder)}
    subprocess.run(
        [sys.executable, "-m", "kehu.cli", "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    with psycopg.connect(server.dsn("app"), autocommit=True) as connection:
        connection.execute(
            """INSERT INTO collect_source (slug, name, kind, write_key, trust_rank, is_trusted, is_enabled, time_zone,
                                           order_namespace, unique_types, mapping)
               VALUES ('bench', 'bench', 'web', %s, 50, false, true, 'UTC', '', '[]', '{}')""",
            (WRITE_KEY,),
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "kehu.cli", "collector", "--port", str(port)], env=environment, start_new_session=True
    )
    try:
        _wait_for(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the collector did not start")


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time of a process and its children so far."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        total += times.user + times.system
    return total


def measure(arguments: argparse.Namespace) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="kehu-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with PostgresServer(folder) as server, running_collector(server, folder) as (port, collector):
            requests = make_requests(arguments.events, arguments.batch, arguments.gzip)
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                assert server.pid is not None
                database = psutil.Process(server.pid)
                before = cpu_seconds(collector), cpu_seconds(database)
                if arguments.keep_running:
                    print(f"collector: process {collector.pid}", flush=True)
                    time.sleep(arguments.keep_running)
                figures = pool.apply(send_all, (port, requests, arguments.connections))
                after = cpu_seconds(collector), cpu_seconds(database)
            with psycopg.connect(server.dsn("app")) as connection:
                row = connection.execute("SELECT count(*), count(DISTINCT message_id) FROM collect_inbox").fetchone()
            assert row == (arguments.events, arguments.events), f"stored {row} of {arguments.events}"
            floor = measure_floor(server.dsn("migrate"), arguments.events)
    collector_seconds = after[0] - before[0]
    return figures | {
        "events": arguments.events,
        "batch": arguments.batch,
        "connections": arguments.connections,
        "wall_events_per_second": arguments.events / figures["seconds"],
        "one_core_events_per_second": arguments.events / collector_seconds,
        "collector_cpu_us_per_event": collector_seconds / arguments.events * 1e6,
        "database_cpu_us_per_event": (after[1] - before[1]) / arguments.events * 1e6,
        "client_cpu_us_per_event": figures["client_cpu_seconds"] / arguments.events * 1e6,
        "parsing_events_per_second": measure_parsing(min(arguments.events, 20_000), arguments.batch),
        "floor_rows_per_second": floor,
        "load_average": os.getloadavg()[0],
    }


def show(figures: dict[str, float]) -> None:
    table = Table(title=f"HTTP → inbox, {figures['events']:,} events in batches of {figures['batch']}, fsync on")
    table.add_column("")
    table.add_column("figure", justify="right")
    for label, value in (
        ("collector, per second of its own processor time", f"{figures['one_core_events_per_second']:,.0f} events/s"),
        ("wall clock (client and database on the same cores)", f"{figures['wall_events_per_second']:,.0f} events/s"),
        ("answer p50 / p99", f"{figures['p50_ms']:.1f} / {figures['p99_ms']:.1f} ms"),
        ("processor: collector", f"{figures['collector_cpu_us_per_event']:.1f} µs/event"),
        ("processor: database", f"{figures['database_cpu_us_per_event']:.1f} µs/event"),
        ("processor: client", f"{figures['client_cpu_us_per_event']:.1f} µs/event"),
        ("taking bodies apart alone, one core", f"{figures['parsing_events_per_second']:,.0f} events/s"),
        ("floor: COPY into inbox and dedupe tables", f"{figures['floor_rows_per_second']:,.0f} rows/s"),
        ("wall clock / floor", f"1/{figures['floor_rows_per_second'] / figures['wall_events_per_second']:.1f}"),
        ("load of the machine", f"{figures['load_average']:.1f}"),
        ("goal on one core", f"{GOAL:,} events/s"),
    ):
        table.add_row(label, value)
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep-running", type=float, default=0, help="seconds to attach a profiler before it starts")
    figures = measure(parser.parse_args())
    show(figures)
    if path := parser.parse_args().json:
        path.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
