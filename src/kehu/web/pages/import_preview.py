"""The step before an import runs: what its first rows become, and whom of us they are about."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.clean.touches import Touch
from kehu.collect.imports.identities import FileIdentities
from kehu.collect.imports.proposing import Preview, PreviewRow
from kehu.collect.imports.queries import ImportView
from kehu.collect.problem_texts import problem_label
from kehu.govern.access import Actor
from kehu.govern.field_policy import present_value
from kehu.profile.queries.known_rows import OWN_RECORD, KnownRows
from kehu.web import vocabulary
from kehu.web.components import Figure, Text
from kehu.web.wording import format_count

MOST_HEADINGS = 8
PREVIEW_ROWS = 20


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
    known_url: str


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
        known_url=reverse("web:import_known", args=[view.id]),
    )


@dataclass(frozen=True, slots=True)
class KnownCard:
    """What the base knows of the rows already. note: of how many rows that was asked."""

    figures: list[Figure]
    examples: list[tuple[int, str, str, Text]]
    note: str
    error: str = ""


def known_card(actor: Actor, found: FileIdentities, known: KnownRows) -> KnownCard:
    figures = [
        Figure(_("New"), format_count(known.new)),
        Figure(_("Sent before, updated"), format_count(known.updates)),
        Figure(_("Known by an identifier"), format_count(known.known), note=_by_types(known)),
        Figure(_("Repeated in the file"), format_count(known.repeated), "warn" if known.repeated else ""),
    ]
    examples = [
        (
            one.row,
            str(present_value(actor, "name", one.name)) or "–",
            reverse("web:customer", args=[one.customer_id]),
            _known_by(one.by),
        )
        for one in known.examples
    ]
    note = "" if found.is_whole else _("Of the first %(n)s rows.") % {"n": format_count(found.rows_read)}
    return KnownCard(figures, examples, note)


def _by_types(known: KnownRows) -> str:
    told = [(type_, count) for type_, count in known.by_type.most_common() if type_ != OWN_RECORD]
    return " · ".join(f"{_known_by(type_)} {format_count(count)}" for type_, count in told)


def _known_by(type_: str) -> Text:
    return _("its own number") if type_ == OWN_RECORD else vocabulary.identifier_sign(type_).label


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
