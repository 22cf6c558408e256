"""Customers in PostgreSQL: what a refresh reads of them and writes back, in sets."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, LiteralString, NamedTuple, Self
from uuid import UUID

import msgspec

from kehu.core.database import Connection
from kehu.core.write_behind import write
from kehu.resolve.records import Attr, RecordState

_ATTRIBUTES = msgspec.json.Decoder(dict[str, Attr])

_MEMBERS = """
SELECT m.customer_id, r.id, r.source_id, r.kind, r.attributes::text, r.first_at, r.last_at, r.department_id
FROM resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id
WHERE m.customer_id = ANY(%s)
"""
# Tokens go as one text per customer, to be taken apart by the server: twenty times fewer values to pass.
_SAID = """
WITH said AS (
    SELECT customer_id, string_to_array(words, %(between)s) AS tokens, string_to_array(ranks, ',')::smallint[] AS ranks
    FROM unnest(%(customers)s::uuid[], %(words)s::text[], %(ranks)s::text[]) AS s(customer_id, words, ranks))
"""
_WRITE_ROWS = """
INSERT INTO profile_searchrow (customer_id, tokens, ranks) SELECT * FROM said
ON CONFLICT (customer_id) DO UPDATE SET tokens = excluded.tokens, ranks = excluded.ranks
"""
_INSERT_ROWS: LiteralString = f"{_SAID} {_WRITE_ROWS}"
_INSERT_TOKENS_AND_ROWS: LiteralString = f"""
{_SAID}, written AS ({_WRITE_ROWS})
INSERT INTO profile_customertoken (token, rank, customer_id)
SELECT word, rank, customer_id FROM said, unnest(tokens, ranks) AS t(word, rank) ORDER BY word, rank DESC, customer_id
"""  # noqa: S608  two constants
_INSERT_TOKENS = """
INSERT INTO profile_customertoken (token, rank, customer_id)
SELECT * FROM unnest(%s::text[], %s::smallint[], %s::uuid[]) AS t(token, rank, customer_id)
ORDER BY token, rank DESC, customer_id
"""
# By the whole row: the one index of the tokens begins with the token.
_DELETE_TOKENS = """
DELETE FROM profile_customertoken t USING unnest(%s::text[], %s::smallint[], %s::uuid[]) AS o(token, rank, customer_id)
WHERE t.token = o.token AND t.rank = o.rank AND t.customer_id = o.customer_id
"""
_DELETE_TOKENS_OF = """
DELETE FROM profile_customertoken t USING profile_searchrow s, unnest(s.tokens, s.ranks) AS o(token, rank)
WHERE s.customer_id = ANY(%s) AND t.token = o.token AND t.rank = o.rank AND t.customer_id = s.customer_id
"""
_BETWEEN = "\x1f"

Tokens = Mapping[str, int]  # word → rank


class Member(NamedTuple):
    record: UUID
    source: int
    kind: str
    attributes: Mapping[str, Attr]
    first_at: datetime
    last_at: datetime
    department: int | None

    @classmethod
    def of(cls, state: RecordState) -> Self:
        return cls(
            state.id, state.source_id, state.kind, state.attributes, state.first_at, state.last_at, state.department_id
        )


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


def move_times(connection: Connection, records: Collection[UUID]) -> None:
    """First and last time of customers of whom something was heard, without a look at their golden records."""
    if records:
        write(
            connection,
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


def load_members(connection: Connection, customers: list[UUID]) -> dict[UUID, list[Member]]:
    """The records of those customers that have any."""
    found: dict[UUID, list[Member]] = {}
    if not customers:
        return found
    for customer, record, source, kind, attributes, *rest in connection.execute(_MEMBERS, (customers,)).fetchall():
        found.setdefault(customer, []).append(Member(record, source, kind, _ATTRIBUTES.decode(attributes), *rest))
    return found


def kept_by_people(connection: Connection, records: list[UUID]) -> tuple[dict[UUID, dict[str, str]], dict[UUID, int]]:
    """Pinned values and owners that people gave to the records."""
    pins: dict[UUID, dict[str, str]] = {}
    for record, attribute, value in connection.execute(
        "SELECT record_id, attribute, value->>'v' FROM profile_pin WHERE record_id = ANY(%s)", (records,)
    ).fetchall():
        pins.setdefault(record, {})[attribute] = value
    owners: dict[UUID, int] = dict(
        connection.execute(
            "SELECT record_id, owner_id FROM profile_assignment WHERE record_id = ANY(%s)", (records,)
        ).fetchall()
    )
    return pins, owners


def known_tokens(connection: Connection, customers: list[UUID]) -> dict[UUID, Tokens]:
    """Those of the customers that exist, with the words they are found under."""
    rows = connection.execute(
        "SELECT c.id, s.tokens, s.ranks FROM profile_customer c LEFT JOIN profile_searchrow s ON s.customer_id = c.id "
        "WHERE c.id = ANY(%s)",
        (customers,),
    ).fetchall()
    return {customer: dict(zip(tokens or (), ranks or (), strict=True)) for customer, tokens, ranks in rows}


def save_customers(connection: Connection, rows: list[CustomerRow]) -> None:
    if not rows:
        return
    rows.sort(key=lambda row: row.id.int)
    write(
        connection,
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


def remove(connection: Connection, customers: list[UUID]) -> None:
    if not customers:
        return
    write(connection, "DELETE FROM profile_customer WHERE id = ANY(%s)", (customers,))
    write(connection, _DELETE_TOKENS_OF, (customers,))
    write(connection, "DELETE FROM profile_searchrow WHERE customer_id = ANY(%s)", (customers,))
    write(connection, "DELETE FROM profile_customerscope WHERE customer_id = ANY(%s)", (customers,))


def save_tokens(connection: Connection, tokens: Mapping[UUID, Tokens], known: Mapping[UUID, Tokens]) -> None:
    """Write the tokens of customers who are new or have other words than the known ones; a word kept keeps its rank."""
    words = {
        customer: {word: rank for word, rank in sorted(found.items()) if _BETWEEN not in word}
        for customer, found in tokens.items()
    }
    fresh = {customer: found for customer, found in words.items() if not known.get(customer) and found}
    if fresh:
        write(connection, _INSERT_TOKENS_AND_ROWS, _said(fresh))
    changed = {
        customer: {word: known[customer].get(word, rank) for word, rank in found.items()}
        for customer, found in words.items()
        if known.get(customer) and found.keys() != known[customer].keys()
    }
    if changed:
        _change_tokens(connection, changed, known)


def _change_tokens(connection: Connection, tokens: Mapping[UUID, Tokens], known: Mapping[UUID, Tokens]) -> None:
    gone, come = [], []
    for customer, found in tokens.items():
        before = known[customer]
        gone += [(word, before[word], customer) for word in before.keys() - found.keys()]
        come += [(word, found[word], customer) for word in found.keys() - before.keys()]
    for statement, rows in ((_DELETE_TOKENS, gone), (_INSERT_TOKENS, come)):
        if rows:
            write(connection, statement, tuple(list(column) for column in zip(*rows, strict=True)))
    write(connection, _INSERT_ROWS, _said(tokens))


def _said(tokens: Mapping[UUID, Tokens]) -> dict[str, Any]:
    return {
        "customers": list(tokens),
        "words": [_BETWEEN.join(found) for found in tokens.values()],
        "ranks": [",".join(map(str, found.values())) for found in tokens.values()],
        "between": _BETWEEN,
    }


def save_scopes(connection: Connection, scopes: Mapping[UUID, set[int]], known: Collection[UUID]) -> None:
    """Departments that see the customers. known: customers that may have others from before."""
    if not scopes:
        return
    pairs = [(customer, department) for customer, found in scopes.items() for department in sorted(found)]
    columns = tuple(list(column) for column in zip(*pairs, strict=True))
    before = [customer for customer in scopes if customer in known]
    if before:
        write(
            connection,
            "DELETE FROM profile_customerscope s WHERE customer_id = ANY(%s) AND NOT EXISTS "
            "(SELECT FROM unnest(%s::uuid[], %s::bigint[]) AS n(customer_id, department_id) "
            "WHERE n.customer_id = s.customer_id AND n.department_id = s.department_id)",
            (before, *columns),
        )
    write(
        connection,
        "INSERT INTO profile_customerscope (customer_id, department_id) SELECT * FROM unnest(%s::uuid[], %s::bigint[]) "
        "ON CONFLICT DO NOTHING",
        columns,
    )
