"""What came in lately: the newest messages of each shard, counted by source and hour."""

from dataclasses import dataclass
from datetime import datetime

from kehu.core.database import Connection, current_connection

INFLOW_SCAN = 25_000


@dataclass(frozen=True, slots=True)
class Inflow:
    """Messages of one source in one hour. newest_at: the last of them."""

    source_id: int
    hour: datetime
    messages: int
    newest_at: datetime


def inflow_by_hour(connection: Connection | None = None, hours: int = 24) -> list[Inflow]:
    """Per source and hour with messages, oldest hour first.

    Looks at the newest INFLOW_SCAN messages of each shard, so it costs the same however long the log; in busier
    hours the figures are a lower bound. One query.
    """
    rows = (connection or current_connection()).execute(
        """SELECT source_id, date_trunc('hour', received_at) AS hour, count(*), max(received_at)
           FROM collect_shardoffset AS done CROSS JOIN LATERAL (
               SELECT source_id, received_at FROM collect_inbox
               WHERE shard = done.shard ORDER BY seq DESC LIMIT %s) AS newest
           WHERE received_at > now() - make_interval(hours => %s)
           GROUP BY source_id, hour ORDER BY hour, source_id""",
        (INFLOW_SCAN, hours),
    )
    return [Inflow(*row) for row in rows.fetchall()]
