"""Merging, taking apart, and why: what the dialogs and the drawer show."""

from dataclasses import dataclass, field
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from kehu.core.errors import NotFound
from kehu.govern.access import Actor
from kehu.profile import queries as profile
from kehu.profile.queries import CustomerLine, CustomerView
from kehu.profile.queries.lists import lines_of
from kehu.profile.queries.review_pairs import review_pairs
from kehu.profile.queries.view import LinkLine, RecordLine
from kehu.web import live, vocabulary
from kehu.web.components import DiffRow, Waterfall
from kehu.web.pages.customer import shown_name
from kehu.web.pages.evidence import diff_rows, waterfall_of
from kehu.web.pages.found import Found, find_customers
from kehu.web.wording import format_moment


@dataclass(frozen=True, slots=True)
class Other:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class MergePage:
    """other None: still to be found among `hits`."""

    url: str
    name: str
    query: str = ""
    hits: list[Found] = field(default_factory=list)
    other: Other | None = None
    rows: list[DiffRow] = field(default_factory=list)
    waterfall: Waterfall | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class RecordChoice:
    id: UUID
    source: str
    note: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class UnmergePage:
    """act: undo this merge; otherwise split off the chosen records."""

    url: str
    title: str
    text: str
    submit: str
    records: list[RecordChoice] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True, slots=True)
class LinkPage:
    title: str
    note: str
    left: str
    right: str
    rows: list[DiffRow]
    waterfall: Waterfall | None


@dataclass(frozen=True, slots=True)
class WhyPage:
    text: str
    links: list[LinkPage]


def merge_page(actor: Actor, customer_id: UUID, *, query: str, other_id: UUID | None, error: str = "") -> MergePage:
    """Raises NotFound for a customer the actor does not see."""
    current = profile.current_customer(actor, customer_id).id
    [line] = lines_of(actor, [current])
    name, url = shown_name(line.name, line.golden), reverse("web:merge", args=[current])
    if other_id is None:
        hits = [
            Found(hit.text, f"{url}?other={hit.id}", hit.note, id=hit.id)
            for hit in find_customers(actor, query)
            if hit.id != current
        ]
        return MergePage(url, name, query, hits, error=error)
    other = profile.current_customer(actor, other_id).id
    [second] = lines_of(actor, [other])
    waterfall, levels = _evidence(actor, current, other)
    rows = diff_rows(_values(line), _values(second), levels)
    known = Other(other, shown_name(second.name, second.golden))
    return MergePage(url, name, query, [], known, rows, waterfall, error)


def _evidence(actor: Actor, left: UUID, right: UUID) -> tuple[Waterfall | None, dict[str, str]]:
    """The best evidence between two customers: that of their review pair, else of their founding records."""
    if actor.can("review.view"):
        for pair in review_pairs(actor, customer_id=left, limit=20):
            if right in (pair.left_customer_id, pair.right_customer_id):
                return waterfall_of(pair.left_id, pair.right_id)
    return waterfall_of(profile.founding_record(left), profile.founding_record(right))


def unmerge_page(
    actor: Actor, view: CustomerView, *, act_id: int | None, chosen: set[str], error: str = ""
) -> UnmergePage:
    url = reverse("web:unmerge", args=[view.id])
    if act_id is not None:
        act = next((one for one in view.merges if one.id == act_id), None)
        if act is None:
            raise NotFound("merge", act_id)
        by = live.people_names().get(act.actor_id or 0, "")
        told = {"name": by, "at": format_moment(act.at), "reason": act.reason}
        return UnmergePage(
            f"{url}?act={act_id}",
            _("Undo the merge"),
            _("%(name)s merged two customers on %(at)s: %(reason)s. Every record goes back to where it came from.")
            % told,
            _("Undo the merge"),
            error=error,
        )
    records = [
        RecordChoice(
            line.record.id,
            live.source_name(line.record.source_id),
            " · ".join(part for part in (_record_name(line), line.record.external_id) if part),
            str(line.record.id) in chosen,
        )
        for line in view.records
    ]
    name = shown_name(view.name, view.golden)
    title = _("Take %(name)s apart") % {"name": name}
    text = _("The chosen records become a customer of their own, with everything that hangs on them.")
    return UnmergePage(url, title, text, _("Take apart"), records, error)


def why_page(view: CustomerView, left: UUID, right: UUID) -> WhyPage:
    """Raises NotFound unless both records belong to the customer and the actor sees them."""
    records = {line.record.id: line for line in view.records}
    if left not in records or right not in records:
        raise NotFound("link", f"{left} {right}")
    link = next(
        (line.why for line in view.records if line.why and {line.why.left_id, line.why.right_id} == {left, right}), None
    )
    first, second = records[left], records[right]
    waterfall, levels = waterfall_of(left, right)
    page = LinkPage(
        f"{_label(first)} — {_label(second)}",
        _link_note(link),
        live.source_name(first.record.source_id),
        live.source_name(second.record.source_id),
        diff_rows(_record_values(first), _record_values(second), levels),
        waterfall if link is None or link.kind == "model" else None,
    )
    return WhyPage(_("What the two sources say, and what that proves:"), [page])


def _link_note(link: LinkLine | None) -> str:
    if link is None:
        return _("They came together over other records.")
    match link.kind:
        case "identifier":
            label = vocabulary.identifier_sign(link.reason).label
            return _("Both carry the same %(what)s, which only one person has.") % {"what": label}
        case "decision":
            return _("A person decided that they are one.")
        case "stitch":
            return _("The device was signed in to this person.")
        case _:
            return _("The model weighed what they say; above the threshold they are one.")


def _label(line: RecordLine) -> str:
    return " · ".join(part for part in (live.source_name(line.record.source_id), _record_name(line)) if part)


def _record_name(line: RecordLine) -> str:
    said = line.attributes.get("name") or line.attributes.get("nickname")
    return str(said) if said else ""


def _record_values(line: RecordLine) -> dict[str, str]:
    return {name: str(said) for name, said in line.attributes.items() if said.value}


def _values(line: CustomerLine) -> dict[str, str]:
    return {name: said.value for name, said in line.golden.items()}
