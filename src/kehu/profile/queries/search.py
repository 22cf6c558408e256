"""Search by name, sound, initials, phone, e-mail, company, place, number: the best few, however common the words.

No step looks at more rows when there are more customers: lists of a word are read in the order of their rank and only
so far, the rarest word leads, and what was mistyped is looked up as the words it may have been.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from kehu.govern import rate_limits
from kehu.govern.access import Actor, Visibility, visible_to
from kehu.profile.queries.search_in_scope import LOOKED_AT, borne_in_scope
from kehu.profile.search_tokens import EDGE, query_words
from kehu.profile.search_variants import variants
from kehu.profile.sql import TRUE, Sql, all_of, sql

_LAST_CHARACTER = chr(0x10FFFF)
RARE: Final = 2_000  # a word that fewer customers bear is read whole
_FIRST_LOOK, _LONG_LOOK = 300, 3_000  # rows of a common word read in the order of rank
_BEGINNINGS: Final = 40  # words of the index that one beginning stands for
_SPARE: Final = 400  # how many hits without an order are ranked against one another
_IDENTIFIERS: Final = ("member_id", "erp_no", "crm_id", "user_id", "tax_no", "plate", "unionid")


class SearchResult(NamedTuple):
    """ids: best first. is_guess: nobody is written so, these are spelt or spoken alike."""

    ids: list[UUID]
    words: list[str]
    is_guess: bool = False


def search(actor: Actor, text: str, limit: int = 20) -> list[UUID]:
    """Customer ids, best first. Every word typed must be found; each may be a beginning."""
    return find(actor, text, limit).ids


def find(actor: Actor, text: str, limit: int = 20, *, where: Sql = TRUE) -> SearchResult:
    """What `search` finds among customers that also meet `where` (a condition on profile_customer as c)."""
    words = query_words(text)
    if not words:
        return SearchResult([], [])
    rate_limits.count_look_up(actor, text)
    if actor.is_strict:
        return _find_in_scope(actor, text, words, limit, where)
    index = _Index(visible_to(actor), where, limit)
    if found := index.by_words(words) | index.by_number(text, words):
        return SearchResult(list(found)[:limit], words)
    if len(words) > 1 and all(word.isascii() and word.isalpha() for word in words):
        joined = "".join(words)  # syllables typed one by one: zhang xiao ming
        if found := index.by_words([joined]):
            return SearchResult(list(found)[:limit], [joined])
    return SearchResult(list(index.by_guesses(words))[:limit], words, is_guess=True)


def _find_in_scope(actor: Actor, text: str, words: list[str], limit: int, where: Sql) -> SearchResult:
    """For who sees only the records of their department: no guesses, and no hit by a word of another department."""
    index = _Index(visible_to(actor), where, max(limit, LOOKED_AT))
    hits = list(index.by_words(words) | index.by_number(text, words))
    return SearchResult(borne_in_scope(actor, hits, words, text)[:limit], words)


class _Index:
    """The token tables as one actor sees them."""

    def __init__(self, seen: Visibility, where: Sql, limit: int) -> None:
        condition, parameters = seen.sql("c")
        self._seen, self._limit = seen, limit
        self._scope = all_of([Sql(condition, tuple(parameters)), where])
        self._where = where

    def by_words(self, words: Sequence[str]) -> dict[UUID, None]:
        """Customers under all of the words; those who bear a single word itself come before mere beginnings."""
        if len(words) == 1:
            found = self._all_of([[words[0]]])
            if len(found) < self._limit and len(words[0]) > 1:
                found |= self._beginning(words[0])
            return found
        known = self._frequencies(words)
        terms = [[word] if known[word] else self._beginnings(word) for word in words]
        found = self._all_of(terms)
        if len(found) < self._limit and len(words[-1]) > EDGE and known[words[-1]]:
            found |= self._all_of([*terms[:-1], [words[-1], *self._beginnings(words[-1])]])
        return found

    def by_number(self, text: str, words: Sequence[str]) -> dict[UUID, None]:
        """Whose order, member card or number in another system it is."""
        if len(words) > 1 or len(words[0]) < 4:
            return {}
        written = list(dict.fromkeys((text.strip(), text.strip().upper(), words[0])))
        return self._run(
            sql(
                "SELECT c.id FROM (SELECT record_id FROM profile_order WHERE number = ANY({}) UNION "
                "SELECT record_id FROM resolve_binding WHERE type = ANY({}) AND value = ANY({})) known "
                "JOIN resolve_recordcustomer m USING (record_id) JOIN profile_customer c ON c.id = m.customer_id "
                "WHERE {} LIMIT {}",
                written, list(_IDENTIFIERS), written, self._scope, self._limit,
            )
        )  # fmt: skip

    def by_guesses(self, words: Sequence[str]) -> dict[UUID, None]:
        """One word after the other taken for what it may have been; then all of them."""
        guesses = [self._existing(variants(word)) for word in words]
        known = self._frequencies(words)
        plain = [[word] if known[word] else self._beginnings(word) for word in words]
        if len(words) > 1:
            for place, guess in enumerate(guesses):
                if guess and (found := self._all_of([*plain[:place], guess, *plain[place + 1 :]])):
                    return found
        return self._all_of([guess or term for guess, term in zip(guesses, plain, strict=True)])

    def _all_of(self, terms: Sequence[Sequence[str]]) -> dict[UUID, None]:
        """Customers under one word of every term."""
        if not all(terms):
            return {}
        if len(terms) == 1:
            return self._walk(terms[0], [])
        counted = self._frequencies([word for term in terms for word in term])
        totals = [sum(counted[word] for word in term) for term in terms]
        lead = totals.index(min(totals))
        others = [term for place, term in enumerate(terms) if place != lead]
        found = self._walk(terms[lead], others)
        if len(found) < self._limit and totals[lead] > RARE:
            found |= self._conjunction(terms)
        return found

    def _walk(self, term: Sequence[str], others: Sequence[Sequence[str]]) -> dict[UUID, None]:
        """In the order of rank, a little at first, then further; then among the few an actor sees at all."""
        found: dict[UUID, None] = {}
        for depth in (_FIRST_LOOK, _LONG_LOOK):
            each = max(20, depth // len(term))
            found = self._run(
                sql(
                    "SELECT hit.customer_id FROM (SELECT t.customer_id, t.rank FROM unnest({}::text[]) AS term "
                    "CROSS JOIN LATERAL (SELECT customer_id, rank FROM profile_customertoken WHERE token = term "
                    "ORDER BY rank DESC, customer_id LIMIT {}) t ORDER BY t.rank DESC, t.customer_id LIMIT {}) hit "
                    "JOIN profile_customer c ON c.id = hit.customer_id WHERE {} "
                    "ORDER BY hit.rank DESC, hit.customer_id LIMIT {}",
                    list(term), each, depth, all_of([self._scope, *map(_has_one_of, others)]), self._limit * 2,
                )
            )  # fmt: skip
            if len(found) >= self._limit:
                return found
        if self._seen.is_everything or sum(self._frequencies(term).values()) <= RARE:
            return found
        return found | self._walk_scope(term, others)

    def _walk_scope(self, term: Sequence[str], others: Sequence[Sequence[str]]) -> dict[UUID, None]:
        """From the customers the actor sees to their words: each way into sight by itself, so that it has its index."""
        return self._run(
            sql(
                "SELECT hit.customer_id FROM ({}) own JOIN profile_searchrow hit ON hit.customer_id = own.id "
                "CROSS JOIN LATERAL (SELECT max(t.rank) AS rank FROM unnest(hit.tokens, hit.ranks) AS t(token, rank) "
                "WHERE t.token = ANY({})) best JOIN profile_customer c ON c.id = hit.customer_id "
                "WHERE hit.tokens && {}::text[] AND {} ORDER BY best.rank DESC, hit.customer_id LIMIT {}",
                own_customers(self._seen), list(term), list(term),
                all_of([self._where, *map(_has_one_of, others)]), self._limit * 2,
            )
        )  # fmt: skip

    def _conjunction(self, terms: Sequence[Sequence[str]]) -> dict[UUID, None]:
        """Common words together: the intersection of their lists, as far as it is worth ranking."""
        conditions = [
            sql("s.tokens @> {}::text[]", list(term)) if len(term) == 1 else sql("s.tokens && {}::text[]", list(term))
            for term in terms
        ]
        return self._run(
            sql(
                "SELECT hit.customer_id FROM (SELECT s.customer_id FROM profile_searchrow s WHERE {} LIMIT {}) hit "
                "JOIN profile_customer c ON c.id = hit.customer_id WHERE {} "
                "ORDER BY c.record_count DESC, c.id LIMIT {}",
                all_of(conditions), _SPARE if self._seen.is_everything else _LONG_LOOK, self._scope, self._limit,
            )
        )  # fmt: skip

    def _beginning(self, word: str) -> dict[UUID, None]:
        """Words that go on after what was typed, without a full order among them."""
        return self._run(
            sql(
                "SELECT hit.customer_id FROM (SELECT customer_id, rank FROM profile_customertoken "
                "WHERE token > {} AND token < {} LIMIT {}) hit "
                "JOIN profile_customer c ON c.id = hit.customer_id WHERE {} "
                "ORDER BY hit.rank DESC, hit.customer_id LIMIT {}",
                word, word + _LAST_CHARACTER, _SPARE if self._seen.is_everything else _LONG_LOOK, self._scope,
                self._limit * 2,
            )
        )  # fmt: skip

    def _beginnings(self, word: str) -> list[str]:
        """Words of the index that begin so: one step of the index for each, however many customers bear it."""
        if len(word) <= EDGE:
            return []
        end = word + _LAST_CHARACTER
        following = sql("SELECT min(token) FROM profile_customertoken WHERE token > {} AND token < {}", word, end)
        after = sql("SELECT min(token) FROM profile_customertoken WHERE token > b.token AND token < {}", end)
        return [
            row[0]
            for row in _rows(
                sql(
                    "WITH RECURSIVE b (token, n) AS (({}) UNION ALL SELECT ({}), n + 1 FROM b "
                    "WHERE b.token IS NOT NULL AND n < {}) SELECT token FROM b WHERE token IS NOT NULL",
                    Sql(following.text.replace("min(token)", "min(token), 1"), following.parameters),
                    after,
                    _BEGINNINGS,
                )
            )
        ]

    def _frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """How many customers bear a word, counted no further than it matters."""
        return dict(
            _rows(
                sql(
                    "SELECT word, (SELECT count(*) FROM (SELECT FROM profile_customertoken WHERE token = word "
                    "LIMIT {}) few) FROM unnest({}::text[]) AS word",
                    RARE + 1, list(words),
                )
            )
        )  # fmt: skip

    def _existing(self, words: Sequence[str]) -> list[str]:
        """Those of the words that somebody bears, the commonest first."""
        if not words:
            return []
        rows = _rows(
            sql(
                "SELECT word, few.n FROM unnest({}::text[]) AS word CROSS JOIN LATERAL (SELECT count(*) AS n FROM "
                "(SELECT FROM profile_customertoken WHERE token = word LIMIT 20) first) few WHERE few.n > 0 "
                "ORDER BY few.n DESC, word LIMIT {}",
                list(words), _BEGINNINGS,
            )
        )  # fmt: skip
        return [word for word, _ in rows]

    def _run(self, statement: Sql) -> dict[UUID, None]:
        return dict.fromkeys(row[0] for row in _rows(statement))


def own_customers(seen: Visibility) -> Sql:
    """The ids an actor sees who does not see everybody: each way into sight by itself, so that it has its index."""
    ways = [
        sql("SELECT c.id FROM profile_customer c WHERE {}", Sql(way.condition, tuple(way.parameters)))
        for way in seen.ways("c")
    ]
    return Sql(" UNION ".join(way.text for way in ways), tuple(value for way in ways for value in way.parameters))


def _has_one_of(term: Sequence[str]) -> Sql:
    return sql(
        "EXISTS (SELECT FROM profile_searchrow o WHERE o.customer_id = hit.customer_id AND o.tokens && {}::text[])",
        list(term),
    )


def _rows(statement: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
