"""The rules in people's words: kinds, outcomes, effects, and what is wrong with one."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from kehu.clean.rules.judging import RuleProblem
from kehu.clean.rules.rule import Outcome

Text = Any
KINDS: Final[dict[str, Text]] = {
    "required": _("Required"),
    "pattern": _("Pattern"),
    "range": _("Range"),
    "allowed_values": _("List of values"),
    "condition": _("Condition over several fields"),
    "flag": _("Mark or hold back"),
    "transform": _("Transform"),
    "look_up": _("Standardise by table"),
    "derive": _("Derive"),
}
OUTCOMES: Final[dict[Outcome, Text]] = {
    Outcome.MARK: _("keep and mark"),
    Outcome.DISTRUST: _("keep, but never match on it"),
    Outcome.DROP: _("leave the value out"),
    Outcome.QUARANTINE: _("hold the message back"),
}
EFFECTS: Final[dict[str, Text]] = {
    "changed": _("changed"),
    "missing": _("missing"),
    "marked": _("marked"),
    "distrusted": _("not trusted"),
    "dropped": _("left out"),
    "error": _("could not be worked out"),
}
_PROBLEMS: Final[dict[str, Text]] = {
    "rules_many": _("there are more than %(detail)s rules: join some"),
    "key_twice": _("two rules have this key: give one of them another"),
    "key_form": _("use small letters, digits and hyphens, at most 49, starting with a letter or digit"),
    "name_form": _("give it a name of at most %(detail)s characters"),
    "note_long": _("the note is longer than %(detail)s characters"),
    "record_kind": _("“%(detail)s” is none of person, organisation, device"),
    "attribute_form": _("name one attribute: small letters, digits and _"),
    "attribute_hashed": _("id numbers are kept hashed: a rule can only ask whether there is one"),
    "outcome_without_value": _("there is no value to leave out or distrust: choose to mark or to hold back"),
    "outcome_of_change": _("this kind of rule changes values and fails none: choose to mark"),
    "pattern_empty": _("write a pattern"),
    "pattern_too_long": _("the pattern is longer than %(detail)s characters"),
    "pattern_syntax": _("RE2 cannot read the pattern (%(detail)s): it knows no look-around and no back-references"),
    "range_open": _("give at least one end"),
    "range_end": _("“%(detail)s” is neither a number nor a date like 2026-01-31 nor today"),
    "range_reversed": _("the lower end is above the upper one"),
    "values_empty": _("name at least one value"),
    "values_many": _("there are more than %(detail)s values: use a table"),
    "steps_empty": _("give at least one step"),
    "steps_many": _("there are more than %(detail)s steps"),
    "step_unknown": _("there is no step “%(detail)s”"),
    "step_empty": _("the step “%(detail)s” needs a text behind it"),
    "step_pattern": _("RE2 cannot read the pattern of a step (%(detail)s)"),
    "step_group": _("“%(detail)s” asks for a group that the pattern does not have"),
    "table_empty": _("give the table at least one line"),
    "table_many": _("the table has more than %(detail)s lines"),
    "expression_empty": _("write an expression"),
    "expression_too_long": _("the expression is longer than %(detail)s characters"),
    "expression_nested": _("the expression is nested too deeply: part it into two rules"),
    "expression_syntax": _("the expression cannot be read at character %(detail)s"),
    "expression_answer": _("the expression answers %(detail)s: a check answers true or false, a derivation a text"),
}
FIELDS: Final[dict[str, Text]] = {
    "key": _("key"),
    "name": _("name"),
    "note": _("note"),
    "attribute": _("attribute"),
    "outcome": _("outcome"),
    "record_kinds": _("kinds of record"),
    "when": _("only when"),
    "pattern": _("pattern"),
    "least": _("lower end"),
    "values": _("values"),
    "steps": _("steps"),
    "table": _("table"),
    "expression": _("expression"),
    "rules": _("rules"),
}


def problem_text(problem: RuleProblem) -> str:
    """What is wrong, without the rule's name."""
    text = str(_PROBLEMS.get(problem.code, problem.code))
    return text % {"detail": problem.detail} if "%(" in text else text


def place_of(problem: RuleProblem) -> str:
    """Which rule, and which part of it."""
    field = str(FIELDS.get(problem.field, problem.field))
    return f"{problem.rule} · {field}" if problem.rule else field


def told(problems: tuple[RuleProblem, ...]) -> str:
    return "; ".join(f"{place_of(problem)}: {problem_text(problem)}" for problem in problems)
