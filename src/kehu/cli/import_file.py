"""`kehu import FILE --source SLUG`: a CSV, JSON-lines, Excel or Parquet file into the inbox; and out of it again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kehu.cli.environment import DataDir, database
from kehu.cli.output import AsJson, answer, expected_errors, say
from kehu.core.errors import DomainError, InvalidInput

if TYPE_CHECKING:
    from kehu.collect.imports.proposing import Preview, Proposal
    from kehu.collect.models import Source

ROWS_TRIED = 1_000


class ImportNotDone(DomainError):
    code = "import_not_done"


@expected_errors
def import_file(
    file: Annotated[
        Path | None, typer.Argument(help="CSV, JSON lines, .xlsx or Parquet.", exists=True, dir_okay=False)
    ] = None,
    source: Annotated[str, typer.Option(help="Slug of the source the file comes from; made if there is none.")] = "",
    kind: Annotated[str, typer.Option(help="Kind of a source that is made: file, crm, shop, till …")] = "file",
    mapping: Annotated[Path | None, typer.Option(help="A RowMapping as JSON; without it columns are guessed.")] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=ATTRIBUTE", help="Correct the mapping; COLUMN= leaves the column out."),
    ] = None,
    step: Annotated[
        list[str] | None,
        typer.Option(metavar="JSON", help='Change values first: {"do": "date", "column": "born", "format": "dmy"}'),
    ] = None,
    sheet: Annotated[str, typer.Option(help="Of a workbook; the first one with rows if left out.")] = "",
    encoding: Annotated[str, typer.Option(help="Of a text file; found out if left out.")] = "",
    delimiter: Annotated[str, typer.Option(help="One character; found out if left out. \\t is a tab.")] = "",
    header_row: Annotated[
        int | None, typer.Option(help="Row of the headings, from 1; 0 = there are none.", min=0, max=1_000_000)
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would become of the rows, and who is known already.")
    ] = False,
    pause: Annotated[
        int | None, typer.Option(metavar="ID", help="Stop an import that runs elsewhere; to be gone on with.")
    ] = None,
    cancel: Annotated[
        int | None, typer.Option(metavar="ID", help="Stop an import that runs elsewhere; what came in stays.")
    ] = None,
    resume: Annotated[int | None, typer.Option(metavar="ID", help="Go on with an import that stopped.")] = None,
    undo: Annotated[int | None, typer.Option(metavar="ID", help="Take a whole import back.")] = None,
    reason: Annotated[str, typer.Option(help="Why it is undone; kept with the import.")] = "",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Import a file; pause, cancel, resume or undo an import. Doing it again, or after a crash, adds nothing twice."""
    wanted = _wanted(sheet=sheet, encoding=encoding, delimiter=delimiter, header_row=header_row)
    with database(data_dir):
        if undo is not None:
            _undo(undo, reason, as_json=as_json)
        elif pause is not None:
            _stop(pause, to_go_on=True, as_json=as_json)
        elif cancel is not None:
            _stop(cancel, to_go_on=False, as_json=as_json)
        elif resume is not None:
            _resume(resume, as_json=as_json)
        elif file is None or not source:
            raise InvalidInput(
                "FILE", "name a file and its --source, or an import to --pause, --cancel, --resume or --undo."
            )
        else:
            _import(file, source, kind, mapping, map_ or [], step or [], wanted, dry_run=dry_run, as_json=as_json)


def _wanted(*, sheet: str, encoding: str, delimiter: str, header_row: int | None) -> dict[str, Any]:
    said = {"sheet": sheet, "encoding": encoding, "delimiter": delimiter.replace("\\t", "\t")}
    wanted: dict[str, Any] = {name: value for name, value in said.items() if value}
    return wanted if header_row is None else {**wanted, "header_row": header_row}


def _import(
    file: Path,
    source: str,
    kind: str,
    mapping: Path | None,
    overrides: list[str],
    steps: list[str],
    wanted: dict[str, Any],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    from kehu.collect.imports import services
    from kehu.collect.imports.overrides import apply_overrides
    from kehu.govern.actor import SYSTEM

    found = _source(source, kind, make=not dry_run)
    import_id = services.upload(file, file_name=file.name, actor=SYSTEM, source_id=found.pk if found else None)
    proposal = services.propose(import_id, actor=SYSTEM, file=wanted)
    chosen = _chosen_mapping(mapping, proposal, wanted)
    if steps:
        proposal = _with_steps(import_id, chosen, steps)
        chosen = proposal.mapping
    chosen = apply_overrides(chosen, overrides)
    if dry_run:
        shown = services.preview(import_id, chosen, actor=SYSTEM, n=ROWS_TRIED)
        known = _known(import_id, chosen)
        values = _tried(proposal, chosen, shown) | {"known": known}
        answer(values, as_json=as_json, text=_tried_text(proposal, chosen, shown, known))
        return
    assert found is not None
    if not as_json:
        say(f"{file.name}: {_how_chosen(mapping, proposal)}")
    job_id = services.start(import_id, source_id=found.pk, mapping=chosen, actor=SYSTEM)
    _watch_to_its_end(import_id, job_id, as_json=as_json)


def _with_steps(import_id: int, mapping: dict[str, Any], steps: list[str]) -> "Proposal":
    """Columns that steps make are guessed like those of the file, one step after the other."""
    import msgspec

    from kehu.clean.row_mapping import parse_step
    from kehu.collect.imports import services
    from kehu.govern.actor import SYSTEM

    for text in steps:
        try:
            said = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise InvalidInput("step", f"{text!r} is not JSON: {error}") from error
        services.add_step(import_id, mapping, parse_step(said), actor=SYSTEM)
        proposal = services.propose(import_id, actor=SYSTEM)
        mapping = proposal.mapping
    return proposal


def _known(import_id: int, mapping: dict[str, Any]) -> dict[str, Any]:
    from kehu.collect.imports.identities import identities_of
    from kehu.govern.actor import SYSTEM
    from kehu.profile.queries.known_rows import known_rows

    found = identities_of(import_id, mapping, actor=SYSTEM)
    known = known_rows(SYSTEM, found.rows)
    return {
        "rows_compared": found.rows_read,
        "new": known.new,
        "updates": known.updates,
        "known": known.known,
        "repeated": known.repeated,
        "by": dict(known.by_type),
    }


def _stop(import_id: int, *, to_go_on: bool, as_json: bool) -> None:
    """Whoever runs the import stops after its current batch."""
    from kehu.collect.imports import services
    from kehu.collect.imports.queries import import_view
    from kehu.govern.actor import SYSTEM

    stopped = (services.pause if to_go_on else services.cancel)(import_id, actor=SYSTEM)
    view = import_view(SYSTEM, import_id)
    if not stopped:
        raise ImportNotDone(f"Import {import_id} is {view.state}: there is nothing to stop.")
    text = "It stops after its current batch." if view.state == "running" else f"It is {view.state}."
    text += f" Go on with --resume {import_id}."
    answer({"import_id": import_id, "state": view.state, "rows_done": view.done}, as_json=as_json, text=text)


def _resume(import_id: int, *, as_json: bool) -> None:
    from kehu.collect.imports import services
    from kehu.govern.actor import SYSTEM

    _watch_to_its_end(import_id, services.resume(import_id, actor=SYSTEM), as_json=as_json)


def _undo(import_id: int, reason: str, *, as_json: bool) -> None:
    from kehu.collect.imports import services
    from kehu.collect.imports.queries import import_view
    from kehu.govern.actor import SYSTEM

    job_id = services.undo(import_id, actor=SYSTEM, reason=reason or "kehu import --undo")
    with _progress(job_id, shown=not as_json):
        _run(job_id)
    view = import_view(SYSTEM, import_id)
    if view.state != "undone":
        raise ImportNotDone(f"Import {import_id} is {view.state}: undo it again to go on.")
    text = f"{view.rows_taken_back} rows taken back. Customers follow while a worker runs (kehu up)."
    answer(
        {"import_id": import_id, "state": view.state, "taken_back": view.rows_taken_back}, as_json=as_json, text=text
    )


def _watch_to_its_end(import_id: int, job_id: int, *, as_json: bool) -> None:
    from kehu.collect.imports.queries import import_view, problem_counts
    from kehu.govern.actor import SYSTEM

    with _progress(job_id, shown=not as_json):
        _run(job_id)
    done = import_view(SYSTEM, import_id)
    counts = {f"{c.code}{f' ({c.field})' if c.field else ''}": c.count for c in problem_counts(SYSTEM, import_id)}
    values = {
        "import_id": done.id,
        "source": done.source_name,
        "state": done.state,
        "rows": done.rows_total,
        "sent": done.rows_sent,
        "repeated": done.rows_repeated,
        "problem_rows": done.rows_problem,
        "problems": counts,
        "mapping": dict(done.mapping),
    }
    if done.state != "done":
        raise ImportNotDone(done.error or f"Import {done.id} is {done.state}: go on with --resume {done.id}.")
    answer(values, as_json=as_json, text=_done_text(values))


def _source(slug: str, kind: str, *, make: bool) -> "Source | None":
    from kehu.collect.models import Source
    from kehu.collect.services import create_source

    found = Source.objects.filter(slug=slug).first()
    if found is None and make:
        say(f"New source {slug} of kind {kind}.")
        found = create_source(kind=kind, name=slug, slug=slug, reason="kehu import")
    return found


def _chosen_mapping(path: Path | None, proposal: "Proposal", wanted: dict[str, Any]) -> dict[str, Any]:
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
        "delimiter": proposal.shape.delimiter,
        "sheet": proposal.shape.sheet,
        "header_row": proposal.shape.header_row,
        "rows_tried": len(shown.rows),
        "rows_taken": shown.taken,
        "problems": shown.problem_counts,
    }


def _tried_text(proposal: "Proposal", mapping: dict[str, Any], shown: "Preview", known: dict[str, Any]) -> str:
    import json

    lines = [
        f"{c.column:<24} {c.role or '-':<26} {c.confidence:.2f}  {' · '.join(c.samples[:3])}" for c in proposal.columns
    ]
    problems = ", ".join(f"{code} × {count}" for code, count in shown.problem_counts.items()) or "none"
    lines += ["", f"Of the first {len(shown.rows)} rows {shown.taken} would be taken. Problems: {problems}."]
    lines.append(
        f"Of {known['rows_compared']} rows {known['new']} are new, {known['updates']} were sent before, "
        f"{known['known']} speak of customers known by {', '.join(known['by']) or 'an identifier'}."
    )
    lines.append("")
    return "\n".join([*lines, json.dumps(mapping, ensure_ascii=False, indent=2)])


def _done_text(values: dict[str, Any]) -> str:
    text = f"{values['sent']} rows imported, {values['repeated']} were there already, of {values['rows']}."
    if values["problem_rows"]:
        told = ", ".join(f"{name} × {count}" for name, count in values["problems"].items())
        text += f" {values['problem_rows']} rows with problems: {told}."
    return text + " Rows become customers while a worker runs (kehu up)."
