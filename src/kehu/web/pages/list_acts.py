"""What is done with a list: saving it, giving its customers to somebody, writing it to a file; and a look at one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu import bulk_edits
from kehu.core import jobs
from kehu.core.jobs import JobView
from kehu.govern import queries as govern
from kehu.govern.access import Actor
from kehu.govern.models import User
from kehu.profile import queries as profile
from kehu.profile.figures.queries import label_of
from kehu.profile.models import BulkAct, Export
from kehu.profile.queries import CustomerView
from kehu.profile.services import bulk, bulk_tags
from kehu.profile.services.bulk_kinds import kind_named
from kehu.profile.tags.models import Tag
from kehu.profile.tags.queries import tag_tree
from kehu.web import live
from kehu.web.components import Action, Chip, Choice, Figure, ProfileRow, Progress, SourceMark, Text
from kehu.web.pages.customer import shown_name
from kehu.web.pages.happenings import told_rows
from kehu.web.vocabulary import attribute_label
from kehu.web.wording import format_count, format_moment, format_money, shown_value

TOLD = ("phone", "email", "company", "job_title", "city", "address", "birth_date", "gender")


@dataclass(frozen=True, slots=True)
class BulkPage:
    """Before the act: who it is done to, and the choice of what. hidden: the selection, carried on. act: its name."""

    url: str
    title: str
    act: str
    hidden: list[tuple[str, str]]
    owners: list[Choice] = field(default_factory=list)
    departments: list[Choice] = field(default_factory=list)
    tags: list[Choice] = field(default_factory=list)
    attributes: list[Choice] = field(default_factory=list)
    value: str = ""
    reason: str = ""
    names: list[str] = field(default_factory=list)
    more: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """A bulk act under way or over."""

    title: str
    note: str
    progress: Progress
    undo_url: str
    list_url: str
    cancel_url: str = ""
    is_stopping: bool = False


@dataclass(frozen=True, slots=True)
class ExportPage:
    url: str
    hidden: list[tuple[str, str]]
    note: str
    error: str = ""
    purposes: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportResult:
    title: str
    note: str
    progress: Progress
    download_url: str
    list_url: str


@dataclass(frozen=True, slots=True)
class SaveViewPage:
    """version 0: a new list."""

    url: str
    hidden: list[tuple[str, str]]
    name: str
    audiences: list[Choice]
    version: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class PeekPage:
    name: str
    url: str
    chips: list[Chip]
    figures: list[Figure]
    rows: list[ProfileRow]
    timeline: list[object]
    actions: list[Action]


def bulk_page(
    actor: Actor,
    act: str,
    shown: bulk.BulkPreview | None,
    hidden: list[tuple[str, str]],
    said: Mapping[str, str],
    error: str = "",
) -> BulkPage:
    """said: what was filled in already, when it is shown again because of an error."""
    total = shown.total if shown else 0
    names = [shown_name(line.name, line.golden) for line in shown.sample] if shown else []
    return BulkPage(
        url=reverse("web:customers_bulk"),
        title=_title(act, total),
        act=act,
        hidden=hidden,
        value=said.get("value", ""),
        reason=said.get("reason", ""),
        names=names,
        more=_("and %(n)s more") % {"n": format_count(total - len(names))} if total > len(names) else "",
        error=error,
        **_choices(actor, act, said),
    )


def _title(act: str, total: int) -> str:
    told = {"n": format_count(total)}
    match act:
        case bulk_tags.GIVE:
            return ngettext("Give a tag to %(n)s customer", "Give a tag to %(n)s customers", total) % told
        case bulk_tags.TAKE:
            return ngettext("Take a tag off %(n)s customer", "Take a tag off %(n)s customers", total) % told
        case bulk_edits.SET:
            return ngettext("Set a value of %(n)s customer", "Set a value of %(n)s customers", total) % told
    return ngettext("Give %(n)s customer to somebody", "Give %(n)s customers to somebody", total) % told


def _choices(actor: Actor, act: str, said: Mapping[str, str]) -> dict[str, list[Choice]]:
    """What an act lets choose from, the choice made before kept."""
    if act in (bulk_tags.GIVE, bulk_tags.TAKE):
        given = [line for line in tag_tree(actor) if line.tag.rule is None]
        chosen = said.get("tag", "")
        depth = "\N{NO-BREAK SPACE}" * 3
        return {
            "tags": [Choice(one.tag.slug, f"{depth * one.depth}{one.label}", one.tag.slug == chosen) for one in given]
        }
    if act == bulk_edits.SET:
        chosen = said.get("attribute", "")
        return {"attributes": [Choice(one.name, one.label, one.name == chosen) for one in bulk_edits.settable(actor)]}
    people = User.objects.filter(is_active=True).order_by("name", "pk")[:500]
    return {
        "owners": [Choice(str(user.pk), str(user), user.pk == actor.user_id) for user in people],
        "departments": [Choice(str(one[0]), one[1]) for one in govern.departments()],
    }


def bulk_result(actor: Actor, act: BulkAct) -> BulkResult:
    is_undoing = act.undo_job_id is not None
    job = _job(act.undo_job_id or act.job_id)
    counts = bulk.counts_of(act)
    is_over = job is None or job.is_over
    parts = [
        (counts.get("done", 0), _("%(n)s changed")),
        (counts.get("skipped", 0), _("%(n)s left as they were")),
        (counts.get("undone", 0), _("%(n)s put back")),
        (counts.get("changed", 0), _("%(n)s changed since, left alone")),
        (counts.get("waiting", 0) if is_over else 0, _("%(n)s not reached")),
    ]
    note = " · ".join(text % {"n": format_count(number)} for number, text in parts if number)
    label = _told_act(act)
    return BulkResult(
        title=_("Undoing: %(act)s") % {"act": label} if is_undoing else label,
        note=note,
        progress=_progress(job, reverse("web:customers_bulk_act", args=[act.pk]), note),
        undo_url=reverse("web:customers_bulk_undo", args=[act.pk]) if is_over and counts.get("done") else "",
        list_url=reverse("web:customers"),
        cancel_url="" if is_over else reverse("web:customers_bulk_cancel", args=[act.pk]),
        is_stopping=not is_over and job is not None and job.cancel_requested,
    )


def _told_act(act: BulkAct) -> str:
    """Give a tag: VIP; Set a value: City = 上海."""
    label, told = str(kind_named(act.act).label), act.parameters
    match act.act:
        case bulk_tags.GIVE | bulk_tags.TAKE:
            tag = Tag.objects.filter(slug=told["tag"]).first()
            what = label_of(tag.label_en, tag.label_zh) if tag else told["tag"]
            what = " · ".join(filter(None, [what, told["value"]]))
        case bulk_edits.SET:
            what = f"{attribute_label(told['attribute'])} = {told['value'] or '—'}"
        case _:
            return label
    return _("%(act)s: %(what)s") % {"act": label, "what": what}


def export_result(export: Export) -> ExportResult:
    job = _job(export.job_id)
    note = _release_note(export)
    is_free = export.release in (Export.Release.FREE, Export.Release.GRANTED)
    return ExportResult(
        title=_("File of customers"),
        note=note,
        progress=_progress(job, reverse("web:customers_export_file", args=[export.pk]), note),
        download_url=f"{reverse('web:customers_export_file', args=[export.pk])}?download=1"
        if export.file_key and is_free
        else "",
        list_url=reverse("web:customers"),
    )


def _release_note(export: Export) -> str:
    if export.release == Export.Release.WAITING:
        return _("%(n)s customers are many: the file is yours when a second person has let it go.") % {
            "n": format_count(export.rows or 0)
        }
    if export.release == Export.Release.REFUSED:
        return _("Not let go: %(why)s") % {"why": export.decided_why}
    return (
        _("Kept until %(moment)s, for you alone.") % {"moment": format_moment(export.expires_at)}
        if export.expires_at
        else ""
    )


def peek_page(actor: Actor, customer_id: UUID) -> PeekPage:
    """Enough to know who it is, without leaving the list."""
    view = profile.customer_view(actor, customer_id, timeline_limit=6)
    name = shown_name(view.name, view.golden)
    url = reverse("web:customer", args=[view.id])
    actions = [Action(_("Open"), url, "external-link", is_main=True)]
    if actor.can("customer.edit"):
        actions.append(Action(_("Edit"), reverse("web:customer_edit", args=[view.id]), "edit"))
    return PeekPage(
        name=name,
        url=url,
        chips=_chips(view),
        figures=[
            Figure(_("Orders"), format_count(view.order_count)),
            Figure(_("Sum of orders"), format_money(view.order_total, view.currency, is_whole=True)),
            Figure(_("Source records"), format_count(len(view.records))),
        ],
        rows=[_profile_row(view, one) for one in TOLD if one in view.golden],
        timeline=list(told_rows(view.timeline.rows, view.id, actor)),
        actions=actions,
    )


def _chips(view: CustomerView) -> list[Chip]:
    owner = live.people_names().get(view.owner_id or 0)
    kind = Chip(_("Organisation"), "building") if view.kind == "organisation" else Chip(_("Person"), "user")
    return [kind, *([Chip(owner, "user-check")] if owner else [])]


def _profile_row(view: CustomerView, attribute: str) -> ProfileRow:
    value = view.golden[attribute]
    source = live.source_name(value.source_id)
    label: Text = attribute_label(attribute)
    return ProfileRow(attribute, label, shown_value(attribute, value.value), SourceMark(source) if source else None)


def _job(job_id: int | None) -> JobView | None:
    return jobs.view(job_id) if job_id is not None else None


STATES = {
    "queued": gettext_lazy("Waiting for its turn"),
    "running": gettext_lazy("Being done"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Cancelled"),
}


def _progress(job: JobView | None, url: str, note: str) -> Progress:
    if job is None:
        return Progress(_("Done"), "done", note=note)
    label = STATES.get(job.state, job.state)
    return Progress(label, job.state, job.done, job.total, note, poll_url=url, error=job.error)
