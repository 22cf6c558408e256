"""The builder of a filter: a form that the server draws anew for every condition added, changed or taken away.

Fields of the form: match-<group>; and per condition in-<n> (its group, 0 is the whole), field-<n>, op-<n>, value-<n>.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy

from kehu.govern.access import Actor
from kehu.profile.filters.compiler import may_ask
from kehu.profile.filters.field import Field
from kehu.profile.filters.fields import fields
from kehu.profile.filters.operators import WITH_SEVERAL, FieldKind, Op, values_wanted
from kehu.profile.filters.tree import Condition, Group, Match, conditions_of
from kehu.web.components import Choice, Text
from kehu.web.pages.filter_words import MATCHES, OPERATORS, match_named
from kehu.web.pages.list_asked import ListAddress

MOST: Final = 40
SHOW: Final = gettext_lazy("Show the list")
INPUTS: Final = {FieldKind.DATE: "date", FieldKind.NUMBER: "text", FieldKind.MOMENT: "date"}


@dataclass(frozen=True, slots=True)
class Row:
    """One condition. inputs: what stands in each input; choices: a select instead, for fields of a few codes."""

    number: int
    group: int
    fields: list[tuple[Text, list[Choice]]]
    operators: list[Choice]
    inputs: list[str]
    input_type: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class GroupRows:
    number: int
    matches: list[Choice]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class BuilderPage:
    """target: what is drawn anew as conditions change. submit: what the button Apply says."""

    url: str
    hidden: list[tuple[str, str]]
    groups: list[GroupRows]
    error: str = ""
    target: str = "#drawer-content"
    submit: Text = SHOW
    is_main: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds: matches by group, and conditions with the group each is in. A half-filled one is kept."""

    matches: dict[int, Match]
    conditions: list[tuple[int, Condition]]

    def as_filter(self) -> Group:
        """Conditions without the values they need are left out."""
        ready = [(place, one) for place, one in self.conditions if _is_ready(one)]
        inner = [
            Group(self.matches.get(number, Match.ANY), tuple(one for place, one in ready if place == number))
            for number in sorted(self.matches)
            if number != 0 and any(place == number for place, _one in ready)
        ]
        top = tuple(one for place, one in ready if place == 0)
        return Group(self.matches.get(0, Match.ALL), top, tuple(inner))


def draft_of(group: Group) -> Draft:
    """A filter for the form: groups in groups deeper than it can show are flattened into their group."""
    matches, conditions = {0: group.match}, [(0, one) for one in group.conditions]
    for number, inner in enumerate(group.groups, 1):
        matches[number] = inner.match
        conditions += [(number, one) for one in conditions_of(inner)]
    return Draft(matches, conditions)


def draft_from(asked: QueryDict) -> Draft:
    """What was sent, with the button that was pressed: add=<group>, remove=<n>, add_group."""
    matches = {
        number: match_named(str(asked[f"match-{number}"])) for number in range(MOST) if f"match-{number}" in asked
    }
    conditions = []
    for number in range(MOST):
        name = asked.get(f"field-{number}")
        if name is None or asked.get("remove") == str(number):
            continue
        values = tuple(text.strip() for text in asked.getlist(f"value-{number}") if text.strip())
        conditions.append(
            (_group_number(asked.get(f"in-{number}")), Condition(name[:80], asked.get(f"op-{number}", "")[:20], values))
        )
    matches.setdefault(0, Match.ALL)
    if "add_group" in asked:
        new = min(max(matches) + 1, MOST - 1)
        matches[new] = Match.ANY
        conditions.append((new, Condition("", "")))
    if "add" in asked and len(conditions) < MOST:
        conditions.append((_group_number(asked.get("add")), Condition("", "")))
    return Draft(matches, conditions)


def _group_number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 3 else 0


def builder_page(actor: Actor, at: ListAddress, draft: Draft, error: str = "") -> BuilderPage:
    hidden = [(name, text) for name, text in at.parameters.items() if name != "filter"]
    return BuilderPage(reverse("web:customers_filter"), hidden, builder_groups(actor, draft), error)


def builder_groups(actor: Actor, draft: Draft) -> list[GroupRows]:
    """What the draft asks, as rows of selects and inputs."""
    known = {name: field for name, field in fields().items() if _operators(actor, field)}
    rows = [_row(actor, known, number, place, one) for number, (place, one) in enumerate(draft.conditions)]
    if not rows:
        rows = [_row(actor, known, 0, 0, Condition("", ""))]
    return [
        GroupRows(
            number,
            [Choice(one.value, label, one is match) for one, label in MATCHES.items()],
            [row for row in rows if row.group == number],
        )
        for number, match in sorted(draft.matches.items())
        if number == 0 or any(row.group == number for row in rows)
    ]


def _row(actor: Actor, known: dict[str, Field], number: int, group: int, condition: Condition) -> Row:
    field = known.get(condition.field) or next(iter(known.values()))
    allowed = _operators(actor, field)
    op = Op(condition.op) if condition.op in allowed else allowed[0]
    menu = [
        (label, [Choice(one.name, one.label, one is field) for one in several])
        for label, several in groupby(known.values(), key=lambda one: one.group)
    ]
    fewest, _most = values_wanted(op)
    values = list(condition.values) if field.name == condition.field else []
    choices = [Choice(code, label, code in values) for code, label in field.choices(actor)] if field.choices else []
    if op in WITH_SEVERAL and not choices:
        values = [", ".join(values)]
    inputs = (values + [""] * fewest)[:fewest] if not choices else []
    kind = "text" if op in (Op.LAST_DAYS, Op.NOT_LAST_DAYS, Op.MONTH) else INPUTS.get(field.kind, "text")
    if fewest == 0:
        choices = []
    operators = [Choice(one.value, OPERATORS[one], one is op) for one in allowed]
    return Row(number, group, menu, operators, inputs, kind, choices)


def _operators(actor: Actor, field: Field) -> list[Op]:
    return [op for op in field.operators if may_ask(actor, field, op)]


def _is_ready(condition: Condition) -> bool:
    if condition.op not in set(Op):
        return False
    return len(condition.values) >= values_wanted(Op(condition.op))[0]
