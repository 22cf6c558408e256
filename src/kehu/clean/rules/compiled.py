"""A rule set made ready to run: everything that can be wrong with it is found here, before anybody's message is."""

import re
from collections.abc import Iterable
from typing import Final

from kehu.clean.rules.judging import Bad, Change, Check, RuleProblem, compile_change, compile_check
from kehu.clean.rules.rule import (
    MOST_RULES,
    Condition,
    Deed,
    Derive,
    Flag,
    LookUp,
    Outcome,
    Required,
    Rule,
    RuleSet,
    Transform,
)
from kehu.clean.touches import DEVICE, ORGANISATION, PERSON
from kehu.core.expressions import BadExpression, Expression, Kind

KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,48}")
_ATTRIBUTE: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")
_MAX_NAME: Final = 100
_MAX_NOTE: Final = 2000
_USUAL_KINDS: Final = frozenset({PERSON, ORGANISATION})
# What expressions may ask for. a: the attributes by name.
VARIABLES: Final = {
    "a": Kind.TEXT_BY_NAME,
    "source": Kind.TEXT,
    "kind": Kind.TEXT,
    "today": Kind.TEXT,
    "at": Kind.MOMENT,
    "events": Kind.TEXTS,
}
# Kept hashed: a rule sees four digits of it and could write nothing sensible.
_HASHED: Final = frozenset({"id_number"})


class BadRules(Exception):
    """A rule set that cannot be used, with every problem in it."""

    def __init__(self, problems: Iterable[RuleProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


class CompiledRule:
    """A rule and the functions it stands for; `expression` is the condition, the flag or the derivation."""

    __slots__ = ("change", "check", "does", "expression", "kinds", "rule", "when")

    def __init__(self, rule: Rule) -> None:
        """Raises Bad."""
        _check_form(rule)
        self.rule, self.does = rule, rule.does
        self.kinds = frozenset(rule.record_kinds) or _USUAL_KINDS
        self.when = _expression(rule.when, "when", Kind.TRUTH) if rule.when else None
        self.check: Check | None = compile_check(rule.does)
        self.change: Change | None = compile_change(rule.does)
        self.expression: Expression | None = None
        if isinstance(rule.does, Condition | Flag | Derive):
            answers = Kind.TEXT if isinstance(rule.does, Derive) else Kind.TRUTH
            self.expression = _expression(rule.does.expression, "expression", answers)


class CompiledRules:
    """What is switched on of a set, by the source it holds for. version: of the set, for those who tell of it.

    problems: rules that cannot be used, switched off ones among them; the others run all the same.
    """

    def __init__(self, rules: RuleSet, version: int = 0) -> None:
        self.version = version
        compiled, problems = [], list(_check_set(rules))
        for rule in rules.rules:
            try:
                compiled.append(CompiledRule(rule))
            except Bad as bad:
                problems.append(RuleProblem(rule.key[:50], bad.field, bad.code, bad.detail))
        self.problems = tuple(problems)
        self._rules = [one for one in compiled if one.rule.is_on]
        self._of_source: dict[str, tuple[CompiledRule, ...]] = {}

    @property
    def is_empty(self) -> bool:
        return not self._rules

    def of(self, source: str) -> tuple[CompiledRule, ...]:
        """The rules that hold for a source, in order."""
        found = self._of_source.get(source)
        if found is None:
            found = tuple(one for one in self._rules if not one.rule.sources or source in one.rule.sources)
            self._of_source[source] = found
        return found


def compile_rules(rules: RuleSet, version: int = 0) -> CompiledRules:
    """Raises BadRules with everything that is wrong."""
    compiled = CompiledRules(rules, version)
    if compiled.problems:
        raise BadRules(compiled.problems)
    return compiled


def _check_set(rules: RuleSet) -> Iterable[RuleProblem]:
    if len(rules.rules) > MOST_RULES:
        yield RuleProblem("", "rules", "rules_many", str(MOST_RULES))
    seen: set[str] = set()
    for rule in rules.rules:
        if rule.key in seen:
            yield RuleProblem(rule.key[:50], "key", "key_twice")
        seen.add(rule.key)


def _check_form(rule: Rule) -> None:
    if not KEY.fullmatch(rule.key):
        raise Bad("key", "key_form", rule.key[:50])
    if not rule.name.strip() or len(rule.name) > _MAX_NAME:
        raise Bad("name", "name_form", str(_MAX_NAME))
    if len(rule.note) > _MAX_NOTE:
        raise Bad("note", "note_long", str(_MAX_NOTE))
    for kind in rule.record_kinds:
        if kind not in {PERSON, ORGANISATION, DEVICE}:
            raise Bad("record_kinds", "record_kind", kind[:20])
    _check_attribute(rule.does)
    _check_outcome(rule)


def _check_attribute(does: Deed) -> None:
    if not does.attribute and isinstance(does, Condition | Flag):
        return
    if not _ATTRIBUTE.fullmatch(does.attribute):
        raise Bad("attribute", "attribute_form", does.attribute[:50])
    if does.attribute in _HASHED and not isinstance(does, Required | Condition | Flag):
        raise Bad("attribute", "attribute_hashed", does.attribute)


def _check_outcome(rule: Rule) -> None:
    on_a_value = rule.outcome in {Outcome.DROP, Outcome.DISTRUST}
    if on_a_value and (isinstance(rule.does, Required) or not rule.attribute):
        raise Bad("outcome", "outcome_without_value", str(rule.outcome))
    if rule.outcome != Outcome.MARK and isinstance(rule.does, Transform | Derive):
        raise Bad("outcome", "outcome_of_change", rule.kind)
    if rule.outcome != Outcome.MARK and isinstance(rule.does, LookUp) and not rule.does.is_complete:
        raise Bad("outcome", "outcome_of_change", rule.kind)


def _expression(text: str, field: str, answers: Kind) -> Expression:
    try:
        return Expression(text, VARIABLES, answers)
    except BadExpression as error:
        detail = f"{error.column}: {error.detail}" if error.column else error.detail
        raise Bad(field, f"expression_{error.code}", detail) from error
