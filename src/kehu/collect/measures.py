"""What this room can say about the flow of messages: how many, how late, and whether every one is accounted for."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kehu.collect.models import DeadLetter, Source
from kehu.collect.queries import lag_by_source
from kehu.core import histograms, traffic
from kehu.core.database import current_connection
from kehu.core.measures import Measure, Sample

COUNTED_AT_MOST: Final = 200_000
LATENCY_OVER: Final = timedelta(minutes=15)
QUANTILES: Final = (0.5, 0.95, 0.99)


def unexplained_by_source() -> dict[int, int] | None:
    """Messages received that are neither settled nor waiting: 0 for each source when all is well.

    One statement, so one moment. None while too many wait to be counted exactly.
    """
    rows = (
        current_connection()
        .execute(
            f"""WITH next AS MATERIALIZED (
                SELECT source_id, count(*) OVER (PARTITION BY done.shard) AS in_shard
                FROM collect_shardoffset AS done CROSS JOIN LATERAL (
                    SELECT source_id FROM collect_inbox
                    WHERE shard = done.shard AND seq > done.seq ORDER BY seq LIMIT {COUNTED_AT_MOST}) AS waiting),
            waiting AS (SELECT source_id, count(*) AS messages, max(in_shard) AS in_shard FROM next GROUP BY 1),
            flow AS (
                SELECT source_id,
                    sum(received - deduplicated - rejected - processed - quarantined - redacted)::bigint AS unsettled
                FROM core_traffic GROUP BY 1)
            SELECT source_id, coalesce(unsettled, 0) - coalesce(messages, 0), coalesce(in_shard, 0)
            FROM flow FULL JOIN waiting USING (source_id)"""  # noqa: S608
        )
        .fetchall()
    )
    if any(in_shard >= COUNTED_AT_MOST for _source, _left, in_shard in rows):
        return None
    return {source_id: left for source_id, left, _in_shard in rows}


def _slugs() -> dict[int, str]:
    return {traffic.UNKNOWN_SOURCE: "unknown", **dict(Source.objects.values_list("id", "slug"))}


def _messages() -> Iterable[Sample]:
    slugs = _slugs()
    for source_id, tally in traffic.tallies().items():
        for outcome in traffic.COUNTS:
            labels = (("source", slugs.get(source_id, str(source_id))), ("outcome", outcome))
            yield Sample(getattr(tally, outcome), labels)


def _unexplained() -> Iterable[Sample]:
    slugs = _slugs()
    for source_id, count in (unexplained_by_source() or {}).items():
        yield Sample(count, (("source", slugs.get(source_id, str(source_id))),))


def _lag() -> Iterable[Sample]:
    behind = lag_by_source()
    for source_id, slug in Source.objects.values_list("id", "slug"):
        lag = behind.get(source_id)
        yield Sample(lag.lag_for.total_seconds() if lag else 0.0, (("source", slug),))


def _waiting() -> Iterable[Sample]:
    behind = lag_by_source()
    for source_id, slug in Source.objects.values_list("id", "slug"):
        lag = behind.get(source_id)
        yield Sample(lag.waiting if lag else 0, (("source", slug),))


def _latency() -> Iterable[Sample]:
    slugs = _slugs()
    for source_id, histogram in traffic.latency_by_source(since=timezone.now() - LATENCY_OVER).items():
        for share in QUANTILES:
            if (seconds := histograms.quantile(histogram, share)) is not None:
                labels = (("source", slugs.get(source_id, str(source_id))), ("quantile", str(share)))
                yield Sample(round(seconds, 4), labels)


def _dead_letters() -> Iterable[Sample]:
    yield Sample(DeadLetter.objects.filter(state=DeadLetter.State.OPEN).count())


MEASURES = (
    Measure("kehu_messages_total", _("Messages by source and by what became of them"), _messages, "counter"),
    Measure("kehu_unexplained_messages", _("Messages received that are neither settled nor waiting"), _unexplained),
    Measure("kehu_lag_seconds", _("Age of a source's oldest message that waits"), _lag),
    Measure("kehu_waiting_messages", _("Messages that wait to be worked"), _waiting),
    Measure("kehu_latency_seconds", _("From receipt to golden record, over the last 15 minutes"), _latency),
    Measure("kehu_open_dead_letters", _("Messages in quarantine that wait for a person"), _dead_letters),
)
