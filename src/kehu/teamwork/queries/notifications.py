"""What somebody was told, and how much of it is unread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.govern import queries as govern
from kehu.govern.access import Actor, visible_to
from kehu.govern.field_policy import present_text
from kehu.profile.queries.lists import lines_of
from kehu.teamwork.kinds import NotificationKind
from kehu.teamwork.mentions import as_typed
from kehu.teamwork.models import NotificationSettings
from kehu.teamwork.queries.people import names_of_everybody

MOST_COUNTED: Final = 99
_EXCERPT: Final = 160


@dataclass(frozen=True, slots=True)
class NotificationView:
    """customer_id and customer: of today, None and "" when it is not about one. actor: who did it, "" if nobody did.

    excerpt: the beginning of the comment. job: kind and state of the job.
    """

    id: int
    kind: str
    at: datetime
    is_read: bool
    times: int
    customer_id: UUID | None
    customer: str
    actor: str
    comment_id: int | None
    excerpt: str
    job_id: int | None
    job: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UnreadSign:
    """Differs as soon as something is added to what a person has not read, or taken from it."""

    user_id: int
    newest: int
    times: int


# Of a customer only what the reader may see just now.
_SEEN = """
FROM teamwork_notification n LEFT JOIN resolve_recordcustomer m USING (record_id)
LEFT JOIN profile_customer c ON c.id = m.customer_id LEFT JOIN teamwork_comment t ON t.id = n.comment_id
WHERE n.user_id = %s AND (n.record_id IS NULL OR (c.id IS NOT NULL AND {visible}))
"""


def unread_count(actor: Actor) -> int:
    """Counted up to a hundred."""
    seen, parameters = _seen(actor)
    [(count,)] = fetch_all(
        f"SELECT count(*) FROM (SELECT 1 {seen} AND n.read_at IS NULL LIMIT {MOST_COUNTED + 1}) AS unread",  # noqa: S608
        parameters,
    )
    return int(count)


def unread_signs() -> tuple[UnreadSign, ...]:
    """One per person with something unread: what the live stream watches for all of them at once."""
    rows = fetch_all(
        "SELECT user_id, max(id), sum(times) FROM teamwork_notification WHERE read_at IS NULL GROUP BY 1 ORDER BY 1"
    )
    return tuple(UnreadSign(*row) for row in rows)


def notifications_page(
    actor: Actor, *, before: tuple[str, int] | None = None, is_unread: bool = False, limit: int = 50
) -> list[NotificationView]:
    """Newest first, after the time and number of the last line seen."""
    seen, parameters = _seen(actor)
    if is_unread:
        seen += "AND n.read_at IS NULL "
    if before is not None:
        seen += "AND (n.at, n.id) < (%s::timestamptz, %s::bigint) "
        parameters = [*parameters, *before]
    return _views(actor, f"{seen} ORDER BY n.at DESC, n.id DESC LIMIT %s", [*parameters, limit])


def notification(actor: Actor, notification_id: int) -> NotificationView:
    """Raises NotFound for another's."""
    seen, parameters = _seen(actor)
    found = _views(actor, f"{seen} AND n.id = %s", [*parameters, notification_id])
    if not found:
        raise NotFound("notification", notification_id)
    return found[0]


def wanted_kinds(actor: Actor) -> list[NotificationKind]:
    settings = NotificationSettings.objects.filter(user_id=actor.user_id or 0).first()
    return [kind for kind in NotificationKind if settings is None or kind not in settings.unwanted]


def _seen(actor: Actor) -> tuple[str, list[Any]]:
    condition, parameters = visible_to(actor).sql("c")
    return _SEEN.replace("{visible}", condition), [actor.user_id or 0, *parameters]


def _views(actor: Actor, seen: str, parameters: list[Any]) -> list[NotificationView]:
    rows = fetch_all(
        "SELECT n.id, n.kind, n.at, n.read_at IS NOT NULL, n.times, m.customer_id, n.actor_id, n.comment_id, "
        f"coalesce(t.text, ''), n.job_id, n.detail::text {seen}",
        parameters,
    )
    names = {line.id: line.name for line in lines_of(actor, list({row[5] for row in rows if row[5]}))}
    actors = govern.names_of_users({row[6] for row in rows if row[6]})
    called = names_of_everybody() if any(row[8] for row in rows) else {}
    return [
        NotificationView(
            id_, kind, at, is_read, times, customer, names.get(customer, ""), actors.get(actor_id, ""), comment_id,
            present_text(actor, as_typed(text, called))[:_EXCERPT], job_id, msgspec.json.decode(detail),
        )
        for id_, kind, at, is_read, times, customer, actor_id, comment_id, text, job_id, detail in rows
    ]  # fmt: skip
