"""Rules over one touch: each sees what those before it left. Pure; a message held back is told by Rejected."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from kehu.clean.canonical_records import ORGANISATION_ATTRIBUTES
from kehu.clean.rules.compiled import CompiledRule
from kehu.clean.rules.rule import Condition, Derive, Flag, LookUp, Outcome, Required
from kehu.clean.touches import ORGANISATION, QUARANTINED, Finding, Identifier, Rejected, Touch, Value
from kehu.clean.values import CleanContext, clean_attribute
from kehu.core.expressions import Expression, Unanswered

INVALID = "invalid"
DERIVED = "derived"
_WAS = 200  # characters of a former value that are kept
_TOLD: dict[Outcome, str] = {
    Outcome.MARK: "marked",
    Outcome.DISTRUST: "distrusted",
    Outcome.DROP: "dropped",
}


def apply_rules(rules: Sequence[CompiledRule], touch: Touch, source: str, context: CleanContext) -> Touch:
    """The touch as the rules leave it, with what they found. Raises Rejected when one holds the message back."""
    work = _Work(touch, source, context)
    for compiled in rules:
        if touch.kind in compiled.kinds:
            work.run(compiled)
    return work.result()


class _Work:
    """A touch under way through the rules. values: what it says now; identifiers follow their values."""

    __slots__ = ("answers", "context", "findings", "identifiers", "is_changed", "source", "texts", "touch", "values")

    def __init__(self, touch: Touch, source: str, context: CleanContext) -> None:
        self.touch, self.source, self.context = touch, source, context
        self.values: dict[str, Value] = touch.attributes
        self.identifiers = touch.identifiers
        self.findings: list[Finding] = []
        self.is_changed = False
        self.texts: dict[str, str] | None = None
        self.answers: dict[str, Any] = {}

    def run(self, compiled: CompiledRule) -> None:
        try:
            if compiled.when is None or self._ask(compiled.when):
                self._do(compiled)
        except Unanswered as unanswered:
            # An expression over what was not said has nothing to say: `has(a.phone)` asks for that.
            if not unanswered.is_missing:
                self._find(compiled, "error")

    def result(self) -> Touch:
        if self.is_changed:
            return msgspec.structs.replace(
                self.touch,
                attributes=self.values,
                identifiers=self.identifiers,
                findings=(*self.touch.findings, *self.findings),
            )
        if self.findings:
            return msgspec.structs.replace(self.touch, findings=(*self.touch.findings, *self.findings))
        return self.touch

    def _do(self, compiled: CompiledRule) -> None:
        does = compiled.does
        if isinstance(does, Required):
            says_something = bool(self.values or self.touch.erased) and self.touch.record is not None
            if says_something and does.attribute not in self.values:
                self._fail(compiled)
            return
        if compiled.expression is not None:
            self._answer(compiled, compiled.expression)
            return
        value = self.values.get(does.attribute)
        if value is None:
            return
        if compiled.check is not None:
            if not compiled.check(value.v, self._today):
                self._fail(compiled)
        elif compiled.change is not None:
            changed = compiled.change(value.v)
            if changed is not None:
                self._rewrite(compiled, does.attribute, changed)
            elif isinstance(does, LookUp) and does.is_complete:
                self._fail(compiled)

    def _answer(self, compiled: CompiledRule, expression: Expression) -> None:
        does = compiled.does
        if isinstance(does, Derive):
            if does.overwrites or (does.attribute not in self.values and does.attribute not in self.touch.erased):
                self._rewrite(compiled, does.attribute, str(self._ask(expression)), (DERIVED,))
            return
        assert isinstance(does, Condition | Flag)
        if self._ask(expression) is not isinstance(does, Condition):
            self._fail(compiled)

    def _fail(self, compiled: CompiledRule) -> None:
        outcome, attribute = compiled.rule.outcome, compiled.rule.attribute
        if outcome is Outcome.QUARANTINE:
            raise Rejected(QUARANTINED + compiled.rule.key, rule=compiled.rule.name, attribute=attribute)
        value = self.values.get(attribute)
        if outcome is not Outcome.MARK and value is None:
            return
        self._find(compiled, "missing" if isinstance(compiled.does, Required) else _TOLD[outcome])
        if value is None:
            return
        if outcome is Outcome.DROP:
            self._put(attribute, None, ())
        elif outcome is Outcome.DISTRUST and INVALID not in value.flags:
            self._put(attribute, msgspec.structs.replace(value, flags=(*value.flags, INVALID)), ())

    def _rewrite(self, compiled: CompiledRule, attribute: str, text: str, flags: tuple[str, ...] = ()) -> None:
        """The new text goes the way of every value; a rule that leaves it as it was has done nothing."""
        before = self.values.get(attribute)
        if not text and before is None:
            return
        cleaned = clean_attribute(self._cleaner(attribute), text, self.context)
        after = cleaned.value
        if after is not None and flags:
            after = msgspec.structs.replace(after, flags=(*after.flags, *flags))
        if after == before:
            return
        self._find(compiled, "changed" if after is not None else _TOLD[Outcome.DROP], attribute)
        self._put(attribute, after, cleaned.identifiers)

    def _put(self, attribute: str, value: Value | None, identifiers: tuple[Identifier, ...]) -> None:
        if not self.is_changed:
            self.is_changed, self.values = True, dict(self.values)
        before = self.values.pop(attribute, None)
        if before is not None:
            gone = set(clean_attribute(self._cleaner(attribute), before.v, self.context).identifiers)
            self.identifiers = tuple(held for held in self.identifiers if held not in gone)
        if value is not None:
            self.values[attribute] = value
        self.identifiers += tuple(new for new in identifiers if new not in self.identifiers)
        self.texts = None

    def _find(self, compiled: CompiledRule, effect: str, attribute: str | None = None) -> None:
        name = compiled.rule.attribute if attribute is None else attribute
        value = self.values.get(name)
        self.findings.append(Finding(compiled.rule.key, effect, name, value.v[:_WAS] if value else ""))

    def _ask(self, expression: Expression) -> Any:
        return expression({name: self._variable(name) for name in expression.names})

    def _variable(self, name: str) -> Any:
        if name == "a":
            if self.texts is None:
                self.texts = {attribute: value.v for attribute, value in self.values.items()}
            return self.texts
        if name not in self.answers:
            touch = self.touch
            match name:
                case "source":
                    self.answers[name] = self.source
                case "kind":
                    self.answers[name] = touch.kind
                case "today":
                    self.answers[name] = self._today.isoformat()
                case "at":
                    self.answers[name] = touch.occurred_at
                case _:
                    self.answers[name] = [event.name for event in touch.events]
        return self.answers[name]

    def _cleaner(self, attribute: str) -> str:
        is_organisation = self.touch.kind == ORGANISATION
        return ORGANISATION_ATTRIBUTES.get(attribute, attribute) if is_organisation else attribute

    @property
    def _today(self) -> date:
        return self.context.today
