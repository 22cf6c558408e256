"""What a backup tells of this room beside its rows: where the audit chain ends, and whose data was erased so far."""

from typing import Any

import psycopg

Connection = psycopg.Connection[Any]


def audit_head(connection: Connection) -> list[Any]:
    """[number, hash in hex] of the newest chained entry."""
    row = connection.execute(
        "SELECT chain_no, encode(chain_hash, 'hex') FROM govern_auditentry"
        " WHERE chain_no IS NOT NULL ORDER BY chain_no DESC LIMIT 1"
    ).fetchone()
    return list(row or (0, ""))


def erased_records(connection: Connection) -> list[list[str]]:
    """[record id, moment] of every record that was erased: an older backup that is restored must forget them again."""
    rows = connection.execute("SELECT record_id::text, erased_at FROM privacy_tombstone ORDER BY 2, 1").fetchall()
    return [[record, at.isoformat()] for record, at in rows]
