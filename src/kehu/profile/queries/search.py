"""Search by name, sound, initials, phone, e-mail, company or order number: the best few, however common the word."""

from typing import Any
from uuid import UUID

from django.db import connection

from kehu.govern import rate_limits
from kehu.govern.access import Actor, visible_to
from kehu.profile.search_tokens import EDGE, query_words

_LAST_CHARACTER = chr(0x10FFFF)
_SPARE = 400  # how many prefix hits are ranked against one another

_BY_WORD = """
SELECT t.customer_id FROM profile_customertoken t JOIN profile_customer c ON c.id = t.customer_id
WHERE t.token = %s AND {visible} ORDER BY t.rank DESC, t.customer_id LIMIT %s
"""
_BY_PREFIX = """
SELECT customer_id FROM (
    SELECT t.customer_id, t.rank FROM profile_customertoken t JOIN profile_customer c ON c.id = t.customer_id
    WHERE t.token > %s AND t.token < %s AND {visible} LIMIT %s
) hit GROUP BY customer_id ORDER BY max(rank) DESC, customer_id LIMIT %s
"""
_BY_ALL_WORDS = """
SELECT s.customer_id FROM profile_searchrow s JOIN profile_customer c ON c.id = s.customer_id
WHERE s.tokens @> %s::text[] AND {visible} ORDER BY c.record_count DESC, s.customer_id LIMIT %s
"""
_BY_WORDS_AND_PREFIX = """
SELECT s.customer_id FROM profile_searchrow s JOIN profile_customer c ON c.id = s.customer_id
WHERE s.tokens @> %s::text[] AND {visible} AND EXISTS (
    SELECT FROM profile_customertoken t WHERE t.customer_id = s.customer_id AND t.token >= %s AND t.token < %s)
ORDER BY c.record_count DESC, s.customer_id LIMIT %s
"""
_BY_ORDER = """
SELECT m.customer_id FROM profile_order o JOIN resolve_recordcustomer m ON m.record_id = o.record_id
JOIN profile_customer c ON c.id = m.customer_id WHERE o.number = ANY(%s) AND {visible} LIMIT %s
"""


def search(actor: Actor, text: str, limit: int = 20) -> list[UUID]:
    """Customer ids, best first. Every word typed must be found; the last one may be a beginning."""
    words = query_words(text)
    if not words:
        return []
    rate_limits.count_look_up(actor, text)
    found: dict[UUID, None] = {}
    if len(words) == 1:
        found |= _hits(actor, _BY_WORD, words[0], limit=limit)
        if len(found) < limit and len(words[0]) > 1:
            found |= _hits(actor, _BY_PREFIX, words[0], words[0] + _LAST_CHARACTER, _SPARE, limit=limit)
        if len(words[0]) >= 4:
            found |= _hits(actor, _BY_ORDER, [text.strip(), text.strip().upper(), words[0]], limit=limit)
    else:
        found |= _hits(actor, _BY_ALL_WORDS, words, limit=limit)
        if len(found) < limit and len(words[-1]) > EDGE:
            found |= _hits(actor, _BY_WORDS_AND_PREFIX, words[:-1], words[-1], words[-1] + _LAST_CHARACTER, limit=limit)
    return list(found)[:limit]


def _hits(actor: Actor, query: str, *parameters: Any, limit: int) -> dict[UUID, None]:
    """Run one of the statements above: the parameters of the visibility go where its condition stands."""
    condition, own = visible_to(actor).sql("c")
    before = _placeholders_before_visibility(query)
    ordered = [*parameters[:before], *own, *parameters[before:], limit]
    with connection.cursor() as cursor:
        cursor.execute(query.format(visible=condition), ordered)
        return dict.fromkeys(row[0] for row in cursor.fetchall())


def _placeholders_before_visibility(query: str) -> int:
    return query.partition("{visible}")[0].count("%s")
