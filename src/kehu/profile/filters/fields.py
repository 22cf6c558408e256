"""What customers can be filtered by: every attribute of the catalogue, identifiers, sources, owners, orders, relations.

A field knows its operators by its kind, and how to ask: `ask(op, values, asking)` gives a condition on
profile_customer as c. For a strict actor every question is put to the records in its scope, never to the golden
record, which others' records may have shaped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kehu.clean.identifier_forms import normal_form
from kehu.collect.models import Source
from kehu.config import config
from kehu.core.errors import InvalidInput
from kehu.extend import queries as catalogue
from kehu.govern import queries as govern
from kehu.govern.access import Actor, visible_departments
from kehu.govern.models import User
from kehu.profile.filters.operators import OPERATORS, FieldKind, Op
from kehu.profile.filters.values import (
    date_test,
    folded,
    moment_test,
    number_holds,
    number_in_text,
    number_test,
    text_test,
)
from kehu.profile.sql import TRUE, Sql, any_of, sql

Text = Any  # gettext_lazy strings among them
Choices = Callable[[Actor], Sequence[tuple[str, Text]]]
ME, NOBODY = "me", "nobody"
_LOCAL_FORMS: Final = frozenset({"phone", "email", "id_number", "tax_no", "plate"})


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks and when. is_set_based: figures over orders are summed once for everybody instead of one by one.

    is_alternative: the question stands beside others of which one suffices.
    """

    actor: Actor
    now: datetime
    zone: tzinfo
    is_set_based: bool = False
    is_alternative: bool = False

    def exists(self, rows: Sql) -> Sql:
        """Whether there are rows (FROM … WHERE …) for c.

        As an alternative the planner would answer EXISTS by reading the whole table once; a scalar it asks row by row.
        """
        if self.is_alternative and not self.is_set_based:
            return sql("coalesce((SELECT true FROM {} LIMIT 1), false)", rows)
        return sql("EXISTS (SELECT FROM {})", rows)

    @property
    def records(self) -> Sql:
        """FROM and WHERE of the records of c that the actor may be told of: m (mapping) and r (record)."""
        scope = TRUE
        if self.actor.is_strict:
            scope = sql("coalesce(r.department_id, 0) = ANY({})", list(visible_departments(self.actor) or ()))
        return sql(
            "resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id "
            "WHERE m.customer_id = c.id AND {}",
            scope,
        )

    @property
    def scope_of_order(self) -> Sql:
        """A condition on orders, joined as m, for those who see only some records."""
        if not self.actor.is_strict:
            return TRUE
        return sql(
            "EXISTS (SELECT FROM resolve_sourcerecord r WHERE r.id = m.record_id AND "
            "coalesce(r.department_id, 0) = ANY({}))",
            list(visible_departments(self.actor) or ()),
        )


Ask = Callable[[Op, Sequence[str], Asking], Sql]


@dataclass(frozen=True, slots=True)
class Field:
    """guarded: the attribute or identifier type whose field policy decides who may ask. group: where a menu has it."""

    name: str
    label: Text
    kind: FieldKind
    ask: Ask
    group: Text
    guarded: str = ""
    choices: Choices | None = None
    only: tuple[Op, ...] = ()

    @property
    def operators(self) -> tuple[Op, ...]:
        return self.only or OPERATORS[self.kind]


_registered: dict[str, Callable[[], Sequence[Field]]] = {}


def register(room: str, fields: Callable[[], Sequence[Field]]) -> None:
    """A room's own fields, asked for anew each time, so that they may follow its tables."""
    _registered[room] = fields


def fields() -> dict[str, Field]:
    """Every field by name, in the order of the menu."""
    found = [*_about(), *_attributes(), *_identifiers(), *_trade()]
    for more in _registered.values():
        found += more()
    return {field.name: field for field in found}


def field_named(name: str) -> Field:
    """Raises InvalidInput for a field there is not."""
    field = fields().get(name)
    if field is None:
        raise InvalidInput("filter", f"there is no field {name[:60]!r}")
    return field


def asking_of(actor: Actor, *, is_set_based: bool = False) -> Asking:
    return Asking(actor, timezone.now(), timezone.get_default_timezone(), is_set_based)


# -- attributes -----------------------------------------------------------------------------------------------------


def _attributes() -> list[Field]:
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


# -- who and where --------------------------------------------------------------------------------------------------


def _about() -> list[Field]:
    group = _("Customer")
    return [
        Field("kind", _("Kind"), FieldKind.CHOICE, _ask_kind, group, choices=_kinds, only=(Op.ONE_OF,)),
        Field("source", _("Source"), FieldKind.CHOICE, _ask_source, group, choices=_sources, only=_IN_OR_OUT),
        Field("owner", _("Owner"), FieldKind.CHOICE, _ask_owner, group, choices=_owners, only=_IN_OR_OUT),
        Field(
            "department",
            _("Department"),
            FieldKind.CHOICE,
            _ask_department,
            group,
            choices=_departments,
            only=_IN_OR_OUT,
        ),
        Field("records", _("Source records"), FieldKind.NUMBER, _ask_records, group),
        Field("seen", _("Last seen"), FieldKind.MOMENT, _ask_moment("c.last_at"), group),
        Field("known", _("Known since"), FieldKind.MOMENT, _ask_moment("c.first_at"), group),
        Field("changed", _("Changed"), FieldKind.MOMENT, _ask_moment("c.updated_at"), group),
    ]


_IN_OR_OUT: Final = (Op.ONE_OF, Op.NONE_OF)


def _either(condition: Sql, op: Op) -> Sql:
    return sql("NOT ({})", condition) if op is Op.NONE_OF else condition


def _ask_kind(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    return sql("c.kind = ANY({})", list(values))


def _kinds(actor: Actor) -> Sequence[tuple[str, Text]]:
    return (("person", _("People")), ("organisation", _("Organisations")))


def _ask_source(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    ids = [_id(value) for value in values]
    return _either(asking.exists(sql("{} AND r.source_id = ANY({})", asking.records, ids)), op)


def _sources(actor: Actor) -> Sequence[tuple[str, Text]]:
    return [(str(pk), name) for pk, name in Source.objects.order_by("name").values_list("pk", "name")]


def _ask_owner(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    """`me` is whoever looks, so that a shared list can show everybody their own."""
    people = [asking.actor.user_id if value == ME else _id(value) for value in values if value != NOBODY]
    ways = [sql("c.owner_id = ANY({})", [one for one in people if one is not None])] if people else []
    if NOBODY in values:
        ways.append(Sql("c.owner_id IS NULL"))
    return sql("({}) IS NOT TRUE", any_of(ways)) if op is Op.NONE_OF else any_of(ways)


def _owners(actor: Actor) -> Sequence[tuple[str, Text]]:
    people = User.objects.filter(is_active=True).order_by("name", "pk").only("pk", "name", "email")
    return [(ME, _("me")), (NOBODY, _("nobody")), *((str(user.pk), str(user)) for user in people[:500])]


def _ask_department(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    ids = [_id(value) for value in values]
    seen = visible_departments(asking.actor)
    if asking.actor.is_strict:
        ids = [one for one in ids if one in (seen or ())]
    return _either(
        asking.exists(sql("profile_customerscope s WHERE s.customer_id = c.id AND s.department_id = ANY({})", ids)), op
    )


def _departments(actor: Actor) -> Sequence[tuple[str, Text]]:
    found = govern.departments()
    if actor.is_strict:
        found = [one for one in found if one[0] in (visible_departments(actor) or ())]
    return [(str(one[0]), one[1]) for one in found]


def _ask_records(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    count = sql("(SELECT count(*) FROM {})", asking.records) if asking.actor.is_strict else Sql("c.record_count")
    return number_test(count, op, values)


def _ask_moment(column: str) -> Ask:
    def ask(op: Op, values: Sequence[str], asking: Asking) -> Sql:
        return moment_test(Sql(column), op, values, now=asking.now, zone=asking.zone)

    return ask


# -- identifiers ----------------------------------------------------------------------------------------------------

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


def _identifiers() -> list[Field]:
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


# -- orders, events, relations --------------------------------------------------------------------------------------


SUMMED: Final = frozenset({"orders", "spent", "last_order", "first_order"})


def _trade() -> list[Field]:
    orders, ties = _("Orders"), _("Relations and events")
    return [
        Field("orders", _("Number of orders"), FieldKind.NUMBER, _ask_figure("count(*)"), orders),
        Field("spent", _("Sum of orders"), FieldKind.NUMBER, _ask_figure("sum(o.total - o.refunded)"), orders),
        Field("last_order", _("Last order"), FieldKind.MOMENT, _ask_order_time("max"), orders),
        Field("first_order", _("First order"), FieldKind.MOMENT, _ask_order_time("min"), orders),
        Field("relation", _("Relation"), FieldKind.CHOICE, _ask_relation, ties, choices=_relations),
        Field("event", _("What happened"), FieldKind.TEXT, _ask_event, ties, only=(Op.IS, Op.IS_NOT)),
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


_RELATIONS: Final = (
    ("household", _("household")),
    ("contact_of", _("contact")),
    ("employee_of", _("employee")),
    ("parent_of", _("parent")),
    ("branch_of", _("branch")),
)


def _relations(actor: Actor) -> Sequence[tuple[str, Text]]:
    return _RELATIONS


def _ask_relation(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    kinds = sql("t.kind = ANY({})", list(values)) if op in _IN_OR_OUT else TRUE
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


def _id(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise InvalidInput("filter", f"{value[:40]!r} is none of the choices")
    return int(value)
