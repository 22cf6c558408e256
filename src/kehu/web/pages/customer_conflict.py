"""Two people changed one customer: what each says, side by side, to be chosen field by field."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.dateparse import parse_datetime

from kehu.profile.queries import CustomerView
from kehu.web import live, vocabulary
from kehu.web.components import Text
from kehu.web.customer_form import CustomerForm
from kehu.web.pages.customer import shown_name
from kehu.web.wording import format_moment, shown_value


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """mine and theirs are what is sent, the shown ones what is read. is_contested: both changed it."""

    attribute: str
    label: Text
    mine: str
    mine_shown: str
    theirs: str
    theirs_shown: str
    theirs_note: str
    is_contested: bool


@dataclass(frozen=True, slots=True)
class ConflictPage:
    name: str
    version: int
    kind: str
    rows: list[ConflictRow]
    save_url: str
    back_url: str


def conflict_page(newest: CustomerView, form: CustomerForm, changed: Mapping[str, str | None]) -> ConflictPage:
    """changed: what the person wants to say, of a customer that is another than the one they saw."""
    rows = [_row(newest, name, text or "", form.shown(name)) for name, text in changed.items()]
    return ConflictPage(
        name=shown_name(newest.name, newest.golden),
        version=newest.version,
        kind=newest.kind,
        rows=sorted(rows, key=lambda row: not row.is_contested),
        save_url=reverse("web:customer_edit", args=[newest.id]),
        back_url=reverse("web:customer", args=[newest.id]),
    )


def _row(newest: CustomerView, name: str, mine: str, seen: str) -> ConflictRow:
    said = newest.golden.get(name)
    # A masked value never travels: sending nothing, where nothing was shown, leaves it alone.
    theirs = "" if said is None or said.is_masked else said.value
    at = parse_datetime(said.at) if said is not None and said.at else None
    source = live.source_name(said.source_id) if said is not None else ""
    return ConflictRow(
        attribute=name,
        label=vocabulary.attribute_label(name),
        mine=mine,
        mine_shown=shown_value(name, mine),
        theirs=theirs,
        theirs_shown=shown_value(name, said.value) if said is not None else "",
        theirs_note=" · ".join(part for part in (source, format_moment(at) if at else "") if part),
        is_contested=said is not None and not said.is_masked and theirs not in (seen, mine),
    )
