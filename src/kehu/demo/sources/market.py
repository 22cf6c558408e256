"""The marketplace's workbook: buyers masked, delivery addresses in full, one row per order line."""

from datetime import datetime
from pathlib import Path

import xlsxwriter

from kehu.demo.orders import Order, yuan
from kehu.demo.sources.writing import Company, is_broken, local

FILE = "market/orders.xlsx"
SHEET = "订单明细"
HEADINGS = (
    "订单编号", "收货人", "联系电话", "收货地址", "商品编码", "商品标题", "购买数量", "单价", "订单金额", "实付金额",
    "退款金额", "订单状态", "下单时间",
)  # fmt: skip


def write(company: Company, out: Path) -> int:
    rng = company.rng("market")
    path = out / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    # No moment of writing in the file: the same seed gives the same bytes.
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    book.set_properties({"created": datetime(2020, 1, 1)})
    sheet = book.add_worksheet(SHEET)
    sheet.write_row(0, 0, HEADINGS)
    number = 1
    for order in sorted(company.orders["market"], key=lambda o: (o.ordered_at, o.number)):
        rows = _rows(order)
        if is_broken(rng):  # a row somebody cut the number out of
            rows.append(["", *rows[0][1:]])
        for row in rows:
            sheet.write_row(number, 0, row)
            number += 1
    book.close()
    return number - 1


def _rows(order: Order) -> list[list[object]]:
    record = order.record
    assert record is not None
    refunded = order.refund_fen == order.total_fen
    return [
        [
            order.number,
            record.name,
            record.phone,
            record.address,
            line.product.sku,
            line.product.name,
            line.quantity,
            yuan(line.product.price_fen),
            yuan(order.subtotal_fen),
            yuan(order.total_fen),
            yuan(order.refund_fen),
            "已退款" if refunded else "交易成功",
            local(order.ordered_at),
        ]
        for line in order.lines
    ]
