"""Events and consents of a row."""

import hashlib
from datetime import datetime

from kehu.clean.row_mapping.cells import Cells
from kehu.clean.row_mapping.mapping import ConsentPart, EventPart
from kehu.clean.row_mapping.trade import order_number
from kehu.clean.touches import ConsentFact, EventFact, RecordRef

GRANTED, WITHDRAWN = "granted", "withdrawn"


def event_of(
    cells: Cells,
    part: EventPart,
    namespace: str,
    record: RecordRef | None,
    row_at: datetime | None,
    fallback: tuple[str, datetime],
) -> EventFact | None:
    """fallback: the row's own key and the time it came, for events that name neither."""
    name = cells.text(part.name)
    if not name or (part.when is not None and not cells.holds(part.when)):
        return None
    at = (cells.moment(part.occurred_at) if part.occurred_at else None) or row_at
    properties = {key: text for key, columns in part.properties.items() if (text := cells.text(columns))}
    order = None
    if part.order is not None and (number := order_number(cells, part.order.column)):
        order = (part.order.namespace or namespace, number)
    key = "|".join(cells.text(column) for column in part.key)
    if not key.strip("|"):
        key = _key_of_content(name, at, record, properties) if at else fallback[0]
    return EventFact(key, name, part.kind, at or fallback[1], properties, order)


def _key_of_content(name: str, at: datetime, record: RecordRef | None, properties: dict[str, str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    told = [
        name,
        at.isoformat(),
        record.external_id if record else "",
        *map("=".join, sorted(properties.items())),
    ]
    digest.update("\x1f".join(told).encode())
    return digest.hexdigest()


def consent_of(cells: Cells, part: ConsentPart, row_at: datetime) -> ConsentFact | None:
    state = _state(cells, part)
    if not state:
        return None
    at = cells.moment(part.occurred_at) if part.occurred_at else None
    if at is None and part.occurred_at and isinstance(part.state, str):
        return None
    purpose, channel = cells.text(part.purpose), cells.text(part.channel)
    if not purpose or not channel:
        return None
    proof = {key: text for key, columns in part.proof.items() if (text := cells.text(columns))}
    return ConsentFact(purpose[:40], channel[:40], state, at or row_at, proof)


def _state(cells: Cells, part: ConsentPart) -> str:
    if isinstance(part.state, str):
        return cells.text(part.state)
    word = cells.text(part.state.column)
    if word in part.state.granted:
        return GRANTED
    if word in part.state.withdrawn:
        return WITHDRAWN
    if word:
        cells.note(part.state.column, "unknown_word", word)
    return ""
