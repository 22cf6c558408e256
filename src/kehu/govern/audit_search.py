"""Reading the audit trail: by who, what, which row, which request and when; and the history of one record."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from kehu.core.database import fetch_all
from kehu.govern import audit
from kehu.govern.access import Actor, customer_for, require
from kehu.govern.field_policy import is_masked_for, present_properties, present_text, present_value
from kehu.govern.masking import HIDDEN

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an auditor looks for; empty = whatever. who: part of the name as it was written then."""

    who: str = ""
    action: str = ""
    table: str = ""
    row: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after, as the reader may see it; None = there was nothing."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """table "" = an act without a row: a sign-in, an export, a reveal."""

    id: int
    at: datetime
    action: str
    table: str
    row: str
    actor_id: int | None
    who: str
    reason: str
    request_id: str
    address: str
    is_chained: bool
    changes: tuple[Change, ...] = field(default=())


def search_audit(actor: Actor, wanted: Wanted, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """Newest first. before: the id of the last entry seen."""
    require(actor, "audit.view")
    return _entries(actor, *_conditions(wanted, before), limit)


def export_audit(actor: Actor, wanted: Wanted, *, most: int = 100_000) -> Iterator[Entry]:
    """The same, page by page down to `most` entries; the export itself is an entry."""
    require(actor, "audit.view")
    given = {name: str(value) for name in wanted.__slots__ if (value := getattr(wanted, name))}
    audit.note(actor=actor, action="export", on="audit", details={"wanted": given, "most": most})
    before: int | None = None
    while most > 0:
        entries = _entries(actor, *_conditions(wanted, before), min(_AT_ONCE, most))
        yield from entries
        if len(entries) < _AT_ONCE:
            return
        before, most = entries[-1].id, most - len(entries)


def history_of_row(actor: Actor, table: str, row: str, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """What happened to one row. Who may see the row is the caller's to ask."""
    conditions = ["table_name = %s", "row_id = %s"]
    values: list[Any] = [table, row]
    return _entries(actor, *_and_before(conditions, values, before), limit)


def history_of_customer(actor: Actor, customer_id: UUID, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """Pins, assignments, shares, decisions and merges of the customer's records, and acts on the customer itself.

    What sources said is no change by people: the timeline and the lineage of each value tell it. A strict actor
    would learn of records out of their scope, and is told nothing.
    """
    customer_for(actor, customer_id)
    if actor.is_strict:
        return []
    records = [row[0] for row in fetch_all(_RECORDS, [customer_id])]
    births = [row[0] for row in fetch_all(_BIRTHS, [records])]
    conditions = [
        "(coalesce(after, before) ->> 'record_id' = ANY(%s)"
        " OR (table_name, row_id) IN (SELECT table_name, row_id FROM govern_auditentry"
        "     WHERE coalesce(after, before) ->> 'record_id' = ANY(%s) AND table_name <> '')"
        " OR (table_name = '' AND row_id = ANY(%s))"
        " OR (table_name = 'profile_mergeact' AND row_id = ANY(%s))"
        " OR (table_name = 'resolve_decision' AND row_id = ANY(%s)))"
    ]
    texts, customers = [str(one) for one in records], [str(one) for one in births]
    acts = [str(row[0]) for row in fetch_all(_MERGES, [births, births])]
    decisions = [str(row[0]) for row in fetch_all(_DECISIONS, [records, records])]
    values: list[Any] = [texts, texts, customers, acts, decisions]
    return _entries(actor, *_and_before(conditions, values, before), limit)


def _conditions(wanted: Wanted, before: int | None) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for condition, value in (
        ("actor_label ILIKE %s", f"%{_escaped(wanted.who)}%" if wanted.who else ""),
        ("action = %s", wanted.action),
        ("table_name = %s", wanted.table),
        ("row_id = %s", wanted.row),
        ("request_id = %s", wanted.request_id),
        ("at >= %s", wanted.since),
        ("at < %s", wanted.until),
    ):
        if value:
            conditions.append(condition)
            values.append(value)
    return _and_before(conditions, values, before)


def _and_before(conditions: list[str], values: list[Any], before: int | None) -> tuple[list[str], list[Any]]:
    return (conditions, values) if before is None else ([*conditions, "id < %s"], [*values, before])


def _entries(actor: Actor, conditions: Sequence[str], values: Sequence[Any], limit: int) -> list[Entry]:
    where = " AND ".join(conditions) or "TRUE"
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE {where} ORDER BY id DESC LIMIT %s", [*values, limit])
        return [_entry(actor, *row) for row in cursor.fetchall()]


def _entry(actor: Actor, *row: Any) -> Entry:
    id_, at, action, table, row_id, before, after, actor_id, who, reason, request_id, address, chained = row
    return Entry(
        id_,
        at,
        action,
        table,
        present_text(actor, row_id),
        actor_id,
        who,
        present_text(actor, reason),
        request_id,
        address,
        chained,
        _changes(actor, _decoded(before), _decoded(after)),
    )


def _changes(actor: Actor, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    attribute = str(after.get("attribute") or before.get("attribute") or "")
    return tuple(
        Change(name, _shown(actor, name, before.get(name), attribute), _shown(actor, name, after.get(name), attribute))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    )


def _shown(actor: Actor, name: str, value: Any, attribute: str) -> str | None:
    """A value as text. A pinned one is masked as its attribute; where that is not told, for all who see any masked."""
    if value is None:
        return None
    if name == "value" and isinstance(value, Mapping):
        if attribute:
            return str(present_value(actor, attribute, value.get("v")))
        return HIDDEN if is_masked_for(actor, "birth_date") else str(value.get("v"))
    shown = present_properties(actor, value, name)
    return shown if isinstance(shown, str) else _as_text(shown)


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return str(value)


def _decoded(text: str | None) -> Mapping[str, Any]:
    """Django's connections give jsonb as it is written."""
    value = json.loads(text) if text else {}
    return value if isinstance(value, Mapping) else {}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def names_in_trail(actor: Actor) -> tuple[list[str], list[str]]:
    """The actions and the tables there are, for the filters. Walks the newest entries only."""
    require(actor, "audit.view")
    rows = fetch_all(_NAMES)
    return _sorted(row[0] for row in rows), _sorted(row[1] for row in rows)


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name})


_SELECT = """
SELECT id, at, action, table_name, row_id, before, after, actor_id, actor_label, reason, request_id, address,
       chain_no IS NOT NULL
  FROM govern_auditentry"""
_NAMES = """
SELECT DISTINCT action, table_name
  FROM (SELECT action, table_name FROM govern_auditentry ORDER BY id DESC LIMIT 20000) AS newest
"""
_RECORDS = "SELECT record_id FROM resolve_recordcustomer WHERE customer_id = %s"
_BIRTHS = "SELECT customer_id FROM resolve_ledgerentry WHERE record_id = ANY(%s)"
_MERGES = "SELECT id FROM profile_mergeact WHERE survivor_id = ANY(%s) OR absorbed_id = ANY(%s)"
_DECISIONS = "SELECT id FROM resolve_decision WHERE left_ids && %s::uuid[] OR right_ids && %s::uuid[]"
