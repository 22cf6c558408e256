"""The list of customers: search, filters, paging by cursor."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.govern.access import Actor, visible_to
from kehu.profile import queries as profile
from kehu.profile.models import Customer
from kehu.profile.queries import CustomerLine
from kehu.profile.queries.lists import KINDS
from kehu.web import live
from kehu.web.components import Action, Choice, Empty, Filter
from kehu.web.pages.customer import shown_name
from kehu.web.wording import format_count, format_money, format_phone

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class CustomerRow:
    name: str
    note: str
    url: str
    is_organisation: bool
    phone: str
    email: str
    place: str
    records: int
    spent: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class CustomersPage:
    query: str
    count_text: str
    filters: list[Filter]
    rows: list[CustomerRow]
    shown: str
    next_url: str
    first_url: str
    actions: list[Action]
    empty: Empty


def customers_page(actor: Actor, asked: QueryDict) -> CustomersPage:
    """asked: q, kind, source, sort, and `after` with `id` for the next page."""
    query, kind, sort = asked.get("q", "").strip(), asked.get("kind", ""), asked.get("sort") or "changed"
    source = asked.get("source", "")
    after = (str(asked["after"]), str(asked["id"])) if "after" in asked and "id" in asked else None
    found = profile.customer_list(
        actor,
        text=query,
        kind=kind if kind in KINDS else "",
        source_id=int(source) if source.isdecimal() else None,
        sort=sort,
        after=after,
        limit=PAGE_SIZE,
    )
    address, same = reverse("web:customers"), {"q": query, "kind": kind, "source": source, "sort": sort}
    following = {**same, "after": found.next[0], "id": found.next[1]} if found.next else {}
    return CustomersPage(
        query=query,
        count_text=format_count(count_customers(actor)),
        filters=_filters(kind, source, sort),
        rows=[_row(line) for line in found.lines],
        shown=ngettext("%(n)d shown", "%(n)d shown", len(found.lines)) % {"n": len(found.lines)},
        next_url=f"{address}?{urlencode(following)}" if following else "",
        first_url=f"{address}?{urlencode(same)}" if after else "",
        actions=_actions(actor),
        empty=_empty(actor, query, bool(kind or source)),
    )


def count_customers(actor: Actor) -> int:
    """Known customers the actor sees, kept for a quarter of a minute."""
    seen = visible_to(actor)
    known = Customer.objects.filter(is_anonymous=False)
    return live.keep(f"customers {seen}", lambda: seen.filter(known).count(), 15.0)


def _row(line: CustomerLine) -> CustomerRow:
    def value(name: str) -> str:
        return line.golden[name].value if name in line.golden else ""

    work = " · ".join(part for part in (value("company"), value("job_title")) if part)
    return CustomerRow(
        name=shown_name(line.name, line.golden),
        note=work if line.kind == "person" else _("Organisation"),
        url=reverse("web:customer", args=[line.id]),
        is_organisation=line.kind == "organisation",
        phone=format_phone(value("phone")),
        email=value("email"),
        place=value("city") or value("address"),
        records=line.record_count,
        spent=format_money(line.order_total, line.currency, is_whole=True) if line.order_count else "",
        last_at=line.last_at,
    )


def _filters(kind: str, source: str, sort: str) -> list[Filter]:
    kinds = (("", _("People and organisations")), ("person", _("People")), ("organisation", _("Organisations")))
    sources = [("", _("All sources")), *((str(pk), name) for pk, (name, _kind) in live.source_names().items())]
    sorts = (("changed", _("Changed last")), ("name", _("By name")))
    return [
        Filter("kind", _("Kind"), tuple(Choice(code, label, code == kind) for code, label in kinds)),
        Filter("source", _("Source"), tuple(Choice(code, label, code == source) for code, label in sources)),
        Filter("sort", _("Order of the list"), tuple(Choice(code, label, code == sort) for code, label in sorts)),
    ]


def _actions(actor: Actor) -> list[Action]:
    actions = []
    if actor.can("import.run"):
        actions.append(Action(_("Import"), reverse("web:import_new"), "file-import"))
    if actor.can("customer.create"):
        new = reverse("web:customer_new")
        actions.append(Action(_("New customer"), new, "user-plus", is_main=True, key="c"))
    return actions


def _empty(actor: Actor, query: str, is_filtered: bool) -> Empty:
    if query or is_filtered:
        hint = _("Try the pinyin, the last four digits of the phone, or an order number; or take a filter away.")
        return Empty("search", _("Nobody found"), hint, Action(_("Show everybody"), reverse("web:customers")))
    start = Action(_("Import a file"), reverse("web:import_new"), "file-import", is_main=True)
    return Empty(
        "users",
        _("No customers yet"),
        _("Connect a source or import a file: customers appear here as soon as the first row is in."),
        start if actor.can("import.run") else None,
    )
