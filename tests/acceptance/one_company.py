"""Four public data sets as the systems of one company: a marketplace, a CRM, an airline's club, a grocer's tills.

Each table is a source with the mapping somebody would confirm in the wizard, and what it must come to by Polars alone.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from tests.acceptance import olist

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDERS = tuple(DATA / name for name in ("olist", "maven_crm", "airline_loyalty", "dunnhumby_complete_journey"))
_FLOWN: Final = [
    {"do": "constant", "into": "day", "value": "1"},
    {"do": "join", "columns": ["year", "month", "day"], "into": "flown_on", "by": "-"},
]
_POINTS: Final = ("total_flights", "distance", "points_accumulated", "points_redeemed", "dollar_cost_points_redeemed")
_HOUSEHOLD: Final = {"source": "grocer_households", "key": ["household_id"]}


@dataclass(frozen=True)
class System:
    """key: the column by which a sample keeps whole people; "" = all of the table is kept."""

    folder: str
    table: str
    key: str
    mapping: dict[str, Any]
    time_zone: str = "UTC"
    namespace: str = ""
    options: dict[str, Any] = field(default_factory=dict)


SYSTEMS: Final[dict[str, System]] = {
    **{
        slug: System("olist", name, "", olist.MAPPINGS[slug], olist.ZONE, "olist", {"unique_types": ["member_id"]})
        for slug, name in olist.FILES.items()
    },
    "crm_deals": System(
        "maven_crm",
        "sales_pipeline",
        "account",
        {
            "record": {"source": "crm_accounts", "key": ["account"], "kind": "organisation"},
            "occurred_at": "engage_date",
            "event": {
                "name": "deal_stage",
                "kind": "trade",
                "key": ["opportunity_id"],
                "properties": {"product": "product", "value": "close_value", "agent": "sales_agent"},
            },
        },
    ),
    "crm_accounts": System(
        "maven_crm",
        "accounts",
        "",
        {
            "record": {"key": ["account"], "kind": "organisation"},
            "attributes": {"account": "name"},
            "organisation": {"key": ["subsidiary_of"], "relation": "branch_of"},
        },
    ),
    "club_flights": System(
        "airline_loyalty",
        "flight_activity",
        "loyalty_number",
        {
            "steps": _FLOWN,
            "record": {"source": "club_members", "key": ["loyalty_number"]},
            "occurred_at": "flown_on",
            "event": {
                "name": "=Flights Flown",
                "kind": "behaviour",
                "properties": {name: name for name in ("flights_booked", "flights_with_companions", *_POINTS)},
            },
        },
        "America/Toronto",
    ),
    "club_members": System(
        "airline_loyalty",
        "members",
        "loyalty_number",
        {
            "record": {"key": ["loyalty_number"]},
            "attributes": {"gender": "gender", "city": "city"},
            "identifiers": {"loyalty_number": "member_id"},
        },
        "America/Toronto",
        options={"unique_types": ["member_id"]},
    ),
    "grocer_tills": System(
        "dunnhumby_complete_journey",
        "transactions_sample",
        "household_id",
        {
            "occurred_at": "transaction_timestamp",
            "order": {
                "number": "basket_id",
                "placed_at": "transaction_timestamp",
                "currency": "=USD",
                "buyer": {"source": "grocer_households", "column": "household_id"},
                "line": {"key": ["product_id"], "sku": "product_id", "quantity": "quantity", "amount": "sales_value"},
            },
        },
        "America/New_York",
        "grocer",
    ),
    "grocer_coupons": System(
        "dunnhumby_complete_journey",
        "coupon_redemptions",
        "household_id",
        {
            "record": _HOUSEHOLD,
            "occurred_at": "redemption_date",
            "event": {
                "name": "=Coupon Redeemed",
                "kind": "marketing",
                "key": ["household_id", "coupon_upc", "campaign_id", "redemption_date"],
                "properties": {"campaign": "campaign_id"},
            },
        },
        "America/New_York",
    ),
    "grocer_households": System(
        "dunnhumby_complete_journey", "demographics", "household_id", {"record": {"key": ["household_id"]}}
    ),
}


def tables(share: int | None = None) -> dict[str, pl.DataFrame]:
    """By source. share: one person in so many, with all that hangs on them; None = everything there is."""
    market = olist.Olist.whole()
    if share is not None:
        market = _some_of(market, share)
    found = dict(market.tables)
    for slug, system in SYSTEMS.items():
        if slug in found:
            continue
        table = pl.read_parquet(DATA / system.folder / f"{system.table}.parquet")
        if share is not None and system.key:
            table = table.filter(pl.col(system.key).hash(seed=7) % share == 0)
        found[slug] = table
    return found


def _some_of(market: olist.Olist, share: int) -> olist.Olist:
    customers = market.tables["olist_customers"]
    chosen = customers.filter(pl.col("customer_unique_id").hash(seed=7) % (share * 10) == 0)
    orders = market.tables["olist_orders"].join(chosen, on="customer_id", how="semi")
    of_orders = {
        slug: table.join(orders, on="order_id", how="semi")
        for slug, table in market.tables.items()
        if "order_id" in table.columns
    }
    return olist.Olist({**of_orders, "olist_orders": orders, "olist_customers": chosen})


def events_told(slug: str, table: pl.DataFrame) -> int:
    """How many different events the table's rows are."""
    match slug:
        case "olist_reviews":
            return table.unique(["review_id", "order_id"]).height
        case "club_flights":
            return table.unique().height
        case "crm_deals" | "grocer_coupons":
            return table.height
        case _:
            return 0


def records_told(found: dict[str, pl.DataFrame]) -> dict[str, set[str]]:
    """External ids of the people and organisations that must be there, by the source whose ids they are."""
    households = (found[slug]["household_id"] for slug in ("grocer_coupons", "grocer_households"))
    accounts = (found["crm_accounts"]["account"], found["crm_accounts"]["subsidiary_of"], found["crm_deals"]["account"])
    members = (found[slug]["loyalty_number"].cast(pl.String) for slug in ("club_flights", "club_members"))
    return {
        "olist_customers": set(found["olist_customers"]["customer_id"]),
        "crm_accounts": set(pl.concat(accounts).drop_nulls()),
        "club_members": set(pl.concat(members)),
        "grocer_households": set(pl.concat(households)),
    }
