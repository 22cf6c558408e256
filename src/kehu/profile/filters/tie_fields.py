"""To whom a customer is tied, and what happened with it."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from kehu.govern.access import Actor
from kehu.profile.filters.asking import Asking
from kehu.profile.filters.field import IN_OR_OUT, Field, Text
from kehu.profile.filters.operators import FieldKind, Op
from kehu.profile.relations.kinds import spellings
from kehu.profile.sql import Sql, sql

_RELATIONS: Final = (
    ("household", _("household")),
    ("contact_of", _("contact")),
    ("employee_of", _("employee")),
    ("owner_of", _("owner")),
    ("subsidiary_of", _("parent or subsidiary")),
    ("branch_of", _("branch")),
    ("partner_of", _("partner")),
    ("affiliate_of", _("belongs together")),
    ("same_as", _("perhaps the same")),
)


def tie_fields() -> list[Field]:
    group = _("Relations and events")
    return [
        Field("relation", _("Relation"), FieldKind.CHOICE, _ask_relation, group, choices=_relations),
        Field("event", _("What happened"), FieldKind.TEXT, _ask_event, group, only=(Op.IS, Op.IS_NOT)),
    ]


def _relations(actor: Actor) -> Sequence[tuple[str, Text]]:
    return _RELATIONS


def _ask_relation(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    words = [word for kind in values for word in spellings(kind)]
    kinds = sql("t.kind = ANY({}) AND NOT t.is_denied", words) if op in IN_OR_OUT else Sql("NOT t.is_denied")
    tied = asking.exists(
        sql(
            "{} AND ((SELECT count(*) FROM profile_relation t WHERE t.left_id = r.id AND {}) > 0 "
            "OR (SELECT count(*) FROM profile_relation t WHERE t.right_id = r.id AND {}) > 0)",
            asking.records,
            kinds,
            kinds,
        )
    )
    return sql("NOT {}", tied) if op in (Op.NONE_OF, Op.EMPTY) else tied


def _ask_event(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    happened = asking.exists(
        sql(
            "{} AND EXISTS (SELECT FROM profile_event e WHERE e.record_id = r.id AND e.name = {})",
            asking.records,
            values[0],
        )
    )
    return sql("NOT {}", happened) if op is Op.IS_NOT else happened
