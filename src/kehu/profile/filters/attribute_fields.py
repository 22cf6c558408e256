"""Every attribute of the catalogue, shipped or custom, asked of the golden record or of a strict actor's records."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from kehu.clean.identifier_forms import normal_form
from kehu.config import config
from kehu.extend import queries as catalogue
from kehu.govern.access import Actor
from kehu.profile.filters.asking import Asking
from kehu.profile.filters.field import Choices, Field, Text
from kehu.profile.filters.operators import FieldKind, Op
from kehu.profile.filters.values import date_test, folded, number_in_text, number_test, text_test
from kehu.profile.sql import Sql, sql

_LOCAL_FORMS: Final = frozenset({"phone", "email", "id_number", "tax_no", "plate"})


def attribute_fields() -> list[Field]:
    group = _("Attributes")
    return [_attribute(info.name, info.label, info.type, group) for info in catalogue.catalogue()]


def _attribute(name: str, label: str, type_: str, group: Text) -> Field:
    kinds = {"date": FieldKind.DATE, "number": FieldKind.NUMBER}
    kind = kinds.get(type_, FieldKind.TEXT)

    def ask(op: Op, values: Sequence[str], asking: Asking) -> Sql:
        if asking.actor.is_strict:
            said = _value_test(sql("r.attributes -> {} ->> 'v'", name), name, kind, op, values)
            if op in (Op.EMPTY, Op.IS_NOT):
                opposite = {Op.EMPTY: Op.SET, Op.IS_NOT: Op.IS}[op]
                said = _value_test(sql("r.attributes -> {} ->> 'v'", name), name, kind, opposite, values)
                return sql("NOT {}", asking.exists(sql("{} AND {}", asking.records, said)))
            return asking.exists(sql("{} AND {}", asking.records, said))
        if kind is FieldKind.TEXT and op in (Op.IS, Op.ONE_OF):
            return _has_term(name, [_form(name, value) for value in values])
        if op is Op.SET:
            return sql("c.golden ? {}", name)
        if op is Op.EMPTY:
            return sql("NOT c.golden ? {}", name)
        return _value_test(sql("(c.golden -> {} ->> 'v')", name), name, kind, op, values)

    choices: Choices | None = None
    only: tuple[Op, ...] = ()
    if name == "gender":
        choices, only = _genders, (Op.ONE_OF, Op.SET, Op.EMPTY)
    return Field(name, label, kind, ask, group, guarded=name, choices=choices, only=only)


def _has_term(name: str, forms: list[str]) -> Sql:
    """The index answers the second part. The first costs little where rows are read in the order of the list; as a
    CASE it does not make the planner think that two conditions have to meet."""
    said, normal = (sql('lower(left(c.golden -> {} ->> {}, 80) COLLATE "C")', name, key) for key in ("v", "n"))
    short = [form[:80] for form in forms]
    return sql(
        "((CASE WHEN {} = ANY({}) OR {} = ANY({}) THEN true ELSE false END) "
        "AND kehu_golden_terms(c.golden) && {}::text[])",
        said, short, normal, short, [f"{name}={form}" for form in short],
    )  # fmt: skip


def _value_test(value: Sql, name: str, kind: FieldKind, op: Op, values: Sequence[str]) -> Sql:
    if kind is FieldKind.DATE:
        return date_test(value, op, values)
    if kind is FieldKind.NUMBER:
        return number_test(number_in_text(value), op, values)
    if op in (Op.IS, Op.IS_NOT):
        return text_test(value, op, [_form(name, values[0])])
    return text_test(value, op, values)


def _form(name: str, value: str) -> str:
    """A phone in any way of writing finds the phone; other values are compared as written."""
    if name in _LOCAL_FORMS:
        return folded(normal_form(name, value, config.blind_index_key) or value)
    return folded(value)


def _genders(actor: Actor) -> Sequence[tuple[str, Text]]:
    return (("male", _("male")), ("female", _("female")))
