"""Which rows of a file speak of customers we know: asked before the file is imported."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

from kehu.core.database import fetch_all
from kehu.core.ids import CustomerId
from kehu.govern import rate_limits
from kehu.govern.access import Actor, visible_to
from kehu.govern.field_policy import is_masked_for

EXAMPLES: Final = 8
_AT_A_TIME: Final = 5_000
OWN_RECORD: Final = "record"

_BY_RECORD = """
SELECT m.record_id, m.customer_id FROM resolve_recordcustomer m JOIN profile_customer c ON c.id = m.customer_id
WHERE m.record_id = ANY(%s) AND {visible}
"""
# An identifier that several people share, or that a person blocked, says of nobody who it is.
_BY_IDENTIFIER = """
SELECT DISTINCT ON (b.type, b.value) b.type, b.value, m.customer_id
FROM unnest(%s::text[], %s::text[]) AS k (type, value)
JOIN resolve_binding b USING (type, value) JOIN resolve_recordcustomer m USING (record_id)
JOIN profile_customer c ON c.id = m.customer_id
WHERE {visible}
  AND NOT EXISTS (SELECT FROM resolve_identifierstatus s WHERE s.type = b.type AND s.value = b.value)
  AND NOT EXISTS (SELECT FROM resolve_blockedvalue x WHERE x.type = b.type AND x.value = b.value)
ORDER BY b.type, b.value, b.valid_to IS NOT NULL, b.valid_from DESC, m.customer_id
"""


class RowToCompare(Protocol):
    @property
    def row(self) -> int: ...
    @property
    def record(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def identifiers(self) -> Sequence[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class KnownExample:
    """by: the identifier type that ties the row to the customer, or "record" for one the source sent before."""

    row: int
    name: str
    customer_id: CustomerId
    by: str


@dataclass(slots=True)
class KnownRows:
    """Rows by what is known of them; only customers the actor sees count. by_type: of the known ones, by what they were
    known first. repeated: rows about a record that an earlier row of the file was about."""

    rows: int = 0
    updates: int = 0
    known: int = 0
    new: int = 0
    repeated: int = 0
    by_type: Counter[str] = field(default_factory=Counter)
    examples: list[KnownExample] = field(default_factory=list)


def known_rows(actor: Actor, rows: Sequence[RowToCompare]) -> KnownRows:
    """Compare rows with the base by their record and their identifiers, as far as the actor may know.

    Counted like a look-up by number where numbers are masked for the actor: a file of guesses would tell who is known.
    """
    if is_masked_for(actor, "phone") or is_masked_for(actor, "email"):
        rate_limits.count(rate_limits.LOOK_UP, actor)
    found = KnownRows()
    seen: set[UUID] = set()
    for start in range(0, len(rows), _AT_A_TIME):
        part = rows[start : start + _AT_A_TIME]
        records = _by_record(actor, {row.record for row in part})
        holders = _by_identifier(actor, {key for row in part for key in row.identifiers})
        for row in part:
            _count(found, row, records, holders, is_repeated=row.record in seen)
            seen.add(row.record)
    return found


def _count(
    found: KnownRows,
    row: RowToCompare,
    records: Mapping[UUID, CustomerId],
    holders: Mapping[tuple[str, str], CustomerId],
    *,
    is_repeated: bool,
) -> None:
    found.rows += 1
    found.repeated += is_repeated
    by, customer = OWN_RECORD, records.get(row.record)
    if customer is not None:
        found.updates += 1
    else:
        by, customer = next(((key[0], holders[key]) for key in row.identifiers if key in holders), ("", None))
        found.known += customer is not None
        found.new += customer is None and not is_repeated
    if customer is None:
        return
    found.by_type[by] += 1
    if len(found.examples) < EXAMPLES:
        found.examples.append(KnownExample(row.row, row.name, customer, by))


def _by_record(actor: Actor, records: set[UUID]) -> dict[UUID, CustomerId]:
    condition, parameters = visible_to(actor).sql("c")
    rows = fetch_all(_BY_RECORD.format(visible=condition), [list(records), *parameters])
    return {record: CustomerId(customer) for record, customer in rows}


def _by_identifier(actor: Actor, keys: set[tuple[str, str]]) -> dict[tuple[str, str], CustomerId]:
    condition, parameters = visible_to(actor).sql("c")
    types, values = [type_ for type_, _ in keys], [value for _, value in keys]
    query = _BY_IDENTIFIER.format(visible=condition)
    rows = fetch_all(query, [types, values, *parameters])
    return {(type_, value): CustomerId(customer) for type_, value, customer in rows}
