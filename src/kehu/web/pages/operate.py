"""The operations centre: does everything flow, is every message accounted for, how long does it take?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.collect import queries as collect
from kehu.collect.measures import unexplained_by_source
from kehu.core import histograms, outbox, traffic
from kehu.core.models import Job
from kehu.core.traffic import Span, Tally
from kehu.govern.access import Actor
from kehu.profile.measures import automation
from kehu.web import live
from kehu.web.charts import Chart, Line, draw_chart
from kehu.web.components import Figure, Tab
from kehu.web.wording import format_count, format_span

PERIODS: Final = {
    "hour": (timedelta(hours=1), timedelta(minutes=1)),
    "day": (timedelta(days=1), timedelta(minutes=20)),
    "month": (timedelta(days=30), timedelta(hours=12)),
}


@dataclass(frozen=True, slots=True)
class SourceFlow:
    """A row of the balance. unexplained: None while it cannot be told."""

    name: str
    url: str
    tally: Tally
    waiting: str
    unexplained: int | None
    lag: str
    is_late: bool
    p50: str
    p95: str
    p99: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the road in a sentence of figures: what came in is what went out."""

    label: str
    came_in: int
    went_out: tuple[tuple[str, int], ...]

    @property
    def difference(self) -> int:
        return self.came_in - sum(count for _label, count in self.went_out)


@dataclass(frozen=True, slots=True)
class OperatePage:
    period: str
    tabs: list[Tab]
    figures: list[Figure]
    sources: list[SourceFlow]
    total: Tally
    stages: list[Stage]
    flow: Chart
    times: Chart
    url: str


def operate_page(actor: Actor, period: str) -> OperatePage:
    """About ten queries, none of which reads more than the counts."""
    period = period if period in PERIODS else "hour"
    over, step = PERIODS[period]
    since = timezone.now().replace(second=0, microsecond=0) - over
    spans = _filled(traffic.series(since=since, step=step), since, over, step)
    sources, total, waiting = _sources(since)
    return OperatePage(
        period=period,
        tabs=[Tab(label, f"?period={name}", name == period) for name, label in _labels()],
        figures=_figures(spans, sources, step),
        sources=sources,
        total=total,
        stages=_stages(total, waiting),
        flow=_flow(spans, step),
        times=_times(spans, step),
        url=f"{reverse('web:operate')}?period={period}",
    )


def _labels() -> list[tuple[str, str]]:
    return [("hour", _("Last hour")), ("day", _("Last 24 hours")), ("month", _("Last 30 days"))]


def _filled(found: list[Span], since: datetime, over: timedelta, step: timedelta) -> list[Span]:
    """With the steps in which nothing happened."""
    by_start = {span.start: span for span in found}
    starts = [since + step * number for number in range(int(over / step) + 1)]
    return [by_start.get(start, Span(start, Tally())) for start in starts]


def _sources(since: datetime) -> tuple[list[SourceFlow], Tally, int]:
    """The balance covers all time, so that nothing hides before the period; the times cover the period."""
    tallies, latency = traffic.tallies(), traffic.latency_by_source(since=since)
    behind, unexplained = live.lags(), unexplained_by_source()
    names = {**live.source_names(), traffic.UNKNOWN_SOURCE: (_("unknown (no valid key)"), "")}
    rows, total, waiting = [], Tally(), 0
    for source_id in sorted(tallies.keys() | behind.keys(), key=lambda id_: (-tallies.get(id_, Tally()).received, id_)):
        tally = tallies.get(source_id, Tally())
        total += tally
        left = None if unexplained is None else unexplained.get(source_id, 0)
        waits = behind[source_id].waiting if left is None and source_id in behind else tally.unsettled - (left or 0)
        waiting += waits
        rows.append(_row(source_id, names.get(source_id, (str(source_id), ""))[0], tally, waits, left, behind, latency))
    return rows, total, waiting


def _row(
    source_id: int,
    name: str,
    tally: Tally,
    waiting: int,
    unexplained: int | None,
    behind: dict[int, collect.Lag],
    latency: dict[int, list[int]],
) -> SourceFlow:
    lag = behind.get(source_id)
    p50, p95, p99 = (_span(histograms.quantile(latency.get(source_id, ()), share)) for share in (0.5, 0.95, 0.99))
    return SourceFlow(
        name=name,
        url=reverse("web:source", args=[source_id]) if source_id else "",
        tally=tally,
        waiting=format_count(waiting),
        unexplained=unexplained,
        lag=format_span(lag.lag_for.total_seconds()) if lag else "—",
        is_late=lag is not None and lag.is_late,
        p50=p50,
        p95=p95,
        p99=p99,
    )


def _stages(total: Tally, waiting: int) -> list[Stage]:
    new = total.received - total.deduplicated - total.rejected
    _oldest, published = outbox.reach()
    jobs = Job.objects
    return [
        Stage(
            _("At the door"),
            total.received,
            ((_("new"), new), (_("deduplicated"), total.deduplicated), (_("rejected"), total.rejected)),
        ),
        Stage(
            _("On the road"),
            new,
            (
                (_("processed"), total.processed),
                (_("quarantined"), total.quarantined),
                (_("redacted before their turn"), total.redacted),
                (_("waiting"), waiting),
            ),
        ),
        Stage(
            _("Events handed on"),
            published + (waiting_events := _waiting_events()),
            ((_("handed on"), published), (_("waiting"), waiting_events)),
        ),
        Stage(
            _("Jobs"),
            jobs.count(),
            tuple((str(label), jobs.filter(state=state).count()) for state, label in _job_states()),
        ),
    ]


def _job_states() -> list[tuple[str, str]]:
    return [
        ("queued", _("waiting")),
        ("running", _("running")),
        ("done", _("done")),
        ("failed", _("failed")),
        ("cancelled", _("cancelled")),
    ]


def _waiting_events() -> int:
    from kehu.core.models import OutboxEvent

    return OutboxEvent.objects.filter(published_at__isnull=True).count()


def _figures(spans: list[Span], sources: list[SourceFlow], step: timedelta) -> list[Figure]:
    latency = histograms.add(span.latency for span in spans)
    worst = max((lag.lag_for.total_seconds() for lag in live.lags().values()), default=0.0)
    known = [row.unexplained for row in sources if row.unexplained is not None]
    astray = sum(abs(count) for count in known)
    recent = spans[-2] if len(spans) > 1 else spans[-1]
    ratio = automation().ratio
    return [
        Figure(
            _("Balance"),
            _("balances") if not astray else format_count(astray),
            "warn" if astray else "",
            _("every message is accounted for") if not astray else _("messages unaccounted for"),
        ),
        Figure(_("Furthest behind"), format_span(worst) if worst else _("up to date"), "warn" if worst > 300 else ""),
        Figure(_("Receipt to golden record, p50"), _span(histograms.quantile(latency, 0.5))),
        Figure("p95", _span(histograms.quantile(latency, 0.95))),
        Figure("p99", _span(histograms.quantile(latency, 0.99))),
        Figure(
            _("Throughput"),
            _("%(n)s a minute") % {"n": format_count(round(recent.tally.processed / (step.total_seconds() / 60)))},
        ),
        Figure(
            _("Automation rate"),
            "—" if ratio is None else f"{int(ratio * 1000) / 10:.1f}%",
            note=_("steps without a person, 30 days"),
        ),
    ]


def _flow(spans: list[Span], step: timedelta) -> Chart:
    lines = [
        Line(_("received"), [span.tally.received for span in spans], 1),
        Line(_("processed"), [span.tally.processed for span in spans], 2),
        Line(_("deduplicated"), [span.tally.deduplicated for span in spans], 3),
        Line(_("quarantined or rejected"), [span.tally.quarantined + span.tally.rejected for span in spans], 4),
    ]
    label = _("Messages in steps of %(step)s") % {"step": format_span(step.total_seconds())}
    return draw_chart(label, _clock(spans, step), lines, lambda n: format_count(round(n)))


def _times(spans: list[Span], step: timedelta) -> Chart:
    lines = [
        Line(label, [histograms.quantile(span.latency, share) for span in spans], tone)
        for tone, (label, share) in enumerate((("p50", 0.5), ("p95", 0.95), ("p99", 0.99)), start=1)
    ]
    return draw_chart(_("Seconds from receipt to golden record"), _clock(spans, step), lines, _span)


def _clock(spans: list[Span], step: timedelta) -> list[str]:
    form = "%H:%M" if step <= timedelta(minutes=1) else "%m-%d %H:%M"
    return [timezone.localtime(span.start).strftime(form) for span in spans]


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "—"
    if seconds < 10:
        return _("%(n)s s") % {"n": f"{seconds:.2f}"}
    return format_span(seconds)
