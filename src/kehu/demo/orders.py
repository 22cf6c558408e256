"""What the people buy: shop orders, marketplace orders and till receipts, with lines, payments and refunds,
in fen.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from kehu.demo.error_rates import REFUNDED_ORDERS, TILL_RECEIPTS_WITHOUT_IDENTITY
from kehu.demo.population import Person
from kehu.demo.products import PRODUCTS, Product
from kehu.demo.records import Record

STORES = (
    "上海徐家汇店",
    "北京朝阳大悦城店",
    "广州天河店",
    "深圳万象店",
    "成都春熙路店",
    "杭州湖滨店",
    "武汉光谷店",
    "南京新街口店",
)


@dataclass(frozen=True, slots=True)
class OrderLine:
    product: Product
    quantity: int

    @property
    def amount_fen(self) -> int:
        return self.product.price_fen * self.quantity


@dataclass(slots=True)
class Order:
    """One order or receipt. `record` is None for a till receipt that names nobody; `person` is who stood
    there.
    """

    namespace: str
    number: str
    record: Record | None
    person: Person
    ordered_at: datetime
    lines: tuple[OrderLine, ...]
    discount_fen: int = 0
    shipping_fen: int = 0
    refund_fen: int = 0
    refunded_at: datetime | None = None
    store: str = ""
    on_web: bool = field(default=False)

    @property
    def subtotal_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)

    @property
    def total_fen(self) -> int:
        return self.subtotal_fen - self.discount_fen + self.shipping_fen


class Checkout:
    """Turns records into orders; marketplace records are their order."""

    def __init__(self, rng: Random, now: datetime) -> None:
        self._rng, self._now = rng, now
        self._shop_number = 20_000_000
        self._receipt_number = 0

    def sell_to(self, records: list[Record]) -> list[Order]:
        orders: list[Order] = []
        for record in records:
            if record.source == "market":
                orders.append(self._order("market", record.key, record, record.created_at))
            elif record.source == "shop":
                orders.extend(self._shop_orders(record))
            elif record.source == "till":
                orders.extend(self._receipts(record))
        return orders

    def _shop_orders(self, record: Record) -> list[Order]:
        count = 14 if record.person.is_heavy else _draw_repeats(self._rng, 0.28)
        orders = []
        for ordered_at in self._moments(record, count):
            self._shop_number += self._rng.randint(1, 40)
            orders.append(self._order("shop", f"SO{self._shop_number}", record, ordered_at))
        return orders

    def _receipts(self, record: Record) -> list[Order]:
        count = 12 if record.person.is_heavy else _draw_repeats(self._rng, 0.35)
        receipts = [self._receipt(record, record.person, moment) for moment in self._moments(record, count)]
        if self._rng.random() < TILL_RECEIPTS_WITHOUT_IDENTITY * count:  # the card was left at home
            receipts.append(self._receipt(None, record.person, self._moments(record, 2)[-1]))
        return receipts

    def _receipt(self, record: Record | None, person: Person, moment: datetime) -> Order:
        self._receipt_number += 1
        order = self._order("till", f"R{self._receipt_number:08d}", record, moment, person)
        order.store = STORES[hash_of(person.id) % len(STORES)]
        return order

    def _moments(self, record: Record, count: int) -> list[datetime]:
        """The first purchase opens the record; the others follow until the person goes quiet."""
        end = self._now if record.person.active_to == 1.0 else record.created_at + timedelta(days=60)
        span = max(0.0, (end - record.created_at).total_seconds() - 3600)
        later = sorted(self._rng.random() for _ in range(count - 1))
        return [record.created_at] + [record.created_at + timedelta(seconds=int(span * s)) for s in later]

    def _order(
        self,
        namespace: str,
        number: str,
        record: Record | None,
        ordered_at: datetime,
        person: Person | None = None,
    ) -> Order:
        rng = self._rng
        who = person or (record.person if record else None)
        assert who is not None
        size = 1 if rng.random() < 0.65 else rng.randint(2, 3)
        products = rng.sample(PRODUCTS, size)
        lines = tuple(OrderLine(product, _draw_repeats(rng, 0.25)) for product in products)
        order = Order(namespace, number, record, who, ordered_at, lines)
        if rng.random() < 0.3:
            order.discount_fen = order.subtotal_fen // 100 * rng.choice((5, 10, 15))
        if namespace != "till" and order.subtotal_fen < 9900:
            order.shipping_fen = 1000
        if rng.random() < REFUNDED_ORDERS:
            self._refund(order)
        return order

    def _refund(self, order: Order) -> None:
        full = self._rng.random() < 0.5 or len(order.lines) == 1
        order.refund_fen = order.total_fen if full else min(order.lines[0].amount_fen, order.total_fen)
        after = order.ordered_at + timedelta(days=self._rng.randint(1, 12), seconds=self._rng.randint(0, 40_000))
        order.refunded_at = min(after, self._now)


def hash_of(text: str) -> int:
    """A small hash that is the same in every run (the built-in one of text is not)."""
    value = 0
    for character in text:
        value = (value * 31 + ord(character)) & 0xFFFFFFFF
    return value


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _draw_repeats(rng: Random, again: float) -> int:
    count = 1
    while count < 9 and rng.random() < again:
        count += 1
    return count
