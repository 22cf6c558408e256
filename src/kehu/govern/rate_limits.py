"""Counted per person and window of time: reveals, and look-ups that could leak who is a customer."""

import time
from dataclasses import dataclass
from typing import Final

from django.db import connection

from kehu.govern.actor import Actor
from kehu.govern.errors import RateLimited
from kehu.govern.field_policy import is_masked_for


@dataclass(frozen=True, slots=True)
class Limit:
    what: str
    at_most: int
    per_seconds: int


REVEAL: Final = Limit("reveal", 30, 3600)
LOOK_UP: Final = Limit("look-up by number", 60, 60)
TOKEN_FAILURES: Final = Limit("wrong token", 20, 60)
API_CALLS: Final = Limit("API calls", 1200, 60)
SIGN_IN_PER_ADDRESS: Final = Limit("tries to sign in", 10, 60)
SIGN_IN_PER_ACCOUNT: Final = Limit("tries to sign in to an account", 5, 300)
LIMITS: Final = (REVEAL, LOOK_UP, TOKEN_FAILURES, SIGN_IN_PER_ADDRESS, SIGN_IN_PER_ACCOUNT)


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a limit is used, for the RateLimit headers."""

    limit: Limit
    count: int
    reset_seconds: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit.at_most - self.count)


def count(limit: Limit, who: Actor | str) -> Used:
    """Count one more; raise RateLimited when it is one too many. One statement, so concurrent calls all count.

    Called outside the transaction of the act: what fails has been tried all the same.
    """
    used = peek_after_adding(limit, who, 1)
    if used.count > limit.at_most:
        raise RateLimited(limit.what, limit.at_most, limit.per_seconds, used.reset_seconds)
    return used


def count_look_up(actor: Actor, text: str) -> None:
    """Count a search by phone, its last digits or e-mail, for an actor who sees these masked: it could tell whose."""
    digits = sum(character.isdigit() for character in text)
    is_number = digits >= 4 and digits >= len(text) - 4
    if (is_number and is_masked_for(actor, "phone")) or ("@" in text and is_masked_for(actor, "email")):
        count(LOOK_UP, actor)


def refuse_if_used_up(limit: Limit, who: Actor | str) -> None:
    """Raise RateLimited if no more is allowed, without counting this one."""
    used = peek_after_adding(limit, who, 0)
    if used.count >= limit.at_most:
        raise RateLimited(limit.what, limit.at_most, limit.per_seconds, used.reset_seconds)


def peek_after_adding(limit: Limit, who: Actor | str, added: int) -> Used:
    now = time.time()
    window = int(now // limit.per_seconds)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO govern_ratecount AS r (key, period, count) VALUES (%s, %s, %s)"
            " ON CONFLICT (key) DO UPDATE SET period = excluded.period,"
            " count = greatest(0, excluded.count + CASE WHEN r.period = excluded.period THEN r.count ELSE 0 END)"
            " RETURNING count",
            [f"{limit.what}/{_key_of(who)}"[:120], window, added],
        )
        row = cursor.fetchone()
    return Used(limit, row[0], int((window + 1) * limit.per_seconds - now) + 1)


def _key_of(who: Actor | str) -> str:
    return who if isinstance(who, str) else f"user {who.user_id}"


def forget_old() -> int:
    """Delete counts of windows long over; returns how many. No window is longer than a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM govern_ratecount AS r USING unnest(%s::text[], %s::bigint[]) AS old (what, period)"
            " WHERE starts_with(r.key, old.what || '/') AND r.period < old.period",
            [[limit.what for limit in LIMITS], [int(time.time() // limit.per_seconds) - 1 for limit in LIMITS]],
        )
        return int(cursor.rowcount)
