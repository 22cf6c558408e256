"""Rows of files: what their columns mean (RowMapping) and what a row says under it (touches). Pure."""

from kehu.clean.row_mapping.cells import CellProblem, plain_text
from kehu.clean.row_mapping.checks import (
    IDENTIFIER_TYPES,
    ORGANISATION_ATTRIBUTES,
    PERSON_ATTRIBUTES,
    check_mapping,
    columns_of,
)
from kehu.clean.row_mapping.mapping import (
    ConsentPart,
    EventPart,
    FilePart,
    IdentifierColumn,
    KeyColumn,
    LinePart,
    OrderPart,
    OrganisationPart,
    PaymentPart,
    RecordPart,
    Reference,
    RefundPart,
    RowMapping,
    StateColumn,
    mapping_hash,
    parse_mapping,
)
from kehu.clean.row_mapping.reading import RowReading, read_row, touches_of_row
from kehu.clean.row_mapping.steps import Step, apply_steps, columns_made, parse_step

__all__ = [
    "IDENTIFIER_TYPES",
    "ORGANISATION_ATTRIBUTES",
    "PERSON_ATTRIBUTES",
    "CellProblem",
    "ConsentPart",
    "EventPart",
    "FilePart",
    "IdentifierColumn",
    "KeyColumn",
    "LinePart",
    "OrderPart",
    "OrganisationPart",
    "PaymentPart",
    "RecordPart",
    "Reference",
    "RefundPart",
    "RowMapping",
    "RowReading",
    "StateColumn",
    "Step",
    "apply_steps",
    "check_mapping",
    "columns_made",
    "columns_of",
    "mapping_hash",
    "parse_mapping",
    "parse_step",
    "plain_text",
    "read_row",
    "touches_of_row",
]
