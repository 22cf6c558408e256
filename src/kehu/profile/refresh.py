"""Golden records, scopes and search tokens of the customers a window made dirty, recomputed once each, in sets."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from kehu.clean.person_names import PersonName
from kehu.core.database import Connection
from kehu.profile.facts import json_text
from kehu.profile.search_tokens import search_form, tokens_of
from kehu.profile.survivorship import Golden, Known, Rule, gather, golden_record

_KNOWN = msgspec.json.Decoder(dict[str, Known])
SHARED = 0  # the department of what the whole company may see

_MEMBERS = """
SELECT m.customer_id, r.id, r.source_id, r.kind, r.attributes::text, r.first_at, r.last_at, r.department_id,
       r.source_id IN (SELECT id FROM collect_source WHERE kind = 'native')
FROM resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id
WHERE m.customer_id = ANY(%s)
"""

# Tokens go as one text per customer, to be taken apart by the server: twenty times fewer values to pass.
_INSERT_TOKENS = """
WITH said AS (
    SELECT customer_id, string_to_array(words, %(between)s) AS tokens, string_to_array(ranks, ',')::smallint[] AS ranks
    FROM unnest(%(customers)s::uuid[], %(words)s::text[], %(ranks)s::text[]) AS s(customer_id, words, ranks)),
written AS (
    INSERT INTO profile_searchrow (customer_id, tokens) SELECT customer_id, tokens FROM said
    ON CONFLICT (customer_id) DO UPDATE SET tokens = excluded.tokens)
INSERT INTO profile_customertoken (customer_id, token, rank)
SELECT customer_id, word, rank FROM said, unnest(tokens, ranks) AS t(word, rank) ORDER BY customer_id, word
"""
_BETWEEN = "\x1f"


class Member(NamedTuple):
    record: UUID
    source: int
    kind: str
    attributes: dict[str, Known]
    first_at: datetime
    last_at: datetime
    department: int | None
    is_native: bool


class CustomerRow(NamedTuple):
    """A customer as the window leaves it."""

    id: UUID
    kind: str
    display_name: str
    sort_key: str
    golden: str
    is_anonymous: bool
    record_count: int
    owner_id: int | None
    first_at: datetime
    last_at: datetime


class Refreshed(NamedTuple):
    created: list[UUID]
    updated: list[UUID]
    gone: list[UUID]


def refresh_customers(
    connection: Connection, dirty: Iterable[UUID], *, trust: Mapping[int, int], rules: Mapping[str, Rule]
) -> Refreshed:
    """Recompute the customers; those without records left are removed. Only rows that differ are written."""
    wanted = list(dirty)
    if not wanted:
        return Refreshed([], [], [])
    members = _members(connection, wanted)
    pins, owners = _kept_by_people(connection, members)
    before: dict[UUID, str] = dict(
        connection.execute(
            "SELECT id, md5(golden::text) FROM profile_customer WHERE id = ANY(%s)", (wanted,)
        ).fetchall()
    )
    rows, tokens, scopes = [], {}, {}
    for customer, found in members.items():
        golden = golden_record(
            gather((m.record, m.source, trust.get(m.source, 0), m.attributes) for m in found),
            rules,
            _pins_of(found, pins),
        )
        owner = next((owners[m.record] for m in sorted(found) if m.record in owners), None)
        rows.append(_row(customer, found, golden, owner))
        tokens[customer] = tokens_of(golden, min(9, len(found)))
        scopes[customer] = _scope_of(found)
    gone = [customer for customer in before if customer not in members]
    _save_customers(connection, rows)
    _remove(connection, gone)
    _save_tokens(connection, tokens)
    _save_scopes(connection, scopes)
    created = [customer for customer in members if customer not in before]
    return Refreshed(created, [customer for customer in members if customer in before], gone)


def move_times(connection: Connection, records: Collection[UUID]) -> None:
    """First and last time of customers of whom something was heard, without a look at their golden records."""
    if records:
        connection.execute(
            """
            UPDATE profile_customer c
            SET first_at = least(c.first_at, t.first_at), last_at = greatest(c.last_at, t.last_at)
            FROM (SELECT m.customer_id, min(r.first_at) AS first_at, max(r.last_at) AS last_at
                  FROM resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id
                  WHERE r.id = ANY(%s) GROUP BY 1) t
            WHERE c.id = t.customer_id AND (c.first_at > t.first_at OR c.last_at < t.last_at)
            """,
            (list(records),),
        )


def _members(connection: Connection, customers: list[UUID]) -> dict[UUID, list[Member]]:
    found: dict[UUID, list[Member]] = {}
    for customer, record, source, kind, attributes, *rest in connection.execute(_MEMBERS, (customers,)).fetchall():
        found.setdefault(customer, []).append(Member(record, source, kind, _KNOWN.decode(attributes), *rest))
    return found


def _scope_of(found: Sequence[Member]) -> set[int]:
    """Departments whose people see the customer. What is typed in about a known one opens it to nobody else."""
    telling = [member for member in found if not member.is_native] or found
    return {member.department if member.department is not None else SHARED for member in telling}


def _kept_by_people(
    connection: Connection, members: Mapping[UUID, list[Member]]
) -> tuple[dict[UUID, dict[str, str]], dict[UUID, int]]:
    records = [member.record for found in members.values() for member in found]
    pins: dict[UUID, dict[str, str]] = {}
    for record, attribute, value in connection.execute(
        "SELECT record_id, attribute, value->>'v' FROM profile_pin WHERE record_id = ANY(%s)", (records,)
    ):
        pins.setdefault(record, {})[attribute] = value
    owners: dict[UUID, int] = dict(
        connection.execute(
            "SELECT record_id, owner_id FROM profile_assignment WHERE record_id = ANY(%s)", (records,)
        ).fetchall()
    )
    return pins, owners


def _pins_of(members: list[Member], pins: Mapping[UUID, Mapping[str, str]]) -> dict[str, str]:
    """Pins of all members; where two founding records pin the same attribute, the smaller record id is heard."""
    found: dict[str, str] = {}
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


def _save_customers(connection: Connection, rows: list[CustomerRow]) -> None:
    if not rows:
        return
    rows.sort()
    connection.execute(
        """
        INSERT INTO profile_customer (id, kind, display_name, sort_key, golden, is_anonymous, record_count, owner_id,
                                      first_at, last_at, version)
        SELECT id, kind, display_name, sort_key, golden::jsonb, is_anonymous, record_count, owner_id, first_at,
               last_at, 1
        FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::int[], %s::bigint[],
                    %s::timestamptz[], %s::timestamptz[])
             AS c(id, kind, display_name, sort_key, golden, is_anonymous, record_count, owner_id, first_at, last_at)
        ON CONFLICT (id) DO UPDATE SET
            kind = excluded.kind, display_name = excluded.display_name, sort_key = excluded.sort_key,
            golden = excluded.golden, is_anonymous = excluded.is_anonymous, record_count = excluded.record_count,
            owner_id = excluded.owner_id, first_at = excluded.first_at, last_at = excluded.last_at,
            version = profile_customer.version + (profile_customer.golden IS DISTINCT FROM excluded.golden)::int,
            updated_at = now()
        """,
        tuple(list(column) for column in zip(*rows, strict=True)),
    )


def _remove(connection: Connection, customers: list[UUID]) -> None:
    if not customers:
        return
    connection.execute("DELETE FROM profile_customer WHERE id = ANY(%s)", (customers,))
    for table in ("profile_customertoken", "profile_searchrow", "profile_customerscope"):
        connection.execute(f"DELETE FROM {table} WHERE customer_id = ANY(%s)", (customers,))  # noqa: S608


def _save_tokens(connection: Connection, tokens: Mapping[UUID, Mapping[str, int]]) -> None:
    """Rewrite the tokens of those customers whose words differ."""
    if not tokens:
        return
    known: dict[UUID, list[str]] = dict(
        connection.execute(
            "SELECT customer_id, tokens FROM profile_searchrow WHERE customer_id = ANY(%s)", (list(tokens),)
        ).fetchall()
    )
    words = {customer: sorted(word for word in found if _BETWEEN not in word) for customer, found in tokens.items()}
    changed = {customer: found for customer, found in words.items() if found != known.get(customer)}
    if not changed:
        return
    stale = [customer for customer in changed if customer in known]
    if stale:
        connection.execute("DELETE FROM profile_customertoken WHERE customer_id = ANY(%s)", (stale,))
    connection.execute(
        _INSERT_TOKENS,
        {
            "customers": list(changed),
            "words": [_BETWEEN.join(found) for found in changed.values()],
            "ranks": [",".join([str(tokens[customer][word]) for word in found]) for customer, found in changed.items()],
            "between": _BETWEEN,
        },
    )


def _save_scopes(connection: Connection, scopes: Mapping[UUID, set[int]]) -> None:
    if not scopes:
        return
    pairs = [(customer, department) for customer, found in scopes.items() for department in sorted(found)]
    columns = tuple(list(column) for column in zip(*pairs, strict=True))
    connection.execute(
        "DELETE FROM profile_customerscope s WHERE customer_id = ANY(%s) AND NOT EXISTS "
        "(SELECT FROM unnest(%s::uuid[], %s::bigint[]) AS n(customer_id, department_id) "
        "WHERE n.customer_id = s.customer_id AND n.department_id = s.department_id)",
        (list(scopes), *columns),
    )
    connection.execute(
        "INSERT INTO profile_customerscope (customer_id, department_id) SELECT * FROM unnest(%s::uuid[], %s::bigint[]) "
        "ON CONFLICT DO NOTHING",
        columns,
    )
