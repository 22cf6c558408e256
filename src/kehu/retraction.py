"""Messages taken back: what they spoke of is forgotten and told anew by the messages that are left.

The log stays as it is. A retraction is a message of its own that supersedes the one it takes back; a rebuild never
reads that one again, and the leader gets to the same place by telling the records, orders and events concerned anew.
"""

from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple
from uuid import UUID

from kehu.collect.inbox import Message
from kehu.collect.retractions import RETRACTION, read_messages
from kehu.core.database import Connection
from kehu.profile.forgetting import Place, forget_facts, take_subjects
from kehu.resolve.forgetting import forget_records


class Coming(NamedTuple):
    """messages: those to take down the road now, what is told anew before what is new. again: the places of the former.
    done: messages of the window with nothing left to say. customers: may look different. disturbed: records to be
    settled again."""

    messages: Sequence[Message]
    again: Set[Place] = frozenset()
    done: Sequence[Message] = ()
    customers: Set[UUID] = frozenset()
    disturbed: Set[UUID] = frozenset()

    def worked(self, read: Iterable[Message]) -> list[Message]:
        """The messages of the window that were worked, of those that were read."""
        return [*self.done, *(message for message in read if _place(message) not in self.again)]


def take_back(connection: Connection, messages: Sequence[Message], *, is_replay: bool) -> Coming:
    """Apply the retractions among the messages of a window."""
    retracted = {
        (message.shard, message.supersedes)
        for message in messages
        if message.kind == RETRACTION and message.supersedes is not None
    }
    if not retracted:
        return Coming(messages)
    told = take_subjects(connection, retracted)
    forgotten = forget_records(connection, told.subjects)
    forget_facts(connection, told.subjects)
    if not is_replay:
        _discard_dead_letters(connection, retracted)
    done = [m for m in messages if m.kind == RETRACTION or _place(m) in retracted]
    new = [m for m in messages if m.kind != RETRACTION and _place(m) not in retracted]
    here = {_place(message) for message in new}
    again = read_messages(connection, [place for place in told.by if place not in here])
    again.sort(key=lambda message: (message.received_at, message.shard, message.seq))
    return Coming([*again, *new], {_place(m) for m in again}, done, forgotten.customers, forgotten.disturbed)


def _place(message: Message) -> Place:
    return message.shard, message.seq


def _discard_dead_letters(connection: Connection, retracted: Set[Place]) -> None:
    connection.execute(
        "UPDATE collect_deadletter SET state = 'discarded' WHERE state = 'open' "
        "AND (shard, seq) IN (SELECT * FROM unnest(%s::smallint[], %s::bigint[]))",
        ([shard for shard, _ in retracted], [seq for _, seq in retracted]),
    )
