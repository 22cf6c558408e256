"""An installation of a million customers in minutes: consistent rows copied straight into the live tables.

The road makes 2,000 customers a second on a laptop's core; what reading costs does not depend on how the rows came in.
So here records, bindings, customers, scopes and search tokens are generated as the road would leave them and copied
past it, by two processes, with the indexes built afterwards. What only matching reads (match keys, links) is left out,
and the tables are not logged: such a folder is for measuring.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import timedelta
from typing import Final

import msgspec
import psycopg
from psycopg import sql

from kehu.bench.people import bench_person
from kehu.bench.traffic import HEAVY_CUSTOMERS, HEAVY_EVENTS, STARTED_AT
from kehu.clean.pinyin import name_pinyin
from kehu.core.ids import birth_id, record_id
from kehu.profile.search_tokens import tokens_of
from kehu.profile.survivorship import Golden

HEAVY_RECORDS: Final = 25
PROCESSES: Final = 2
PIECE: Final = 10_000  # customers copied at once
OWN_DEPARTMENT_EVERY: Final = 50  # one customer in so many belongs to department 1, the rest to everybody
ORDERS_EVERY: Final = 3
SLUG: Final = "bench"

COLUMNS: Final = {
    "resolve_sourcerecord": "id, source_id, external_id, kind, attributes, match_keys, first_shard, first_seq, "
    "first_at, last_at, department_id",
    "resolve_recordcustomer": "record_id, customer_id",
    "resolve_ledgerentry": "record_id, customer_id, born_no",
    "resolve_binding": "record_id, type, value, valid_from, is_trusted",
    "profile_customer": "id, kind, display_name, sort_key, golden, is_anonymous, record_count, first_at, last_at, "
    "version, updated_at",
    "profile_customerscope": "customer_id, department_id",
    "profile_customertoken": "customer_id, token, rank",
    "profile_searchrow": "customer_id, tokens, ranks",
}
FILLED_BY_SQL: Final = ("profile_event", "profile_order")
_EVENTS: Final = """
INSERT INTO profile_event (id, record_id, source_id, name, kind, occurred_at, received_at, properties, hangs_by)
SELECT md5(r.id::text || n)::uuid, r.id, r.source_id,
       (ARRAY['Product Viewed', 'Product Added', 'Cart Viewed', 'Checkout Started'])[1 + n %% 4], 'behaviour',
       r.last_at + n * interval '3 hours', r.last_at + n * interval '3 hours',
       jsonb_build_object('product_id', 'P' || n %% 997, 'price', n %% 500, 'currency', 'CNY'), 'record'
FROM resolve_sourcerecord r CROSS JOIN LATERAL generate_series(1, CASE WHEN r.first_seq < %s THEN %s ELSE %s END) n
WHERE r.first_shard = 0
"""
_ORDERS: Final = """
INSERT INTO profile_order (id, namespace, number, record_id, status, placed_at, currency, total, paid, refunded,
                           lineage)
SELECT md5('order' || r.id)::uuid, 'bench', 'SO-' || r.first_seq, r.id, 'paid', r.last_at + interval '1 day', 'CNY',
       100 + r.first_seq %% 900, 100 + r.first_seq %% 900, 0, jsonb_build_object('total', r.source_id)
FROM resolve_sourcerecord r WHERE r.first_shard = 0 AND r.first_seq %% %s = 0
"""


def fill_in_bulk(
    url: str, source_id: int, customers: int, progress: Callable[[int], None], *, events_each: int = 5
) -> None:
    """Customers 0..customers as `filling.fill` makes them. url: of the role that owns the tables, which are empty."""
    tables = (*COLUMNS, *FILLED_BY_SQL)
    with psycopg.connect(url, autocommit=True, options="-c search_path=live,public") as connection:
        connection.execute("SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 1")
        indexes = [index for table in tables for index in _drop_indexes(connection, table)]
        for table in tables:
            connection.execute(sql.SQL("ALTER TABLE {} SET UNLOGGED").format(sql.Identifier(table)))
        pieces = [(url, source_id, start, min(start + PIECE, customers)) for start in range(0, customers, PIECE)]
        with ProcessPoolExecutor(PROCESSES) as pool:
            for done in as_completed([pool.submit(_copy_piece, *piece) for piece in pieces]):
                progress(done.result())
        connection.execute(_EVENTS, (HEAVY_CUSTOMERS, HEAVY_EVENTS, events_each))
        connection.execute(_ORDERS, (ORDERS_EVERY,))
        connection.execute("SELECT setval('resolve_born_no', %s)", (customers + HEAVY_CUSTOMERS * HEAVY_RECORDS + 1,))
        for index in indexes:
            connection.execute(index)
        for table in tables:
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))


def _drop_indexes(connection: "psycopg.Connection[tuple[str, ...]]", table: str) -> list[str]:
    """Drop what makes copying slow; returns the statements that make it again."""
    made = []
    for name, definition in connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass "
        "AND contype IN ('p', 'u')",
        (table,),
    ).fetchall():
        connection.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name))
        )
        made.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for name, definition in connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass",
        (table,),
    ).fetchall():
        connection.execute(f"DROP INDEX {name}")
        made.append(definition)
    return made


def _copy_piece(url: str, source_id: int, start: int, end: int) -> int:
    lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
    for number in range(start, end):
        for table, line in _rows(source_id, number):
            lines[table].append(line)
    with psycopg.connect(url, options="-c search_path=live,public -c timezone=UTC") as connection:
        for table, columns in COLUMNS.items():
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write("".join(lines[table]))
    return end - start


def _rows(source_id: int, number: int) -> Iterator[tuple[str, str]]:
    """Every row of one customer, as a line of COPY's text form."""
    person = bench_person(number)
    founding = record_id(SLUG, f"user:u{number}")
    customer, born = birth_id(founding), STARTED_AT + timedelta(seconds=number)
    phone, sort_key = f"+86{person.phone}", name_pinyin(person.surname, person.given)
    values = {
        "name": (person.name, sort_key),
        "phone": (phone, phone),
        "email": (person.email, person.email),
        "city": (person.city, ""),
    }
    golden = {
        name: Golden(v, founding, source_id, born, "trust", normal) for name, (v, normal) in sorted(values.items())
    }
    is_heavy = number < HEAVY_CUSTOMERS
    department = 1 if number % OWN_DEPARTMENT_EVERY == 0 else 0
    tokens = tokens_of(golden, 9 if is_heavy else 1)
    for copy in range(HEAVY_RECORDS if is_heavy else 1):
        external_id = f"user:u{number}" if copy == 0 else f"copy{copy}:u{number}"
        record, at = record_id(SLUG, external_id), born + timedelta(days=copy)
        said = msgspec.json.encode({name: {"v": v, "at": at, "n": n} for name, (v, n) in values.items()}).decode()
        # first_shard 1 keeps the copies out of what is filled by SQL
        yield (
            "resolve_sourcerecord",
            _line(
                record, source_id, external_id, "person", said, "{}", min(copy, 1), number, at, at, department or None
            ),
        )
        yield "resolve_recordcustomer", _line(record, customer)
        yield "resolve_ledgerentry", _line(record, birth_id(record), number + 1 if copy == 0 else -number * 100 - copy)
        yield "resolve_binding", _line(record, "phone", phone, at, "t")
        yield "resolve_binding", _line(record, "email", person.email, at, "t")
    count = HEAVY_RECORDS if is_heavy else 1
    yield (
        "profile_customer",
        _line(
            customer, "person", person.name, sort_key, msgspec.json.encode(golden).decode(), "f", count, born,
            born + timedelta(days=count - 1), 1, born,
        ),
    )  # fmt: skip
    yield "profile_customerscope", _line(customer, department)
    id_text = str(customer)
    yield "profile_customertoken", "".join(f"{id_text}\t{token}\t{rank}\n" for token, rank in tokens.items())
    quoted = ",".join(f'"{token}"' for token in sorted(tokens))
    ranks = ",".join(str(tokens[token]) for token in sorted(tokens))
    yield "profile_searchrow", _line(customer, f"{{{quoted}}}", f"{{{ranks}}}")


def _line(*values: object) -> str:
    """Nothing here holds a tab, a line end or a backslash."""
    return "\t".join("\\N" if value is None else str(value) for value in values) + "\n"
