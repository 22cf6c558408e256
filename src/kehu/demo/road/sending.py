"""Raw exports in: sources by the manifest, messages through the collector's parser, files through the import."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import transaction

from kehu.clean.row_mapping import parse_mapping
from kehu.collect import inbox
from kehu.collect.imports import services as imports
from kehu.collect.imports.queries import import_view, problem_counts
from kehu.collect.inbox import NewMessage
from kehu.collect.models import Source
from kehu.collect.segment_requests import parse_batch
from kehu.collect.services.sources import create_source
from kehu.core import jobs
from kehu.core.database import current_connection
from kehu.demo.manifest import Manifest, SourceManifest
from kehu.govern.actor import SYSTEM

BATCH = 500  # events a request, as the libraries' batches are cut

Progress = Callable[[int], None]  # told how many rows or messages were just dealt with


@dataclass(slots=True)
class Sent:
    """messages: appended; repeated: known by their id and dropped; problems: code → rows or events set aside."""

    messages: int = 0
    repeated: int = 0
    problems: dict[str, int] = field(default_factory=dict)

    def add_problem(self, code: str, count: int = 1) -> None:
        self.problems[code] = self.problems.get(code, 0) + count

    def add(self, other: "Sent") -> None:
        self.messages += other.messages
        self.repeated += other.repeated
        for code, count in other.problems.items():
            self.add_problem(code, count)


def install_sources(manifest: Manifest) -> dict[str, Source]:
    """One source per export, as the manifest describes it."""
    return {
        export.slug: create_source(
            kind=export.kind,
            name=export.name,
            slug=export.slug,
            trust_rank=export.trust_rank,
            is_trusted=export.is_trusted,
            time_zone=export.time_zone,
            order_namespace=export.order_namespace,
            unique_types=list(export.unique_types),
            reason="demo company",
        )
        for export in manifest.sources
    }


def send_messages(export: SourceManifest, source: Source, exports: Path, progress: Progress) -> Sent:
    """Post the tracking messages in batches, as a library does; what the parser refuses is set aside."""
    sent = Sent()
    for lines in _batches(exports / export.file):
        parsed = parse_batch(b'{"batch":[' + b",".join(lines) + b"]}")
        for skipped in parsed.skipped:
            sent.add_problem(skipped.code)
        messages = [
            NewMessage(source.pk, "segment", event.message_id, event.payload, event.shard_key, event.sent_at)
            for event in parsed.events
        ]
        with transaction.atomic():
            appended = inbox.append(current_connection(), messages)
        fresh = sum(place.seq is not None for place in appended)
        sent.messages += fresh
        sent.repeated += len(appended) - fresh
        progress(len(lines))
    return sent


def _batches(path: Path) -> Iterator[list[bytes]]:
    with path.open("rb") as file:
        while lines := [line.rstrip(b"\n") for line in islice(file, BATCH)]:
            yield lines


def import_file(export: SourceManifest, source: Source, exports: Path, progress: Progress) -> Sent:
    """Upload, start and do the import as the wizard would; the job runs in this process."""
    path = exports / export.file
    import_id = imports.upload(path, file_name=path.name, actor=SYSTEM, source_id=source.pk)
    mapping = export.mapping
    if mapping is None:
        mapping = parse_mapping(imports.propose(import_id, actor=SYSTEM).mapping)
    job_id = imports.start(import_id, source_id=source.pk, mapping=mapping, actor=SYSTEM, reason="demo company")
    jobs.run_job_here(job_id)
    done = import_view(SYSTEM, import_id)
    if not done.rows_total or done.state != "done":
        raise RuntimeError(f"the import of {export.file} ended as {done.state}: {jobs.view(job_id).error}")
    progress(done.rows_total)
    problems = {
        count.code if not count.field else f"{count.code} ({count.field})": count.count
        for count in problem_counts(SYSTEM, import_id)
    }
    return Sent(done.rows_sent, done.rows_repeated, problems)
