"""The hash chain over the audit trail: made by one job afterwards, checked by anybody who reads the table."""

import logging
from dataclasses import dataclass

from django.db import connection, transaction

logger = logging.getLogger(__name__)
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where the chain ends. Kept elsewhere, it proves later that nothing was cut off the end."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """entries: in the chain; waiting: not yet; broken: (chain number, audit id, what is wrong), at most 100."""

    entries: int
    waiting: int
    head: ChainHead
    broken: tuple[tuple[int, int | None, str], ...]

    @property
    def is_sound(self) -> bool:
        return not self.broken


def chain_audit(at_once: int = _AT_ONCE) -> int:
    """Chain every entry that waits, in short transactions; returns how many. Run it from one periodic job."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT govern_chain_audit(%s)", [at_once])
            made: int = cursor.fetchone()[0]
        total += made
        if made < at_once:
            break
    if total:
        head = chain_head()
        logger.info("audit trail chained", extra={"entries": total, "head_no": head.number, "head_hash": head.hash})
    return total


def chain_head() -> ChainHead:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain_no, encode(chain_hash, 'hex') FROM govern_auditentry"
            " WHERE chain_no IS NOT NULL ORDER BY chain_no DESC LIMIT 1"
        )
        return ChainHead(*(cursor.fetchone() or (0, "")))


def verify_audit(expected_head: ChainHead | None = None) -> AuditVerdict:
    """Find changed, removed and swapped entries; with a head noted before, also a cut-off end."""
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN)
        broken = [(number, entry, str(problem)) for number, entry, problem in cursor.fetchall()]
        cursor.execute(
            "SELECT count(*) FILTER (WHERE chain_no IS NOT NULL), count(*) FILTER (WHERE chain_no IS NULL)"
            " FROM govern_auditentry"
        )
        entries, waiting = cursor.fetchone()
        if expected_head is not None and expected_head.number:
            cursor.execute(
                "SELECT encode(chain_hash, 'hex') FROM govern_auditentry WHERE chain_no = %s",
                [expected_head.number],
            )
            found = cursor.fetchone()
            if found is None or found[0] != expected_head.hash:
                broken.append((expected_head.number, None, "not the entry that stood at the head"))
    return AuditVerdict(entries, waiting, chain_head(), tuple(broken))


_BROKEN = """
SELECT chain_no, id,
       CASE WHEN chain_no = coalesce(number_before, 0) + 1 THEN 'the entry is not what was chained'
            ELSE 'an entry before this one is missing' END
  FROM (SELECT entry.id, entry.chain_no, entry.chain_hash,
               lag(entry.chain_no) OVER in_order AS number_before,
               sha256(coalesce(lag(entry.chain_hash) OVER in_order, ''::bytea)
                      || convert_to(govern_audit_text(entry), 'UTF8')) AS should_be
          FROM govern_auditentry AS entry
         WHERE entry.chain_no IS NOT NULL
        WINDOW in_order AS (ORDER BY entry.chain_no)) AS chain
 WHERE chain_hash <> should_be OR chain_no <> coalesce(number_before, 0) + 1
 ORDER BY chain_no LIMIT 100
"""
