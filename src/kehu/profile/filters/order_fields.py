"""Figures over a customer's orders, summed one customer at a time or for everybody at once."""

from collections.abc import Callable, Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from kehu.profile.filters.asking import Asking
from kehu.profile.filters.field import Ask, Field
from kehu.profile.filters.operators import FieldKind, Op
from kehu.profile.filters.values import moment_test, number_holds, number_test
from kehu.profile.sql import Sql, sql

SUMMED: Final = frozenset({"orders", "spent", "last_order", "first_order"})


def order_fields() -> list[Field]:
    group = _("Orders")
    return [
        Field("orders", _("Number of orders"), FieldKind.NUMBER, _ask_figure("count(*)"), group),
        Field("spent", _("Sum of orders"), FieldKind.NUMBER, _ask_figure("sum(o.total - o.refunded)"), group),
        Field("last_order", _("Last order"), FieldKind.MOMENT, _ask_order_time("max"), group),
        Field("first_order", _("First order"), FieldKind.MOMENT, _ask_order_time("min"), group),
    ]


def _ask_figure(figure: str) -> Ask:
    """A figure over the orders that were not cancelled; 0 for who has none."""

    def ask(op: Op, values: Sequence[str], asking: Asking) -> Sql:
        return _over_orders(
            Sql(f"coalesce({figure}, 0)"),
            lambda value: number_test(value, op, values),
            asking,
            holds_without=number_holds(0, op, values),
        )

    return ask


def _ask_order_time(which: str) -> Ask:
    def ask(op: Op, values: Sequence[str], asking: Asking) -> Sql:
        return _over_orders(
            Sql(f"{which}(coalesce(o.placed_at, 'epoch'))"),
            lambda value: moment_test(value, op, values, now=asking.now, zone=asking.zone),
            asking,
            holds_without=op is Op.NOT_LAST_DAYS,
        )

    return ask


def _over_orders(figure: Sql, test: Callable[[Sql], Sql], asking: Asking, *, holds_without: bool) -> Sql:
    """holds_without: the answer for a customer who has no orders, and so stands in no sum over all of them."""
    if not asking.is_set_based:
        return test(
            sql(
                "(SELECT {} FROM resolve_recordcustomer m JOIN profile_order o ON o.record_id = m.record_id "
                "WHERE m.customer_id = c.id AND o.status <> 'cancelled' AND {})",
                figure,
                asking.scope_of_order,
            )
        )
    answer = test(Sql("g.figure"))
    if holds_without:
        return sql("NOT EXISTS ({} AND ({}) IS NOT TRUE)", _summed(figure, asking), answer)
    return sql("EXISTS ({} AND {})", _summed(figure, asking), answer)


def _summed(figure: Sql, asking: Asking) -> Sql:
    return sql(
        "SELECT FROM (SELECT m.customer_id, {} AS figure FROM profile_order o "
        "JOIN resolve_recordcustomer m ON m.record_id = o.record_id WHERE o.status <> 'cancelled' AND {} "
        "GROUP BY 1) g WHERE g.customer_id = c.id",
        figure,
        asking.scope_of_order,
    )
