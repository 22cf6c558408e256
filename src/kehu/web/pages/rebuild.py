"""The rebuild page: start, watch, compare, swap in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu import rebuild_jobs
from kehu.core import jobs
from kehu.govern.access import Actor
from kehu.rebuild_jobs import RebuildView
from kehu.web import live
from kehu.web.components import Action, Empty, Progress, Text
from kehu.web.wording import format_count

FIGURES = (
    ("records", gettext_lazy("Source records")),
    ("customers", gettext_lazy("Customers")),
    ("events", gettext_lazy("Events")),
    ("orders", gettext_lazy("Orders")),
    ("order_total", gettext_lazy("Sum of all orders")),
    ("review_pairs", gettext_lazy("Pairs to review")),
    ("mapping_hash", gettext_lazy("Who belongs to whom (hash)")),
    ("golden_hash", gettext_lazy("Golden records (hash)")),
)
STATES: dict[str, tuple[Text, str]] = {
    "building": (gettext_lazy("being built"), "accent"),
    "built": (gettext_lazy("built, not swapped in"), "warn"),
    "swapped": (gettext_lazy("swapped in"), ""),
    "discarded": (gettext_lazy("discarded"), ""),
    "failed": (gettext_lazy("failed"), "danger"),
}


@dataclass(frozen=True, slots=True)
class ComparedRow:
    label: Text
    now: str
    rebuilt: str
    difference: str
    differs: bool


@dataclass(frozen=True, slots=True)
class PastRow:
    text: str
    note: str
    state: Text
    tone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RebuildPage:
    actions: list[Action]
    progress: Progress | None
    comparison: list[ComparedRow]
    comparison_note: str
    swap_url: str
    discard_url: str
    history: list[PastRow]
    empty: Empty = field(
        default_factory=lambda: Empty(
            "refresh",
            _("Nothing was rebuilt yet"),
            _("Rebuild after a change of rules or model, or to check that the same messages give the same customers."),
        )
    )


def rebuild_page(actor: Actor) -> RebuildPage:
    found = rebuild_jobs.rebuilds(actor)
    latest = found[0] if found else None
    job = jobs.view(latest.job_id) if latest and latest.job_id else None
    is_live = bool(job and not job.is_over)
    may_run = actor.can("rebuild.run")
    is_open = bool(latest and latest.state == "built" and not is_live and may_run)
    start = Action(_("Rebuild now"), reverse("web:rebuild_start"), "refresh", is_main=True, is_post=True)
    shown = latest.comparison if latest and latest.state in {"built", "swapped"} else {}
    return RebuildPage(
        actions=[start] if may_run and not is_live else [],
        progress=_progress(latest, job) if latest and job and (is_live or job.state == "failed") else None,
        comparison=compared(shown),
        comparison_note=_changes(shown),
        swap_url=reverse("web:rebuild_swap", args=[latest.id]) if latest and is_open else "",
        discard_url=reverse("web:rebuild_discard", args=[latest.id]) if latest and is_open else "",
        history=[_past(row) for row in found],
    )


def compared(comparison: dict[str, Any]) -> list[ComparedRow]:
    """One row per figure of the two generations."""
    if not comparison:
        return []
    before, after = comparison["before"], comparison["after"]
    return [_compared(label, before[name], after[name]) for name, label in FIGURES if name in before and name in after]


def _compared(label: Text, now: Any, rebuilt: Any) -> ComparedRow:
    if isinstance(now, int) and isinstance(rebuilt, int):
        step = rebuilt - now
        difference = f"{'+' if step > 0 else '−'}{format_count(abs(step))}" if step else "0"
        return ComparedRow(label, format_count(now), format_count(rebuilt), difference, bool(step))
    is_same = now == rebuilt
    return ComparedRow(label, _short(now), _short(rebuilt), _("equal") if is_same else _("differs"), not is_same)


def _short(value: Any) -> str:
    text = str(value)
    return f"{text[:10]}…" if len(text) == 32 else text


def _changes(comparison: dict[str, Any]) -> str:
    if not comparison:
        return ""
    moved, other = comparison.get("records_moved", 0), comparison.get("customers_with_other_values", 0)
    if not moved and not other:
        return _("nothing would change for anybody")
    first = ngettext("%(n)s record moves", "%(n)s records move", moved) % {"n": format_count(moved)}
    second = ngettext("%(n)s customer gets other values", "%(n)s customers get other values", other) % {
        "n": format_count(other)
    }
    return f"{first} · {second}"


def _progress(view: RebuildView, job: jobs.JobView) -> Progress:
    label = _("Swapping in") if job.kind == rebuild_jobs.SWAP else _("Building beside the old")
    notes = {"queued": _("waits for a worker"), "running": _("messages worked in anew")}
    return Progress(
        label=label,
        state=job.state,
        done=job.done,
        total=job.total,
        note=job.note or notes.get(job.state, ""),
        cancel_url=reverse("web:rebuild_discard", args=[view.id]) if not job.is_over else "",
        error=job.error,
    )


def _past(view: RebuildView) -> PastRow:
    state, tone = STATES.get(view.state, (view.state, ""))
    by = live.people_names().get(view.created_by_id or 0, "")
    note = " · ".join(filter(None, [by, _changes(view.comparison)]))
    return PastRow(_("Rebuild %(n)d") % {"n": view.id}, note, state, tone, view.created_at)
