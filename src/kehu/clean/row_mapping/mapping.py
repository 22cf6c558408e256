"""What the columns of a file (or the fields of an object) mean: a RowMapping, which people may write by hand.

Wherever a column is named, "=text" stands for a constant, and a list of columns for the first that is filled.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from kehu.clean.row_mapping.steps import Step
from kehu.clean.touches import PERSON
from kehu.core.errors import InvalidInput

Columns = str | tuple[str, ...]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Every part refuses names it does not know, so that a typing slip is told instead of ignored."""


class KeyColumn(_Part, frozen=True):
    """A column of a record's key with a prefix of its own, so that a phone never equals a card number."""

    column: str
    prefix: str = ""


class RecordPart(_Part, frozen=True):
    """Who the row is about: the first column of `key` that holds a usable value gives the external id.

    source: the slug of the source whose ids these are, "" for the file's own. A row without key speaks of a
    record only if it names somebody another way (phone, e-mail, name with address …); else of nobody.
    """

    key: tuple[str | KeyColumn, ...] = ()
    prefix: str = ""
    kind: str = PERSON
    source: str = ""


class Reference(_Part, frozen=True):
    """A record by another source's id ("" = the file's own source)."""

    column: Columns
    source: str = ""
    prefix: str = ""


class IdentifierColumn(_Part, frozen=True):
    """prefix: text before the value, such as the app id of an openid; prefix_column: a column with it."""

    type: str
    prefix: str = ""
    prefix_column: str = ""


class StateColumn(_Part, frozen=True):
    """Which words of a column mean granted and which withdrawn; any other word says nothing."""

    column: str
    granted: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


class Condition(_Part, frozen=True):
    """True when the column holds one of the values (any value at all when none is listed)."""

    column: str
    values: tuple[str, ...] = ()


class LinePart(_Part, frozen=True):
    """An order line. each: the field that holds a list of lines; columns are then fields of its elements."""

    key: tuple[str, ...] = ()
    sku: Columns = ""
    name: Columns = ""
    quantity: Columns = ""
    unit_price: Columns = ""
    amount: Columns = ""
    each: str = ""


class PaymentPart(_Part, frozen=True):
    """Money in (kind "payment") or back ("refund"). Without key, equal amount, method and time are one."""

    amount: Columns = ""
    key: tuple[str, ...] = ()
    method: Columns = ""
    kind: Columns = "=payment"
    at: Columns = ""
    each: str = ""


class RefundPart(_Part, frozen=True):
    """Money back. With `amount`, that much; without, all that was paid, when `when` holds.

    An amount without `key` (and outside a list) is the order's refunded sum so far: the latest export counts. A file
    with one row per refund names the column that tells them apart.
    """

    amount: Columns = ""
    key: tuple[str, ...] = ()
    method: Columns = ""
    at: Columns = ""
    when: Condition | None = None
    each: str = ""


class OrderPart(_Part, frozen=True):
    """namespace "": the one of the source, or its slug. buyer missing: the row's own record.

    updated_at: since when the row is true of the order; the latest word wins. Without it, the row's `occurred_at`,
    or the moment of the import where that is when the order was placed.
    """

    number: Columns
    namespace: str = ""
    status: Columns = ""
    placed_at: Columns = ""
    updated_at: Columns = ""
    currency: Columns = ""
    total: Columns = ""
    buyer: Reference | None = None
    organisation: Reference | None = None
    line: LinePart | None = None
    payment: PaymentPart | None = None
    refund: RefundPart | None = None


class OrderReference(_Part, frozen=True):
    column: Columns
    namespace: str = ""


class EventPart(_Part, frozen=True):
    """Without `key`, equal name, time, record and properties are one event."""

    name: Columns
    kind: str = "contact"
    key: tuple[str, ...] = ()
    properties: dict[str, Columns] = {}
    order: OrderReference | None = None
    occurred_at: Columns = ""
    when: Condition | None = None


class ConsentPart(_Part, frozen=True):
    """A constant state with an `occurred_at` column counts only in rows where that column is filled."""

    purpose: Columns
    channel: Columns
    state: str | StateColumn
    occurred_at: Columns = ""
    proof: dict[str, Columns] = {}


class OrganisationPart(_Part, frozen=True):
    """The organisation of the same row: a record of its own, tied to the person's by `relation`.

    role: what the person is there; since, until: first and last day.
    """

    key: tuple[str | KeyColumn, ...]
    prefix: str = ""
    attributes: dict[str, str] = {}
    identifiers: dict[str, str | IdentifierColumn] = {}
    relation: str = "contact_of"
    role: Columns = ""
    since: Columns = ""
    until: Columns = ""


class FilePart(_Part, frozen=True):
    """How to read the file when guessing is not enough. header_row: counted from 1; 0 = no headings."""

    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    header_row: int | None = None


class RowMapping(_Part, frozen=True):
    """steps: transforms of the cells before anything else is read; what they make counts as columns of the file."""

    record: RecordPart | None = None
    attributes: dict[str, str] = {}
    identifiers: dict[str, str | IdentifierColumn] = {}
    occurred_at: Columns = ""
    time_format: str | None = None
    order: OrderPart | None = None
    event: EventPart | tuple[EventPart, ...] = ()
    consent: ConsentPart | tuple[ConsentPart, ...] = ()
    organisation: OrganisationPart | None = None
    file: FilePart | None = None
    steps: tuple[Step, ...] = ()

    @property
    def events(self) -> tuple[EventPart, ...]:
        return self.event if isinstance(self.event, tuple) else (self.event,)

    @property
    def consents(self) -> tuple[ConsentPart, ...]:
        return self.consent if isinstance(self.consent, tuple) else (self.consent,)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values without the defaults."""
        built: dict[str, Any] = _plain(self)
        return built


def _plain(value: Any) -> Any:
    """omit_defaults tells defaults by identity, so a default that was written out would change the hash."""
    match value:
        case msgspec.Struct():
            config = value.__struct_config__
            tag = {config.tag_field: config.tag} if config.tag_field else {}
            return tag | {
                field.name: _plain(part)
                for field in msgspec.structs.fields(value)
                if (part := getattr(value, field.name)) != _default(field)
            }
        case tuple():
            return [_plain(part) for part in value]
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case _:
            return value


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def parse_mapping(data: Mapping[str, Any] | str | bytes) -> RowMapping:
    """Read a mapping. Raises InvalidInput("mapping", …) naming the path of what is wrong."""
    try:
        if isinstance(data, str | bytes):
            return msgspec.json.decode(data, type=RowMapping)
        return msgspec.convert(data, RowMapping)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InvalidInput("mapping", str(error).replace("`$.", "`").replace("`$`", "the mapping")) from error


def mapping_hash(mapping: RowMapping) -> str:
    """Sixteen hex digits that stay the same however the JSON was ordered or spaced."""
    canonical = msgspec.json.encode(mapping.to_json(), order="deterministic")
    return hashlib.blake2b(canonical, digest_size=8).hexdigest()
