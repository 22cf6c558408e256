"""Reads of the room: sources with their lag, dead letters by reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min

from kehu.collect import inbox
from kehu.collect.models import DeadLetter, Source
from kehu.collect.problem_texts import problem_text
from kehu.core.database import Connection, current_connection
from kehu.core.errors import NotFound
from kehu.govern.access import Actor, require

LAG_SCAN = 50_000
LAG_ALERT_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the road is behind a source. lag_for: now − received_at of its oldest unworked message.

    waiting counts at most LAG_SCAN messages per shard; is_exact says whether that was all.
    """

    source_id: int
    waiting: int
    oldest_received_at: datetime
    lag_for: timedelta
    is_exact: bool = True

    @property
    def is_late(self) -> bool:
        return self.lag_for > LAG_ALERT_FOR


@dataclass(frozen=True, slots=True)
class DeadLetterView:
    """A dead letter with its message; payload as text, undecodable bytes shown as \\xNN."""

    id: int
    source_id: int
    source_name: str
    shard: int
    seq: int
    reason: str
    detail: str
    state: str
    received_at: datetime
    created_at: datetime
    superseded_by: int | None
    kind: str = ""
    message_id: str = ""
    payload: str = ""


@dataclass(frozen=True, slots=True)
class ReasonCount:
    reason: str
    count: int
    oldest_at: datetime
    newest_at: datetime


def lag_by_source(connection: Connection | None = None) -> dict[int, Lag]:
    """Per source with unworked messages; empty when the road is up to date. One query."""
    rows = (connection or current_connection()).execute(
        """SELECT source_id, count(*), min(received_at), clock_timestamp() - min(received_at),
                  bool_and(scanned < %s)
           FROM collect_shardoffset AS done CROSS JOIN LATERAL (
               SELECT source_id, received_at, count(*) OVER () AS scanned
               FROM (SELECT source_id, received_at FROM collect_inbox
                     WHERE shard = done.shard AND seq > done.seq AND NOT is_inline
                     ORDER BY seq LIMIT %s) AS next) AS waiting
           GROUP BY source_id""",
        (LAG_SCAN, LAG_SCAN),
    )
    return {row[0]: Lag(*row) for row in rows.fetchall()}


def sources(actor: Actor) -> list[Source]:
    """Every source, by name."""
    require(actor, "source.view")
    return list(Source.objects.select_related("department").order_by("name"))


def dead_letter_reasons(actor: Actor) -> list[ReasonCount]:
    """Open dead letters by reason, the most frequent first."""
    require(actor, "dead_letter.view")
    rows = (
        DeadLetter.objects.filter(state=DeadLetter.State.OPEN)
        .values("reason")
        .annotate(count=Count("id"), oldest_at=Min("received_at"), newest_at=Max("received_at"))
        .order_by("-count", "reason")
    )
    return [ReasonCount(**row) for row in rows]


def dead_letters(
    actor: Actor, *, state: str = "open", reason: str = "", before_id: int | None = None, limit: int = 50
) -> list[DeadLetterView]:
    """Newest first, without payload. before_id: the last id of the page before."""
    require(actor, "dead_letter.view")
    letters = DeadLetter.objects.select_related("source").order_by("-id")
    if state:
        letters = letters.filter(state=state)
    if reason:
        letters = letters.filter(reason=reason)
    if before_id is not None:
        letters = letters.filter(pk__lt=before_id)
    return [_view(letter) for letter in letters[:limit]]


def dead_letter(actor: Actor, dead_letter_id: int) -> DeadLetterView:
    """One dead letter with its raw message."""
    require(actor, "dead_letter.view")
    try:
        letter = DeadLetter.objects.select_related("source").get(pk=dead_letter_id)
    except DeadLetter.DoesNotExist as error:
        raise NotFound("dead letter", dead_letter_id) from error
    return _view(letter, inbox.read_message(current_connection(), letter.shard, letter.seq))


def _view(letter: DeadLetter, message: inbox.Message | None = None) -> DeadLetterView:
    return DeadLetterView(
        id=letter.pk,
        source_id=letter.source_id,
        source_name=letter.source.name,
        shard=letter.shard,
        seq=letter.seq,
        reason=letter.reason,
        detail=problem_text(letter.reason, letter.detail),
        state=letter.state,
        received_at=letter.received_at,
        created_at=letter.created_at,
        superseded_by=letter.superseded_by,
        kind=message.kind if message else "",
        message_id=message.message_id if message else "",
        payload=message.payload.decode(errors="backslashreplace") if message else "",
    )
