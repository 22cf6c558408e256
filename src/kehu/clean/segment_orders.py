"""The e-commerce events of the Segment spec (v2, and the names of v1) → what they say of an order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from kehu.clean.amounts import parse_amount
from kehu.clean.touches import LineFact, OrderFact, PaymentFact, RecordRef

COMPLETED, UPDATED, REFUNDED, CANCELLED = "completed", "updated", "refunded", "cancelled"
ORDER_EVENTS: Final[Mapping[str, str]] = {
    "order completed": COMPLETED,
    "completed order": COMPLETED,
    "order updated": UPDATED,
    "updated order": UPDATED,
    "order refunded": REFUNDED,
    "refunded order": REFUNDED,
    "order cancelled": CANCELLED,
    "order canceled": CANCELLED,
    "cancelled order": CANCELLED,
    "canceled order": CANCELLED,
}
MAX_NUMBER: Final = 200
MAX_KEY: Final = 80
MAX_LINES: Final = 500


def order_number(properties: Mapping[str, Any]) -> str:
    """The number of the order an event speaks of, "" when of none."""
    for name in ("order_id", "orderId", "order_number"):
        value = properties.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()[:MAX_NUMBER]
    return ""


def order_of(
    event: str, properties: Mapping[str, Any], *, namespace: str, buyer: RecordRef | None, at: datetime, key: str
) -> OrderFact | None:
    """What an event says of its order; None for other events and for those that name no order.

    No payment is made of a completed order: it says that something was bought, not that money moved. A refund
    without total and products gives back all; a refunded or cancelled order's amounts leave the order's own alone.
    """
    step = ORDER_EVENTS.get(event.strip().lower())
    number = order_number(properties)
    if step is None or not number:
        return None
    if step == REFUNDED:
        return _refund(properties, namespace, number, at, key)
    if step == CANCELLED:
        return OrderFact(namespace, number, at, status=CANCELLED, buyer=buyer)
    return OrderFact(
        namespace=namespace,
        number=number,
        at=at,
        status=COMPLETED if step == COMPLETED else _status(properties),
        placed_at=at if step == COMPLETED else None,
        currency=_currency(properties),
        total=_total(properties),
        buyer=buyer,
        lines=_lines(properties.get("products")),
    )


def _refund(properties: Mapping[str, Any], namespace: str, number: str, at: datetime, key: str) -> OrderFact:
    amount = _amount(properties, "total", "revenue", "value")
    if amount is None and (lines := _lines(properties.get("products"))):
        amount = sum((line.amount for line in lines), Decimal(0))
    if not amount:
        return OrderFact(namespace, number, at, status=REFUNDED, full_refund_at=at)
    # Part of the money: whether it was all of it shows when it is held against what was paid.
    refund = PaymentFact(key[:MAX_KEY], abs(amount), "refund", at=at)
    return OrderFact(namespace, number, at, payments=(refund,))


def _status(properties: Mapping[str, Any]) -> str | None:
    status = properties.get("status")
    return status.strip().lower()[:30] or None if isinstance(status, str) else None


def _currency(properties: Mapping[str, Any]) -> str | None:
    code = properties.get("currency")
    if isinstance(code, str) and len(code.strip()) == 3 and code.strip().isalpha() and code.isascii():
        return code.strip().upper()
    return None


def _total(properties: Mapping[str, Any]) -> Decimal | None:
    """`total` is all in; else it is put together from revenue (without tax and shipping) and those."""
    total = _amount(properties, "total")
    if total is not None:
        return total
    revenue = _amount(properties, "revenue", "value")
    if revenue is None:
        return None
    return revenue + (_amount(properties, "tax") or 0) + (_amount(properties, "shipping") or 0)


def _amount(properties: Mapping[str, Any], *names: str) -> Decimal | None:
    """The first that can be read; amounts are numbers, but strings occur."""
    for name in names:
        value = properties.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            continue
        text = format(Decimal(str(value)), "f") if isinstance(value, float) else str(value)
        if (amount := parse_amount(text)) is not None:
            return amount
    return None


def _lines(products: Any) -> tuple[LineFact, ...] | None:
    """None when nothing was told of products."""
    if not isinstance(products, list):
        return None
    lines: list[LineFact] = []
    seen: dict[str, int] = {}
    for position, product in enumerate(products[:MAX_LINES], 1):
        if isinstance(product, dict):
            lines.append(_line(product, position, seen))
    return tuple(lines)


def _line(product: Mapping[str, Any], position: int, seen: dict[str, int]) -> LineFact:
    sku, name = _text(product, ("sku", "product_id", "productId", "id")), _text(product, ("name",))
    key = (_text(product, ("product_id", "productId", "id")) or sku or name or str(position))[: MAX_KEY - 5]
    seen[key] = seen.get(key, 0) + 1
    if seen[key] > 1:  # the same article stands in the list twice
        key = f"{key}#{seen[key]}"
    quantity = _amount(product, "quantity")
    quantity = Decimal(1) if quantity is None else quantity
    price = _amount(product, "price") or Decimal(0)
    return LineFact(key, sku, name, quantity, price, (price * quantity).quantize(Decimal("0.0001")))


def _text(product: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in names:
        value = product.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()[:200]
    return ""
