"""The Olist marketplace as five sources that reference one another, and what they say per person by Polars alone.

customer_id is made anew for every order; customer_unique_id is the person. Nothing but the customers' table knows both.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "olist"
ZONE = "America/Sao_Paulo"
# Orders that were called off: what was paid goes back.
CALLED_OFF = ("canceled", "unavailable")

_ORDER = {"number": "order_id"}
MAPPINGS: dict[str, dict[str, Any]] = {
    "olist_reviews": {
        "occurred_at": ["review_answer_timestamp", "review_creation_date"],
        "event": {
            "name": "=Product Reviewed",
            "kind": "service",
            "key": ["review_id", "order_id"],
            "properties": {
                "score": "review_score",
                "title": "review_comment_title",
                "message": "review_comment_message",
            },
            "order": {"column": "order_id"},
        },
    },
    "olist_payments": {
        "order": {
            **_ORDER,
            "currency": "=BRL",
            "payment": {"key": ["payment_sequential"], "amount": "payment_value", "method": "payment_type"},
        }
    },
    "olist_items": {
        "order": {
            **_ORDER,
            "currency": "=BRL",
            "line": {"key": ["order_item_id"], "sku": "product_id", "unit_price": "price", "amount": "price"},
        }
    },
    "olist_orders": {
        "occurred_at": "order_purchase_timestamp",
        "order": {
            **_ORDER,
            "status": "order_status",
            "placed_at": "order_purchase_timestamp",
            "currency": "=BRL",
            "buyer": {"source": "olist_customers", "column": "customer_id"},
            "refund": {"when": {"column": "order_status", "values": list(CALLED_OFF)}},
        },
    },
    "olist_customers": {
        "record": {"key": ["customer_id"]},
        "attributes": {"customer_city": "city"},
        "identifiers": {"customer_unique_id": "member_id"},
    },
}
FILES = {
    "olist_reviews": "order_reviews",
    "olist_payments": "order_payments",
    "olist_items": "order_items",
    "olist_orders": "orders",
    "olist_customers": "customers",
}


@dataclass(frozen=True)
class Olist:
    tables: dict[str, pl.DataFrame]  # by source

    @classmethod
    def whole(cls) -> "Olist":
        return cls({source: pl.read_parquet(FOLDER / f"{name}.parquet") for source, name in FILES.items()})

    def sample(self, share_of_people: int) -> "Olist":
        """One person in `share_of_people`, everybody who bought more than once, and all that hangs on their orders."""
        customers = self.tables["olist_customers"]
        person = pl.col("customer_unique_id")
        chosen = customers.filter((pl.len().over(person) > 1) | (person.hash(seed=7) % share_of_people == 0))
        orders = self.tables["olist_orders"].join(chosen, on="customer_id", how="semi")
        tables = {
            source: table.join(orders, on="order_id", how="semi")
            for source, table in self.tables.items()
            if "order_id" in table.columns
        }
        return Olist({**tables, "olist_orders": orders, "olist_customers": chosen})

    def per_person(self) -> pl.DataFrame:
        """person, orders, paid, refunded (decimals of two places), lines, line_sum, scores (sorted list)."""
        paid = self._sum_per_order("olist_payments", "payment_value", "paid")
        lines = self._sum_per_order("olist_items", "price", "line_sum").join(
            self.tables["olist_items"].group_by("order_id").agg(pl.len().alias("lines")), on="order_id"
        )
        scores = self.tables["olist_reviews"].group_by("order_id").agg(pl.col("review_score").alias("scores"))
        zero = pl.lit(0).cast(pl.Decimal(18, 2))
        return (
            self.tables["olist_orders"]
            .join(self.tables["olist_customers"], on="customer_id")
            .join(paid, on="order_id", how="left")
            .join(lines, on="order_id", how="left")
            .join(scores, on="order_id", how="left")
            .group_by(pl.col("customer_unique_id").alias("person"))
            .agg(
                pl.len().alias("orders"),
                pl.col("paid").fill_null(zero).sum(),
                pl.when(pl.col("order_status").is_in(CALLED_OFF))
                .then(pl.col("paid").fill_null(zero))
                .otherwise(zero)
                .sum()
                .alias("refunded"),
                pl.col("lines").fill_null(0).sum(),
                pl.col("line_sum").fill_null(zero).sum(),
                pl.col("scores").list.explode().drop_nulls().sort().alias("scores"),
            )
            .sort("person")
        )

    def _sum_per_order(self, source: str, column: str, name: str) -> pl.DataFrame:
        cents = pl.col(column).round(2).cast(pl.Decimal(18, 2))
        return self.tables[source].group_by("order_id").agg(cents.sum().alias(name))
