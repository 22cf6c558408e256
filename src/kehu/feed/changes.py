"""What a window did to customers, as the outside hears of it: created, updated, merged, split. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

CREATED, UPDATED, MERGED, SPLIT = "customer.created", "customer.updated", "customer.merged", "customer.split"
KINDS: Final = (CREATED, UPDATED, MERGED, SPLIT)
EVENT: Final = "customers.changed"


@dataclass(frozen=True, slots=True)
class Change:
    """customer_id: whom it happened to. into: where a merged one went, or the one that was split off."""

    kind: str
    customer_id: str
    into: str | None = None

    def as_data(self) -> dict[str, str]:
        return {"customer_id": self.customer_id} | ({"into": self.into} if self.into else {})


def changes_of(payload: Mapping[str, Any]) -> list[Change]:
    """From the payload of `customers.changed`: who is new, who went into whom, whose records moved out.

    Who lost records to a new customer was split; who is gone was merged into whoever took his records (the first of
    them, by id, when several did). In this order: created before others speak of them.
    """
    created, gone = set(payload.get("created", ())), set(payload.get("gone", ()))
    moved = sorted({(str(before), str(after)) for before, after in payload.get("moved", ())})
    went: dict[str, str] = {}
    for before, after in moved:
        if before in gone:
            went.setdefault(before, after)
    return [
        *(Change(CREATED, customer) for customer in sorted(created)),
        *(Change(UPDATED, customer) for customer in sorted(set(payload.get("updated", ())))),
        *(Change(MERGED, customer, went.get(customer)) for customer in sorted(gone)),
        *(Change(SPLIT, before, after) for before, after in moved if before not in gone and after in created),
    ]
