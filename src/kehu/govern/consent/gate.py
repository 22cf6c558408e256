"""The gate on every exit: may we, for this purpose, by this channel, to this address, now?

    with transaction.atomic():
        answer = may_send("marketing", "sms", customer_id=customer, address=phone)   # holds it until the commit
        if answer.allowed: gateway.send(…)

may_send and a withdrawal take the same locks, one shared, one alone: a withdrawal waits for the sends under way and is
acknowledged after them, and every later send sees it. For what nobody is disturbed by (a list, an export, a
prediction) `may` and `allowed_of` ask without holding anything.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from kehu.core.database import AdvisoryLock, current_connection, fetch_all
from kehu.core.registries import Exit, ExitKind
from kehu.govern.consent import decision
from kehu.govern.consent.addresses import hash_of, kind_of_channel, stored_forms
from kehu.govern.consent.decision import Answer, Person, Rules
from kehu.govern.consent.people import addresses_of, bearers_of, records_of
from kehu.govern.consent.rule import Word


def may(
    purpose: str, channel: str = "", *, customer_id: UUID | None = None, address: str = "", now: datetime | None = None
) -> Answer:
    """customer_id: of today or of before a merge; None with an address asks for everybody who carries it."""
    moment = now or timezone.now()
    people = _asked_for(channel, customer_id, address)
    answers = _answers(purpose, channel, people, _hashes(channel, address), moment)
    if not people:
        rules = rules_of(purpose)
        suppressed = _is_suppressed(_hashes(channel, address), channel, purpose)
        return decision.may(rules, channel, None, is_suppressed=suppressed, today=moment.date())
    return next((answer for answer in answers.values() if not answer.allowed), next(iter(answers.values())))


def may_send(
    purpose: str, channel: str, *, customer_id: UUID | None = None, address: str, now: datetime | None = None
) -> Answer:
    """The same, and true until the caller's transaction ends. Ask per message, when it is sent; commit soon."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("may_send belongs inside the transaction of the send.")
    people = _asked_for(channel, customer_id, address)
    _lock(_keys(people, _hashes(channel, address)), "pg_advisory_xact_lock_shared")
    return may(purpose, channel, customer_id=customer_id, address=address, now=now)


def allowed_of(
    purpose: str, channel: str, customers: Collection[UUID], *, now: datetime | None = None
) -> dict[UUID, Answer]:
    """One answer per customer, in two queries: for lists, exports, audiences, predictions, reads by machines."""
    return _answers(purpose, channel, list(customers), (), now or timezone.now())


def answers_by_channel(
    purpose: str, channels: Sequence[str], customer_id: UUID, *, now: datetime | None = None
) -> dict[str, Answer]:
    """One answer per channel, in two queries: for a screen that shows a person's choices."""
    rules, today = rules_of(purpose), timezone.localdate(now or timezone.now())
    person = _people(purpose, [customer_id]).get(customer_id)
    return {channel: decision.may(rules, channel, person, is_suppressed=False, today=today) for channel in channels}


def lock_out(customers: Iterable[UUID], addresses: Iterable[bytes]) -> None:
    """Wait for the sends under way to these, and hold the next ones back until the caller's transaction ends."""
    _lock(_keys(list(customers), tuple(addresses)), "pg_advisory_xact_lock")


def rules_of(purpose: str) -> Rules | None:
    rows = fetch_all(
        "SELECT slug, basis, separate <> '', is_marketing, is_profiling, channels, counts_since "
        "FROM consent_purpose WHERE slug = %s AND is_active",
        [purpose],
    )
    if not rows:
        return None
    [(slug, basis, separate, is_marketing, is_profiling, channels, since)] = rows
    return Rules(slug, basis, separate, is_marketing, is_profiling, tuple(channels), since)


def _answers(
    purpose: str, channel: str, customers: Sequence[UUID], hashes: Sequence[bytes], now: datetime
) -> dict[UUID, Answer]:
    rules = rules_of(purpose)
    suppressed = bool(hashes) and _is_suppressed(hashes, channel, purpose)
    people = _people(purpose, customers)
    today = timezone.localdate(now)
    return {
        customer: decision.may(rules, channel, people.get(customer), is_suppressed=suppressed, today=today)
        for customer in customers
    }


_ANY_CHANNEL: Final = frozenset({"", "any", decision.EVERY})  # as sources and Segment's events say it

# One row per thing known of a record of the customers asked for; a merged id is led to the customer of today.
_FACTS = """
WITH member AS (
    SELECT asked.id AS customer_id, m.record_id FROM unnest(%(customers)s::uuid[]) AS asked(id)
    JOIN resolve_ledgerentry l ON l.customer_id = asked.id
    JOIN resolve_recordcustomer founding ON founding.record_id = l.record_id
    JOIN resolve_recordcustomer m ON m.customer_id = founding.customer_id)
SELECT 'record', customer_id, record_id, '', NULL::timestamptz, NULL::boolean, false, false FROM member
UNION ALL (
    SELECT DISTINCT ON (m.customer_id, c.record_id, c.channel)
           'source', m.customer_id, c.record_id, c.channel, c.occurred_at, c.state = 'granted',
           coalesce(c.proof->>'separate' = 'true', false), coalesce(c.proof->>'guardian' = 'true', false)
    FROM member m JOIN profile_consent c ON c.record_id = m.record_id WHERE c.purpose IN (%(purpose)s, '*')
    ORDER BY m.customer_id, c.record_id, c.channel, c.occurred_at DESC, (c.state = 'withdrawn') DESC)
UNION ALL (
    SELECT DISTINCT ON (m.customer_id, w.record_id, w.channel)
           'direct', m.customer_id, w.record_id, w.channel, w.occurred_at, w.state = 'granted',
           w.is_separate, w.has_guardian
    FROM member m JOIN consent_word w ON w.record_id = m.record_id WHERE w.purpose IN (%(purpose)s, '*')
    ORDER BY m.customer_id, w.record_id, w.channel, w.occurred_at DESC, (w.state = 'withdrawn') DESC, w.id DESC)
UNION ALL
SELECT 'mark', m.customer_id, k.record_id, k.kind, NULL, NULL, false, false
FROM member m JOIN consent_mark k ON k.record_id = m.record_id
UNION ALL
SELECT DISTINCT 'born', m.customer_id, NULL::uuid, left(c.golden #>> '{birth_date,v}', 10), NULL::timestamptz,
       NULL::boolean, false, false
FROM member m JOIN resolve_recordcustomer r ON r.record_id = m.record_id
JOIN profile_customer c ON c.id = r.customer_id WHERE c.golden ? 'birth_date'
"""


def _people(purpose: str, customers: Sequence[UUID]) -> dict[UUID, Person]:
    words: dict[UUID, dict[UUID, dict[str, list[Word]]]] = defaultdict(dict)
    marks: dict[UUID, set[str]] = defaultdict(set)
    born: dict[UUID, date] = {}
    for kind, customer, record, text, at, is_yes, is_separate, has_guardian in fetch_all(
        _FACTS, {"customers": list(customers), "purpose": purpose}
    ):
        match kind:
            case "record":
                words[customer].setdefault(record, defaultdict(list))
            case "mark":
                marks[customer].add(text)
            case "born":
                if (day := _day(text)) is not None:
                    born[customer] = day
            case _:
                said = words[customer].setdefault(record, defaultdict(list))
                said[decision.EVERY if text in _ANY_CHANNEL else text].append(
                    Word(at, is_yes, kind == "direct", is_separate, has_guardian)
                )
    return {customer: Person(said, frozenset(marks[customer]), born.get(customer)) for customer, said in words.items()}


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _is_suppressed(hashes: Sequence[bytes], channel: str, purpose: str) -> bool:
    return bool(
        fetch_all(
            "SELECT 1 FROM consent_suppression WHERE address_hash = ANY(%s::bytea[]) AND lifted_at IS NULL "
            "AND channel IN ('', %s) AND purpose IN ('', %s) LIMIT 1",
            [_array(form for one in hashes for form in stored_forms(one).values()), channel, purpose],
        )
    )


def _array(values: Iterable[bytes]) -> str:
    return "{" + ",".join(f'"\\\\x{one.hex()}"' for one in values) + "}"


def _hashes(channel: str, address: str) -> tuple[bytes, ...]:
    found = hash_of(kind_of_channel(channel), address) if address else None
    return (found,) if found else ()


def _asked_for(channel: str, customer_id: UUID | None, address: str) -> list[UUID]:
    if customer_id is not None:
        return [customer_id]
    return bearers_of(channel, address) if address else []  # a phone of a family may be several people's


def _keys(customers: Sequence[UUID], hashes: Sequence[bytes]) -> list[int]:
    """A person is locked by all their records, so that a merge in between cannot part the two who must meet."""
    records = fetch_all(
        "SELECT m.record_id FROM unnest(%s::uuid[]) AS asked(id) "
        "JOIN resolve_ledgerentry l ON l.customer_id = asked.id "
        "JOIN resolve_recordcustomer f ON f.record_id = l.record_id "
        "JOIN resolve_recordcustomer m ON m.customer_id = f.customer_id",
        [list(customers)],
    )
    return [_key(row[0].bytes) for row in records] + [_key(one) for one in hashes]


def _key(material: bytes) -> int:
    return int.from_bytes(material[:4], "big", signed=True)


def _lock(keys: Iterable[int], function: str) -> None:
    wanted: list[Any] = sorted(set(keys))
    if wanted:
        current_connection().execute(
            f"SELECT {function}(%s, k) FROM unnest(%s::int[]) WITH ORDINALITY AS key(k, n) ORDER BY n",  # noqa: S608
            (int(AdvisoryLock.CONSENT), wanted),
        )


def _is_sent(customer_id: UUID, purpose: str, channel: str) -> bool:
    addresses = [form for kind, form in addresses_of(records_of(customer_id)) if kind == kind_of_channel(channel)]
    with transaction.atomic():
        return any(may_send(purpose, channel, customer_id=customer_id, address=one).allowed for one in addresses)


EXIT: Final = Exit("gate.send", ExitKind.SEND, _is_sent)
"""Whatever sends goes through may_send; the rooms that send add exits of their own."""
