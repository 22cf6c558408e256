"""A small town whose people leave traces in several systems, and a road to send them down."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg

from kehu.collect import inbox
from kehu.collect.inbox import NewMessage
from kehu.core.database import open_connection
from kehu.leader import run_to_quiescence, run_window
from kehu.pipeline import Road
from kehu.rebuild import fingerprint
from tests.collect.cast import make_source

DAY = datetime(2026, 3, 1, tzinfo=UTC)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英建华文玉志海燕春梅国庆红"
ROADS = ["中山路", "人民路", "解放路", "建设路", "延安路", "南京路"]


class Town:
    """A seeded population; `messages(n)` gives n messages of three sources about it."""

    def __init__(self, seed: int, people: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.people = [self._person(number) for number in range(people)]

    def _person(self, number: int) -> dict[str, str]:
        pick = self.random.choice
        phone = f"13{self.random.randrange(10**9):09d}"
        if number % 9 == 8:  # shares the family's phone with the one before
            phone = self.last_phone
        self.last_phone = phone
        return {
            "name": pick(SURNAMES) + pick(GIVEN) + self.random.choice(["", pick(GIVEN)]),
            "phone": phone,
            "email": f"user{number}@example.org",
            "birth_date": f"{self.random.randrange(1950, 2005)}-{self.random.randrange(1, 13):02d}-"
            f"{self.random.randrange(2, 28):02d}",
            "address": f"上海市浦东新区{pick(ROADS)}{self.random.randrange(1, 400)}号{self.random.randrange(1, 30)}室",
            "member": f"M{number:06d}",
        }

    def bodies(self, count: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """(source slug, external id, canonical record)."""
        for number in range(count):
            person = self.random.choice(self.people)
            source = self.random.choice(["crm", "shop", "till"])
            said = {key: person[key] for key in ("name", "phone", "email", "birth_date", "address")}
            for key in ("phone", "email", "birth_date", "address"):
                if self.random.random() < 0.35:
                    said.pop(key)
            if self.random.random() < 0.1 and "phone" in said:
                said["phone"] = f"13{self.random.randrange(10**9):09d}"
            identifiers = [{"type": "member_id", "value": person["member"]}] if source == "till" else []
            at = DAY + timedelta(minutes=self.random.randrange(100_000))
            external = f"{source}-{self.random.randrange(count)}"
            body = {
                "external_id": external,
                "occurred_at": at.isoformat(),
                "attributes": said,
                "identifiers": identifiers,
                "events": [
                    {
                        "key": f"e{self.seed}-{number}",
                        "name": "Visited",
                        "kind": "behaviour",
                        "occurred_at": at.isoformat(),
                    }
                ],
            }
            yield source, external, body


class Road3:
    """A database with three sources, ready for messages."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.road = Road.today()
        self.sources = {
            slug: make_source(connection, slug, is_trusted=True, kind="api", trust_rank=rank)
            for slug, rank in (("crm", 40), ("shop", 50), ("till", 60))
        }

    def message(self, source: str, external: str, body: dict[str, Any], message_id: str) -> NewMessage:
        return NewMessage(
            source_id=self.sources[source],
            kind="record",
            message_id=message_id,
            payload=msgspec.json.encode(body),
            shard_key=external,
        )

    def send(self, messages: Sequence[NewMessage]) -> None:
        with self.connection.transaction():
            inbox.append(self.connection, messages)

    def settle(self) -> None:
        run_to_quiescence(self.connection, self.road)

    def settle_in_windows_of(self, limit: int) -> None:
        for shard in range(inbox.SHARDS):
            while run_window(self.connection, shard, self.road, limit=limit) is not None:
                pass
        self.settle()

    def partition(self) -> frozenset[frozenset[str]]:
        """Records by their keys, grouped by customer: what must not depend on the order of arrival."""
        groups: dict[Any, set[str]] = {}
        for customer, source, external in self.connection.execute(
            "SELECT m.customer_id, r.source_id, r.external_id FROM resolve_sourcerecord r "
            "JOIN resolve_recordcustomer m ON m.record_id = r.id"
        ):
            groups.setdefault(customer, set()).add(f"{source}:{external}")
        return frozenset(frozenset(group) for group in groups.values())

    def golden_values(self) -> dict[frozenset[str], dict[str, str]]:
        """Golden values by the set of records they come from."""
        members: dict[Any, set[str]] = {}
        values: dict[Any, dict[str, str]] = {}
        for customer, record, golden in self.connection.execute(
            "SELECT c.id, m.record_id::text, c.golden::text FROM profile_customer c "
            "JOIN resolve_recordcustomer m ON m.customer_id = c.id"
        ):
            members.setdefault(customer, set()).add(record)
            values[customer] = {name: value["v"] for name, value in msgspec.json.decode(golden).items()}
        return {frozenset(members[customer]): values[customer] for customer in members}

    def fingerprint(self) -> dict[str, Any]:
        return fingerprint(self.connection, "live")


@contextmanager
def road_of(database: Any) -> Iterator[Road3]:
    with open_connection(database.dsn("app")) as connection:
        yield Road3(connection)
