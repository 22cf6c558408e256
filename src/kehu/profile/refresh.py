"""Golden records, scopes and search tokens of the customers a window made dirty, recomputed once each, in sets."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

from kehu.clean.person_names import PersonName
from kehu.clean.source_view import SourceView
from kehu.core.database import Connection
from kehu.govern.actor import SHARED
from kehu.profile.customer_store import (
    CustomerRow,
    Member,
    kept_by_people,
    known_tokens,
    load_members,
    remove,
    save_customers,
    save_scopes,
    save_tokens,
)
from kehu.profile.facts import json_text
from kehu.profile.search_tokens import search_form, tokens_of
from kehu.profile.survivorship import Golden, Rule, gather, golden_record
from kehu.resolve.records import RecordState

_AT_ONCE: Final = 250  # written while the next ones are computed


class Refreshed(NamedTuple):
    created: list[UUID]
    updated: list[UUID]
    gone: list[UUID]


def refresh_customers(
    connection: Connection,
    dirty: Iterable[UUID],
    *,
    sources: Mapping[int, SourceView],
    rules: Mapping[str, Rule],
    at_hand: Mapping[UUID, Sequence[RecordState]] | None = None,
) -> Refreshed:
    """Recompute the customers; those without records left are removed. Only rows that differ are written.

    at_hand: all records of some of the customers, which need not be read then.
    """
    wanted = list(dirty)
    if not wanted:
        return Refreshed([], [], [])
    in_memory = at_hand or {}
    members = load_members(connection, [customer for customer in wanted if customer not in in_memory])
    members |= {customer: list(map(Member.of, in_memory[customer])) for customer in wanted if customer in in_memory}
    trust = {source.id: source.trust for source in sources.values()}
    natives = {source.id for source in sources.values() if source.kind == "native"}
    pins, owners = kept_by_people(connection, [member.record for found in members.values() for member in found])
    known = known_tokens(connection, wanted)
    for some in _portions(members):
        rows, tokens, scopes = [], {}, {}
        for customer, found in some:
            golden = golden_record(
                gather((m.record, m.source, trust.get(m.source, 0), m.attributes) for m in found),
                rules,
                _pins_of(found, pins),
            )
            owner = next((owners[m.record] for m in sorted(found) if m.record in owners), None) if owners else None
            rows.append(_row(customer, found, golden, owner))
            tokens[customer] = tokens_of(golden, min(9, len(found)))
            scopes[customer] = _scope_of(found, natives)
        save_customers(connection, rows)
        save_tokens(connection, tokens, known)
        save_scopes(connection, scopes, known.keys())
    gone = [customer for customer in known if customer not in members]
    remove(connection, gone)
    created = [customer for customer in members if customer not in known]
    return Refreshed(created, [customer for customer in members if customer in known], gone)


def _portions(members: Mapping[UUID, list[Member]]) -> Iterator[list[tuple[UUID, list[Member]]]]:
    items = iter(members.items())
    while some := list(islice(items, _AT_ONCE)):
        yield some


def _scope_of(found: Sequence[Member], natives: Collection[int]) -> set[int]:
    """Departments whose people see the customer. What is typed in about a known one opens it to nobody else."""
    telling = [member for member in found if member.source not in natives] or found
    return {member.department if member.department is not None else SHARED for member in telling}


def _pins_of(members: list[Member], pins: Mapping[UUID, Mapping[str, str]]) -> dict[str, str]:
    """Pins of all members; where two founding records pin the same attribute, the smaller record id is heard."""
    found: dict[str, str] = {}
    if not pins:
        return found
    for record in sorted((member.record for member in members), reverse=True):
        found.update(pins.get(record, {}))
    return found


def _row(customer: UUID, members: list[Member], golden: Mapping[str, Golden], owner: int | None) -> CustomerRow:
    kinds = {member.kind for member in members}
    kind = "organisation" if "organisation" in kinds else "person"
    name = next((golden[a].v for a in ("name", "nickname", "company") if a in golden), "")
    return CustomerRow(
        customer,
        kind,
        name,
        sort_key(name),
        json_text(golden),
        kinds == {"device"} or not golden,
        len(members),
        owner,
        min(member.first_at for member in members),
        max(member.last_at for member in members),
    )


def sort_key(name: str) -> str:
    """Names sort by sound: 张伟 as "zhang wei"; nameless customers come last."""
    parsed = PersonName.parse(name) if name else None
    return (parsed.pinyin if parsed and parsed.pinyin else search_form(name)) or "\uffff"
