"""The lines of orders, for those who unfold one."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kehu.profile.models import OrderLine


@dataclass(frozen=True, slots=True)
class LineOfOrder:
    name: str
    sku: str
    quantity: Decimal
    amount: Decimal


def lines_of_orders(order_ids: Collection[UUID]) -> dict[UUID, list[LineOfOrder]]:
    """By order, in the order of their keys. One query; the caller shows only orders of customers the actor sees."""
    found: dict[UUID, list[LineOfOrder]] = {}
    rows = OrderLine.objects.filter(order_id__in=order_ids).order_by("order_id", "key")
    for row in rows[:2000]:
        found.setdefault(row.order_id, []).append(LineOfOrder(row.name, row.sku, row.quantity, row.amount))
    return found
