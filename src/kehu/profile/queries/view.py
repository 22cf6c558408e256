"""The 360: who a customer is, in a fixed number of queries however much there is of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from kehu.core.database import fetch_all
from kehu.govern.access import Actor, sees_record_of
from kehu.govern.field_policy import (
    Presented,
    PresentedField,
    present_attributes,
    present_golden,
    present_identifier,
    present_text,
)
from kehu.profile.queries.lists import order_totals, shown_name
from kehu.profile.queries.lookup import MemberRecord, current_customer, members_of
from kehu.profile.queries.timeline import TimelinePage, timeline_page
from kehu.profile.relations import queries as relation_queries
from kehu.profile.relations.lines import RelationLine
from kehu.resolve.identity_rules import STITCH, UNIQUE

_MOST = 200  # rows of one kind on one page


@dataclass(frozen=True, slots=True)
class IdentifierLine:
    """strength: unique, strong, weak (demoted: too many people carry it) or device."""

    type: str
    value: Presented
    strength: str
    source_ids: tuple[int, ...]
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class RecordLine:
    """why: how the record came to this customer: its strongest link to another member; None for a lone or first one."""

    record: MemberRecord
    attributes: dict[str, Presented]
    why: "LinkLine | None"


@dataclass(frozen=True, slots=True)
class LinkLine:
    left_id: UUID
    right_id: UUID
    kind: str
    reason: str
    probability: float
    weight_bits: float


@dataclass(frozen=True, slots=True)
class OrderLineView:
    id: UUID
    number: str
    status: str
    placed_at: datetime | None
    total: Decimal
    paid: Decimal
    refunded: Decimal
    currency: str
    source_id: int | None


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """The latest word per purpose and channel."""

    purpose: str
    channel: str
    state: str
    occurred_at: datetime
    source_id: int


@dataclass(frozen=True, slots=True)
class MergeLine:
    id: int
    kind: str
    survivor_id: UUID
    absorbed_id: UUID
    actor_id: int | None
    reason: str
    at: datetime
    is_undone: bool


@dataclass(frozen=True, slots=True)
class CustomerView:
    id: UUID
    redirected_from: UUID | None
    kind: str
    name: str
    version: int
    is_anonymous: bool
    owner_id: int | None
    golden: dict[str, PresentedField]
    identifiers: list[IdentifierLine]
    records: list[RecordLine]
    orders: list[OrderLineView]
    order_count: int
    order_total: Decimal
    currency: str
    consents: list[ConsentLine]
    relations: list[RelationLine]
    merges: list[MergeLine]
    timeline: TimelinePage
    first_at: datetime
    last_at: datetime


_CUSTOMER = """
SELECT kind, display_name, version, is_anonymous, owner_id, golden::text, first_at, last_at
FROM profile_customer WHERE id = %s
"""
_BINDINGS = """
SELECT b.type, b.value, b.record_id, b.valid_from, b.valid_to, s.value IS NOT NULL
FROM resolve_binding b LEFT JOIN resolve_identifierstatus s ON s.type = b.type AND s.value = b.value
WHERE b.record_id = ANY(%s) AND b.type <> 'native' ORDER BY b.valid_from, b.type, b.value LIMIT 500
"""
_BEST_LINKS = """
SELECT DISTINCT ON (m.record) m.record, l.left_id, l.right_id, l.kind, l.reason, l.probability, l.weight_bits
FROM unnest(%s::uuid[]) AS m(record) JOIN LATERAL (
    SELECT left_id, right_id, kind, reason, probability, weight_bits FROM resolve_link
    WHERE left_id = m.record AND right_id = ANY(%s)
    UNION ALL
    SELECT left_id, right_id, kind, reason, probability, weight_bits FROM resolve_link
    WHERE right_id = m.record AND left_id = ANY(%s)
) l ON true ORDER BY m.record, l.weight_bits DESC, l.left_id, l.right_id
"""
_ORDERS = """
SELECT id, number, status, placed_at, total, paid, refunded, currency, (lineage->>'total')::int
FROM profile_order WHERE record_id = ANY(%s) ORDER BY placed_at DESC NULLS LAST, id LIMIT 20
"""
_CONSENTS = """
SELECT DISTINCT ON (purpose, channel) purpose, channel, state, occurred_at, source_id
FROM profile_consent WHERE record_id = ANY(%s)
ORDER BY purpose, channel, occurred_at DESC, (state = 'withdrawn') DESC
"""
_MERGES = """
SELECT id, kind, survivor_id, absorbed_id, actor_id, reason, created_at, undone_by_id IS NOT NULL
FROM profile_mergeact WHERE survivor_id = %s OR absorbed_id = %s ORDER BY created_at DESC, id DESC LIMIT 50
"""


def customer_view(actor: Actor, customer_id: UUID, *, timeline_limit: int = 50) -> CustomerView:
    """Everything the customer page shows, as the actor may see it. Raises NotFound. Leads merged ids on."""
    current = current_customer(actor, customer_id)
    [row] = fetch_all(_CUSTOMER, [current.id])
    kind, display_name, version, is_anonymous, owner_id, values, first_at, last_at = row
    members = members_of([current.id])[current.id]
    seen = [member for member in members if sees_record_of(actor, member.department_id)]
    ids = [member.id for member in seen]
    golden = present_golden(actor, msgspec.json.decode(values), {str(m.id): m.department_id for m in members})
    count, total, currency = order_totals([current.id], ids if actor.is_strict else None).get(
        current.id, (0, Decimal(0), "CNY")
    )
    return CustomerView(
        current.id,
        current.redirected_from,
        kind,
        shown_name(actor, display_name, golden),
        version,
        is_anonymous,
        owner_id,
        golden,
        _identifiers(actor, seen),
        _records(actor, seen),
        [OrderLineView(*order) for order in fetch_all(_ORDERS, [ids])],
        count,
        total,
        currency,
        [ConsentLine(*consent) for consent in fetch_all(_CONSENTS, [ids])],
        relation_queries.relations_through(actor, {current.id: members}).lines.get(current.id, []),
        # Merges tell of records and ids that a strict actor may not know of.
        [] if actor.is_strict else [MergeLine(*merge) for merge in fetch_all(_MERGES, [current.id, current.id])],
        timeline_page(actor, current.id, limit=timeline_limit, members=members),
        min((m.first_at for m in seen), default=first_at) if actor.is_strict else first_at,
        max((m.last_at for m in seen), default=first_at) if actor.is_strict else last_at,
    )


def _identifiers(actor: Actor, members: list[MemberRecord]) -> list[IdentifierLine]:
    sources = {member.id: member.source_id for member in members}
    held: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for type_, value, *rest in fetch_all(_BINDINGS, [list(sources)]):
        held.setdefault((type_, value), []).append(tuple(rest))
    return [_identifier(actor, type_, value, held[type_, value], sources) for type_, value in held][:_MOST]


def _identifier(
    actor: Actor, type_: str, value: str, bindings: Sequence[tuple[Any, ...]], sources: Mapping[UUID, int]
) -> IdentifierLine:
    ends = [valid_to for _, _, valid_to, _ in bindings]
    return IdentifierLine(
        type_,
        present_identifier(actor, type_, value),
        _strength(type_, is_demoted=bindings[0][3]),
        tuple(dict.fromkeys(sources[record] for record, *_ in bindings)),
        bindings[0][1],
        None if None in ends else max(ends),
    )


def _strength(type_: str, *, is_demoted: bool) -> str:
    if is_demoted:
        return "weak"
    if type_ == STITCH:
        return "device"
    return "unique" if type_ in UNIQUE else "strong"


def _records(actor: Actor, members: list[MemberRecord]) -> list[RecordLine]:
    shown = members[:_MOST]
    ids = [member.id for member in shown]
    attributes = dict(fetch_all("SELECT id, attributes::text FROM resolve_sourcerecord WHERE id = ANY(%s)", [ids]))
    best = {record: LinkLine(*link) for record, *link in fetch_all(_BEST_LINKS, [ids, ids, ids])}
    return [
        RecordLine(
            # A till's key may be the phone itself.
            member._replace(external_id=present_text(actor, member.external_id)),
            present_attributes(actor, msgspec.json.decode(attributes.get(member.id, "{}"))),
            best.get(member.id),
        )
        for member in shown
    ]
