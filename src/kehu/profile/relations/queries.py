"""A customer's relations, as an actor may see them, each with who says so."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone

from kehu.core.database import fetch_all
from kehu.core.errors import InvalidInput
from kehu.core.ids import CustomerId
from kehu.govern.access import Actor, sees_record_of, visible_departments, visible_to
from kehu.govern.field_policy import present_properties, present_text
from kehu.profile.facts import TOLD
from kehu.profile.queries.lists import CustomerLine, lines_of
from kehu.profile.queries.lookup import MemberRecord, current_customer, members_of
from kehu.profile.relations.combining import Tie, Word, combine
from kehu.profile.relations.kinds import KINDS, TURNED, Side, canonical, spellings
from kehu.profile.relations.lines import EVERY, Asked, Evidence, Found, RelationLine, RelationPage
from kehu.profile.sql import TRUE, Sql, sql

MOST_WORDS = 5000  # rows read for one page of relations


def relations_of(
    actor: Actor,
    customer_id: UUID,
    asked: Asked = EVERY,
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> RelationPage:
    """By the name of the other one. Raises NotFound for a customer the actor may not see."""
    current = current_customer(actor, customer_id).id
    found = relations_among(actor, [current], asked, after=after, limit=limit)
    return RelationPage(found.lines.get(current, []), found.next)


def relations_among(
    actor: Actor,
    customer_ids: Collection[CustomerId | UUID],
    asked: Asked = EVERY,
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> Found:
    """The relations of several customers the actor sees, in four queries."""
    return relations_through(actor, members_of(list(customer_ids)), asked, after=after, limit=limit)


def relations_through(
    actor: Actor,
    records: Mapping[UUID, Sequence[MemberRecord]],
    asked: Asked = EVERY,
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> Found:
    """As relations_among, of customers whose records the caller has read: customer → records."""
    owner_of = {
        member.id: customer
        for customer, members in records.items()
        for member in members
        if sees_record_of(actor, member.department_id)
    }
    others = _others(actor, owner_of, asked, after, limit + 1)
    words = _words(actor, owner_of, [other for other, _ in others[:limit]], asked)
    shown = {line.id: line for line in lines_of(actor, list({other for _, other, _, _ in words}))}
    shared = _shared_values([word for said in words.values() for word in said if not word.is_told and not word.detail])
    lines: dict[UUID, list[RelationLine]] = {}
    for (customer, other, kind, side), said in words.items():
        tie = combine(said)
        if not tie.is_denied and other in shown:
            lines.setdefault(customer, []).append(_line(actor, shown[other], kind, side, tie, shared))
    places = {other: place for place, (other, _) in enumerate(others)}
    for some in lines.values():
        some.sort(key=lambda line: (line.is_over, places[line.customer_id], line.kind))
    last = others[limit - 1] if len(others) > limit else None
    return Found(lines, (last[1], str(last[0])) if last else None)


def _others(
    actor: Actor, owner_of: Mapping[UUID, UUID], asked: Asked, after: tuple[str, str] | None, limit: int
) -> list[tuple[UUID, str]]:
    """(customer, sort key) of the customers at the other ends."""
    seen, parameters = visible_to(actor).sql("c")
    statement = sql(
        "SELECT c.id, c.sort_key FROM profile_customer c WHERE c.id IN ("
        "SELECT m.customer_id FROM ({}) tie JOIN resolve_recordcustomer m ON m.record_id = tie.other "
        "JOIN resolve_recordcustomer own ON own.record_id = tie.own "
        "WHERE m.customer_id <> own.customer_id AND {}) AND {} AND {} AND {} "
        "ORDER BY c.sort_key, c.id LIMIT {}",
        _ties(list(owner_of), asked, Sql("{} AS own, {} AS other")),
        _in_scope(actor),
        Sql(seen, tuple(parameters)),
        sql("c.id = {}", asked.other_id) if asked.other_id else TRUE,
        _beyond(after),
        limit,
    )
    return [(other, key) for other, key in fetch_all(statement.text, statement.parameters)]


def _beyond(after: tuple[str, str] | None) -> Sql:
    if after is None:
        return TRUE
    key, other = after
    try:
        place = UUID(other)
    except ValueError:
        place = None
    if place is None or "\0" in key:
        raise InvalidInput("after", "this is no position in the list: start again from its first page")
    return sql("(c.sort_key, c.id) > ({}, {})", key, place)


def _words(
    actor: Actor, owner_of: Mapping[UUID, UUID], others: Sequence[UUID], asked: Asked
) -> dict[tuple[UUID, UUID, str, Side], list[Word]]:
    """What is said of the ties to the others, by (customer, other, kind, side of the customer)."""
    columns = Sql(
        "{} AS own, {} AS other, '{}' AS side, left_id, right_id, kind, basis, source_id, said_at, role, since_on, "
        "until_on, is_denied, detail::text AS detail"
    )
    statement = sql(
        "SELECT tie.own, m.customer_id, tie.side, tie.kind, tie.left_id, tie.right_id, tie.basis, tie.source_id, "
        "coalesce(s.trust_rank, 0), tie.said_at, tie.role, tie.since_on, tie.until_on, tie.is_denied, tie.detail "
        "FROM ({}) tie JOIN resolve_recordcustomer m ON m.record_id = tie.other "
        "LEFT JOIN collect_source s ON s.id = tie.source_id "
        "WHERE m.customer_id = ANY({}) AND {} LIMIT {}",
        _ties(list(owner_of), asked, columns),
        list(others),
        _in_scope(actor),
        MOST_WORDS,
    )
    found: dict[tuple[UUID, UUID, str, Side], list[Word]] = {}
    for own, other, at, word, *said, detail in fetch_all(statement.text, statement.parameters):
        customer = owner_of[own]
        if customer != other:
            kind, side = canonical(word, Side(at))
            found.setdefault((customer, other, kind, side), []).append(_word(said, detail))
    return found


def _word(said: Sequence[Any], detail: str) -> Word:
    left, right, basis, *rest = said
    return Word(*[left, right, basis == TOLD, *rest, msgspec.json.decode(detail)])


def _ties(records: list[UUID], asked: Asked, columns: Sql) -> Sql:
    """Rows of profile_relation that touch the records, read from the records' end. columns: with places for own end,
    other end and side."""
    kinds = asked.kinds or tuple(KINDS)
    parts = []
    for own, other in ((Side.LEFT, Side.RIGHT), (Side.RIGHT, Side.LEFT)):
        words = [word for kind in kinds for word in spellings(kind) if _is_asked(kind, word, own, asked.side)]
        chosen = Sql(columns.text.format(f"{own}_id", f"{other}_id", own))
        condition = sql("kind = ANY({})", words) if asked.kinds or asked.side else TRUE
        parts.append(
            sql(
                "SELECT {} FROM profile_relation WHERE {} = ANY({}) AND {}",
                chosen,
                Sql(f"{own}_id"),
                records,
                condition,
            )
        )
    return sql("{} UNION ALL {}", *parts)


def _is_asked(kind: str, word: str, own: Side, side: Side | None) -> bool:
    stands = own.other if word in TURNED else own
    return side is None or KINDS[kind].is_symmetric or stands is side


def _in_scope(actor: Actor) -> Sql:
    """For a strict actor, neither a tie to a record of another department, nor the name it gives."""
    if not actor.is_strict:
        return TRUE
    return sql(
        "EXISTS (SELECT FROM resolve_sourcerecord r WHERE r.id = tie.other AND coalesce(r.department_id, 0) = ANY({}))",
        list(visible_departments(actor) or ()),
    )


def _shared_values(words: Sequence[Word]) -> dict[tuple[UUID, UUID], list[str]]:
    """Which attributes both records of a found tie say alike: their names only, so that nothing need be masked."""
    if not words:
        return {}
    rows = fetch_all(
        "SELECT pair.l, pair.r, said.key FROM unnest(%s::uuid[], %s::uuid[]) AS pair(l, r) "
        "JOIN resolve_sourcerecord a ON a.id = pair.l JOIN resolve_sourcerecord b ON b.id = pair.r "
        "CROSS JOIN LATERAL jsonb_each(a.attributes) AS said "
        "WHERE said.key IN ('phone', 'email', 'address') AND (b.attributes -> said.key ->> 'v' = said.value ->> 'v' "
        "OR nullif(said.value ->> 'n', '') = b.attributes -> said.key ->> 'n') ORDER BY 1, 2, 3",
        [[word.left_id for word in words], [word.right_id for word in words]],
    )
    found: dict[tuple[UUID, UUID], list[str]] = {}
    for left, right, name in rows:
        found.setdefault((left, right), []).append(name)
    return found


def _line(
    actor: Actor, other: CustomerLine, kind: str, side: Side, tie: Tie, shared: Mapping[tuple[UUID, UUID], list[str]]
) -> RelationLine:
    holding = [word for word in tie.words if not word.is_denied]
    return RelationLine(
        other.id,
        other.name,
        other.kind,
        kind,
        side,
        present_text(actor, tie.role),
        tie.since_on,
        tie.until_on,
        tie.is_over(timezone.localdate()),
        not any(word.is_told for word in holding),
        tuple(_evidence(actor, word, shared.get((word.left_id, word.right_id), [])) for word in holding),
    )


def _evidence(actor: Actor, word: Word, shared: list[str]) -> Evidence:
    detail = present_properties(actor, word.detail) or (
        {"evidence": [{"what": name} for name in shared]} if shared else {}
    )
    return Evidence(
        word.source_id if word.is_told else None,
        word.said_at,
        present_text(actor, word.role),
        word.since_on,
        word.until_on,
        detail,
    )
