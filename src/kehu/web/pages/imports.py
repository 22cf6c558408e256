"""Imports: the list, the steps of the wizard, the result."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu.clean.row_mapping import IDENTIFIER_TYPES, PERSON_ATTRIBUTES
from kehu.collect.imports import queries as imports
from kehu.collect.imports.proposing import Proposal
from kehu.collect.imports.queries import ImportView
from kehu.collect.problem_texts import problem_label, problem_text
from kehu.govern.access import Actor
from kehu.govern.field_policy import present_value
from kehu.web import vocabulary
from kehu.web.components import Action, Choice, Empty, Figure, Progress, Text
from kehu.web.pages.import_preview import MOST_HEADINGS
from kehu.web.pages.import_steps import step_text
from kehu.web.wording import format_count

STATES: dict[str, tuple[Text, str]] = {
    "uploaded": (gettext_lazy("columns to confirm"), "warn"),
    "mapped": (gettext_lazy("ready to run"), "warn"),
    "running": (gettext_lazy("running"), "accent"),
    "paused": (gettext_lazy("paused"), "warn"),
    "done": (gettext_lazy("done"), ""),
    "failed": (gettext_lazy("failed"), "danger"),
    "cancelled": (gettext_lazy("cancelled"), "warn"),
    "undoing": (gettext_lazy("being undone"), "accent"),
    "undone": (gettext_lazy("undone"), ""),
}
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "cp1252", "shift_jis", "euc_kr")
DELIMITERS: dict[str, Text] = {
    ",": gettext_lazy("comma ,"),
    ";": gettext_lazy("semicolon ;"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("bar |"),
    "^": "^",
    "~": "~",
    "\x01": "Ctrl-A (\\x01)",
    "，": "，",
    "；": "；",
}
ORDER_FIELDS = (
    ("order.number", gettext_lazy("Order number")),
    ("order.placed_at", gettext_lazy("Order: placed at")),
    ("order.status", gettext_lazy("Order: state")),
    ("order.total", gettext_lazy("Order: total")),
    ("order.currency", gettext_lazy("Order: currency")),
)
WHYS = {
    "heading": gettext_lazy("by the heading"),
    "heading and values": gettext_lazy("by heading and values"),
    "values": gettext_lazy("by the values"),
    "values against heading": gettext_lazy("the values say so, not the heading"),
    "confirmed": gettext_lazy("confirmed"),
    "nothing fits": "",
}


@dataclass(frozen=True, slots=True)
class ImportRow:
    name: str
    source: str
    url: str
    state: Text
    tone: str
    sent: int
    total: int | None
    repeated: int
    problems: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ImportsPage:
    rows: list[ImportRow]
    actions: list[Action]
    empty: Empty


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """groups: label of a group of meanings, and the meanings. step_url: where its values can be changed."""

    name: str
    samples: tuple[str, ...]
    groups: list[tuple[Text, list[Choice]]]
    confidence: float | None
    why: Text
    step_url: str


@dataclass(frozen=True, slots=True)
class FirstRow:
    """A row of the file as it stands. is_heading: the columns are called by it."""

    number: int
    cells: list[str]
    is_heading: bool


@dataclass(frozen=True, slots=True)
class ReadingCard:
    """How the file is read, and what else it could be; empty lists where there is nothing to choose."""

    facts: list[tuple[Text, str]]
    url: str
    encodings: list[Choice]
    delimiters: list[Choice]
    sheets: list[Choice]
    rows: list[FirstRow]
    has_headings: bool


@dataclass(frozen=True, slots=True)
class MappingPage:
    """steps: transforms in order, told in words. save_url: takes the draft while it is being changed."""

    file_name: str
    note: str
    reading: ReadingCard
    columns: list[ColumnRow]
    steps: list[str]
    step_away_url: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ProblemLine:
    row: int
    field: str
    code: str
    detail: str
    value: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    file_name: str
    source: str
    progress: Progress
    poll_url: str
    figures: list[Figure]
    actions: list[Action]
    problems: list[ProblemLine] = field(default_factory=list)
    problems_url: str = ""
    pause_url: str = ""
    is_waiting: bool = False


def imports_page(actor: Actor) -> ImportsPage:
    new = Action(_("Import a file"), reverse("web:import_new"), "file-import", is_main=True, key="c")
    rows = [_import_row(view) for view in imports.import_list(actor)]
    hint = _("CSV, XLSX, JSON lines or Parquet: Kehu guesses what the columns are, you look and confirm.")
    may_run = actor.can("import.run")
    return ImportsPage(
        rows,
        [new] if may_run and rows else [],
        Empty("file-import", _("No imports yet"), hint, new if may_run else None),
    )


def _import_row(view: ImportView) -> ImportRow:
    state, tone = STATES.get(view.state, (view.state, ""))
    return ImportRow(
        view.file_name,
        view.source_name,
        address_of(view),
        state,
        tone,
        view.rows_sent,
        view.rows_total,
        view.rows_repeated,
        view.rows_problem,
        view.created_at,
    )


def address_of(view: ImportView) -> str:
    """An import not yet started goes on where it was left."""
    page = {"uploaded": "web:import_columns", "mapped": "web:import_preview"}.get(view.state, "web:import")
    return reverse(page, args=[view.id])


def mapping_page(view: ImportView, proposal: Proposal, error: str = "") -> MappingPage:
    shape = proposal.shape
    rows = ngettext("%(n)s row", "%(n)s rows", shape.row_count or 0) % {"n": format_count(shape.row_count or 0)}
    parts = [rows if shape.row_count is not None else ""]
    if proposal.is_remembered:
        parts.append(_("columns as confirmed for this source before"))
    columns = [
        ColumnRow(
            one.column,
            tuple(sample for sample in one.samples if sample)[:3],
            _meanings(one.role),
            one.confidence if one.role else None,
            WHYS.get(one.why, one.why),
            reverse("web:import_step", args=[view.id, place]),
        )
        for place, one in enumerate(proposal.columns)
    ]
    return MappingPage(
        view.file_name,
        " · ".join(part for part in parts if part),
        _reading(view, proposal),
        columns,
        [step_text(step) for step in proposal.mapping.get("steps", ())],
        reverse("web:import_step_away", args=[view.id]),
        error,
    )


def _reading(view: ImportView, proposal: Proposal) -> ReadingCard:
    shape = proposal.shape
    is_text = shape.format in ("csv", "json", "jsonl")
    is_table = shape.format in ("csv", "xlsx")
    heading = _("row %(n)d") % {"n": shape.header_row} if shape.header_row else _("none")
    facts = [
        (_("Format"), shape.format.upper()),
        (_("Encoding"), shape.encoding.upper()),
        (_("Delimiter"), str(DELIMITERS.get(shape.delimiter, shape.delimiter))),
        (_("Sheet"), shape.sheet),
        (_("Headings"), heading if is_table else ""),
    ]
    encodings = sorted({*ENCODINGS, shape.encoding}, key=lambda name: (name != shape.encoding, name))
    delimiters = {**DELIMITERS, shape.delimiter: DELIMITERS.get(shape.delimiter, shape.delimiter)}
    return ReadingCard(
        facts=[(label, value) for label, value in facts if value],
        url=reverse("web:import_read", args=[view.id]),
        encodings=[Choice(n, n.upper(), n == shape.encoding) for n in encodings] if is_text else [],
        delimiters=[Choice(n, t, n == shape.delimiter) for n, t in delimiters.items()] if shape.format == "csv" else [],
        sheets=[Choice(n, n, n == shape.sheet) for n in shape.sheets] if len(shape.sheets) > 1 else [],
        rows=[
            FirstRow(number, [cell[:40] for cell in row[:MOST_HEADINGS]], number == shape.header_row)
            for number, row in enumerate(proposal.first_rows, start=1)
        ],
        has_headings=bool(shape.header_row),
    )


def _meanings(role: str) -> list[tuple[Text, list[Choice]]]:
    """Every meaning a column may have, in groups; one we cannot name stays to be chosen as it is."""
    current = role.split(":", 1)[-1] if role.startswith(("attribute:", "identifier:")) else role
    attributes = sorted(PERSON_ATTRIBUTES, key=lambda name: str(vocabulary.attribute_label(name)))
    identifiers = sorted(IDENTIFIER_TYPES - PERSON_ATTRIBUTES - {"native", "anonymous_id"})
    groups: list[tuple[Text, list[Choice]]] = [
        (_("Nothing"), [Choice("", _("Keep, but do not read"), not role)]),
        (_("About the person"), [Choice(n, vocabulary.attribute_label(n), n == current) for n in attributes]),
        (_("Identifiers"), [Choice(n, vocabulary.identifier_sign(n).label, n == current) for n in identifiers]),
        (
            _("About the row"),
            [
                Choice("key", _("The row's own number"), current == "key"),
                Choice("occurred_at", _("Time it was true"), current == "occurred_at"),
                *(Choice(code, label, code == current) for code, label in ORDER_FIELDS),
            ],
        ),
    ]
    if not any(choice.is_current for _label, choices in groups for choice in choices):
        groups.append((_("As guessed"), [Choice(f"keep:{role}", role.replace(".", " · ").replace(":", " · "), True)]))
    return groups


def changed_columns(proposal: Proposal, chosen: dict[str, str]) -> list[str]:
    """COLUMN=MEANING for every column whose meaning was changed. chosen: by the column's place, as text."""
    changes = []
    for place, one in enumerate(proposal.columns):
        wanted = chosen.get(str(place))
        was = one.role.split(":", 1)[-1] if one.role.startswith(("attribute:", "identifier:")) else one.role
        if wanted is not None and not wanted.startswith("keep:") and wanted != was:
            changes.append(f"{one.column}={wanted}")
    return changes


def import_page(actor: Actor, view: ImportView, waiting: int = 0) -> ImportPage:
    """waiting: rows of it, or of its undoing, that the worker has yet to work in."""
    may_run = actor.can("import.run")
    address = reverse("web:import", args=[view.id])
    has_problems = view.rows_problem > 0 and may_run
    figures = [
        Figure(_("Rows sent on"), format_count(view.rows_sent)),
        Figure(_("In already"), format_count(view.rows_repeated)),
        Figure(_("With problems"), format_count(view.rows_problem), "warn" if view.rows_problem else ""),
    ]
    if view.rows_taken_back:
        figures.append(Figure(_("Taken back"), format_count(view.rows_taken_back)))
    if waiting:
        figures.append(Figure(_("Still to be worked in"), format_count(waiting), "accent"))
    return ImportPage(
        file_name=view.file_name,
        source=view.source_name,
        progress=_progress(view, address, may_run=may_run),
        poll_url=address,
        figures=figures,
        actions=_actions(view, may_run=may_run),
        problems=_problems(actor, view) if has_problems and view.is_over else [],
        problems_url=reverse("web:import_problems", args=[view.id]) if has_problems else "",
        pause_url=reverse("web:import_pause", args=[view.id]) if may_run and _is_running(view) else "",
        is_waiting=waiting > 0,
    )


def _is_running(view: ImportView) -> bool:
    return view.state == "running" and not view.is_cancelling


def _progress(view: ImportView, address: str, *, may_run: bool) -> Progress:
    state, _tone = STATES.get(view.state, (view.state, ""))
    note = _("stops after the current rows") if view.is_cancelling else str(state)
    name = Path(view.file_name).name
    is_undo = view.state in ("undoing", "undone")
    label = _("Undoing the import of %(name)s") if is_undo else _("Importing %(name)s")
    whole = view.rows_taken_back if view.state == "undone" else view.total
    return Progress(
        label=label % {"name": name},
        state={"undoing": "running", "undone": "done"}.get(view.state, view.state),
        done=view.done if not view.is_over or view.state == "paused" else (whole or view.done),
        total=whole,
        note=note,
        cancel_url=reverse("web:import_cancel", args=[view.id]) if may_run and _is_running(view) else "",
        error=view.error,
    )


def _actions(view: ImportView, *, may_run: bool) -> list[Action]:
    if not may_run:
        return []
    actions = []
    if view.state in {"failed", "cancelled", "paused"}:
        go_on = Action(_("Go on"), reverse("web:import_resume", args=[view.id]), "player-play", True, is_post=True)
        actions.append(go_on)
    elif view.is_over:
        actions += [
            Action(_("To the customers"), reverse("web:customers"), "users"),
            Action(_("Import another"), reverse("web:import_new"), "file-import"),
        ]
    if view.is_over and view.state != "undone" and view.rows_sent:
        undo = reverse("web:import_undo", args=[view.id])
        actions.append(Action(_("Undo this import"), undo, "arrow-back-up", opens_drawer=True))
    return actions


@dataclass(frozen=True, slots=True)
class UndoPage:
    title: str
    url: str
    text: str
    points: list[Text]
    error: str = ""


def undo_page(view: ImportView, error: str = "") -> UndoPage:
    rows = ngettext("%(n)s row", "%(n)s rows", view.rows_sent) % {"n": format_count(view.rows_sent)}
    return UndoPage(
        title=_("Undo the import of “%(name)s”?") % {"name": view.file_name},
        url=reverse("web:import_undo", args=[view.id]),
        text=_("%(rows)s will be taken back, as if the file had never come in.") % {"rows": rows},
        points=[
            _("Customers only this file told of disappear; those it changed are as they were before."),
            _("Customers it merged are apart again; what was imported, typed or decided since stays."),
            _("The raw rows stay in the log, superseded. The file can be imported again."),
        ],
        error=error,
    )


def _problems(actor: Actor, view: ImportView) -> list[ProblemLine]:
    """The first fifty. Whoever may run imports has the file anyway, but masked stays masked here."""
    lines = []
    for one in imports.problem_page(actor, view.id):
        raw: Any = one.raw.get(one.field, "") if one.field else next(iter(one.raw.values()), "")
        shown = present_value(actor, one.field, str(raw)[:80])
        lines.append(
            ProblemLine(one.row, one.field, problem_label(one.code), problem_text(one.code, one.detail), str(shown))
        )
    return lines
