"""What is forgotten of what came in: message ids past their time. The inbox itself is the log, and stays."""

from datetime import timedelta

from kehu.config import config
from kehu.core.database import Connection, current_connection

AT_ONCE = 20_000


def forget_message_ids(connection: Connection | None = None, older_than: timedelta | None = None) -> int:
    """Let go of ids nobody will send again; returns how many. In batches, so that no writer waits long.

    A message sent again after that is taken in anew and changes nothing: events and orders are keyed by their ids.
    """
    asked = connection or current_connection()
    total = 0
    while True:
        gone = asked.execute(
            """DELETE FROM collect_dedupe WHERE (source_id, message_hash) IN (
                   SELECT source_id, message_hash FROM collect_dedupe WHERE first_seen < now() - %s LIMIT %s)""",
            (older_than or timedelta(days=config.dedupe_days), AT_ONCE),
        ).rowcount
        total += gone
        if gone < AT_ONCE:
            return total
