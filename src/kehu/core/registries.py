"""What rooms tell one another without importing one another: each fills these in its `AppConfig.ready`."""

from dataclasses import dataclass
from enum import StrEnum


class SubjectKey(StrEnum):
    """How a table's rows are found for one person."""

    RECORD = "record"  # a source record's id: the person's records, whatever customer they form today
    CUSTOMER = "customer"  # the customer's id: derived, made anew when records go
    MESSAGE = "message"  # the inbox, by way of profile_messagesubject
    ORDER = "order"  # by way of the order, which hangs on a record
    IDENTIFIER = "identifier"  # the value of an identifier the person carries
    IMPORT = "import"  # rows of a file, by way of its import
    STAFF = "staff"  # not customers: the company's own people
    TRANSIENT = "transient"  # answers and announcements that are deleted by age


@dataclass(frozen=True, slots=True)
class SubjectTable:
    """A table that holds data of a person: access, export and erasure walk all of them.

    columns: those that hold the key, any of which may point at the person. is_derived: a rebuild makes it anew.
    """

    table: str
    key: SubjectKey
    columns: tuple[str, ...]
    is_derived: bool = True


_subjects: dict[str, SubjectTable] = {}


def register_subjects(*tables: SubjectTable) -> None:
    """Enter tables with a person's data; twice the same is the same, twice different is a mistake."""
    for table in tables:
        if _subjects.setdefault(table.table, table) != table:
            raise ValueError(f"{table.table} is registered as a subject table in two ways.")


def subject_tables() -> tuple[SubjectTable, ...]:
    return tuple(sorted(_subjects.values(), key=lambda table: table.table))
