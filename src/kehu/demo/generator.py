"""The demo company from a seed: people, what they do, and what eight systems wrote down about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from kehu.demo.manifest import write_manifest
from kehu.demo.orders import Checkout, Order
from kehu.demo.population import YEARS_IN_BUSINESS, draw_population
from kehu.demo.records import Record, RecordOffice
from kehu.demo.sources import call, crm, mail, market, shop, till, web, wechat
from kehu.demo.sources.writing import Company
from kehu.demo.truth import Truth, write_truth

SOURCES = ("web", "wechat", "shop", "market", "till", "call", "crm", "mail")


@dataclass(frozen=True, slots=True)
class CompanyFiles:
    """Where a generated company lies. `rows`: lines or rows per source, headings not counted."""

    folder: Path
    rows: dict[str, int]

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    @property
    def manifest(self) -> Path:
        return self.exports / "manifest.json"

    @property
    def truth(self) -> Truth:
        return Truth(self.folder / "truth")


def generate_company(people: int, seed: int, out: Path, today: date) -> CompanyFiles:
    """Write the raw exports of a company of `people` customers into `out/exports` and the truth into
    `out/truth`.

    The same arguments give the same bytes. Nothing happens after `today`.
    """
    rng = Random(seed)
    now = datetime.combine(today, time(0), UTC)
    population = draw_population(rng, people, today)
    office = RecordOffice(rng, now - timedelta(days=365 * YEARS_IN_BUSINESS), now)
    records = office.draft(population.people)
    orders = Checkout(rng, now).sell_to(records)
    company = Company(seed, now, _by_source(records), _by_namespace(orders))
    exports = out / "exports"
    rows = {name: write(company, exports) for name, write in _WRITERS.items()}
    rows["web"], web_truth = web.write(company, exports)
    write_manifest(exports, people=people, seed=seed, today=today, rows=rows)
    write_truth(out / "truth", population, records, orders, web_truth)
    return CompanyFiles(out, {name: rows[name] for name in SOURCES})


_WRITERS: dict[str, Callable[[Company, Path], int]] = {
    "wechat": wechat.write,
    "shop": shop.write,
    "market": market.write,
    "till": till.write,
    "call": call.write,
    "crm": crm.write,
    "mail": mail.write,
}


def _by_source(records: list[Record]) -> dict[str, list[Record]]:
    grouped: dict[str, list[Record]] = {source: [] for source in SOURCES}
    for record in records:
        grouped[record.source].append(record)
    for group in grouped.values():
        group.sort(key=lambda r: (r.created_at, r.key))
    return grouped


def _by_namespace(orders: list[Order]) -> dict[str, list[Order]]:
    grouped: dict[str, list[Order]] = {"shop": [], "market": [], "till": []}
    for order in orders:
        grouped[order.namespace].append(order)
    return grouped
