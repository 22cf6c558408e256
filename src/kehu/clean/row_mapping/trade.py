"""What a row says of an order: its head, lines, payments and refunds."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Final

from kehu.clean.row_mapping.cells import Cells
from kehu.clean.row_mapping.mapping import (
    Columns,
    LinePart,
    OrderPart,
    PaymentPart,
    Reference,
    RefundPart,
)
from kehu.clean.row_mapping.people import has_lost_digits
from kehu.clean.touches import LineFact, OrderFact, PaymentFact, RecordRef

PAYMENT, REFUND = "payment", "refund"
MAX_KEY: Final = 80
_SMALLEST: Final = Decimal("0.0001")
_ONE: Final = Decimal(1)
_WHOLE: Final = "whole"  # the refunded sum so far: a later export replaces it
_CURRENCIES: Final = {
    "元": "CNY", "人民币": "CNY", "RMB": "CNY", "￥": "CNY", "¥": "CNY", "$": "USD", "US$": "USD",
    "美元": "USD", "€": "EUR", "£": "GBP", "R$": "BRL", "HK$": "HKD", "港币": "HKD",
}  # fmt: skip
_REFUND_WORDS: Final = frozenset({"refund", "refunded", "退款", "退货", "return", "chargeback"})


def order_of(
    cells: Cells, part: OrderPart, source: str, namespace: str, record: RecordRef | None, at: datetime
) -> OrderFact | None:
    """None when the row has no order number: nothing can be said of an order that cannot be named."""
    number = order_number(cells, part.number)
    if not number:
        return None
    placed_at = cells.moment(part.placed_at) if part.placed_at else None
    at = (cells.moment(part.updated_at) if part.updated_at else None) or at
    payments, full_refund_at = _payments(cells, part, placed_at or at)
    return OrderFact(
        namespace=part.namespace or namespace,
        number=number,
        at=at,
        status=cells.text(part.status)[:30] or None,
        placed_at=placed_at,
        currency=_currency(cells, part.currency),
        total=cells.amount(part.total) if part.total else None,
        buyer=reference(cells, part.buyer, source) if part.buyer else record,
        organisation=reference(cells, part.organisation, source) if part.organisation else None,
        lines=_lines(cells, part.line) if part.line else None,
        payments=payments,
        full_refund_at=full_refund_at,
    )


def order_number(cells: Cells, columns: Columns) -> str:
    text = cells.text(columns)
    if has_lost_digits(text):
        cells.note(columns, "digits_lost", text)
        return ""
    return text[:200]


def reference(cells: Cells, part: Reference, source: str) -> RecordRef | None:
    text = cells.text(part.column)
    return RecordRef(part.source or source, f"{part.prefix}{text}") if text else None


def _currency(cells: Cells, columns: Columns) -> str | None:
    if not columns:
        return None
    text = cells.text(columns).upper()
    code = _CURRENCIES.get(text, text)
    if not code:
        return None
    if len(code) == 3 and code.isascii() and code.isalpha():
        return code
    cells.note(columns, "unknown_currency", text)
    return None


def _lines(cells: Cells, part: LinePart) -> tuple[LineFact, ...] | None:
    """None when the row tells of no line at all; lines of other rows of the order stay as they are."""
    views = cells.elements(part.each)
    if part.each and part.each not in cells.row:
        return None
    lines = [_line(view, part, position) for position, view in enumerate(views, start=1)]
    told = tuple(line for line in lines if line is not None)
    return told if told or part.each else None


def _line(cells: Cells, part: LinePart, position: int) -> LineFact | None:
    sku, name = cells.text(part.sku), cells.text(part.name)
    key = _key(cells, part.key) or sku or name
    quantity = cells.amount(part.quantity) if part.quantity else None
    price = cells.amount(part.unit_price) if part.unit_price else None
    amount = cells.amount(part.amount) if part.amount else None
    if not key and quantity is None and price is None and amount is None:
        return None
    if quantity is None:
        quantity = _ONE
    if amount is None:
        amount = (price or Decimal(0)) * quantity
    if price is None:
        price = amount / quantity if quantity else Decimal(0)
    if part.each and not part.key:  # the same article may stand in the list twice
        key = f"{position}:{key}"
    return LineFact(_fit(key or str(position)), sku, name, quantity, _cents(price), _cents(amount))


def _payments(cells: Cells, part: OrderPart, at: datetime) -> tuple[tuple[PaymentFact, ...], datetime | None]:
    payments: list[PaymentFact] = []
    full_refund_at: datetime | None = None
    if part.payment is not None:
        payments += (p for view in cells.elements(part.payment.each) if (p := _payment(view, part.payment)))
    refund = part.refund
    if refund is not None and refund.amount:
        payments += (p for view in cells.elements(refund.each) if (p := _refund(view, refund)))
    elif refund is not None and (refund.when is None or cells.holds(refund.when)):
        full_refund_at = (cells.moment(refund.at) if refund.at else None) or at
    return tuple(payments), full_refund_at


def _payment(cells: Cells, part: PaymentPart) -> PaymentFact | None:
    amount = cells.amount(part.amount)
    if amount is None:
        return None
    word = cells.text(part.kind).lower()
    kind = REFUND if word in _REFUND_WORDS or amount < 0 else PAYMENT
    return _money(cells, part, abs(amount), kind)


def _refund(cells: Cells, part: RefundPart) -> PaymentFact | None:
    if part.when is not None and not cells.holds(part.when):
        return None
    amount = cells.amount(part.amount)
    return _money(cells, part, abs(amount), REFUND) if amount else None


def _money(cells: Cells, part: PaymentPart | RefundPart, amount: Decimal, kind: str) -> PaymentFact:
    method = cells.text(part.method)[:40]
    at = cells.moment(part.at) if part.at else None
    key = _key(cells, part.key)
    if not key:  # not the row: an order told in three rows, or exported again next month, was still paid once
        key = _WHOLE if kind == REFUND and not part.each else f"{amount}|{method}|{int(at.timestamp()) if at else ''}"
    return PaymentFact(_fit(key), amount, kind, method, at)


def _key(cells: Cells, columns: tuple[str, ...]) -> str:
    if len(columns) == 1:
        return cells.text(columns[0])
    texts = [cells.text(column) for column in columns]
    return "|".join(texts) if any(texts) else ""


def _fit(key: str) -> str:
    if len(key) <= MAX_KEY:
        return key
    return hashlib.blake2b(key.encode(), digest_size=20).hexdigest()


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_SMALLEST)
