"""The online shop: one order a line, with buyer, lines, payments and refunds."""

from pathlib import Path
from typing import Any

from kehu.demo.orders import Order, yuan
from kehu.demo.sources.writing import Company, is_broken, local, write_json_lines

FILE = "shop/orders.jsonl"
METHODS = ("wechat_pay", "wechat_pay", "alipay", "alipay", "bank_card")


def write(company: Company, out: Path) -> int:
    rng = company.rng("shop")
    rows: list[dict[str, Any] | bytes] = []
    for order in sorted(company.orders["shop"], key=lambda o: (o.ordered_at, o.number)):
        row = _row(order, rng.choice(METHODS))
        rows.append(row)
        if is_broken(rng):  # the export was interrupted in the middle of a line
            rows.append(b'{"order_no":"SO' + str(rng.randint(10**7, 10**8)).encode() + b'","buyer":{"account_id":"b0')
    return write_json_lines(out / FILE, rows)


def _row(order: Order, method: str) -> dict[str, Any]:
    record = order.record
    assert record is not None
    buyer = {"account_id": record.key, "name": record.name, "phone": record.phone or None}
    buyer |= {"email": record.email or None, "gender": record.gender or None}
    row: dict[str, Any] = {
        "order_no": order.number,
        "created_at": local(order.ordered_at),
        "status": "refunded" if order.refund_fen == order.total_fen else "completed",
        "currency": "CNY",
        "buyer": buyer,
        "address": record.address,
        "lines": [
            {
                "sku": line.product.sku,
                "name": line.product.name,
                "category": line.product.category,
                "quantity": line.quantity,
                "price": yuan(line.product.price_fen),
                "amount": yuan(line.amount_fen),
            }
            for line in order.lines
        ],
        "discount": yuan(order.discount_fen),
        "shipping_fee": yuan(order.shipping_fen),
        "total": yuan(order.total_fen),
        "payments": [
            {
                "payment_no": f"P{order.number[2:]}",
                "method": method,
                "amount": yuan(order.total_fen),
                "paid_at": local(order.ordered_at),
            }
        ],
        "refunds": [],
    }
    if order.refunded_at is not None:
        refund = {"refund_no": f"F{order.number[2:]}", "amount": yuan(order.refund_fen)}
        row["refunds"] = [refund | {"reason": "七天无理由退货", "refunded_at": local(order.refunded_at)}]
    return row
