"""Relations as rows: on the customer's page, on the page of relations and on the one of an organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from kehu.govern.access import Actor
from kehu.profile.relations.lines import RelationLine
from kehu.web.components import Text
from kehu.web.relation_words import evidence_in_words, other_is, span


@dataclass(frozen=True, slots=True)
class TieRow:
    """change_url, merge_url: "" where the actor may not."""

    name: str
    url: str
    is_organisation: bool
    kind: Text
    role: str
    span: str
    is_over: bool
    is_found: bool
    evidence: tuple[str, ...]
    change_url: str
    merge_url: str


def tie_rows(actor: Actor, customer_id: UUID, lines: Sequence[RelationLine]) -> list[TieRow]:
    can_edit, can_merge = actor.can("customer.edit"), actor.can("customer.merge")
    return [
        TieRow(
            name=line.name or _("No name yet"),
            url=home_of(line.customer_id, line.customer_kind),
            is_organisation=line.customer_kind == "organisation",
            kind=other_is(line.kind, line.side),
            role=line.role,
            span=span(line),
            is_over=line.is_over,
            is_found=line.is_found,
            evidence=tuple(dict.fromkeys(evidence_in_words(one) for one in line.evidence)),
            change_url=_change_url(customer_id, line) if can_edit else "",
            merge_url=_merge_url(customer_id, line) if can_merge and line.kind == "same_as" else "",
        )
        for line in lines
    ]


def home_of(customer_id: UUID, kind: str) -> str:
    return reverse("web:organisation" if kind == "organisation" else "web:customer", args=[customer_id])


def _change_url(customer_id: UUID, line: RelationLine) -> str:
    asked = {"other": str(line.customer_id), "tie": f"{line.kind}/{line.side}"}
    return f"{reverse('web:relate', args=[customer_id])}?{urlencode(asked)}"


def _merge_url(customer_id: UUID, line: RelationLine) -> str:
    return f"{reverse('web:merge', args=[customer_id])}?{urlencode({'other': str(line.customer_id)})}"
