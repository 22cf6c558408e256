"""To whom a customer is tied: a table with who says so, the same as a picture, and the form to say more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu.govern.access import Actor
from kehu.profile.queries import CustomerLine
from kehu.profile.queries.lists import lines_of
from kehu.profile.queries.lookup import current_customer
from kehu.profile.relations.graph import relation_graph
from kehu.profile.relations.kinds import Side
from kehu.profile.relations.lines import Asked, RelationLine
from kehu.profile.relations.queries import relations_of
from kehu.profile.relations.typed import LONGEST_ROLE
from kehu.web.components import Action, Text
from kehu.web.forms import DressedForm
from kehu.web.pages.customer import shown_name
from kehu.web.pages.found import Found, find_customers
from kehu.web.pages.tie_rows import TieRow, home_of, tie_rows
from kehu.web.relation_drawing import MOST_DRAWN, Drawing, draw_relations
from kehu.web.relation_words import choices_for

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class RelationsPage:
    name: str
    is_organisation: bool
    back_url: str
    back_label: str
    count: str
    actions: list[Action]
    rows: list[TieRow]
    drawing: Drawing
    drawing_note: str
    shown: str
    next_url: str
    first_url: str


def relations_page(actor: Actor, customer_id: UUID, *, after: tuple[str, str] | None) -> RelationsPage:
    """Raises NotFound."""
    current = current_customer(actor, customer_id).id
    [line] = lines_of(actor, [current])
    page = relations_of(actor, current, after=after, limit=PAGE_SIZE)
    graph = relation_graph(actor, current, most=MOST_DRAWN)
    address = reverse("web:relations", args=[current])
    rows = tie_rows(actor, current, page.lines)
    return RelationsPage(
        name=shown_name(line.name, line.golden),
        is_organisation=line.kind == "organisation",
        back_url=home_of(current, line.kind),
        back_label=shown_name(line.name, line.golden),
        count="" if page.next or after else str(len(rows)),
        actions=_actions(actor, current),
        rows=rows,
        drawing=draw_relations(graph.nodes, graph.edges),
        drawing_note="" if graph.is_whole else _("Only the nearest %(n)d are drawn.") % {"n": len(graph.nodes)},
        shown=ngettext("%(n)d shown", "%(n)d shown", len(rows)) % {"n": len(rows)},
        next_url=f"{address}?{urlencode({'after': page.next[0], 'id': page.next[1]})}" if page.next else "",
        first_url=address if after else "",
    )


def _actions(actor: Actor, customer_id: UUID) -> list[Action]:
    if not actor.can("customer.edit"):
        return []
    url = reverse("web:relate", args=[customer_id])
    return [Action(_("Add a relation"), url, "plus", is_main=True, key="c", opens_drawer=True)]


class RelationForm(DressedForm):
    """What the other one is to this customer. ties: kind/side, with their words."""

    tie = forms.ChoiceField(label=gettext_lazy("Tie"))
    role = forms.CharField(label=gettext_lazy("Position"), max_length=LONGEST_ROLE, required=False)
    since = forms.DateField(
        label=gettext_lazy("Since"), required=False, widget=forms.DateInput(attrs={"type": "date", "class": "input"})
    )
    until = forms.DateField(
        label=gettext_lazy("Until (last day)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}),
        help_text=gettext_lazy("Empty = it holds."),
    )

    def __init__(self, *args: Any, ties: Sequence[tuple[str, Text]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tie"].choices = list(ties)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class RelatePage:
    """other None: still to be found among `hits`. is_known: a tie that is there already. can_be_typed False: one that
    only comparing finds, of which there is nothing to say but that it is none."""

    url: str
    name: str
    query: str
    hits: list[Found]
    other: CustomerLine | None
    other_name: str
    form: RelationForm | None
    is_known: bool
    can_be_typed: bool
    error: str = ""


def relate_page(
    actor: Actor, customer_id: UUID, asked: Mapping[str, str], *, other_id: UUID | None, data: Any = None
) -> RelatePage:
    """asked: q while searching, other and tie (kind/side) of a tie to change. Raises NotFound."""
    current = current_customer(actor, customer_id).id
    [line] = lines_of(actor, [current])
    url, query = reverse("web:relate", args=[current]), asked.get("q", "")
    name = shown_name(line.name, line.golden)
    if other_id is None:
        hits = [
            Found(hit.text, f"{url}?{urlencode({'other': str(hit.id)})}", hit.note, id=hit.id)
            for hit in find_customers(actor, query)
            if hit.id != current
        ]
        return RelatePage(url, name, query, hits, None, "", None, False, True)
    other = current_customer(actor, other_id).id
    [there] = lines_of(actor, [other])
    tie = asked.get("tie", "")
    known = _known(actor, current, other, tie) if tie else None
    ties = choices_for(line.kind, there.kind)
    initial = {"tie": tie, "role": known.role, "since": known.since_on, "until": known.until_on} if known else {}
    form = RelationForm(data, initial=initial, ties=[one for one in ties if not known or one[0] == tie])
    return RelatePage(
        f"{url}?{urlencode({'other': str(other), 'tie': tie})}",
        name,
        query,
        [],
        there,
        shown_name(there.name, there.golden),
        form,
        known is not None,
        known is None or any(value == tie for value, _label in ties),
    )


def _known(actor: Actor, customer: UUID, other: UUID, tie: str) -> RelationLine | None:
    kind, _slash, side = tie.partition("/")
    if side not in (Side.LEFT, Side.RIGHT):
        return None
    lines = relations_of(actor, customer, Asked((kind,), other_id=other)).lines
    return next((line for line in lines if line.side == side), None)
