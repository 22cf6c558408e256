"""A small cast for the tests: who acts, and on whom. Factories state only what matters to the test."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.db import connection

from kehu.core.ids import birth_id, record_id
from kehu.govern.access import SYSTEM, Actor, actor_for_user
from kehu.govern.models import Department, Role, User
from kehu.profile.models import Event

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


def make_department(name: str = "East", parent: Department | None = None) -> Department:
    return Department.objects.create(name=name, parent=parent)


def make_user(
    role: str = "rep",
    department: Department | None = None,
    email: str | None = None,
    password: str | None = None,
    **fields: Any,
) -> User:
    """Somebody who can act; with a password only where a test signs in by hand, because hashing takes its time."""
    email = email or f"{role}-{uuid4().hex[:8]}@example.com"
    fields.setdefault("name", email.split("@")[0])
    return User.objects.create_user(email, password, role=Role.objects.get(slug=role), department=department, **fields)


@cache
def hash_of_password() -> str:
    """PASSWORD hashed once per process, for users who must have a password that nobody types."""
    return make_password(PASSWORD)


def make_actor(role: str = "rep", department: Department | None = None, **fields: Any) -> Actor:
    return actor_for_user(make_user(role, department, **fields))


def make_customer(
    name: str = "张伟",
    *,
    department_id: int = 0,
    owner_id: int | None = None,
    source_id: int = 1,
    external_id: str | None = None,
    identifiers: dict[str, str] | None = None,
    event: dict[str, Any] | None = None,
    **attributes: str,
) -> UUID:
    """A customer of one source record, put straight into the derived tables; returns the customer's id.

    department_id 0 = shared with the whole company. event: properties of a call that came from the customer.
    """
    external_id = external_id or uuid4().hex
    record = record_id(f"source{source_id}", external_id)
    customer = birth_id(record)
    values = {"name": name, **attributes}
    golden = {
        key: {"v": value, "record": str(record), "source": source_id, "at": NOON.isoformat(), "rule": "trust"}
        for key, value in values.items()
    }
    stored = {key: {"v": value, "at": NOON.isoformat()} for key, value in values.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO resolve_ledgerentry (record_id, customer_id, born_no)"
            " VALUES (%s, %s, nextval('resolve_born_no'))",
            [record, customer],
        )
        cursor.execute(
            "INSERT INTO resolve_sourcerecord (id, source_id, external_id, kind, attributes, match_keys,"
            " first_shard, first_seq, first_at, last_at, department_id)"
            " VALUES (%s, %s, %s, 'person', %s, '{}', 0, 1, %s, %s, nullif(%s, 0))",
            [record, source_id, external_id, json.dumps(stored), NOON, NOON, department_id],
        )
        cursor.execute("INSERT INTO resolve_recordcustomer VALUES (%s, %s)", [record, customer])
        cursor.execute(
            "INSERT INTO profile_customer (id, kind, display_name, sort_key, golden, is_anonymous, record_count,"
            " owner_id, first_at, last_at, version) VALUES (%s, 'person', %s, %s, %s, false, 1, %s, %s, %s, 1)",
            [customer, name, name, json.dumps(golden), owner_id, NOON, NOON],
        )
        cursor.execute(
            "INSERT INTO profile_customerscope (customer_id, department_id) VALUES (%s, %s)",
            [customer, department_id],
        )
        for type_, value in (identifiers or {}).items():
            cursor.execute(
                "INSERT INTO resolve_binding (record_id, type, value, valid_from, is_trusted)"
                " VALUES (%s, %s, %s, %s, true)",
                [record, type_, value, NOON],
            )
    if event is not None:
        Event.objects.create(
            id=uuid4(),
            record_id=record,
            source_id=source_id,
            name="Call Received",
            kind="contact",
            occurred_at=NOON,
            received_at=NOON,
            properties=event,
            hangs_by="record",
        )
    return customer


__all__ = ["NOON", "PASSWORD", "SYSTEM", "make_actor", "make_customer", "make_department", "make_user"]
