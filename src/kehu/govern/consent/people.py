"""From a customer to the records that what people say hangs on. Reads the derived tables as `visibility` does."""

from uuid import UUID

from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.core.registries import address_form
from kehu.govern.consent.addresses import hash_of_form, kind_of_channel

_ADDRESSES = ("email", "phone", "openid")


def records_of(customer_id: UUID) -> list[UUID]:
    """Every record of the customer of today; raises NotFound for an id nobody was born with."""
    rows = fetch_all(
        "SELECT m.record_id FROM resolve_ledgerentry l "
        "JOIN resolve_recordcustomer f ON f.record_id = l.record_id "
        "JOIN resolve_recordcustomer m ON m.customer_id = f.customer_id WHERE l.customer_id = %s ORDER BY 1",
        [customer_id],
    )
    if not rows:
        raise NotFound("customer", customer_id)
    return [row[0] for row in rows]


def current_id(customer_id: UUID) -> UUID:
    """The customer of today behind any id one ever had."""
    rows = fetch_all(
        "SELECT m.customer_id FROM resolve_ledgerentry l JOIN resolve_recordcustomer m USING (record_id) "
        "WHERE l.customer_id = %s",
        [customer_id],
    )
    if not rows:
        raise NotFound("customer", customer_id)
    found: UUID = rows[0][0]
    return found


def customer_of_record(record_id: UUID) -> UUID | None:
    rows = fetch_all("SELECT customer_id FROM resolve_recordcustomer WHERE record_id = %s", [record_id])
    return rows[0][0] if rows else None


def founding_record(customer_id: UUID) -> UUID:
    rows = fetch_all("SELECT record_id FROM resolve_ledgerentry WHERE customer_id = %s", [customer_id])
    if not rows:
        raise NotFound("customer", customer_id)
    found: UUID = rows[0][0]
    return found


def addresses_of(records: list[UUID]) -> list[tuple[str, str]]:
    """(kind, normal form) of every address the records carry now."""
    rows = fetch_all(
        "SELECT DISTINCT type, value FROM resolve_binding "
        "WHERE record_id = ANY(%s) AND type = ANY(%s) AND valid_to IS NULL ORDER BY 1, 2",
        [records, list(_ADDRESSES)],
    )
    return [(kind, value) for kind, value in rows]


def address_behind(customer_id: UUID, channel: str, address_hash: bytes) -> str:
    """The address of a signed link, if the customer still carries it; "" otherwise."""
    kind = kind_of_channel(channel)
    for one, form in addresses_of(records_of(customer_id)):
        if one == kind and hash_of_form(kind, form) == address_hash:
            return form
    return ""


def bearers_of(channel: str, address: str) -> list[UUID]:
    """Customers who carry the address now."""
    kind = kind_of_channel(channel)
    rows = fetch_all(
        "SELECT DISTINCT m.customer_id FROM resolve_binding b JOIN resolve_recordcustomer m USING (record_id) "
        "WHERE b.type = %s AND b.value = %s AND b.valid_to IS NULL ORDER BY 1 LIMIT 50",
        [kind, address_form(kind, address)],
    )
    return [row[0] for row in rows]
