"""`kehu import FILE --source SLUG`: a CSV, JSON-lines, Excel or Parquet file into the inbox."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kehu.cli.environment import DataDir, database
from kehu.cli.output import AsJson, answer, expected_errors, say
from kehu.core.errors import DomainError

if TYPE_CHECKING:
    from kehu.collect.imports.proposing import Preview, Proposal
    from kehu.collect.models import Source

ROWS_TRIED = 1_000


class ImportNotDone(DomainError):
    code = "import_not_done"


@expected_errors
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines, .xlsx or Parquet.", exists=True, dir_okay=False)],
    source: Annotated[str, typer.Option(help="Slug of the source the file comes from; made if there is none.")],
    kind: Annotated[str, typer.Option(help="Kind of a source that is made: file, crm, shop, till …")] = "file",
    mapping: Annotated[Path | None, typer.Option(help="A RowMapping as JSON; without it columns are guessed.")] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=ATTRIBUTE", help="Correct the mapping; COLUMN= leaves the column out."),
    ] = None,
    sheet: Annotated[str, typer.Option(help="Of a workbook; the first one with rows if left out.")] = "",
    encoding: Annotated[str, typer.Option(help="Of a text file; found out if left out.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would become of the rows.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Import a file. Importing it again, or after a crash, adds nothing twice."""
    with database(data_dir):
        from kehu.collect.imports import services
        from kehu.collect.imports.overrides import apply_overrides
        from kehu.collect.imports.queries import import_view, problem_counts
        from kehu.govern.actor import SYSTEM

        found = _source(source, kind, make=not dry_run)
        import_id = services.upload(file, file_name=file.name, actor=SYSTEM, source_id=found.pk if found else None)
        wanted = {name: value for name, value in (("sheet", sheet), ("encoding", encoding)) if value}
        proposal = services.propose(import_id, actor=SYSTEM, file=wanted)
        chosen = _chosen_mapping(mapping, proposal, wanted)
        chosen = apply_overrides(chosen, map_ or ())
        if dry_run:
            shown = services.preview(import_id, chosen, actor=SYSTEM, n=ROWS_TRIED)
            answer(_tried(proposal, chosen, shown), as_json=as_json, text=_tried_text(proposal, chosen, shown))
            return
        assert found is not None
        if not as_json:
            say(f"{file.name}: {_how_chosen(mapping, proposal)}")
        job_id = services.start(import_id, source_id=found.pk, mapping=chosen, actor=SYSTEM)
        with _progress(job_id, shown=not as_json):
            _run(job_id)
        done = import_view(SYSTEM, import_id)
        counts = {f"{c.code}{f' ({c.field})' if c.field else ''}": c.count for c in problem_counts(SYSTEM, import_id)}
    values = {
        "import_id": done.id,
        "source": source,
        "state": done.state,
        "rows": done.rows_total,
        "sent": done.rows_sent,
        "repeated": done.rows_repeated,
        "problem_rows": done.rows_problem,
        "problems": counts,
        "mapping": chosen,
    }
    if done.state != "done":
        raise ImportNotDone(done.error or f"Import {done.id} is {done.state}.")
    answer(values, as_json=as_json, text=_done_text(values))


def _source(slug: str, kind: str, *, make: bool) -> "Source | None":
    from kehu.collect.models import Source
    from kehu.collect.services import create_source

    found = Source.objects.filter(slug=slug).first()
    if found is None and make:
        say(f"New source {slug} of kind {kind}.")
        found = create_source(kind=kind, name=slug, slug=slug, reason="kehu import")
    return found


def _chosen_mapping(path: Path | None, proposal: "Proposal", wanted: dict[str, str]) -> dict[str, Any]:
    if path is None:
        return proposal.mapping
    from kehu.clean.row_mapping import parse_mapping

    mapping = parse_mapping(path.read_bytes()).to_json()
    return mapping | ({"file": {**mapping.get("file", {}), **wanted}} if wanted else {})


def _run(job_id: int) -> None:
    """Here and now; a worker that was quicker is simply watched."""
    from kehu.core import jobs

    try:
        jobs.run_job_here(job_id)
    except jobs.JobNotRunnable:
        while not jobs.view(job_id).is_over:
            threading.Event().wait(0.3)


@contextmanager
def _progress(job_id: int, *, shown: bool) -> Iterator[None]:
    """A bar on standard error that reads the job's progress on a connection of its own."""
    if not shown:
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("rows"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    over = threading.Event()

    def watch() -> None:
        from django.db import connection

        from kehu.core import jobs

        task = bar.add_task("rows", total=None)
        while not over.wait(0.2):
            seen = jobs.view(job_id)
            bar.update(task, completed=seen.done, total=seen.total)
        connection.close()

    watcher = threading.Thread(target=watch, daemon=True)
    with bar:
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join(5)


def _how_chosen(path: Path | None, proposal: "Proposal") -> str:
    if path is not None:
        return f"columns as {path.name} says."
    if proposal.is_remembered:
        return "columns as in the last import of such a file."
    told = ", ".join(f"{c.column} → {c.role}" for c in proposal.columns if c.role)
    return f"columns guessed: {told or 'none'}."


def _tried(proposal: "Proposal", mapping: dict[str, Any], shown: "Preview") -> dict[str, Any]:
    return {
        "columns": [
            {"column": c.column, "role": c.role, "confidence": c.confidence, "why": c.why} for c in proposal.columns
        ],
        "mapping": mapping,
        "encoding": proposal.shape.encoding,
        "rows_tried": len(shown.rows),
        "rows_taken": shown.taken,
        "problems": shown.problem_counts,
    }


def _tried_text(proposal: "Proposal", mapping: dict[str, Any], shown: "Preview") -> str:
    import json

    lines = [
        f"{c.column:<24} {c.role or '-':<26} {c.confidence:.2f}  {' · '.join(c.samples[:3])}" for c in proposal.columns
    ]
    problems = ", ".join(f"{code} × {count}" for code, count in shown.problem_counts.items()) or "none"
    lines += ["", f"Of the first {len(shown.rows)} rows {shown.taken} would be taken. Problems: {problems}.", ""]
    return "\n".join([*lines, json.dumps(mapping, ensure_ascii=False, indent=2)])


def _done_text(values: dict[str, Any]) -> str:
    text = f"{values['sent']} rows imported, {values['repeated']} were there already, of {values['rows']}."
    if values["problem_rows"]:
        told = ", ".join(f"{name} × {count}" for name, count in values["problems"].items())
        text += f" {values['problem_rows']} rows with problems: {told}."
    return text + " Rows become customers while a worker runs (kehu up)."
