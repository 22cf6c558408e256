"""`kehu doctor`: is everything as it must be, and what to do where it is not."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kehu.cli.environment import DataDir, database_address, set_up_django, use_data_dir
from kehu.cli.output import FAILED, AsJson, answer, expected_errors

if TYPE_CHECKING:
    from kehu.operate.doctor import Finding


@expected_errors
def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Look over the installation; exit code 1 when something must be done."""
    findings = list(_look_over(use_data_dir(data_dir)))
    is_well = not any(finding.health == "problem" for finding in findings)
    if as_json:
        lines = [
            {"check": each.check, "health": each.health, "text": each.text, "to_do": each.to_do} for each in findings
        ]
        answer({"is_well": is_well, "findings": lines}, as_json=True)
    else:
        _print(findings)
    if not is_well:
        raise typer.Exit(FAILED)


def _look_over(folder: Path) -> "Iterator[Finding]":
    from kehu.operate import doctor as below
    from kehu.operate.errors import DatabaseNotRunning

    yield from below.check_files(folder)
    yield from below.check_disk(folder)
    yield from below.check_processes(folder)
    try:
        database_address(folder)
    except DatabaseNotRunning as error:
        yield below.Finding("database", "problem", "the embedded database does not run", str(error))
        return
    connection, refusal = below.check_connection(os.environ["DATABASE_URL"])
    if connection is None:
        if refusal is not None:
            yield refusal
        return
    with connection:
        yield from below.check_server(connection)
    set_up_django()
    yield from _check_migrations()
    for check in (_check_lag, _check_dead_letters, _check_jobs):
        yield from _unless_tables_are_missing(check)


def _check_migrations() -> "Iterator[Finding]":
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from kehu.operate.doctor import Finding

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield Finding("migrations", "problem", f"{len(missing)} not applied", "run `kehu migrate`")
    else:
        yield Finding("migrations", "ok", "every migration is applied")


def _check_lag() -> "Iterator[Finding]":
    from kehu.collect.models import Source
    from kehu.collect.queries import lag_by_source
    from kehu.operate.doctor import Finding

    names = dict(Source.objects.values_list("pk", "slug"))
    lags = sorted(lag_by_source().values(), key=lambda lag: lag.lag_for, reverse=True)
    for lag in lags:
        text = f"{names.get(lag.source_id, lag.source_id)}: {lag.waiting} waiting, oldest {lag.lag_for}"
        if lag.is_late:
            yield Finding("lag", "problem", text, "see that a worker runs, and its log")
        else:
            yield Finding("lag", "ok", text)
    if not lags:
        yield Finding("lag", "ok", "everything that came in has been worked")


def _check_dead_letters() -> "Iterator[Finding]":
    from kehu.collect.queries import dead_letter_reasons
    from kehu.govern.actor import SYSTEM
    from kehu.operate.doctor import Finding

    reasons = dead_letter_reasons(SYSTEM)
    if not reasons:
        yield Finding("dead letters", "ok", "none open")
    for reason in reasons:
        yield Finding("dead letters", "ok", f"{reason.count} open: {reason.reason}", "look at them on the page")


def _check_jobs() -> "Iterator[Finding]":
    from django.db.models.functions import Now

    from kehu.core.models import Job
    from kehu.operate.doctor import Finding

    stalled = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now()).count()
    if stalled:
        yield Finding(
            "jobs", "problem", f"{stalled} jobs lost their worker", "see that a worker runs: it takes them up"
        )
    else:
        yield Finding("jobs", "ok", f"{Job.objects.filter(state=Job.State.QUEUED).count()} queued, none stalled")


def _unless_tables_are_missing(check: "Callable[[], Iterator[Finding]]") -> "Iterator[Finding]":
    from django.db import ProgrammingError

    from kehu.operate.doctor import Finding

    try:
        yield from check()
    except ProgrammingError:
        name = check.__name__.removeprefix("_check_").replace("_", " ")
        yield Finding(name, "skipped", "its tables are not there yet", "run `kehu migrate`")


def _print(findings: "list[Finding]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    marks = {
        "ok": Text("OK", style="green"),
        "problem": Text("PROBLEM", style="red"),
        "skipped": Text("–", style="dim"),
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        text = Text(finding.text)
        if finding.to_do:
            text.append(f"\n→ {finding.to_do}", style="yellow" if finding.health == "problem" else "dim")
        table.add_row(marks[finding.health], finding.check, text)
    Console(highlight=False).print(table)
