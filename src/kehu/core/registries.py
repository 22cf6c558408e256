"""What rooms tell one another without importing one another: each fills these in its `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


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
    REQUEST = "request"  # what a person asked of their data: kept as proof, without who asked once they are forgotten
    PROOF = "proof"  # ids only, kept so that what was erased stays erased


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


class ExitKind(StrEnum):
    """The ways in which data of people, or a message to them, leaves Kehu."""

    SEND = "send"
    EXPORT = "export"
    AUDIENCE = "audience"
    READ = "read"
    VIEW = "view"
    PREDICTION = "prediction"


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out. lets_out(customer id, purpose, channel) takes it for one customer and tells whether anything went:
    the test of the gate walks all of them with a yes, without, and after a no. routes: pages that lead through it."""

    name: str
    kind: ExitKind
    lets_out: Callable[[UUID, str, str], bool]
    routes: tuple[str, ...] = ()


_exits: dict[str, Exit] = {}


def register_exit(way: Exit) -> None:
    """Enter a way out in `AppConfig.ready`; whoever builds one asks kehu.govern.consent.gate in it."""
    if _exits.setdefault(way.name, way) is not way:
        raise ValueError(f"Two exits are called {way.name!r}.")


def exits() -> tuple[Exit, ...]:
    return tuple(sorted(_exits.values(), key=lambda way: way.name))


AddressForm = Callable[[str, str], str]
_address_form: AddressForm = lambda kind, text: text.strip().casefold()  # noqa: E731


def use_address_form(form: AddressForm) -> None:
    """Told by `clean` how an address (phone, email …) is written in its normal form; "" for none."""
    global _address_form
    _address_form = form


def address_form(kind: str, text: str) -> str:
    return _address_form(kind, text)


@dataclass(frozen=True, slots=True)
class Subject:
    """A person whose data is asked for or to be erased: where it hangs, and what would give it away.

    values: texts that only this person has (phone, e-mail, external keys), for stores that cannot be asked by id.
    """

    customer_ids: tuple[UUID, ...]
    record_ids: tuple[UUID, ...]
    order_ids: tuple[UUID, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    values: tuple[str, ...] = ()
    asked_at: datetime | None = None


class SubjectStore(Protocol):
    """A place that holds data of people and cannot be emptied by the plain rule of `subject_tables`.

    Both may run again after a crash. erase: how many pieces went, raises NotYet when it must wait.
    """

    @property
    def name(self) -> str: ...
    @property
    def order(self) -> int: ...
    def copy(self, subject: Subject) -> list[dict[str, Any]]: ...
    def erase(self, subject: Subject) -> int: ...


_stores: dict[str, SubjectStore] = {}


def register_store(store: SubjectStore) -> None:
    if _stores.setdefault(store.name, store) is not store:
        raise ValueError(f"Two stores are called {store.name!r}.")


def subject_stores() -> tuple[SubjectStore, ...]:
    """In the order in which they are emptied."""
    return tuple(sorted(_stores.values(), key=lambda store: (store.order, store.name)))


@dataclass(frozen=True, slots=True)
class RetentionKind:
    """Something that is kept for a while. count and purge: what is older than the moment; purge says how many went."""

    name: str
    label: Any
    count: Callable[[datetime], int]
    purge: Callable[[datetime], int]
    default_days: int | None
    least_days: int = 0
    note: Any = ""


_retention: dict[str, RetentionKind] = {}


def register_retention(*kinds: RetentionKind) -> None:
    for kind in kinds:
        if _retention.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"Two kinds of retention are called {kind.name!r}.")


def retention_kinds() -> tuple[RetentionKind, ...]:
    return tuple(sorted(_retention.values(), key=lambda kind: kind.name))
