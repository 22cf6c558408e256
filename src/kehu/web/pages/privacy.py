"""The privacy desk: requests with their clocks, one request, retention."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kehu.govern.access import Actor
from kehu.govern.privacy import queries, retention
from kehu.govern.privacy.clocks import Clock
from kehu.govern.privacy.erasure import SEARCH
from kehu.govern.privacy.models import IdentityMethod, RefusalCode, RequestKind, RequestState, Step
from kehu.govern.privacy.queries import RequestView
from kehu.profile.queries.lists import lines_of
from kehu.web.components import Action, Choice, Empty, Figure, Tab
from kehu.web.pages.customer import shown_name
from kehu.web.wording import format_count, format_moment, format_span

TONES = {Clock.LATE: "danger", Clock.LAST_DAY: "warn", Clock.SOON: "warn", Clock.IN_TIME: "", Clock.PAUSED: ""}
EVENTS = {
    "opened": lazy("came in"),
    "person_found": lazy("person found"),
    "identified": lazy("identity checked"),
    "paused": lazy("clock stopped"),
    "resumed": lazy("clock runs again"),
    "carried_out": lazy("carried out"),
    "confirmed": lazy("confirmed"),
    "handed_over": lazy("handed over"),
    "done": lazy("done"),
    "refused": lazy("refused"),
}
NOTES: dict[str, Any] = {**dict(IdentityMethod.choices), **dict(RefusalCode.choices)}
STEPS = {
    "raw_messages": lazy("Raw messages, letters and files"),
    "derived_rows": lazy("Record, timeline, orders, search"),
    "export_files": lazy("Exported lists"),
    "kept_rows": lazy("What people decided and said"),
    "passing_rows": lazy("Answers and jobs kept a while"),
    "packages": lazy("Packages made before"),
    "audit": lazy("Audit trail, made pseudonymous"),
    "search": lazy("Search of every table"),
    "package": lazy("Package"),
    "restricted": lazy("Use restricted"),
    "withdrawn": lazy("Consents withdrawn"),
    "correction": lazy("Correct the values"),
}


@dataclass(frozen=True, slots=True)
class RequestRow:
    id: int
    url: str
    kind: str
    who: str
    state: str
    due_text: str
    due_at: datetime
    tone: str


@dataclass(frozen=True, slots=True)
class DeskPage:
    tabs: list[Tab]
    figures: list[Figure]
    rows: list[RequestRow]
    actions: list[Action]
    views: list[Tab]
    empty: Empty


@dataclass(frozen=True, slots=True)
class StepRow:
    name: str
    label: str
    state: str
    state_label: str
    is_downstream: bool
    key: str
    detail: str
    count: str
    can_confirm: bool


@dataclass(frozen=True, slots=True)
class RequestPage:
    """asks: which forms the page offers next (identify, carry_out, close, refuse, pause, resume, person)."""

    row: RequestRow
    figures: list[Figure]
    facts: list[tuple[str, str]]
    steps: list[StepRow]
    events: list[tuple[str, str, datetime, str]]
    asks: frozenset[str]
    act_url: str
    package_url: str
    customer_url: str
    customer_name: str
    methods: list[Choice]
    refusals: list[Choice]
    error: str = ""


@dataclass(frozen=True, slots=True)
class PolicyRow:
    name: str
    label: Any
    note: Any
    days: int | None
    is_enabled: bool
    due: str
    last: str
    is_failed: bool
    url: str
    least_days: int
    version: int


def privacy_tabs(current: str, actor: Actor) -> list[Tab]:
    releases = [Tab(_("Large files"), reverse("web:privacy_exports"), current == "exports")]
    left_alone = [Tab(_("Left alone"), reverse("web:privacy_left_alone"), current == "left_alone")]
    return [
        Tab(_("Requests"), reverse("web:privacy"), current == "requests"),
        Tab(_("Held and marked"), reverse("web:privacy_standing"), current == "standing"),
        *(left_alone if actor.can("consent.record") else []),
        *(releases if actor.can("export.release") else []),
        Tab(_("Retention"), reverse("web:privacy_retention"), current == "retention"),
        Tab(_("Purposes"), reverse("web:privacy_purposes"), current == "purposes"),
    ]


def desk_page(actor: Actor, *, is_open: bool) -> DeskPage:
    figures = queries.figures(actor)
    new = Action(_("New request"), reverse("web:privacy_new"), "plus", is_main=True, key="c")
    can = actor.can("privacy.manage")
    url = reverse("web:privacy")
    return DeskPage(
        privacy_tabs("requests", actor),
        [
            Figure(_("Open"), format_count(figures.open)),
            Figure(_("Late"), format_count(figures.late), "warn" if figures.late else ""),
            Figure(_("Closed"), format_count(figures.closed)),
            Figure(_("In time"), "—" if figures.on_time is None else f"{figures.on_time:.0%}"),
        ],
        [_row(view) for view in queries.requests(actor, is_open=is_open)],
        [new] if can else [],
        [Tab(_("Open"), url, is_open, figures.open), Tab(_("Closed"), f"{url}?closed=1", not is_open, figures.closed)],
        Empty(
            "shield-check",
            _("No open request"),
            _("Whoever asks for their data, or to be forgotten, is answered in 15 days."),
        ),
    )


def request_page(actor: Actor, request_id: int, *, error: str = "") -> RequestPage:
    view = queries.request(actor, request_id)
    found, can = view.request, actor.can("privacy.manage")
    known = found.customer_id is not None
    return RequestPage(
        row=_row(view),
        figures=[
            Figure(_("State"), found.get_state_display()),
            Figure(_("Due"), _row(view).due_text, TONES[view.clock]),
            Figure(_("Received"), format_moment(found.received_at)),
        ],
        facts=[
            (_("Who asks"), found.requester_name or _("no longer kept")),
            (_("Contact"), found.requester_contact or "—"),
            (_("For somebody else"), _("yes") if found.is_for_another else _("no")),
            (_("What they ask"), found.details or "—"),
            (_("Identity"), found.get_identity_method_display() or _("not checked yet")),
            (_("How we know"), found.identity_note or "—"),
            *([(_("Refused because"), found.get_refusal_display())] if found.refusal else []),
            *([(_("Answer"), found.outcome)] if found.outcome else []),
        ],
        steps=[_step(step, can=can and found.state == RequestState.WORKING) for step in view.steps],
        events=[
            (str(EVENTS.get(e.what, e.what)), e.actor_label, e.at, str(NOTES.get(e.note, e.note))) for e in view.events
        ],
        asks=_asks(view) if can else frozenset(),
        act_url=reverse("web:privacy_act", args=[found.pk]),
        package_url=reverse("web:privacy_package", args=[found.pk]) if found.package_key and can else "",
        customer_url=reverse("web:customer", args=[found.customer_id]) if known and _is_there(view) else "",
        customer_name=_name_of(actor, found.customer_id) if found.customer_id and _is_there(view) else "",
        methods=[Choice(value, label) for value, label in IdentityMethod.choices],
        refusals=[Choice(value, label) for value, label in RefusalCode.choices],
        error=error,
    )


def retention_rows(actor: Actor) -> list[PolicyRow]:
    return [
        PolicyRow(
            view.kind.name,
            view.kind.label,
            view.kind.note,
            view.days,
            view.is_enabled,
            "—" if view.due is None else format_count(view.due),
            _("%(n)s gone on %(at)s") % {"n": format_count(view.last.purged), "at": format_moment(view.last.at)}
            if view.last
            else "—",
            bool(view.last and view.last.error),
            reverse("web:privacy_retention_set", args=[view.kind.name]),
            max(1, view.kind.least_days),
            view.version,
        )
        for view in retention.policies(actor)
    ]


def _row(view: RequestView) -> RequestRow:
    found = view.request
    return RequestRow(
        found.pk,
        reverse("web:privacy_request", args=[found.pk]),
        str(RequestKind(found.kind).label),
        found.requester_name or _("no longer kept"),
        found.get_state_display(),
        _due_text(view),
        found.due_at,
        TONES[view.clock] if found.closed_at is None else "",
    )


def _due_text(view: RequestView) -> str:
    found = view.request
    if found.closed_at is not None:
        return format_moment(found.closed_at)
    if view.clock is Clock.PAUSED:
        return _("waiting for the person")
    seconds = (found.due_at - timezone.now()).total_seconds()
    if seconds < 0:
        return _("%(span)s late") % {"span": format_span(-seconds)}
    return _("%(span)s left") % {"span": format_span(seconds)}


def _step(step: Step, *, can: bool) -> StepRow:
    return StepRow(
        step.name,
        str(STEPS.get(step.name, step.name)),
        step.state,
        step.get_state_display(),
        step.is_downstream,
        step.key,
        step.detail,
        "" if step.count is None else format_count(step.count),
        can and _is_for_people(step),
    )


def _is_for_people(step: Step) -> bool:
    """Whether somebody confirms the step: systems elsewhere, corrections, and what a search found of others."""
    if step.name == SEARCH:
        return step.state == Step.State.FAILED
    return step.state != Step.State.DONE and (step.is_downstream or step.name == "correction")


def _asks(view: RequestView) -> frozenset[str]:
    found = view.request
    if found.closed_at is not None:
        return frozenset()
    asks = {"refuse", "resume" if found.paused_at else "pause"}
    if found.customer_id is None:
        asks.add("person")
    match found.state:
        case RequestState.OPEN:
            asks.add("identify")
        case RequestState.VERIFIED if found.customer_id is not None:
            asks.add("carry_out")
        case RequestState.WORKING if all(step.state == Step.State.DONE for step in view.steps):
            asks.add("close")
    if found.state == RequestState.WORKING:
        asks -= {"refuse"}
    return frozenset(asks)


def _name_of(actor: Actor, customer_id: UUID) -> str:
    """ "" for a customer the actor does not see."""
    return next((shown_name(line.name, line.golden) for line in lines_of(actor, [customer_id])), "")


def _is_there(view: RequestView) -> bool:
    return view.erasure is None
