"""Source records taken out of the identity graph, as if nothing had ever been said of them."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from kehu.core.database import Connection
from kehu.resolve.blocking import DEFAULT_MAX_MEMBERS
from kehu.resolve.fan_out import review_fan_out
from kehu.resolve.records import BindingKey
from kehu.resolve.store.evidence import (
    links_of,
    queue_resettle,
    replace_links,
    replace_match_keys,
    restore_strength,
    strengths_of,
)
from kehu.resolve.store.records import bearers_of, load_records

_MOST_BEARERS = 2000  # as the review of fan-out looks at


class Forgotten(NamedTuple):
    """customers: whom the records belonged to. disturbed: records left behind that must be settled again: they were
    linked to a forgotten one, or carry an identifier that proves something else without it."""

    customers: set[UUID]
    disturbed: set[UUID]


def forget_records(connection: Connection, records: Collection[UUID]) -> Forgotten:
    """Remove the records with everything that ties them. Ids that are no records are passed over.

    The id ledger keeps what they were born with: a record that comes back is who it was.
    """
    gone = list(records)
    links = links_of(connection, gone)
    disturbed = {end for pair in links for end in pair}.difference(gone)
    replace_links(connection, links, {}, "")
    held = _take_bindings(connection, gone)
    keys = connection.execute(
        "SELECT unnest(match_keys), id FROM resolve_sourcerecord WHERE id = ANY(%s)", (gone,)
    ).fetchall()
    crossed = replace_match_keys(connection, keys, [], DEFAULT_MAX_MEMBERS).crossed
    connection.execute("DELETE FROM resolve_sourcerecord WHERE id = ANY(%s)", (gone,))
    connection.execute("DELETE FROM resolve_reviewpair WHERE left_id = ANY(%s) OR right_id = ANY(%s)", (gone, gone))
    connection.execute("DELETE FROM resolve_resettle WHERE record_id = ANY(%s)", (gone,))
    moved = connection.execute(
        "DELETE FROM resolve_recordcustomer WHERE record_id = ANY(%s) RETURNING customer_id", (gone,)
    ).fetchall()
    queue_resettle(connection, crossed.difference(gone), "match key crossed its limit")
    disturbed |= _restore_identifiers(connection, held)
    return Forgotten({customer for (customer,) in moved}, disturbed)


def _take_bindings(connection: Connection, records: list[UUID]) -> set[BindingKey]:
    rows = connection.execute(
        "DELETE FROM resolve_binding WHERE record_id = ANY(%s) RETURNING type, value", (records,)
    ).fetchall()
    return {(type_, value) for type_, value in rows}


def _restore_identifiers(connection: Connection, held: Collection[BindingKey]) -> set[UUID]:
    """An identifier that was demoted for the number of its bearers may be worth more now that some are gone."""
    demoted = strengths_of(connection, held)
    bearers = bearers_of(connection, demoted, _MOST_BEARERS)
    restore_strength(connection, [key for key in demoted if not bearers[key]])
    states = load_records(connection, {record for held_by in bearers.values() for record in held_by})
    for state in states.values():
        state.evidence_changed = True
    return review_fan_out(connection, states)
