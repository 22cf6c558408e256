"""Orders in PostgreSQL: reports folded per source, then the order, its lines and its money written anew."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from kehu.clean.touches import OrderFact, RecordRef
from kehu.core.database import Connection
from kehu.core.ids import by_uuid, order_id, record_id
from kehu.core.write_behind import write
from kehu.profile.facts import json_text
from kehu.profile.order_merge import OrderState, Report, absorb_fact, merge_reports
from kehu.resolve.window import PlacedTouch

_REPORT = msgspec.json.Decoder(Report)
ReportKey = tuple[UUID, int]  # order, source


def write_orders(connection: Connection, touches: Iterable[PlacedTouch], trust: Mapping[int, int]) -> set[UUID]:
    """Fold what the touches say of orders; returns the ids of the orders touched."""
    told: list[tuple[PlacedTouch, OrderFact, UUID]] = [
        (placed, fact, order_id(fact.namespace, fact.number)) for placed in touches for fact in placed.touch.orders
    ]
    if not told:
        return set()
    orders = {order for _, _, order in told}
    reports = _load_reports(connection, orders)
    names = {order: (fact.namespace, fact.number) for _, fact, order in told}
    changed: set[ReportKey] = set()
    for placed, fact, order in told:
        key = (order, placed.source.id)
        report = reports.setdefault(key, Report())
        buyer = _ref(fact.buyer) or (placed.record if placed.touch.kind != "organisation" else None) or placed.device
        organisation = _ref(fact.organisation) or (placed.record if placed.touch.kind == "organisation" else None)
        absorb_fact(report, fact, buyer, organisation)
        changed.add(key)
    _save_reports(connection, {key: reports[key] for key in changed})
    by_order: dict[UUID, dict[int, Report]] = {}
    for (order, source), report in reports.items():
        by_order.setdefault(order, {})[source] = report
    _save_orders(connection, names, {order: merge_reports(found, trust) for order, found in by_order.items()})
    return orders


def _ref(ref: RecordRef | None) -> UUID | None:
    return record_id(ref.source, ref.external_id) if ref else None


def _load_reports(connection: Connection, orders: Iterable[UUID]) -> dict[ReportKey, Report]:
    rows = connection.execute(
        "SELECT order_id, source_id, fields::text FROM profile_orderreport WHERE order_id = ANY(%s)", (list(orders),)
    )
    return {(order, source): _REPORT.decode(fields) for order, source, fields in rows}


def _save_reports(connection: Connection, reports: Mapping[ReportKey, Report]) -> None:
    keys = sorted(reports, key=lambda key: (key[0].int, key[1]))
    write(
        connection,
        "INSERT INTO profile_orderreport (order_id, source_id, fields) SELECT order_id, source_id, fields::jsonb "
        "FROM unnest(%s::uuid[], %s::int[], %s::text[]) AS r(order_id, source_id, fields) "
        "ON CONFLICT (order_id, source_id) DO UPDATE SET fields = excluded.fields",
        ([order for order, _ in keys], [source for _, source in keys], [json_text(reports[key]) for key in keys]),
    )


def _save_orders(
    connection: Connection, names: Mapping[UUID, tuple[str, str]], states: Mapping[UUID, OrderState]
) -> None:
    ids = sorted(states, key=by_uuid)
    write(
        connection,
        """
        INSERT INTO profile_order (id, namespace, number, record_id, organisation_record_id, status, placed_at,
                                   currency, total, paid, refunded, lineage)
        SELECT id, namespace, number, record_id, organisation_record_id, status, placed_at, currency, total, paid,
               refunded, lineage::jsonb
        FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[],
                    %s::text[], %s::numeric[], %s::numeric[], %s::numeric[], %s::text[])
             AS o(id, namespace, number, record_id, organisation_record_id, status, placed_at, currency, total, paid,
                  refunded, lineage)
        ON CONFLICT (id) DO UPDATE SET
            record_id = excluded.record_id, organisation_record_id = excluded.organisation_record_id,
            status = excluded.status, placed_at = excluded.placed_at, currency = excluded.currency,
            total = excluded.total, paid = excluded.paid, refunded = excluded.refunded, lineage = excluded.lineage
        """,
        (
            ids,
            [names[i][0] for i in ids],
            [names[i][1] for i in ids],
            [states[i].record_id for i in ids],
            [states[i].organisation_record_id for i in ids],
            [states[i].status[:30] for i in ids],
            [states[i].placed_at for i in ids],
            [states[i].currency[:3] for i in ids],
            [states[i].total for i in ids],
            [states[i].paid for i in ids],
            [states[i].refunded for i in ids],
            [json_text(states[i].lineage) for i in ids],
        ),
    )
    _replace_lines(connection, states)
    _replace_money(connection, states)


def _replace_lines(connection: Connection, states: Mapping[UUID, OrderState]) -> None:
    write(connection, "DELETE FROM profile_orderline WHERE order_id = ANY(%s)", (list(states),))
    rows = [
        (order, key[:80], line.sku, line.name, line.quantity, line.unit_price, line.amount)
        for order, state in states.items()
        for key, line in state.lines.items()
    ]
    if rows:
        write(
            connection,
            "INSERT INTO profile_orderline (order_id, key, sku, name, quantity, unit_price, amount) "
            "SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::numeric[], "
            "%s::numeric[]) ON CONFLICT DO NOTHING",
            tuple(list(column) for column in zip(*rows, strict=True)),
        )


def _replace_money(connection: Connection, states: Mapping[UUID, OrderState]) -> None:
    write(connection, "DELETE FROM profile_payment WHERE order_id = ANY(%s)", (list(states),))
    rows = [
        (order, money.kind[:8], key.partition(":")[2][:80], money.method[:40], money.amount, money.on or money.at)
        for order, state in states.items()
        for key, money in state.money.items()
    ]
    if rows:
        write(
            connection,
            "INSERT INTO profile_payment (order_id, kind, key, method, amount, at) "
            "SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::timestamptz[]) "
            "ON CONFLICT DO NOTHING",
            tuple(list(column) for column in zip(*rows, strict=True)),
        )
