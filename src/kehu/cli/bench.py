"""`kehu bench …`: what this installation does in a second, and how long a page takes."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kehu.cli.environment import database, database_address, set_up_django, use_data_dir
from kehu.cli.output import AsJson, answer, expected_errors, say
from kehu.demo.errors import InstallationDidNotStart, TooFewCustomers

if TYPE_CHECKING:
    from kehu.bench.reading import Timing

bench = typer.Typer(help="Measure this machine with made-up customers, in a folder of their own.", no_args_is_help=True)

BenchDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Keep the installation here; a temporary folder if left out.")
]
Customers = Annotated[int, typer.Option(min=100)]
Calls = Annotated[int, typer.Option(min=50, help="How often each is measured.")]
InBulk = Annotated[
    bool, typer.Option("--in-bulk", help="Copy the customers straight into the live tables: minutes for a million.")
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same customers.")]


@bench.command()
@expected_errors
def ingest(
    events: Annotated[int, typer.Option(min=1000)] = 100_000,
    identities: Annotated[int, typer.Option(min=100, help="Customers, 30 % of them new while measured.")] = 50_000,
    data_dir: BenchDir = None,
    as_json: AsJson = False,
) -> None:
    """Events a second from HTTP to golden record, against copying the same JSON into the inbox's tables."""
    from kehu.bench.ingest import GOAL, measure_ingest

    with _folder(data_dir) as folder, _running(folder) as url:
        use_data_dir(folder)
        database_address(folder)
        set_up_django()
        from kehu.collect.services.sources import create_source
        from kehu.operate.postgres import ServerAddress

        source = create_source(kind="server", name="bench ingest")
        address = ServerAddress.of_running(folder)
        figures = measure_ingest(
            url,
            source.write_key,
            source.pk,
            database_url=address.dsn("app"),
            migrate_url=address.dsn("migrate"),
            events=events,
            identities=identities,
        )
    values = asdict(figures) | {"share_of_floor": figures.share_of_floor, "goal": GOAL}
    text = (
        f"{figures.events:,} events of {identities:,} customers ({figures.new_identities:,} new)\n"
        f"accepted  {figures.accepted_per_second:>10,.0f} events/s\n"
        f"travelled {figures.travelled_per_second:>10,.0f} events/s to the golden record\n"
        f"floor     {figures.floor_per_second:>10,.0f} rows/s of COPY, durable\n"
        f"share     1/{1 / figures.share_of_floor:.1f} of the floor (goal 1/12)\n"
        f"on timelines: {figures.events_found:,} events of {figures.identities_found:,} known customers"
    )
    answer(values, as_json=as_json, text=text)


@bench.command("import")
@expected_errors
def import_rows(
    rows: Annotated[int, typer.Option(min=100)] = 50_000,
    data_dir: BenchDir = None,
    as_json: AsJson = False,
) -> None:
    """Rows a second from a CSV file to golden records, doubles found (goal: 3,000)."""
    with _folder(data_dir) as folder, _migrated(folder):
        from kehu.bench.importing import GOAL_ROWS_PER_SECOND, measure_import
        from kehu.collect.services.sources import create_source

        figures = measure_import(create_source(kind="file", name="bench import"), folder, rows)
    lines = [
        f"{figures.rows:,} rows",
        f"appended  {figures.appended_per_second:>10,.0f} rows/s",
        f"travelled {figures.travelled_per_second:>10,.0f} rows/s to the golden record (goal {GOAL_ROWS_PER_SECOND:,})",
        *(f"found     {found.found:>6,} of {found.planted:,}: {found.kind}" for found in figures.doubles),
    ]
    answer(asdict(figures) | {"goal": GOAL_ROWS_PER_SECOND}, as_json=as_json, text="\n".join(lines))


@bench.command()
@expected_errors
def create(
    records: Annotated[int, typer.Option(min=100, help="Records for each of the three ways to send them.")] = 1_000,
    customers: Annotated[int, typer.Option(min=100, help="Customers that are there before.")] = 10_000,
    data_dir: BenchDir = None,
    as_json: AsJson = False,
) -> None:
    """Customers a second over the create service, resolved before the answer (goal: 200)."""
    with _filled(data_dir, customers, in_bulk=False):
        from kehu.bench.creating import GOAL_PER_SECOND, measure_creating

        figures = measure_creating(records, first=10_000_000)
    lines = [f"{'in a call':>10} {'records/s':>10} {'p50 ms':>8} {'p99 ms':>8}   (goal {GOAL_PER_SECOND}/s)"]
    lines += [f"{f.at_once:>10} {f.per_second:>10,.0f} {f.p50_ms:>8.1f} {f.p99_ms:>8.1f}" for f in figures]
    values = {"goal": GOAL_PER_SECOND, "creating": [asdict(figure) for figure in figures]}
    answer(values, as_json=as_json, text="\n".join(lines))


@bench.command()
@expected_errors
def view(
    customers: Customers = 100_000,
    views: Calls = 1_000,
    seed: Seed = 1,
    in_bulk: InBulk = False,
    data_dir: BenchDir = None,
    as_json: AsJson = False,
) -> None:
    """Milliseconds of everything the customer page shows, heavy customers included (goal: p99 < 25)."""
    with _filled(data_dir, customers, in_bulk=in_bulk):
        from kehu.bench.reading import VIEW_GOAL_MS, measure_view

        timings = measure_view(views, seed)
    _answer_timings(timings, customers, VIEW_GOAL_MS, as_json)


@bench.command()
@expected_errors
def search(
    customers: Customers = 100_000,
    searches: Calls = 300,
    seed: Seed = 1,
    in_bulk: InBulk = False,
    data_dir: BenchDir = None,
    as_json: AsJson = False,
) -> None:
    """Milliseconds of a search: 王, w, last four digits, names, sounds, addresses, slips (goal: p99 < 60)."""
    with _filled(data_dir, customers, in_bulk=in_bulk):
        from kehu.bench.reading import SEARCH_GOAL_MS, measure_search

        timings = measure_search(searches, customers, seed)
    _answer_timings(timings, customers, SEARCH_GOAL_MS, as_json)


@bench.command()
@expected_errors
def lists(
    customers: Customers = 100_000,
    pages: Calls = 100,
    seed: Seed = 1,
    in_bulk: InBulk = False,
    data_dir: BenchDir = None,
    as_json: AsJson = False,
) -> None:
    """Milliseconds of a page of the customers list and of its count: by name, filtered, far down (goal: p99 < 60)."""
    with _filled(data_dir, customers, in_bulk=in_bulk):
        from kehu.bench.listing import LIST_GOAL_MS, measure_lists

        timings = measure_lists(pages, customers, seed)
    _answer_timings(timings, customers, LIST_GOAL_MS, as_json)


@bench.command()
@expected_errors
def scale(
    sizes: Annotated[str, typer.Option(help="Numbers of customers, the smallest first.")] = "100000,1000000",
    calls: Calls = 200,
    seed: Seed = 1,
    data_dir: BenchDir = None,
    as_json: AsJson = False,
) -> None:
    """View, search and lists at several sizes side by side, and how flat they are (goal: within 1.5 times).

    The customers are copied straight into the live tables as the road would leave them, not sent down the road.
    """
    measured: dict[int, dict[str, list[dict[str, Any]]]] = {}
    with _folder(data_dir) as folder:
        for size in sorted({int(text) for text in sizes.split(",")}):
            command = [sys.executable, "-m", "kehu.cli", "bench"]
            common = ["--customers", str(size), "--in-bulk", "--seed", str(seed), "--data-dir", str(folder / str(size))]
            measured[size] = {}
            for what, option in (("view", "--views"), ("search", "--searches"), ("lists", "--pages")):
                said = subprocess.run(
                    [*command, what, *common, option, str(calls), "--json"],
                    check=True,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                measured[size][what] = json.loads(said.stdout.splitlines()[-1])["timings"]
            if data_dir is None:
                shutil.rmtree(folder / str(size), ignore_errors=True)
    _answer_scale(measured, as_json)


def _answer_timings(timings: "list[Timing]", customers: int, goal_ms: float, as_json: bool) -> None:
    values: dict[str, Any] = {"customers": customers, "goal_p99_ms": goal_ms, "timings": [asdict(t) for t in timings]}
    lines = [f"{'':<26} {'p50 ms':>8} {'p99 ms':>8} {'worst':>8} {'CPU ms':>8} {'found':>11}"]
    lines += [
        f"{t.name:<26} {t.p50_ms:>8.2f} {t.p99_ms:>8.2f} {t.worst_ms:>8.2f} {t.cpu_ms:>8.2f} {t.hits:>5}/{t.calls:<5}"
        for t in timings
    ]
    answer(values, as_json=as_json, text="\n".join(lines))


def _answer_scale(measured: dict[int, dict[str, list[dict[str, Any]]]], as_json: bool) -> None:
    """Each line at the smallest and the largest size: p50, p99, CPU, and the quotients that say how flat it is."""
    least, most = min(measured), max(measured)
    values: list[dict[str, Any]] = []
    lines = [
        "copied into the live tables, not sent down the road",
        f"{'':<26} {least:>26,} {most:>26,}   {'flatness':>14}",
        f"{'':<26} {'p50':>8} {'p99':>8} {'CPU ms':>8} {'p50':>8} {'p99':>8} {'CPU ms':>8}   {'p50':>6} {'CPU':>7}",
    ]
    for what in measured[least]:
        lines.append(what)
        for small, large in zip(measured[least][what], measured[most][what], strict=True):
            flat = {key: large[key] / max(small[key], 0.01) for key in ("p50_ms", "p99_ms", "cpu_ms")}
            values.append({"what": what, "name": small["name"], str(least): small, str(most): large, "flatness": flat})
            figures = " ".join(
                f"{size[key]:>8.2f}" for size in (small, large) for key in ("p50_ms", "p99_ms", "cpu_ms")
            )
            lines.append(f"  {small['name']:<24} {figures}   {flat['p50_ms']:>5.2f}× {flat['cpu_ms']:>6.2f}×")
    answer({"is_filled_in_bulk": True, "lines": values}, as_json=as_json, text="\n".join(lines))


@contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    if data_dir is not None:
        yield data_dir.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="kehu-bench-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    """A whole installation in processes of its own, as `kehu up` runs it; gives its address."""
    command = [sys.executable, "-m", "kehu.cli", "up", "--port", "0", "--data-dir", str(folder), "--json"]
    installation = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert installation.stdout is not None
        # The children share standard output: the answer is the line of JSON among what they say.
        said = next((line for line in installation.stdout if line.startswith('{"url"')), "")
        if not said:
            raise InstallationDidNotStart
        yield json.loads(said)["url"]
    finally:
        installation.terminate()
        installation.wait(timeout=150)


@contextmanager
def _migrated(folder: Path) -> Iterator[None]:
    """Django on the folder's database, whose tables are there; no worker beside us."""
    with database(folder):
        # In a process of its own, because it connects as the owner of the tables.
        command = [sys.executable, "-m", "kehu.cli", "migrate", "--data-dir", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        yield


@contextmanager
def _filled(data_dir: Path | None, customers: int, *, in_bulk: bool) -> Iterator[None]:
    """A database with so many customers; a folder that has them already is used as it is."""
    with _folder(data_dir) as folder, _migrated(folder):
        from kehu.bench.filling import fill, message_count
        from kehu.collect.models import Source
        from kehu.collect.services.sources import create_source
        from kehu.profile.models import Customer

        if not Source.objects.filter(slug="bench").exists():
            source = create_source(kind="server", name="bench", slug="bench")
            if in_bulk:
                from kehu.bench.bulk_filling import fill_in_bulk
                from kehu.config import config

                _fill_with_bar(
                    lambda progress: fill_in_bulk(config.migrate_database_url, source.pk, customers, progress),
                    customers,
                )
            else:
                _fill_with_bar(lambda progress: fill(source, customers, progress), message_count(customers))
        found = Customer.objects.count()
        if found < customers * 0.95:  # a few made-up people are alike enough to be one
            raise TooFewCustomers(folder, found, customers)
        say(f"{found:,} customers")
        yield


def _fill_with_bar(work: Any, total: int) -> None:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("filling", total=total)
        work(lambda done: progress.advance(task, done))
