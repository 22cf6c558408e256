"""Imports: the list, the steps of the wizard, the result."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu.clean.row_mapping import IDENTIFIER_TYPES, PERSON_ATTRIBUTES
from kehu.clean.touches import Touch
from kehu.collect.imports import queries as imports
from kehu.collect.imports.proposing import Preview, PreviewRow, Proposal
from kehu.collect.imports.queries import ImportView
from kehu.collect.problem_texts import problem_label, problem_text
from kehu.govern.access import Actor
from kehu.govern.field_policy import present_value
from kehu.web import vocabulary
from kehu.web.components import Action, Choice, Empty, Figure, Progress, Text
from kehu.web.wording import format_count

MOST_HEADINGS = 8
PREVIEW_ROWS = 20
STATES: dict[str, tuple[Text, str]] = {
    "uploaded": (gettext_lazy("columns to confirm"), "warn"),
    "mapped": (gettext_lazy("ready to run"), "warn"),
    "running": (gettext_lazy("running"), "accent"),
    "done": (gettext_lazy("done"), ""),
    "failed": (gettext_lazy("failed"), "danger"),
    "cancelled": (gettext_lazy("cancelled"), "warn"),
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
    """groups: label of a group of meanings, and the meanings."""

    name: str
    samples: tuple[str, ...]
    groups: list[tuple[Text, list[Choice]]]
    confidence: float | None
    why: Text


@dataclass(frozen=True, slots=True)
class MappingPage:
    file_name: str
    note: str
    columns: list[ColumnRow]


@dataclass(frozen=True, slots=True)
class PreviewLine:
    number: int
    cells: list[str]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class PreviewPage:
    file_name: str
    note: str
    headings: list[Text]
    rows: list[PreviewLine]
    figures: list[Figure]
    run_url: str
    run_label: str
    mapping_url: str


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
    return reverse("web:import_columns" if view.state == "uploaded" else "web:import", args=[view.id])


def mapping_page(view: ImportView, proposal: Proposal) -> MappingPage:
    shape = proposal.shape
    rows = ngettext("%(n)s row", "%(n)s rows", shape.row_count or 0) % {"n": format_count(shape.row_count or 0)}
    parts = [rows if shape.row_count is not None else "", shape.format.upper(), shape.encoding, shape.sheet]
    if proposal.is_remembered:
        parts.append(_("columns as confirmed for this source before"))
    columns = [
        ColumnRow(
            one.column,
            tuple(sample for sample in one.samples if sample)[:3],
            _meanings(one.role),
            one.confidence if one.role else None,
            WHYS.get(one.why, one.why),
        )
        for one in proposal.columns
    ]
    return MappingPage(view.file_name, " · ".join(part for part in parts if part), columns)


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


def preview_page(actor: Actor, view: ImportView, preview: Preview) -> PreviewPage:
    told = [_told(row) for row in preview.rows]
    names: dict[str, None] = {}
    for values in told:
        names.update(dict.fromkeys(values))
    headings = list(names)[:MOST_HEADINGS]
    rows = [
        PreviewLine(
            row.number,
            [str(present_value(actor, name, values.get(name, ""))) for name in headings],
            [_problem(one.field, one.code) for one in row.problems],
        )
        for row, values in zip(preview.rows, told, strict=True)
    ]
    refused = len(preview.rows) - preview.taken
    total = view.rows_total
    label = _("Import") if total is None else ngettext("Import %(n)s row", "Import %(n)s rows", total)
    return PreviewPage(
        file_name=view.file_name,
        note=_("The first rows, cleaned as they will be. Nothing has been written yet."),
        headings=[vocabulary.attribute_label(name) for name in headings],
        rows=rows,
        figures=[
            Figure(_("Rows looked at"), str(len(preview.rows))),
            Figure(_("Taken"), str(preview.taken)),
            Figure(_("Refused"), str(refused), "warn" if refused else ""),
            Figure(_("Values with problems"), str(sum(preview.problem_counts.values()))),
        ],
        run_url=reverse("web:import_run", args=[view.id]),
        run_label=label % {"n": format_count(total)} if total is not None else label,
        mapping_url=reverse("web:import_columns", args=[view.id]),
    )


def _told(row: PreviewRow) -> dict[str, str]:
    """What the row says of whom, flat: the first touch with attributes wins, orders and events in words."""
    told: dict[str, str] = {}
    for touch in row.touches:
        for name, value in touch.attributes.items():
            told.setdefault(name, value.v)
        told |= _happened(touch)
    return told


def _happened(touch: Touch) -> dict[str, str]:
    found = {}
    if touch.orders:
        found["order"] = ", ".join(f"{order.number} {order.total or ''}".strip() for order in touch.orders)
    if touch.events:
        found["event"] = ", ".join(event.name for event in touch.events)
    return found


def _problem(field: str, code: str) -> str:
    return ": ".join(part for part in (field, problem_label(code)) if part)


def import_page(actor: Actor, view: ImportView) -> ImportPage:
    may_run = actor.can("import.run")
    address = reverse("web:import", args=[view.id])
    has_problems = view.rows_problem > 0 and may_run
    return ImportPage(
        file_name=view.file_name,
        source=view.source_name,
        progress=_progress(view, address, may_run=may_run),
        poll_url=address,
        figures=[
            Figure(_("Rows sent on"), format_count(view.rows_sent)),
            Figure(_("In already"), format_count(view.rows_repeated)),
            Figure(_("With problems"), format_count(view.rows_problem), "warn" if view.rows_problem else ""),
        ],
        actions=_actions(view, may_run=may_run),
        problems=_problems(actor, view) if has_problems and view.is_over else [],
        problems_url=reverse("web:import_problems", args=[view.id]) if has_problems else "",
    )


def _progress(view: ImportView, address: str, *, may_run: bool) -> Progress:
    state, _tone = STATES.get(view.state, (view.state, ""))
    note = _("stops after the current rows") if view.is_cancelling else str(state)
    return Progress(
        label=_("Importing %(name)s") % {"name": Path(view.file_name).name},
        state=view.state,
        done=view.done if not view.is_over else (view.total or view.done),
        total=view.total,
        note=note,
        cancel_url=reverse("web:import_cancel", args=[view.id]) if may_run and not view.is_cancelling else "",
        error=view.error,
    )


def _actions(view: ImportView, *, may_run: bool) -> list[Action]:
    if not may_run:
        return []
    if view.state in {"failed", "cancelled"}:
        return [Action(_("Go on"), reverse("web:import_resume", args=[view.id]), "player-play", True, is_post=True)]
    if view.is_over:
        return [
            Action(_("To the customers"), reverse("web:customers"), "users"),
            Action(_("Import another"), reverse("web:import_new"), "file-import"),
        ]
    return []


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
