"""The tills of the stores: a GB18030 file, one row per receipt line; a card, a phone number or nobody."""

# ruff: noqa: E501 - tables of Chinese text, whose characters count double

from pathlib import Path
from random import Random

from kehu.demo.orders import Order, yuan
from kehu.demo.sources.writing import Company, is_broken, write_csv
from kehu.demo.sources.writing import local as local_time

FILE = "till/receipts.csv"
ENCODING = "gb18030"
HEADINGS = (
    "门店", "收银台", "小票号", "交易时间", "会员卡号", "手机号", "会员姓名", "会员生日", "商品编码", "商品名称", "数量",
    "单价", "整单应收", "整单实收", "整单退款", "支付方式",
)  # fmt: skip
METHODS = ("微信", "微信", "支付宝", "现金", "银行卡")


def write(company: Company, out: Path) -> int:
    rng = company.rng("till")
    rows: list[list[object]] = []
    for receipt in sorted(company.orders["till"], key=lambda o: (o.ordered_at, o.number)):
        rows.extend(_rows(receipt, rng))
        if is_broken(rng):  # the printer ran out: no number, no moment
            rows.append([receipt.store, "", "", "", "", "", "", "", "?", "?", "x", "", "", "", "", ""])
    return write_csv(out / FILE, HEADINGS, rows, ENCODING)


def _rows(receipt: Order, rng: Random) -> list[list[object]]:
    record = receipt.record
    member, phone, name, birthday = "", "", "", ""
    if record is None:  # some cashiers key in zeros to get on
        phone = "00000000000" if rng.random() < 0.15 else ""
    else:
        member, phone, name = record.member_no, record.phone, record.name
        birthday = "{}/{}/{}".format(*record.birth) if record.birth else ""
    till, method = rng.randint(1, 5), rng.choice(METHODS)
    whole = [yuan(receipt.subtotal_fen), yuan(receipt.total_fen), yuan(receipt.refund_fen), method]
    head = [
        receipt.store,
        f"{till:02d}",
        receipt.number,
        local_time(receipt.ordered_at),
        member,
        phone,
        name,
        birthday,
    ]
    return [
        [*head, line.product.sku, line.product.name, line.quantity, yuan(line.product.price_fen), *whole]
        for line in receipt.lines
    ]
