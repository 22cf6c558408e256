"""The truth, kept apart from the exports. Only the evaluation reads it; the road never does."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from kehu.demo.orders import Order
from kehu.demo.population import Population
from kehu.demo.records import Record
from kehu.demo.sources.web import WebTruth

RECORDS, PEOPLE, ORDERS, EVENTS, ORGANISATIONS = (
    "records.parquet", "people.parquet", "orders.parquet", "events.parquet", "organisations.parquet"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth as tables. `records`: source, external_id, person, kind, is_scored, is_first, created_at,
    errors.
    """

    folder: Path

    def records(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / RECORDS)

    def person_of(self) -> dict[tuple[str, str], str]:
        """(source, external id) → person, for the records that are scored."""
        scored = self.records().filter(pl.col("is_scored"))
        return dict(zip(zip(scored["source"], scored["external_id"], strict=True), scored["person"], strict=True))

    def people(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / PEOPLE)

    def orders(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / ORDERS)

    def events(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / EVENTS)


def write_truth(
    folder: Path, population: Population, records: list[Record], orders: Iterable[Order], web: WebTruth
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pl.concat([_record_rows(records), _company_rows(records), _browser_rows(web)]).write_parquet(folder / RECORDS)
    _people_rows(population).write_parquet(folder / PEOPLE)
    _order_rows(orders).write_parquet(folder / ORDERS)
    pl.DataFrame(
        {
            "message_id": list(web.people_by_message),
            "person": [p or None for p in web.people_by_message.values()],
        },
        schema={"message_id": pl.String, "person": pl.String},
    ).write_parquet(folder / EVENTS)
    _organisation_rows(population).write_parquet(folder / ORGANISATIONS)


_RECORD_SCHEMA: dict[str, Any] = {
    "source": pl.String,
    "external_id": pl.String,
    "person": pl.String,  # of an organisation: its id; null where nobody can know (a shared tablet)
    "kind": pl.String,  # person, organisation, device
    "is_scored": pl.Boolean,  # counted in the partition's precision and recall
    "is_first": pl.Boolean,
    "created_at": pl.Datetime("us", "UTC"),
    "errors": pl.List(pl.String),
}


def _record_rows(records: list[Record]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": [r.source for r in records],
            "external_id": [r.key for r in records],
            "person": [r.person.id for r in records],
            "kind": ["person"] * len(records),
            "is_scored": [True] * len(records),
            "is_first": [r.is_first for r in records],
            "created_at": [r.created_at for r in records],
            "errors": [r.errors for r in records],
        },
        schema=_RECORD_SCHEMA,
    )


def _company_rows(records: list[Record]) -> pl.DataFrame:
    owners = {r.company_id: r.person.company.id for r in records if r.company_id and r.person.company}
    return pl.DataFrame(
        [("crm", f"company:{key}", owner, "organisation", False, None, None, []) for key, owner in owners.items()],
        schema=_RECORD_SCHEMA,
        orient="row",
    )


def _browser_rows(web: WebTruth) -> pl.DataFrame:
    """A cookie is no record of a person: which events it is credited with is measured on the events."""
    return pl.DataFrame(
        [("web", f"anon:{a}", p or None, "device", False, None, None, []) for a, p in web.people_by_browser.items()],
        schema=_RECORD_SCHEMA,
        orient="row",
    )


def _people_rows(population: Population) -> pl.DataFrame:
    people = population.people
    return pl.DataFrame(
        {
            "person": [p.id for p in people],
            "surname": [p.surname for p in people],
            "given_name": [p.given for p in people],
            "gender": [p.gender for p in people],
            "birth_date": [p.birth_date for p in people],
            "household": [p.household for p in people],
            "role": [p.role for p in people],
            "phone": [p.phone for p in people],
            "phone_later": [p.phone_later for p in people],
            "email": [p.email for p in people],
            "email_later": [p.email_later for p in people],
            "address": [p.address.full for p in people],
            "address_later": [p.address_later.full for p in people],
            "organisation": [p.company.id if p.company else None for p in people],
            "is_heavy": [p.is_heavy for p in people],
            "uses_family_phone": [p.uses_family_phone for p in people],
            "got_recycled_number": [p.got_recycled_number for p in people],
        },
        schema_overrides={"organisation": pl.String},
    )


def _order_rows(orders: Iterable[Order]) -> pl.DataFrame:
    """One row per order or receipt; amounts in yuan; `external_id` is null where the receipt names nobody."""
    rows = list(orders)
    money = pl.Decimal(19, 4)
    return pl.DataFrame(
        {
            "namespace": [o.namespace for o in rows],
            "order_number": [o.number for o in rows],
            "external_id": [o.record.key if o.record else None for o in rows],
            "person": [o.person.id for o in rows],
            "ordered_at": [o.ordered_at for o in rows],
            "total": [o.total_fen for o in rows],
            "refunded": [o.refund_fen for o in rows],
            "is_on_web_too": [o.on_web for o in rows],
        },
        schema_overrides={"external_id": pl.String, "ordered_at": pl.Datetime("us", "UTC")},
    ).with_columns((pl.col("total", "refunded").cast(money) / 100).cast(money))


def _organisation_rows(population: Population) -> pl.DataFrame:
    companies = population.companies
    return pl.DataFrame(
        {
            "organisation": [c.id for c in companies],
            "name": [c.name for c in companies],
            "phone": [c.phone for c in companies],
            "address": [c.address.full for c in companies],
        }
    )
