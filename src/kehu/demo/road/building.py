"""A demo installation from nothing: generate, send in, resolve, evaluate. The truth is opened last, to evaluate."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Protocol

from kehu.collect.models import Source
from kehu.demo.blocking_ceiling import ceiling_recall
from kehu.demo.exact_join import exact_join
from kehu.demo.export_reading import read_records
from kehu.demo.figures import DemoFigures
from kehu.demo.generator import CompanyFiles, generate_company
from kehu.demo.manifest import Manifest, read_manifest
from kehu.demo.partition_evaluation import evaluate_partition
from kehu.demo.road import outcome
from kehu.demo.road.sending import Sent, import_file, install_sources, send_messages
from kehu.leader import work_off


class Reporter(Protocol):
    """Shows how far a step has come."""

    def step(self, name: str, total: int | None) -> AbstractContextManager[Callable[[int], None]]:
        """A progress bar (or a spinner without total); call what it gives with how much was just done."""


@dataclass(slots=True)
class Clock:
    """Seconds by step, in order."""

    seconds: dict[str, float]

    def time(self, name: str, since: float) -> float:
        now = perf_counter()
        self.seconds[name] = now - since
        return now


def build_company(people: int, seed: int, folder: Path, today: date, reporter: Reporter) -> CompanyFiles:
    """Write exports and truth below `folder`."""
    with reporter.step("generate", None):
        return generate_company(people, seed, folder, today)


def travel_the_road(files: CompanyFiles, people: int, seed: int, reporter: Reporter) -> DemoFigures:
    """Send every export in, work until nothing waits, then compare with the truth."""
    clock = Clock({})
    began = perf_counter()
    manifest = read_manifest(files.exports)
    sources = install_sources(manifest)
    sent = _send_all(manifest, sources, files.exports, reporter)
    sent_at = clock.time("send", began)
    with reporter.step("resolve", sent.messages) as advance:
        work_off(on_window=lambda report: advance(report.messages))
    resolved_at = clock.time("resolve", sent_at)
    with reporter.step("view", None):
        p50, p99 = outcome.measure_view()
    viewed_at = clock.time("view", resolved_at)
    with reporter.step("evaluate", None):
        figures = _compare(files, people, seed, sent, (p50, p99), sent.messages / (resolved_at - began))
    clock.time("evaluate", viewed_at)
    figures.seconds = clock.seconds
    return figures


def _send_all(manifest: Manifest, sources: dict[str, Source], exports: Path, reporter: Reporter) -> Sent:
    total = Sent()
    for export in manifest.sources:
        with reporter.step(f"send {export.slug}", export.rows) as advance:
            send = send_messages if export.format == "segment" else import_file
            total.add(send(export, sources[export.slug], exports, advance))
    return total


def _compare(
    files: CompanyFiles, people: int, seed: int, sent: Sent, view: tuple[float, float], rate: float
) -> DemoFigures:
    counts = outcome.read_counts()
    quality, mixed = evaluate_partition(outcome.read_partition(), files.truth)
    records = read_records(files.exports)
    joined = {
        (record["source"], record["external_id"]): str(label)
        for record, label in zip(records, exact_join(records), strict=True)
    }
    exact, _ = evaluate_partition(joined, files.truth)
    return DemoFigures(
        people=people,
        seed=seed,
        messages=sent.messages,
        repeated=sent.repeated,
        source_records=counts.people_records,
        organisations=counts.organisations,
        devices=counts.devices,
        customers=counts.customers,
        review_pairs=counts.review_pairs,
        match=quality,
        exact=exact,
        ceiling_recall=ceiling_recall(records, files.truth.person_of()),
        mixed_customers=len(mixed),
        mixed_without_cause=sum(not customer.is_listed for customer in mixed),
        messages_per_second=rate,
        view_p50_ms=view[0],
        view_p99_ms=view[1],
        quarantined=outcome.read_dead_letters(),
        problem_rows=dict(sorted(sent.problems.items())),
        links=outcome.read_links(),
    )
