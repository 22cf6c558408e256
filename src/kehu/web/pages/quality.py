"""The quality of the data: every source and attribute under five checks, their trend, and the rows behind a figure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu.core.errors import NotFound
from kehu.govern.access import Actor
from kehu.quality import queries as quality
from kehu.quality.checks import Check
from kehu.quality.queries import Figure, Measured
from kehu.quality.tasks import latest_measuring
from kehu.web import live
from kehu.web.components import Action, Choice, Empty, Filter, Progress, Spark, Text
from kehu.web.components import Figure as ShownFigure
from kehu.web.vocabulary import attribute_label
from kehu.web.waterfalls import draw_spark
from kehu.web.wording import format_ago, format_count

PAGE_SIZE = 50
POOR: Final = 0.9  # below this a share is told in amber
CHECKS: Final[dict[Check, tuple[Text, Text]]] = {
    Check.COMPLETENESS: (gettext_lazy("Completeness"), gettext_lazy("records that say it")),
    Check.VALIDITY: (gettext_lazy("Validity"), gettext_lazy("values nothing speaks against")),
    Check.UNIQUENESS: (gettext_lazy("Uniqueness"), gettext_lazy("values no other record of the source has")),
    Check.CONSISTENCY: (gettext_lazy("Consistency"), gettext_lazy("values another source says as well")),
    Check.TIMELINESS: (gettext_lazy("Timeliness"), gettext_lazy("values heard of within a year")),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. text "" where there is nothing to measure."""

    label: Text
    text: str = ""
    title: str = ""
    url: str = ""
    is_poor: bool = False


@dataclass(frozen=True, slots=True)
class QualityLine:
    source: str
    attribute: Text
    total: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class CheckCard:
    """One check over everything: its share today and its trend."""

    label: Text
    note: Text
    share: str
    is_poor: bool
    spark: Spark


@dataclass(frozen=True, slots=True)
class QualityPage:
    lines: list[QualityLine]
    cards: list[CheckCard]
    heads: list[tuple[Text, Text]]
    filters: tuple[Filter, ...]
    note: str
    actions: list[Action]
    progress: Progress | None
    empty: Empty


@dataclass(frozen=True, slots=True)
class FailingLine:
    name: str
    url: str
    record: str
    value: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class FailingPage:
    title: Text
    source: str
    check: Text
    note: Text
    figures: list[ShownFigure]
    spark: Spark
    rows: list[FailingLine]
    next_url: str
    first_url: str
    empty: Empty = field(default_factory=lambda: Empty("circle-check", _("No record fails this check now")))


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """The checks of one source for its own page: every attribute together."""

    rows: list[CheckCard]
    url: str


def quality_page(actor: Actor, *, source_id: int | None) -> QualityPage:
    measured = quality.latest_measurement(actor, source_id=source_id)
    can_measure = actor.can("profile.manage")
    measure = Action(_("Measure now"), reverse("web:quality_measure"), "refresh", is_main=True, is_post=True)
    when = format_ago(measured.measured_at) if measured.measured_at else ""
    return QualityPage(
        lines=_lines(measured.figures),
        cards=_cards(actor, measured.figures, source_id),
        heads=list(CHECKS.values()),
        filters=(_source_filter(source_id),),
        note=_("Measured %(when)s, and every day.") % {"when": when} if when else "",
        actions=[measure] if can_measure and measured.day else [],
        progress=measuring_progress(),
        empty=Empty(
            "chart-histogram",
            _("Not measured yet"),
            _("Five checks of every attribute of every source, every day; behind each figure stand its records."),
            measure if can_measure else None,
        ),
    )


def failing_page(actor: Actor, source_id: int, attribute: str, check_name: str, *, after: UUID | None) -> FailingPage:
    """Raises NotFound."""
    source = live.source_name(source_id)
    if check_name not in set(Check) or not source:
        raise NotFound("check", f"{source_id} {attribute[:50]} {check_name[:20]}")
    check = Check(check_name)
    found = quality.failing_records(actor, source_id, attribute, check, after=after, limit=PAGE_SIZE + 1)
    figures = quality.latest_measurement(actor, source_id=source_id).figures
    measured = next((one.measured for one in figures if (one.attribute, one.check) == (attribute, check)), None)
    trend = quality.trend(actor, source_id=source_id, attribute=attribute)[check]
    address = reverse("web:quality_failing", args=[source_id, attribute, check.value])
    label, note = CHECKS[check]
    return FailingPage(
        title=attribute_label(attribute),
        source=source,
        check=label,
        note=note,
        figures=_figures(label, measured) if measured else [],
        spark=_spark(trend, label),
        rows=[
            FailingLine(
                row.customer_name or row.external_id,
                reverse("web:customer", args=[row.customer_id]),
                row.external_id,
                row.value,
                row.at,
            )
            for row in found[:PAGE_SIZE]
        ],
        next_url=f"{address}?after={found[PAGE_SIZE - 1].record_id}" if len(found) > PAGE_SIZE else "",
        first_url=address if after else "",
    )


def source_quality(actor: Actor, source_id: int) -> SourceQuality | None:
    """None for a source that was never measured."""
    figures = quality.latest_measurement(actor, source_id=source_id).figures
    if not figures:
        return None
    return SourceQuality(_cards(actor, figures, source_id), f"{reverse('web:quality')}?source={source_id}")


def share_text(measured: Measured) -> str:
    """In hundredths, never rounded up to all or down to none."""
    share = measured.share * 100
    if 0 < share < 1 or 99 < share < 100:
        return f"{min(max(share, 0.1), 99.9):.1f}%"
    return f"{share:.0f}%"


def _figures(label: Text, measured: Measured) -> list[ShownFigure]:
    return [
        ShownFigure(label, share_text(measured), "warn" if measured.share < POOR else ""),
        ShownFigure(_("Fail"), format_count(measured.bad)),
        ShownFigure(_("Of"), format_count(measured.total)),
    ]


def _lines(figures: Iterable[Figure]) -> list[QualityLine]:
    by_attribute: dict[tuple[int, str], dict[Check, Measured]] = defaultdict(dict)
    for figure in figures:
        by_attribute[figure.source_id, figure.attribute][figure.check] = figure.measured
    lines = [
        QualityLine(
            live.source_name(source_id),
            attribute_label(attribute),
            found[Check.COMPLETENESS].total if Check.COMPLETENESS in found else 0,
            [_cell(source_id, attribute, check, found.get(check)) for check in Check],
        )
        for (source_id, attribute), found in by_attribute.items()
    ]
    return sorted(lines, key=lambda line: line.source)


def _cell(source_id: int, attribute: str, check: Check, measured: Measured | None) -> Cell:
    label = CHECKS[check][0]
    if measured is None or not measured.total:
        return Cell(label)
    return Cell(
        label,
        share_text(measured),
        _("%(good)s of %(total)s") % {"good": format_count(measured.good), "total": format_count(measured.total)},
        reverse("web:quality_failing", args=[source_id, attribute, check.value]),
        measured.share < POOR,
    )


def _cards(actor: Actor, figures: Iterable[Figure], source_id: int | None) -> list[CheckCard]:
    sums: dict[Check, list[int]] = {check: [0, 0] for check in Check}
    for figure in figures:
        sums[figure.check][0] += figure.measured.good
        sums[figure.check][1] += figure.measured.total
    trends = quality.trend(actor, source_id=source_id)
    cards = []
    for check, (good, total) in sums.items():
        if total:
            label, note = CHECKS[check]
            measured = Measured(good, total)
            spark = _spark(trends[check], label)
            cards.append(CheckCard(label, note, share_text(measured), measured.share < POOR, spark))
    return cards


def _spark(trend: list[Measured | None], label: Text) -> Spark:
    """Shares as bars, days without a measurement as gaps on the floor; the label tells the first and the last."""
    known = [one for one in trend if one is not None and one.total]
    heights = [round(one.share * 1000) if one is not None and one.total else 0 for one in trend]
    if not known:
        return draw_spark(heights, label)
    words: dict[str, Any] = {"check": label, "first": share_text(known[0]), "last": share_text(known[-1])}
    text = ngettext(
        "%(check)s over %(n)d day: %(first)s → %(last)s",
        "%(check)s over %(n)d days: %(first)s → %(last)s",
        len(trend),
    ) % {**words, "n": len(trend)}
    return draw_spark(heights, text, ceiling=1000)


def _source_filter(source_id: int | None) -> Filter:
    names = sorted(live.source_names().items(), key=lambda row: row[1][0])
    choices = [Choice(str(id_), name, id_ == source_id) for id_, (name, _kind) in names]
    return Filter("source", _("Source"), (Choice("", _("all sources"), source_id is None), *choices))


def measuring_progress() -> Progress | None:
    job = latest_measuring()
    if job is None or job.state not in {"queued", "running", "failed"}:
        return None
    error = job.error if job.state == "failed" else ""
    return Progress(_("Measuring"), job.state, poll_url=reverse("web:quality_progress"), error=error)
