"""One row and a mapping → touches: what the row says of whom, in canonical form."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from kehu.clean.given import GivenSource
from kehu.clean.moments import zone_of
from kehu.clean.row_mapping.cells import FUTURE_ALLOWED, CellProblem, Cells, Row
from kehu.clean.row_mapping.happenings import consent_of, event_of
from kehu.clean.row_mapping.mapping import OrganisationPart, RecordPart, RowMapping
from kehu.clean.row_mapping.people import (
    Description,
    describe,
    key_of,
    names_somebody,
    record_without_key,
)
from kehu.clean.row_mapping.steps import apply_steps
from kehu.clean.row_mapping.trade import order_of
from kehu.clean.touches import (
    ORGANISATION,
    PERSON,
    ConsentFact,
    RecordRef,
    Rejected,
    RelationFact,
    Touch,
)
from kehu.clean.values import CleanContext


class RowReading(NamedTuple):
    """touches is empty when the row gives nothing; `problems` then says why in its first entry."""

    touches: list[Touch]
    problems: list[CellProblem]


_NOTHING_DESCRIBED = Description({}, (), frozenset(), ())


def touches_of_row(
    row: Row,
    mapping: RowMapping,
    source: GivenSource,
    received_at: datetime,
    row_key: str,
    context: CleanContext | None = None,
) -> list[Touch]:
    """Raise Rejected("nothing_usable" or "no_key") for a row that says nothing of anybody.

    row_key: unique to the row within its source; used only where the row names no key of its own.
    """
    touches, problems = read_row(row, mapping, source, received_at, row_key, context)
    if not touches:
        raise Rejected(problems[0].code, problems[0].detail)
    return touches


def read_row(
    row: Row,
    mapping: RowMapping,
    source: GivenSource,
    received_at: datetime,
    row_key: str,
    context: CleanContext | None = None,
) -> RowReading:
    context = context or CleanContext(received_at.date(), b"")
    problems: list[CellProblem] = []
    if mapping.steps:
        row = apply_steps(row, mapping.steps)
    cells = Cells(row, zone_of(source.time_zone), mapping.time_format, received_at + FUTURE_ALLOWED, problems)
    namespace = source.order_namespace or source.slug
    at = cells.moment(mapping.occurred_at) if mapping.occurred_at else None
    said, record = _NOTHING_DESCRIBED, None
    kind = PERSON
    if mapping.record is not None:
        kind = mapping.record.kind
        said = describe(cells, mapping.attributes, mapping.identifiers, kind, source.slug, context)
        record = _record(cells, mapping.record, source.slug, said)
    company = _organisation(cells, mapping.organisation, source, at or received_at, context)
    order = None
    if mapping.order is not None:
        # When an order was placed says nothing of since when the rest of the row is true: next month's export of
        # the same order must win over this one.
        is_placing = mapping.occurred_at == mapping.order.placed_at
        stated_at = received_at if at is None or is_placing else at
        order = order_of(cells, mapping.order, source.slug, namespace, record, stated_at)
        if order is not None and company is not None and order.organisation is None:
            order = msgspec.structs.replace(order, organisation=company.record)
    fallback = (row_key, received_at)
    events = [
        event
        for part in mapping.events
        if (event := event_of(cells, part, namespace, record, at, fallback)) is not None
    ]
    touch = Touch(
        occurred_at=at or (order.placed_at if order and order.placed_at else received_at),
        record=record,
        kind=kind,
        attributes=said.attributes if record else {},
        identifiers=said.identifiers if record else (),
        events=tuple(events),
        orders=(order,) if order else (),
        consents=_consents(cells, mapping, at or received_at) if record else (),
        relations=_relations(cells, mapping.organisation, record, company),
        is_trusted=source.is_trusted,
        warnings=said.warnings,
    )
    return _reading(touch, company, said, problems)


def _reading(touch: Touch, company: Touch | None, said: Description, problems: list[CellProblem]) -> RowReading:
    touches = [touch] if touch.record or touch.events or touch.orders else []
    if company is not None:
        touches.append(company)
    if not touches:
        code = "no_key" if said.attributes else "nothing_usable"
        return RowReading([], [CellProblem("", code, ""), *problems])
    return RowReading(touches, problems)


def _record(cells: Cells, part: RecordPart, source: str, said: Description) -> RecordRef | None:
    key = key_of(cells, part.key, part.prefix, said.unusable)
    if key:
        return RecordRef(part.source or source, key)
    return record_without_key(source, part.prefix, said) if names_somebody(said) else None


def _organisation(
    cells: Cells, part: OrganisationPart | None, source: GivenSource, at: datetime, context: CleanContext
) -> Touch | None:
    if part is None:
        return None
    said = describe(cells, part.attributes, part.identifiers, ORGANISATION, source.slug, context)
    key = key_of(cells, part.key, part.prefix, said.unusable)
    if not key:
        return None
    return Touch(
        occurred_at=at,
        record=RecordRef(source.slug, key),
        kind=ORGANISATION,
        attributes=said.attributes,
        identifiers=said.identifiers,
        is_trusted=source.is_trusted,
        warnings=said.warnings,
    )


def _relations(
    cells: Cells, part: OrganisationPart | None, record: RecordRef | None, company: Touch | None
) -> tuple[RelationFact, ...]:
    if part is None or record is None or company is None or company.record is None:
        return ()
    since, until = cells.day(part.since), cells.day(part.until)
    return (RelationFact(company.record, part.relation, role=cells.text(part.role), since=since, until=until),)


def _consents(cells: Cells, mapping: RowMapping, at: datetime) -> tuple[ConsentFact, ...]:
    if not mapping.consents:
        return ()
    consents = (consent_of(cells, part, at) for part in mapping.consents)
    return tuple(consent for consent in consents if consent is not None)
