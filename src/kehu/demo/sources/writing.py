"""What the writers of all sources share: where a file goes, how moments are spelt, and the rows nobody can
use.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from kehu.demo.error_rates import BROKEN_ROWS
from kehu.demo.orders import Order
from kehu.demo.records import Record

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Company:
    """Everything the writers draw from. Each gets its own generator, so that one file never depends on
    another.
    """

    seed: int
    now: datetime
    records: dict[str, list[Record]]  # by source
    orders: dict[str, list[Order]]  # by namespace

    def rng(self, source: str) -> Random:
        return Random(f"{self.seed}:{source}")


def local(moment: datetime) -> str:
    """Shanghai wall clock without a zone, as most systems export it."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def iso_utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def is_broken(rng: Random) -> bool:
    return rng.random() < BROKEN_ROWS


def write_json_lines(path: Path, rows: Iterable[dict[str, Any] | bytes]) -> int:
    """One object a line; bytes are written as they are (half a line, say). Returns the number of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encode = msgspec.json.Encoder().encode
    lines = [row if isinstance(row, bytes) else encode(row) for row in rows]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return len(lines)


def write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Any]], encoding: str = "utf-8") -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count
