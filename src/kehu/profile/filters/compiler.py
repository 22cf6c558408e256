"""A filter made into one condition on profile_customer (as c), as far as the actor may ask."""

from dataclasses import replace
from typing import NamedTuple

from kehu.clean.text_forms import tidy
from kehu.core.errors import InvalidInput
from kehu.extend.queries import data_class_of
from kehu.govern.access import Actor
from kehu.govern.field_policy import SENSITIVE, is_masked_for
from kehu.profile.filters.asking import Asking, asking_of
from kehu.profile.filters.errors import FieldNotReadable
from kehu.profile.filters.field import Field
from kehu.profile.filters.fields import fields
from kehu.profile.filters.operators import OF_MASKED, FieldKind, Op, values_wanted
from kehu.profile.filters.order_fields import SUMMED
from kehu.profile.filters.tree import Condition, Group, Match, conditions_of
from kehu.profile.sql import Sql, all_of, any_of, none_of


class Compiled(NamedTuple):
    """look_ups: questions that could tell whose a number is, to be counted against the actor's limit."""

    condition: Sql
    look_ups: int


def compile_filter(actor: Actor, group: Group, *, is_set_based: bool = False) -> Compiled:
    """Raises InvalidInput for what cannot be asked, FieldNotReadable for what this actor may not ask."""
    known = fields()
    asking = asking_of(actor, is_set_based=is_set_based)
    return Compiled(_group(group, known, asking), sum(_look_ups(actor, known, test) for test in conditions_of(group)))


def sums_differ(group: Group) -> bool:
    """Whether the filter asks for figures that can be summed one customer at a time or all at once."""
    return any(test.field in SUMMED for test in conditions_of(group))


def may_ask(actor: Actor, field: Field, op: Op) -> bool:
    """Whether the answers would tell the actor no more than the page shows."""
    if not field.guarded or not is_masked_for(actor, field.guarded):
        return True
    # A sensitive value is hidden, not masked: not even an exact guess is answered.
    return op in OF_MASKED and data_class_of(field.guarded) != SENSITIVE and field.guarded != "id_number"


def _group(group: Group, known: dict[str, Field], asking: Asking) -> Sql:
    if group.match is not Match.ALL:
        asking = replace(asking, is_alternative=True)
    parts = [_test(test, known, asking) for test in group.conditions]
    parts += [_group(inner, known, asking) for inner in group.groups if not inner.is_empty]
    match group.match:
        case Match.ALL:
            return all_of(parts)
        case Match.ANY:
            return any_of(parts) if parts else all_of([])
        case Match.NONE:
            return none_of(parts)


def _test(test: Condition, known: dict[str, Field], asking: Asking) -> Sql:
    field = known.get(test.field)
    if field is None:
        raise InvalidInput("filter", f"there is no field {test.field[:60]!r}")
    if test.op not in field.operators:
        raise InvalidInput(test.field, f"{test.op[:20]!r} is none of {', '.join(field.operators)}")
    op = Op(test.op)
    if not may_ask(asking.actor, field, op):
        raise FieldNotReadable(str(field.label))
    fewest, most = values_wanted(op)
    if not fewest <= len(test.values) <= most or not all(map(tidy, test.values)):
        raise InvalidInput(test.field, f"“{op}” takes {fewest if fewest == most else f'{fewest} to {most}'} values")
    return field.ask(op, test.values, asking)


def _look_ups(actor: Actor, known: dict[str, Field], test: Condition) -> int:
    """Exact guesses at a masked value; and parts of a number asked of free text, which may hold one."""
    field = known[test.field]
    if test.op in (Op.SET, Op.EMPTY):
        return 0
    if field.guarded and is_masked_for(actor, field.guarded):
        return len(test.values)
    if field.kind is FieldKind.TEXT and (is_masked_for(actor, "phone") or is_masked_for(actor, "email")):
        return sum("@" in value or sum(letter.isdigit() for letter in value) >= 3 for value in test.values)
    return 0
