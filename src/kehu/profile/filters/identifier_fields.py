"""Numbers by which a customer is known in the systems: who carries one, now or before."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from kehu.clean.identifier_forms import normal_form
from kehu.config import config
from kehu.profile.filters.asking import Asking
from kehu.profile.filters.field import Ask, Field
from kehu.profile.filters.operators import FieldKind, Op
from kehu.profile.sql import Sql, sql

_IDENTIFIERS: Final = (
    ("member_id", _("Member number")),
    ("unionid", "unionid"),
    ("openid", "openid"),
    ("user_id", _("User number")),
    ("erp_no", _("ERP number")),
    ("crm_id", _("CRM number")),
    ("plate", _("Number plate")),
    ("id_number", _("Identity card")),
)


def identifier_fields() -> list[Field]:
    group = _("Identifiers")
    return [
        Field(
            f"identifier.{type_}", label, FieldKind.TEXT, _ask_identifier(type_), group, guarded=type_,
            only=(Op.IS, Op.ONE_OF, Op.SET, Op.EMPTY),
        )
        for type_, label in _IDENTIFIERS
    ]  # fmt: skip


def _ask_identifier(type_: str) -> Ask:
    def ask(op: Op, values: Sequence[str], asking: Asking) -> Sql:
        if op in (Op.SET, Op.EMPTY):
            bound = asking.exists(
                sql(
                    "{} AND EXISTS (SELECT FROM resolve_binding b WHERE b.record_id = r.id AND b.type = {})",
                    asking.records,
                    type_,
                )
            )
            return sql("NOT {}", bound) if op is Op.EMPTY else bound
        wanted = [normal_form(type_, value, config.blind_index_key) or value for value in values]
        holders = sql(
            "SELECT b.record_id FROM resolve_binding b WHERE b.type = {} AND b.value = ANY({})", type_, wanted
        )
        if asking.actor.is_strict:
            return asking.exists(sql("{} AND r.id IN ({})", asking.records, holders))
        return sql(
            "c.id IN (SELECT held.customer_id FROM resolve_recordcustomer held WHERE held.record_id IN ({}))", holders
        )

    return ask
