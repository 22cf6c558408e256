"""What a search may tell a strict actor: that a customer they see bears a word on a record they see, and no more.

The token tables know the customer as a whole. A partner who searches for a phone another department knows would learn
from a hit that it is right; so each hit is asked again, of the records in scope alone.
"""

import json
from collections.abc import Sequence
from uuid import UUID

from kehu.core.database import fetch_all
from kehu.govern.access import Actor, visible_departments
from kehu.profile.search_tokens import tokens_of
from kehu.profile.survivorship import Golden

LOOKED_AT = 200
"""Hits that are asked again; what lies beyond them is not found by a strict actor."""

_RECORDS = """
SELECT m.customer_id, r.id, r.source_id, r.last_at, r.attributes::text
FROM resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id
WHERE m.customer_id = ANY(%s) AND coalesce(r.department_id, 0) = ANY(%s)
"""
_NUMBERS = """
SELECT DISTINCT m.customer_id FROM resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id
WHERE m.customer_id = ANY(%s) AND coalesce(r.department_id, 0) = ANY(%s) AND (
    EXISTS (SELECT FROM profile_order o WHERE o.record_id = r.id AND o.number = ANY(%s))
    OR EXISTS (SELECT FROM resolve_binding b WHERE b.record_id = r.id AND b.value = ANY(%s)))
"""


def borne_in_scope(actor: Actor, hits: Sequence[UUID], words: Sequence[str], text: str) -> list[UUID]:
    """Those of the hits that bear every word, or the number as typed, on a record in scope; in the same order."""
    scope = list(visible_departments(actor) or ())
    asked = list(hits[:LOOKED_AT])
    borne: dict[UUID, set[str]] = {}
    for customer, record, source, at, attributes in fetch_all(_RECORDS, [asked, scope]):
        said = {
            name: Golden(v=str(entry["v"]), record=record, source=source, at=at, rule="", n=str(entry.get("n") or ""))
            for name, entry in json.loads(attributes).items()
            if entry.get("v")
        }
        borne.setdefault(customer, set()).update(tokens_of(said, 0))
    written = list(dict.fromkeys((text.strip(), text.strip().upper(), *words[:1])))
    numbered = {row[0] for row in fetch_all(_NUMBERS, [asked, scope, written, written])}
    return [one for one in asked if one in numbered or _bears(borne.get(one, set()), words)]


def _bears(tokens: set[str], words: Sequence[str]) -> bool:
    return bool(words) and all(any(token.startswith(word) for token in tokens) for word in words)
