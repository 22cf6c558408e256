"""Rebuild: a new generation from the inbox, the decisions and the ledger; compared with the old one, then swapped in.

Change a cleaning rule or the matching model, rebuild, and the same messages give the same customers with the same ids.
Replay publishes nothing. The derived tables of a generation live in a schema of their own; swapping renames schemas in
one transaction, under the leader's lock.
"""

import logging
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from django.utils import timezone

from kehu import pipeline
from kehu.collect import inbox
from kehu.collect.inbox import SHARDS, Message
from kehu.core import bus
from kehu.core.database import AdvisoryLock, Connection, lock_in_transaction, open_connection, set_statements
from kehu.core.errors import DomainError
from kehu.core.write_behind import writing_behind
from kehu.pipeline import Road
from kehu.profile.figures import working as figures
from kehu.profile.models import Rebuild
from kehu.resolve.store.evidence import take_resettle
from kehu.resolve.warm_up import warm_up

logger = logging.getLogger(__name__)

WINDOW: Final = 2000
_RESETTLE: Final = 500
_LOCK_TIMEOUT: Final = "5s"


class RebuildRefused(DomainError):
    code = "rebuild_refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"This rebuild cannot go on: {self.why}"


class Progress(NamedTuple):
    done: int
    total: int


def build(
    url: str, rebuild: Rebuild, on_progress: Callable[[Progress], None] = lambda progress: None
) -> dict[str, Any]:
    """Build the generation of `rebuild` and compare it with the live one. url: of the role that owns the tables."""
    warm_up()
    schema = rebuild.schema
    with open_connection(url, search_path=f"{schema},public") as connection, bus.replay_mode():
        _create_schema(connection, schema)
        _follow_the_log(connection, rebuild, on_progress)
        figures.fill_generation(connection)
        comparison = compare(connection, schema)
    rebuild.comparison, rebuild.state = comparison, Rebuild.State.BUILT
    rebuild.save(update_fields=["comparison", "state", "offsets"])
    return comparison


def swap(url: str, rebuild: Rebuild) -> dict[str, Any]:
    """Bring the generation up to date and put it in the place of the live one, in one transaction.

    Raises RebuildRefused unless it was built and is still there.
    """
    schema = rebuild.schema
    if rebuild.state != Rebuild.State.BUILT:
        raise RebuildRefused(f"it is {rebuild.state}, only one that is built can be swapped in.")
    with open_connection(url, search_path=f"{schema},public") as connection, bus.replay_mode():
        _follow_the_log(connection, rebuild, lambda progress: None)
        with connection.transaction():
            lock_in_transaction(connection, AdvisoryLock.LEADER)
            _follow_the_log(connection, rebuild, lambda progress: None)
            figures.catch_up(connection)
            connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
            comparison = compare(connection, schema)
            connection.execute("ALTER SCHEMA live RENAME TO live_before")
            connection.execute(f"ALTER SCHEMA {schema} RENAME TO live")
            connection.execute("DROP SCHEMA live_before CASCADE")
            for shard, seq in rebuild.offsets.items():
                connection.execute(
                    "UPDATE collect_shardoffset SET seq = greatest(seq, %s), window_until = NULL, window_attempts = 0 "
                    "WHERE shard = %s",
                    (seq, int(shard)),
                )
    rebuild.comparison, rebuild.state, rebuild.swapped_at = comparison, Rebuild.State.SWAPPED, timezone.now()
    rebuild.save(update_fields=["comparison", "state", "swapped_at", "offsets"])
    logger.info("generation swapped in", extra={"schema": schema})
    return comparison


def discard(url: str, rebuild: Rebuild) -> None:
    with open_connection(url) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {rebuild.schema} CASCADE")
    Rebuild.objects.filter(pk=rebuild.pk).update(state=Rebuild.State.DISCARDED)


def fingerprint(connection: Connection, schema: str) -> dict[str, Any]:
    """Counts and hashes of one generation: equal hashes mean the same customers with the same values."""
    row = connection.execute(
        f"""
        SELECT (SELECT count(*) FROM {schema}.resolve_sourcerecord),
               (SELECT count(*) FROM {schema}.profile_customer),
               (SELECT count(*) FROM {schema}.profile_event),
               (SELECT count(*) FROM {schema}.profile_order),
               (SELECT coalesce(sum(total), 0)::text FROM {schema}.profile_order),
               (SELECT count(*) FROM {schema}.resolve_reviewpair),
               (SELECT md5(coalesce(string_agg(record_id::text || customer_id::text, ',' ORDER BY record_id), ''))
                FROM {schema}.resolve_recordcustomer),
               (SELECT md5(coalesce(string_agg(id::text || golden::text, ',' ORDER BY id), ''))
                FROM {schema}.profile_customer)
        """  # noqa: S608
    ).fetchone()
    assert row is not None
    names = ("records", "customers", "events", "orders", "order_total", "review_pairs", "mapping_hash", "golden_hash")
    return dict(zip(names, row, strict=True))


def compare(connection: Connection, schema: str) -> dict[str, Any]:
    """The live generation and the new one side by side, with what would change for whom."""
    changed = connection.execute(
        f"""
        SELECT count(*) FILTER (WHERE n.customer_id IS DISTINCT FROM o.customer_id),
               count(*) FILTER (WHERE o.record_id IS NULL), count(*) FILTER (WHERE n.record_id IS NULL)
        FROM live.resolve_recordcustomer o FULL JOIN {schema}.resolve_recordcustomer n USING (record_id)
        """  # noqa: S608
    ).fetchone()
    golden = connection.execute(
        f"""
        SELECT count(*) FROM live.profile_customer o JOIN {schema}.profile_customer n USING (id)
        WHERE o.golden IS DISTINCT FROM n.golden
        """  # noqa: S608
    ).fetchone()
    assert changed is not None
    assert golden is not None
    return {
        "before": fingerprint(connection, "live"),
        "after": fingerprint(connection, schema),
        "records_moved": changed[0],
        "records_new": changed[1],
        "records_gone": changed[2],
        "customers_with_other_values": golden[0],
    }


def _create_schema(connection: Connection, schema: str) -> None:
    with connection.transaction():
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        connection.execute(f"CREATE SCHEMA {schema}")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'live'").fetchall()
        for (table,) in tables:
            connection.execute(f"CREATE TABLE {schema}.{table} (LIKE live.{table} INCLUDING ALL)")
        connection.execute("SELECT kehu_watch_facts(%s)", (schema,))
        _grant_like_live(connection, schema)


def _grant_like_live(connection: Connection, schema: str) -> None:
    """Whoever may use the live generation may use the new one: it will be the live one."""
    grants = connection.execute(
        "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants "
        "WHERE table_schema = 'live' AND grantee <> current_user"
    ).fetchall()
    for grantee in {grantee for _, grantee, _ in grants}:
        connection.execute(f'GRANT USAGE ON SCHEMA {schema} TO "{grantee}"')
    for table, grantee, privilege in grants:
        connection.execute(f'GRANT {privilege} ON {schema}.{table} TO "{grantee}"')


def _follow_the_log(connection: Connection, rebuild: Rebuild, on_progress: Callable[[Progress], None]) -> None:
    """Read every shard from where the generation stands to its end; then settle what is queued."""
    road = Road.today(is_replay=True)
    offsets: dict[str, int] = rebuild.offsets
    total = sum(inbox.last_seq(connection, shard) for shard in range(SHARDS))
    for shard in range(SHARDS):
        while True:
            after = offsets.get(str(shard), 0)
            with set_statements(connection), connection.transaction():
                messages = inbox.read_window(connection, shard, after, WINDOW, without_superseded=True)
                if not messages:
                    break
                without_killers = _without_killers(connection, messages)
                with writing_behind(connection):
                    pipeline.travel(connection, without_killers, road)
            offsets[str(shard)] = messages[-1].seq
            on_progress(Progress(sum(offsets.values()), total))
    while True:
        with set_statements(connection), connection.transaction():
            queued = take_resettle(connection, _RESETTLE)
            if not queued:
                return
            with writing_behind(connection):
                pipeline.travel(connection, [], road, resettle=queued)


def _without_killers(connection: Connection, messages: list[Message]) -> list[Message]:
    """Messages that were buried because they kept killing their worker would kill the rebuild as well."""
    rows = connection.execute(
        "SELECT seq FROM collect_deadletter WHERE shard = %s AND reason = 'crash' AND seq BETWEEN %s AND %s",
        (messages[0].shard, messages[0].seq, messages[-1].seq),
    )
    buried = {seq for (seq,) in rows}
    return [message for message in messages if message.seq not in buried]


def start(*, actor_id: int | None, job_id: int | None = None) -> Rebuild:
    """Enter a new generation; one at a time. Raises RebuildRefused while another is being built."""
    if Rebuild.objects.filter(state=Rebuild.State.BUILDING).exists():
        raise RebuildRefused("another one is being built: wait for it or cancel it.")
    row = Rebuild.objects.create(schema="gen_new", created_by_id=actor_id, job_id=job_id)
    row.schema = f"gen_{row.pk}"
    row.save(update_fields=["schema"])
    return row
