"""What was told of records, orders and events, taken out again before it is told anew without some of its messages."""

from collections.abc import Collection, Iterable, Set
from typing import NamedTuple
from uuid import UUID

from kehu.core.database import Connection
from kehu.core.ids import event_id, order_id
from kehu.profile.organisations.finding import relate_organisations
from kehu.resolve.window import PlacedTouch

Place = tuple[int, int]  # shard, seq

# Rows that go with what they name. A device's events are told by the device's own messages; an event that found its
# record by an order is told by a message about that order.
_OF_RECORDS = (
    "DELETE FROM profile_event WHERE record_id = ANY(%s) AND hangs_by = 'record'",
    "DELETE FROM profile_event WHERE device_record_id = ANY(%s)",
    "DELETE FROM profile_consent WHERE record_id = ANY(%s)",
    "DELETE FROM clean_rulefinding WHERE record_id = ANY(%s)",
    "DELETE FROM profile_relation WHERE left_id = ANY(%s)",
    "DELETE FROM profile_relation WHERE right_id = ANY(%s) AND basis = 'found'",
    "DELETE FROM profile_organisationkey WHERE record_id = ANY(%s)",
)
_OF_ORDERS = (
    "DELETE FROM profile_event WHERE order_id = ANY(%s) AND hangs_by = 'order'",
    "DELETE FROM profile_orderreport WHERE order_id = ANY(%s)",
    "DELETE FROM profile_orderline WHERE order_id = ANY(%s)",
    "DELETE FROM profile_payment WHERE order_id = ANY(%s)",
    "DELETE FROM profile_order WHERE id = ANY(%s)",
)
_OF_EVENTS = ("DELETE FROM profile_event WHERE id = ANY(%s)",)
_TAKE_SUBJECTS = """
DELETE FROM profile_messagesubject WHERE shard BETWEEN %s AND %s AND seq BETWEEN %s AND %s
    AND (shard, seq) IN (SELECT * FROM unnest(%s::smallint[], %s::bigint[]))
RETURNING record_id
"""
# Messages that another one stands for, a correction or a retraction yet to come, say nothing any more.
_STILL_TOLD_BY = """
SELECT DISTINCT s.shard, s.seq FROM profile_messagesubject s
WHERE s.record_id = ANY(%s) AND NOT EXISTS (
    SELECT FROM collect_inbox later WHERE later.shard = s.shard AND later.supersedes = s.seq)
"""


class Told(NamedTuple):
    """subjects: ids of the records, orders and events that messages spoke of. by: the messages that still do."""

    subjects: set[UUID]
    by: list[Place]


def take_subjects(connection: Connection, places: Collection[Place]) -> Told:
    """What the messages spoke of, which is forgotten of them, and who else speaks of the same."""
    if not places:
        return Told(set(), [])
    shards, seqs = [shard for shard, _ in places], [seq for _, seq in places]
    taken = connection.execute(_TAKE_SUBJECTS, (min(shards), max(shards), min(seqs), max(seqs), shards, seqs))
    subjects = {subject for (subject,) in taken.fetchall()}
    by = connection.execute(_STILL_TOLD_BY, (list(subjects),)).fetchall() if subjects else []
    return Told(subjects, [(shard, seq) for shard, seq in by])


def forget_facts(connection: Connection, subjects: Collection[UUID]) -> None:
    """Remove what hangs on the subjects. Ids of records, orders and events never coincide."""
    ids = list(subjects)
    relate_organisations(connection, ids)  # gone by now, so that whoever shared a key with too many is looked at
    for statement in (*_OF_RECORDS, *_OF_ORDERS, *_OF_EVENTS):
        connection.execute(statement, (ids,))


def note_subjects(connection: Connection, touches: Iterable[PlacedTouch], rows_of_files: Set[Place]) -> None:
    """Which message speaks of which order, and which row of a file of which event.

    Another file may have reported the event before, on another record; what a device or a service sends names each of
    its events once.
    """
    rows: set[tuple[UUID, int, int]] = set()
    for placed in touches:
        subjects: set[UUID] = {order_id(fact.namespace, fact.number) for fact in placed.touch.orders}
        if (placed.shard, placed.seq) in rows_of_files:
            for event in placed.touch.events:
                subjects.add(event_id(placed.source.slug, event.key))
                if event.order is not None and placed.record is None:
                    subjects.add(order_id(*event.order))
        rows.update((subject, placed.shard, placed.seq) for subject in subjects)
    if rows:
        connection.execute(
            "INSERT INTO profile_messagesubject (record_id, shard, seq) "
            "SELECT * FROM unnest(%s::uuid[], %s::smallint[], %s::bigint[]) ON CONFLICT DO NOTHING",
            tuple(list(column) for column in zip(*sorted(rows), strict=True)),
        )
