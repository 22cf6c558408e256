"""What a customer is and who has to do with it: kind, sources, owner, department, and when it was heard of."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from kehu.collect.models import Source
from kehu.govern import queries as govern
from kehu.govern.access import Actor, visible_departments
from kehu.govern.models import User
from kehu.profile.filters.asking import Asking
from kehu.profile.filters.field import IN_OR_OUT, Ask, Field, Text, row_number
from kehu.profile.filters.operators import FieldKind, Op
from kehu.profile.filters.values import moment_test, number_test
from kehu.profile.sql import Sql, any_of, sql

ME, NOBODY = "me", "nobody"


def customer_fields() -> list[Field]:
    group = _("Customer")
    return [
        Field("kind", _("Kind"), FieldKind.CHOICE, _ask_kind, group, choices=_kinds, only=(Op.ONE_OF,)),
        Field("source", _("Source"), FieldKind.CHOICE, _ask_source, group, choices=_sources, only=IN_OR_OUT),
        Field("owner", _("Owner"), FieldKind.CHOICE, _ask_owner, group, choices=_owners, only=IN_OR_OUT),
        Field(
            "department",
            _("Department"),
            FieldKind.CHOICE,
            _ask_department,
            group,
            choices=_departments,
            only=IN_OR_OUT,
        ),
        Field("records", _("Source records"), FieldKind.NUMBER, _ask_records, group),
        Field("seen", _("Last seen"), FieldKind.MOMENT, _ask_moment("c.last_at"), group),
        Field("known", _("Known since"), FieldKind.MOMENT, _ask_moment("c.first_at"), group),
        Field("changed", _("Changed"), FieldKind.MOMENT, _ask_moment("c.updated_at"), group),
    ]


def _either(condition: Sql, op: Op) -> Sql:
    return sql("NOT ({})", condition) if op is Op.NONE_OF else condition


def _ask_kind(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    return sql("c.kind = ANY({})", list(values))


def _kinds(actor: Actor) -> Sequence[tuple[str, Text]]:
    return (("person", _("People")), ("organisation", _("Organisations")))


def _ask_source(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    ids = [row_number(value) for value in values]
    return _either(asking.exists(sql("{} AND r.source_id = ANY({})", asking.records, ids)), op)


def _sources(actor: Actor) -> Sequence[tuple[str, Text]]:
    return [(str(pk), name) for pk, name in Source.objects.order_by("name").values_list("pk", "name")]


def _ask_owner(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    """`me` is whoever looks, so that a shared list can show everybody their own."""
    people = [asking.actor.user_id if value == ME else row_number(value) for value in values if value != NOBODY]
    ways = [sql("c.owner_id = ANY({})", [one for one in people if one is not None])] if people else []
    if NOBODY in values:
        ways.append(Sql("c.owner_id IS NULL"))
    return sql("({}) IS NOT TRUE", any_of(ways)) if op is Op.NONE_OF else any_of(ways)


def _owners(actor: Actor) -> Sequence[tuple[str, Text]]:
    people = User.objects.filter(is_active=True).order_by("name", "pk").only("pk", "name", "email")
    return [(ME, _("me")), (NOBODY, _("nobody")), *((str(user.pk), str(user)) for user in people[:500])]


def _ask_department(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    ids = [row_number(value) for value in values]
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
