"""The list of customers: saved lists, search, filter, columns, order, paging, and what can be done with the chosen."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.core.errors import DomainError
from kehu.govern.access import Actor, visible_to
from kehu.govern.errors import RateLimited
from kehu.govern.field_policy import is_masked_for
from kehu.profile import queries as profile
from kehu.profile.filters.fields import fields
from kehu.profile.filters.tree import Group, Match, filter_text
from kehu.profile.highlighting import Segment, highlight
from kehu.profile.queries import CustomerLine
from kehu.profile.queries.columns import Column, Names, chosen_columns, columns
from kehu.profile.queries.lists import Count, CustomerList, count_customers
from kehu.profile.queries.worked_out import worked_out
from kehu.profile.services.bulk_kinds import kinds_for
from kehu.web import live
from kehu.web.components import Action, Choice, Empty, Tab
from kehu.web.counts import count_in_words
from kehu.web.pages.customer import shown_name
from kehu.web.pages.filter_words import told, told_group
from kehu.web.pages.list_asked import ListAddress, list_asked
from kehu.web.wording import format_ago, format_money, format_phone

Part = TypeVar("Part")
PAGE_SIZE = 50
COUNT_KEPT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Cell:
    label: str
    segments: tuple[Segment, ...]
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class CustomerRow:
    id: UUID
    name: str
    name_segments: tuple[Segment, ...]
    note: str
    url: str
    peek_url: str
    is_organisation: bool
    cells: list[Cell]
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Heading:
    """sort_url: the list in the order of this column, "" where it has none. direction: ascending, descending, ""."""

    label: str
    sort_url: str = ""
    direction: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class FilterChip:
    text: str
    without_url: str


@dataclass(frozen=True, slots=True)
class CustomersPage:
    query: str
    count_text: str
    tabs: list[Tab]
    hidden: list[tuple[str, str]]
    filter_url: str
    filter_count: int
    chips: list[FilterChip]
    columns: list[Choice]
    headings: list[Heading]
    rows: list[CustomerRow]
    shown: str
    notice: str
    error: str
    next_url: str
    first_url: str
    save_url: str
    delete_url: str
    export_url: str
    bulk_url: str
    actions: list[Action]
    empty: Empty


def customers_page(actor: Actor, asked: QueryDict) -> CustomersPage:
    """asked: view, q, filter, sort, columns, and `after` with `id` for the next page."""
    at = list_asked(actor, asked)
    after = (str(asked["after"]), str(asked["id"])) if "after" in asked and "id" in asked else None
    error, found = "", CustomerList([], None)
    try:
        found = profile.customer_list(
            actor, text=at.query, filter=at.filter, sort=at.sort, after=after, limit=PAGE_SIZE
        )
    except RateLimited:
        raise
    except DomainError as refusal:
        error = str(refusal)
    shown = chosen_columns(at.columns)
    names = Names(
        {pk: name for pk, (name, _kind) in live.source_names().items()},
        live.people_names(),
        worked_out(actor, [line.id for line in found.lines], at.columns),
    )
    words = found.words
    return CustomersPage(
        query=at.query,
        count_text="" if error or at.query else _count_text(actor, at.filter),
        tabs=_tabs(at),
        hidden=[(name, text) for name, text in at.parameters.items() if name != "q"],
        filter_url=at.url("web:customers_filter"),
        filter_count=len(at.filter.conditions) + len(at.filter.groups),
        chips=_chips(actor, at),
        columns=[Choice(name, column.label, name in at.columns) for name, column in columns().items()],
        headings=_headings(actor, at, shown),
        rows=[_row(line, shown, names, words) for line in found.lines],
        shown=ngettext("%(n)d shown", "%(n)d shown", len(found.lines)) % {"n": len(found.lines)},
        notice=_("Nobody is written so. These are spelt or spoken alike:") if found.is_guess and found.lines else "",
        error=error,
        next_url=at.url(after=found.next[0], id=found.next[1]) if found.next else "",
        first_url=at.url() if after else "",
        save_url=at.url("web:customers_save_view") if at.is_changed or at.view else "",
        delete_url=reverse("web:customers_view_delete", args=[at.view.id]) if at.view and at.view.is_own else "",
        export_url=at.url("web:customers_export") if actor.can("customer.export") else "",
        bulk_url=reverse("web:customers_bulk") if kinds_for(actor) else "",
        actions=_actions(actor),
        empty=_empty(actor, at),
    )


def known_customers(actor: Actor) -> Count:
    """How many customers the actor sees, kept for a quarter of a minute."""
    return _counted(actor, Group())


def _counted(actor: Actor, group: Group) -> Count:
    return live.keep(
        f"customers {visible_to(actor)} {actor.is_strict} {filter_text(group)}",
        lambda: count_customers(actor, group),
        COUNT_KEPT_SECONDS,
    )


def _count_text(actor: Actor, group: Group) -> str:
    """ "" for a filter that cannot be counted: the list itself says why."""
    try:
        return count_in_words(_counted(actor, group))
    except DomainError:
        return ""


def _row(line: CustomerLine, shown: list[Column], names: Names, words: tuple[str, ...]) -> CustomerRow:
    def value(name: str) -> str:
        return line.golden[name].value if name in line.golden else ""

    work = " · ".join(part for part in (value("company"), value("job_title")) if part)
    name = shown_name(line.name, line.golden)
    return CustomerRow(
        id=line.id,
        name=name,
        name_segments=highlight(name, words),
        note=work if line.kind == "person" else _("Organisation"),
        url=reverse("web:customer", args=[line.id]),
        peek_url=reverse("web:customer_peek", args=[line.id]),
        is_organisation=line.kind == "organisation",
        cells=[_cell(line, column, names, words) for column in shown],
        last_at=line.last_at,
    )


def _cell(line: CustomerLine, column: Column, names: Names, words: tuple[str, ...]) -> Cell:
    value = column.value(line, names)
    if column.name == "spent":
        text = format_money(line.order_total, line.currency, is_whole=True) if line.order_count else ""
    elif isinstance(value, datetime):
        text = format_ago(value)
    elif column.name == "attribute.phone":
        text = format_phone(value or "")
    elif column.name == "kind":
        text = _("Organisation") if value == "organisation" else _("Person")
    else:
        text = "" if value is None else str(value)
    return Cell(str(column.label), highlight(text, words), column.is_number)


def _headings(actor: Actor, at: ListAddress, shown: list[Column]) -> list[Heading]:
    return [
        _heading(at, _("Customer"), "name", False),
        *(
            _heading(at, str(column.label), "" if _is_unsortable(actor, column) else column.sort, column.is_number)
            for column in shown
        ),
    ]


def _is_unsortable(actor: Actor, column: Column) -> bool:
    attribute = column.sort.removeprefix("attribute.")
    return attribute != column.sort and (actor.is_strict or is_masked_for(actor, attribute))


def _heading(at: ListAddress, label: str, sort: str, is_number: bool) -> Heading:
    """A click sorts; another one turns the order round. What changed last only makes sense newest first."""
    if not sort or at.query:
        return Heading(label, is_number=is_number)
    current = at.sort.removeprefix("-") == sort
    is_falling = at.sort.startswith("-") or at.sort == "changed"
    first = f"-{sort}" if sort in ("seen", "records") else sort
    other = sort if is_falling else f"-{sort}"
    turned = at.sort if sort == "changed" and current else other if current else first
    direction = ("descending" if is_falling else "ascending") if current else ""
    return Heading(label, replace(at, sort=turned).url(), direction, is_number)


def _tabs(at: ListAddress) -> list[Tab]:
    """Everybody, then the saved lists."""
    everybody = Tab(_("Everybody"), reverse("web:customers"), at.view is None)
    address = reverse("web:customers")
    return [everybody, *(Tab(one.name, f"{address}?view={one.id}", one == at.view) for one in at.views[:12])]


def _chips(actor: Actor, at: ListAddress) -> list[FilterChip]:
    """Each part of the filter in words, and the list without it."""
    group, known = at.filter, fields()
    if group.is_empty:
        return []
    if group.match is not Match.ALL:
        return [FilterChip(told_group(actor, group, known), at.with_filter(Group()).url())]
    found = []
    for place, one in enumerate(group.conditions):
        rest = Group(Match.ALL, _without(group.conditions, place), group.groups)
        found.append(FilterChip(told(actor, one, known), at.with_filter(rest).url()))
    for place, inner in enumerate(group.groups):
        rest = Group(Match.ALL, group.conditions, _without(group.groups, place))
        found.append(FilterChip(told_group(actor, inner, known), at.with_filter(rest).url()))
    return found


def _without(parts: tuple[Part, ...], place: int) -> tuple[Part, ...]:
    return parts[:place] + parts[place + 1 :]


def _actions(actor: Actor) -> list[Action]:
    actions = []
    if actor.can("import.run"):
        actions.append(Action(_("Import"), reverse("web:import_new"), "file-import"))
    if actor.can("customer.create"):
        new = reverse("web:customer_new")
        actions.append(Action(_("New customer"), new, "user-plus", is_main=True, key="c"))
    return actions


def _empty(actor: Actor, at: ListAddress) -> Empty:
    if at.query or not at.filter.is_empty:
        hint = _("Try the pinyin, the last four digits of the phone, or an order number; or take a filter away.")
        return Empty("search", _("Nobody found"), hint, Action(_("Show everybody"), reverse("web:customers")))
    start = Action(_("Import a file"), reverse("web:import_new"), "file-import", is_main=True)
    return Empty(
        "users",
        _("No customers yet"),
        _("Connect a source or import a file: customers appear here as soon as the first row is in."),
        start if actor.can("import.run") else None,
    )
