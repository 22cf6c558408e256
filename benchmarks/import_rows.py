"""How many rows of a file one core reads, and makes ready for the inbox, in a second.

Four kinds of rows, made by a seeded generator: members, receipts (an order line, a payment and a buyer in each row),
calls, and orders with nested lines. Two figures each: reading alone, and reading, cleaning, checking and encoding
(what an import does before it appends). Processor seconds, so that a busy machine does not change them; the first
pass warms the caches and is not counted. File → golden record with the database is `kehu bench import`.

    python benchmarks/import_rows.py [--rows N] [--json FILE]
"""

import argparse
import csv
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import django
from django.conf import settings

if not settings.configured:  # the readers translate what they refuse; nothing here needs an installation
    settings.configure(USE_I18N=False)
    django.setup()

import pyarrow.csv
import pyarrow.parquet
import xlsxwriter
from rich.console import Console
from rich.table import Table

from kehu.bench.people import bench_person
from kehu.clean.row_mapping import mapping_hash, parse_mapping
from kehu.clean.source_view import SourceView
from kehu.clean.values import CleanContext
from kehu.collect.imports.readers import look, read_rows
from kehu.collect.imports.rows import Target, prepare

BATCH = 1_000
NOW = datetime(2026, 6, 1, tzinfo=UTC)
GOAL_ROWS_PER_SECOND = 20_000

PEOPLE = {
    "record": {"key": ["编号"]},
    "attributes": {"姓名": "name", "手机": "phone", "邮箱": "email", "城市": "city"},
}
RECEIPTS = {
    "record": {"key": ["卡号", {"column": "手机", "prefix": "phone:"}]},
    "attributes": {"手机": "phone", "姓名": "name"},
    "identifiers": {"卡号": "member_id"},
    "occurred_at": "时间",
    "order": {
        "number": "小票号", "placed_at": "时间", "total": "实收",
        "line": {"key": ["编码"], "sku": "编码", "name": "品名", "quantity": "数量", "unit_price": "单价"},
        "payment": {"amount": "实收", "method": "方式", "at": "时间"},
        "refund": {"amount": "退款"},
    },
}  # fmt: skip
CALLS = {
    "record": {"key": ["号码"]},
    "attributes": {"号码": "phone"},
    "occurred_at": "时间",
    "event": {"name": "=Call Received", "key": ["通话编号"], "properties": {"topic": "主题", "note": "备注"}},
}
ORDERS = {
    "record": {"key": ["buyer.id"]},
    "attributes": {"buyer.name": "name", "buyer.phone": "phone"},
    "occurred_at": "created_at",
    "order": {
        "number": "no", "status": "status", "placed_at": "created_at", "total": "total",
        "line": {"each": "lines", "sku": "sku", "quantity": "quantity", "unit_price": "price", "amount": "amount"},
        "payment": {"each": "payments", "key": ["no"], "amount": "amount", "method": "method", "at": "paid_at"},
    },
}  # fmt: skip

Cells = dict[str, Any]


def member(rng: random.Random, number: int) -> Cells:
    person = bench_person(number)
    return {"编号": f"R{number}", "姓名": person.name, "手机": person.phone, "邮箱": person.email, "城市": person.city}


def _moment(rng: random.Random) -> str:
    return datetime.fromtimestamp(rng.randint(1_600_000_000, 1_760_000_000), UTC).strftime("%Y-%m-%d %H:%M:%S")


def receipt(rng: random.Random, number: int) -> Cells:
    person, price, count = bench_person(number % 20_000), rng.randint(500, 90_000) / 100, rng.randint(1, 3)
    return {
        "门店": "南京路店", "小票号": f"T{number:09d}", "时间": _moment(rng), "卡号": f"6{number % 20_000:09d}",
        "手机": person.phone, "姓名": person.name, "编码": f"S{rng.randint(1, 500)}", "品名": "婴儿奶粉三段",
        "数量": str(count), "单价": f"{price:.2f}", "实收": f"{price * count:.2f}", "退款": "0.00", "方式": "微信",
    }  # fmt: skip


def call(rng: random.Random, number: int) -> Cells:
    phone = bench_person(number % 20_000).phone
    return {"通话编号": f"T{number}", "时间": _moment(rng), "号码": phone, "主题": "催件", "备注": "客户来电催快递"}


def order(rng: random.Random, number: int) -> Cells:
    person, at = bench_person(number % 20_000), _moment(rng)
    lines = [
        {"sku": f"S{rng.randint(1, 500)}", "quantity": 1, "price": "59.00", "amount": "59.00"}
        for _ in range(rng.randint(1, 3))
    ]
    total = f"{59 * len(lines)}.00"
    return {
        "no": f"SO{number}", "created_at": at, "status": "completed", "total": total, "lines": lines,
        "buyer": {"id": f"b{number % 20_000}", "name": person.name, "phone": person.phone},
        "payments": [{"no": f"P{number}", "method": "alipay", "amount": total, "paid_at": at}],
    }  # fmt: skip


class Kind(NamedTuple):
    name: str
    format: str
    make: Callable[[random.Random, int], Cells]
    mapping: dict[str, Any]


KINDS = (
    Kind("members", "csv", member, PEOPLE),
    Kind("members", "xlsx", member, PEOPLE),
    Kind("members", "parquet", member, PEOPLE),
    Kind("calls", "csv", call, CALLS),
    Kind("receipts", "csv", receipt, RECEIPTS),
    Kind("orders with lines", "jsonl", order, ORDERS),
)


def write(kind: Kind, path: Path, rows: int) -> None:
    rng = random.Random(1)
    made = (kind.make(rng, number) for number in range(rows))
    if kind.format == "jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made), encoding="utf-8")
        return
    table = list(made)
    if kind.format == "xlsx":
        book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        sheet = book.add_worksheet()
        for number, cells in enumerate([list(table[0]), *(list(row.values()) for row in table)]):
            sheet.write_row(number, 0, cells)
        book.close()
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    if kind.format == "parquet":
        pyarrow.parquet.write_table(pyarrow.csv.read_csv(path), path)


def measure(kind: Kind, rows: int, folder: Path) -> dict[str, Any]:
    path = folder / f"{kind.name}.{kind.format}"
    write(kind, path, rows)
    shape = look(path)
    mapping = parse_mapping(kind.mapping)
    source = SourceView(id=1, slug="bench", is_trusted=True)
    target = Target(source, 1, 1, mapping, mapping_hash(mapping), "0" * 64)
    context = CleanContext(NOW.date(), b"k" * 32)

    def read() -> int:
        return sum(1 for _ in read_rows(path, shape))

    def make_ready() -> int:
        found, taken = read_rows(path, shape), 0
        while batch := list(islice(found, BATCH)):
            taken += len(prepare(batch, target, NOW, context).messages)
        return taken

    if make_ready() != rows:
        raise RuntimeError(f"{kind.name}: not every row was taken")
    return {
        "rows": kind.name,
        "format": kind.format,
        "read_per_second": rows / _processor_seconds(read),
        "ready_per_second": rows / _processor_seconds(make_ready),
    }


def _processor_seconds(work: Callable[[], int]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=20_000)
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = [measure(kind, chosen.rows, Path(folder)) for kind in KINDS]
    table = Table(title=f"Rows per processor second, {chosen.rows:,} rows each (goal {GOAL_ROWS_PER_SECOND:,} ready)")
    for heading in ("rows", "format", "read", "ready for the inbox"):
        table.add_column(heading, justify="right" if heading in ("read", "ready for the inbox") else "left")
    for one in figures:
        table.add_row(one["rows"], one["format"], f"{one['read_per_second']:,.0f}", f"{one['ready_per_second']:,.0f}")
    Console().print(table)
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": chosen.rows, "figures": figures}, indent=2))


if __name__ == "__main__":
    sys.exit(main())
