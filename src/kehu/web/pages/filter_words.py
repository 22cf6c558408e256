"""Filters in words: what a condition asks, and the choices of the builder."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.core.errors import InvalidInput
from kehu.govern.access import Actor
from kehu.profile.filters.field import Field
from kehu.profile.filters.fields import fields
from kehu.profile.filters.operators import Op
from kehu.profile.filters.tree import Condition, Group, Match
from kehu.web.components import Text

OPERATORS: Final[dict[Op, Text]] = {
    Op.IS: gettext_lazy("is"),
    Op.IS_NOT: gettext_lazy("is not"),
    Op.ONE_OF: gettext_lazy("is one of"),
    Op.NONE_OF: gettext_lazy("is none of"),
    Op.CONTAINS: gettext_lazy("contains"),
    Op.STARTS: gettext_lazy("starts with"),
    Op.SET: gettext_lazy("is known"),
    Op.EMPTY: gettext_lazy("is unknown"),
    Op.AT_LEAST: gettext_lazy("is at least"),
    Op.AT_MOST: gettext_lazy("is at most"),
    Op.BETWEEN: gettext_lazy("lies between"),
    Op.BEFORE: gettext_lazy("is before"),
    Op.AFTER: gettext_lazy("is after"),
    Op.LAST_DAYS: gettext_lazy("in the last days:"),
    Op.NOT_LAST_DAYS: gettext_lazy("not in the last days:"),
    Op.MONTH: gettext_lazy("in the month"),
    Op.YES: gettext_lazy("yes"),
    Op.NO: gettext_lazy("no"),
}
MATCHES: Final[dict[Match, Text]] = {
    Match.ALL: gettext_lazy("all of these hold"),
    Match.ANY: gettext_lazy("any of these holds"),
    Match.NONE: gettext_lazy("none of these holds"),
}


def told(actor: Actor, condition: Condition, known: dict[str, Field]) -> str:
    """City is 上海; Source is one of Shop, Till."""
    field = known.get(condition.field)
    if field is None:
        return condition.field
    labels = dict(field.choices(actor)) if field.choices else {}
    values = ", ".join(str(labels.get(value, value)) for value in condition.values[:4])
    if len(condition.values) > 4:
        values += " …"
    op = OPERATORS.get(Op(condition.op), condition.op) if condition.op in set(Op) else condition.op
    return " ".join(str(part) for part in (field.label, op, values) if part)


def told_group(actor: Actor, group: Group, known: dict[str, Field] | None = None) -> str:
    """A group in brackets of one line."""
    known = known or fields()
    joint = {Match.ALL: _(" and "), Match.ANY: _(" or "), Match.NONE: _(" nor ")}[group.match]
    parts = [told(actor, one, known) for one in group.conditions]
    parts += [f"({told_group(actor, inner, known)})" for inner in group.groups if not inner.is_empty]
    text = joint.join(parts)
    return _("none of: %(parts)s") % {"parts": text} if group.match is Match.NONE else text


def match_named(text: str) -> Match:
    try:
        return Match(text)
    except ValueError as error:
        raise InvalidInput("match", f"{text[:20]!r} is none of all, any, none") from error
