"""One order out of what several systems say of it: per field by the precedence of the systems, never added up twice."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from kehu.clean.touches import OrderFact


class Said(msgspec.Struct):
    """One field as one source last said it."""

    v: str
    at: datetime


class Line(msgspec.Struct):
    at: datetime
    sku: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


class Money(msgspec.Struct):
    """A payment or a refund. on: when the money moved, if told."""

    at: datetime
    kind: str
    method: str
    amount: Decimal
    on: datetime | None = None


class Report(msgspec.Struct, omit_defaults=True):
    """All that one source has said of one order so far, whatever the order its messages came in."""

    fields: dict[str, Said] = {}
    lines: dict[str, Line] = {}
    money: dict[str, Money] = {}
    full_refund_at: datetime | None = None


class OrderState(NamedTuple):
    """The order as it stands. lineage: field → id of the source whose word was taken."""

    record_id: UUID | None
    organisation_record_id: UUID | None
    status: str
    placed_at: datetime | None
    currency: str
    total: Decimal
    paid: Decimal
    refunded: Decimal
    lineage: dict[str, int]
    lines: dict[str, Line]
    money: dict[str, Money]


def absorb_fact(report: Report, fact: OrderFact, buyer: UUID | None, organisation: UUID | None) -> None:
    """Fold one message about an order into its source's report: per field the latest word counts."""
    at = fact.at.astimezone(UTC)
    said = {
        "status": fact.status,
        "placed_at": fact.placed_at.astimezone(UTC).isoformat() if fact.placed_at else None,
        "currency": fact.currency,
        "total": str(fact.total) if fact.total is not None else None,
        "record_id": str(buyer) if buyer else None,
        "organisation_record_id": str(organisation) if organisation else None,
    }
    for name, value in said.items():
        known = report.fields.get(name)
        if value is not None and (known is None or (at, value) > (known.at, known.v)):
            report.fields[name] = Said(value, at)
    for line in fact.lines or ():
        offered = Line(at, line.sku, line.name, line.quantity, line.unit_price, line.amount)
        if line.key not in report.lines or offered.at >= report.lines[line.key].at:
            report.lines[line.key] = offered
    for payment in fact.payments:
        key = f"{payment.kind}:{payment.key}"
        moved = payment.at.astimezone(UTC) if payment.at else None
        if key not in report.money or at >= report.money[key].at:
            report.money[key] = Money(at, payment.kind, payment.method, payment.amount, moved)
    if fact.full_refund_at is not None:
        refund_at = fact.full_refund_at.astimezone(UTC)
        report.full_refund_at = min(report.full_refund_at or refund_at, refund_at)


def merge_reports(reports: Mapping[int, Report], trust: Mapping[int, int]) -> OrderState:
    """reports: by source id. trust: by source id, higher wins; equal ranks fall to the smaller id."""
    order = sorted(reports, key=lambda source: (-trust.get(source, 0), source))
    lineage: dict[str, int] = {}

    def first(name: str) -> str | None:
        for source in order:
            if name in reports[source].fields:
                lineage[name] = source
                return reports[source].fields[name].v
        return None

    lines_from = next((source for source in order if reports[source].lines), None)
    lines = reports[lines_from].lines if lines_from is not None else {}
    if lines_from is not None:
        lineage["lines"] = lines_from
    total_text = first("total")
    total = Decimal(total_text) if total_text else sum((line.amount for line in lines.values()), Decimal(0))
    payments = _money_of(reports, order, "payment", lineage)
    refunds = _money_of(reports, order, "refund", lineage)
    paid = sum((money.amount for money in payments.values()), Decimal(0))
    refunded = sum((money.amount for money in refunds.values()), Decimal(0))
    full_refund = [at for source in order if (at := reports[source].full_refund_at)]
    if full_refund and not refunds:
        refunded = paid or total
        refunds = {"refund:all": Money(min(full_refund), "refund", "", refunded, min(full_refund))}
    placed_at, buyer, organisation = first("placed_at"), first("record_id"), first("organisation_record_id")
    return OrderState(
        UUID(buyer) if buyer else None,
        UUID(organisation) if organisation else None,
        _latest_status(reports, order, lineage),
        datetime.fromisoformat(placed_at) if placed_at else None,
        first("currency") or "CNY",
        total,
        paid,
        refunded,
        lineage,
        lines,
        payments | refunds,
    )


def _money_of(reports: Mapping[int, Report], order: list[int], kind: str, lineage: dict[str, int]) -> dict[str, Money]:
    for source in order:
        found = {key: money for key, money in reports[source].money.items() if money.kind == kind}
        if found:
            lineage[f"{kind}s"] = source
            return found
    return {}


def _latest_status(reports: Mapping[int, Report], order: list[int], lineage: dict[str, int]) -> str:
    """A status is news: the latest one counts, whoever tells it."""
    told = [(reports[s].fields["status"].at, -order.index(s), s) for s in order if "status" in reports[s].fields]
    if not told:
        return "placed"
    source = max(told)[2]
    lineage["status"] = source
    return reports[source].fields["status"].v
