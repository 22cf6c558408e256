"""A canary who sings in every corner of the house, and somebody next to her who must not fall silent with her."""

from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql

from kehu.core import jobs
from kehu.core.database import current_connection
from kehu.govern.access import SYSTEM
from kehu.resolve.models import RecordCustomer, SourceRecord
from tests.pipeline.cast import DAY, Road3

NAME, PHONE, E164 = "金丝雀阿九", "139 2746 8135", "+8613927468135"
EMAIL, ADDRESS = "canary.nine@example.org", "浙江省杭州市西湖区文三路九十七号三幢八〇八室"
MEMBER, ORDER, NOTE = "M-CANARY-99", "SO-CANARY-1", "她说金丝雀阿九喜欢唱歌"
SONG = (NAME, "13927468135", PHONE, E164, EMAIL, ADDRESS, MEMBER, ORDER, "canary")
"""Everything that would give her away, in the ways it is written."""


def canary_bodies() -> list[tuple[str, str, dict[str, Any]]]:
    said = {"name": NAME, "phone": PHONE, "email": EMAIL, "address": ADDRESS, "birth_date": "1987-11-23"}
    return [
        ("crm", "crm-canary-1", {"attributes": said, "identifiers": [{"type": "member_id", "value": MEMBER}]}),
        (
            "shop",
            "shop-canary-1",
            {
                "attributes": {"name": NAME, "phone": "13927468135"},
                "identifiers": [{"type": "member_id", "value": MEMBER}],
                "events": [
                    {"key": "e-canary", "name": "Call Received", "kind": "contact", "occurred_at": DAY.isoformat(),
                     "properties": {"note": NOTE, "email": EMAIL}},
                ],
                "orders": [
                    {"namespace": "shop", "number": ORDER, "at": DAY.isoformat(), "total": "99", "currency": "CNY",
                     "buyer": {"source": "shop", "external_id": "shop-canary-1"},
                     "lines": [{"key": "1", "name": f"刻字：{NAME}", "quantity": "1"}]},
                ],
                "consents": [
                    {"purpose": "marketing", "channel": "sms", "state": "granted", "occurred_at": DAY.isoformat(),
                     "proof": {"form": f"signed by {EMAIL}"}},
                ],
                "relations": [{"other": {"source": "crm", "external_id": "crm-canary-1"}, "kind": "household"}],
            },
        ),
    ]  # fmt: skip


def sing(road: Road3) -> UUID:
    """Her messages go down the road; returns her customer."""
    road.send([road.message(source, key, {"external_id": key, "occurred_at": DAY.isoformat(), **body}, f"m-{n}")
               for n, (source, key, body) in enumerate(canary_bodies())])  # fmt: skip
    road.settle()
    return customer_of("crm-canary-1")


def customer_of(external_id: str) -> UUID:
    record = SourceRecord.objects.get(external_id=external_id)
    return RecordCustomer.objects.get(record_id=record.pk).customer_id


def send_raw(road: Road3, source: str, key: str, body: dict[str, Any], message_id: str) -> None:
    road.send([road.message(source, key, {"external_id": key, **body}, message_id)])
    road.settle()


def told_in_tables(dsn: str) -> list[str]:
    """Every table of every schema, every column, read whole and searched here: the scan itself is under test too."""
    found = []
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
        ).fetchall()
        for schema, table in tables:
            for (row,) in connection.execute(
                sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(sql.Identifier(schema, table))
            ):
                found += [f"{schema}.{table}.{column}" for column, value in row.items() if tells(value)]
    return sorted(set(found))


def tells(value: Any) -> bool:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    if text.startswith("\\x"):
        text = bytes.fromhex(text[2:]).decode(errors="replace")
    heard = text.casefold().encode().decode("unicode_escape", "replace") if "\\u" in text else text
    return any(note.casefold() in candidate for note in SONG for candidate in (text.casefold(), heard))


def told_in_files(folder: Path) -> list[str]:
    return [
        str(path) for path in folder.rglob("*") if path.is_file() and tells(path.read_bytes().decode("utf8", "replace"))
    ]


def run_waiting_jobs() -> None:
    rows = current_connection().execute("SELECT id FROM core_job WHERE state = 'queued' ORDER BY id").fetchall()
    for (job_id,) in rows:
        jobs.run_job_here(job_id)


__all__ = ["SYSTEM"]
