"""Identifiers that several people carry: a family's phone no longer says whose record it is, a crowd's says nothing."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from kehu.core.database import Connection
from kehu.resolve.identity_rules import STITCH, STRONG, UNIQUE, Strength, strength_of
from kehu.resolve.records import RecordState, full_name
from kehu.resolve.store.evidence import restore_strength, set_strength, strengths_of
from kehu.resolve.store.records import bearers_of

_MOST_BEARERS = 2000


def review_fan_out(connection: Connection, states: Mapping[UUID, RecordState]) -> set[UUID]:
    """Demote or restore what the records of this window carry; returns the bearers whose evidence changed by it.

    The outcome is a function of who carries the value in the end, not of the order they came in.
    """
    keys = {
        key
        for state in states.values()
        if state.evidence_changed
        for key in state.bindings
        if key[0] != STITCH and (key[0] in UNIQUE or key[0] in STRONG)
    }
    bearers = {key: held for key, held in bearers_of(connection, keys, _MOST_BEARERS).items() if len(held) > 1}
    before = strengths_of(connection, keys)
    if not bearers and not before:
        return set()
    names = _names(connection, states, {record for held in bearers.values() for record in held})
    after = {key: strength_of(key[0], {names.get(record, "") for record in held}) for key, held in bearers.items()}
    changed = {
        key for key in after.keys() | before.keys() if after.get(key, Strength.FULL) != before.get(key, Strength.FULL)
    }
    lowered = [
        (key, after[key], len(bearers[key])) for key in changed if after.get(key, Strength.FULL) != Strength.FULL
    ]
    restored = [key for key in changed if after.get(key, Strength.FULL) == Strength.FULL]
    if lowered:
        set_strength(connection, lowered)
    if restored:
        restore_strength(connection, restored)
    return {record for held in bearers_of(connection, changed, _MOST_BEARERS).values() for record in held}


def _names(connection: Connection, states: Mapping[UUID, RecordState], wanted: Iterable[UUID]) -> dict[UUID, str]:
    """The sound of each record's full name; the window's own state first, because it is not written yet."""
    names: dict[UUID, str] = {}
    unknown = []
    for record in wanted:
        state = states.get(record)
        if state is None:
            unknown.append(record)
        else:
            names[record] = full_name(state)
    if unknown:
        rows = connection.execute(
            "SELECT id, coalesce(nullif(attributes->'name'->>'n', ''), attributes->'name'->>'v') "
            "FROM resolve_sourcerecord WHERE id = ANY(%s) AND NOT coalesce(attributes->'name'->'f' ? 'partial', false)",
            (unknown,),
        )
        names.update({record: name or "" for record, name in rows})
    return names
