"""A cleaning rule as plain data: what it looks at, what it does, where it holds. The file of a set is these as JSON."""

from enum import StrEnum
from typing import Final

import msgspec

FORMAT: Final = "kehu.rules/1"
MOST_RULES: Final = 200
MOST_BYTES: Final = 2_000_000


class Outcome(StrEnum):
    """What becomes of what fails a check."""

    MARK = "mark"  # kept, and told
    DISTRUST = "distrust"  # kept, but never matched on, and any other value wins over it
    DROP = "drop"  # the value is not taken
    QUARANTINE = "quarantine"  # the whole message waits among the dead letters


class Required(msgspec.Struct, frozen=True, tag="required", forbid_unknown_fields=True):
    """A touch that says anything of the record says this as well."""

    attribute: str


class Pattern(msgspec.Struct, frozen=True, tag="pattern", forbid_unknown_fields=True):
    """The whole text fits the pattern (RE2)."""

    attribute: str
    pattern: str


class Range(msgspec.Struct, frozen=True, tag="range", forbid_unknown_fields=True):
    """Numbers, or dates as 2026-01-31 or `today`; "" leaves that end open."""

    attribute: str
    least: str = ""
    most: str = ""


class AllowedValues(msgspec.Struct, frozen=True, tag="allowed_values", forbid_unknown_fields=True):
    attribute: str
    values: tuple[str, ...]


class Condition(msgspec.Struct, frozen=True, tag="condition", forbid_unknown_fields=True):
    """The expression holds. attribute: whose fault it is when it does not; "" = the record's."""

    expression: str
    attribute: str = ""


class Flag(msgspec.Struct, frozen=True, tag="flag", forbid_unknown_fields=True):
    """The opposite of Condition: it strikes where the expression holds."""

    expression: str
    attribute: str = ""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a transform. find: a pattern (replace) or a text (prefix, suffix); to: what comes in its place."""

    op: str
    find: str = ""
    to: str = ""


class Transform(msgspec.Struct, frozen=True, tag="transform", forbid_unknown_fields=True):
    attribute: str
    steps: tuple[Step, ...]


class LookUp(msgspec.Struct, frozen=True, tag="look_up", forbid_unknown_fields=True):
    """Standardise by a table; letters' case and width do not matter. is_complete: what the table lacks fails."""

    attribute: str
    table: dict[str, str]
    is_complete: bool = False


class Derive(msgspec.Struct, frozen=True, tag="derive", forbid_unknown_fields=True):
    """The expression's text becomes the value; "" says nothing. Unless overwrites, only where none was sent."""

    attribute: str
    expression: str
    overwrites: bool = False


Deed = Required | Pattern | Range | AllowedValues | Condition | Flag | Transform | LookUp | Derive
CHECKS: Final = (Required, Pattern, Range, AllowedValues, Condition, Flag)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule. key names it for good: in findings, figures and dead letters.

    sources: slugs; () = every source. record_kinds: () = persons and organisations. when: an expression; where it does
    not hold the rule looks away.
    """

    key: str
    name: str
    does: Deed
    outcome: Outcome = Outcome.MARK
    sources: tuple[str, ...] = ()
    record_kinds: tuple[str, ...] = ()
    when: str = ""
    is_on: bool = True
    note: str = ""

    @property
    def kind(self) -> str:
        return str(self.does.__struct_config__.tag)

    @property
    def attribute(self) -> str:
        """The attribute it checks or writes; "" for the whole record."""
        return self.does.attribute

    @property
    def is_check(self) -> bool:
        return isinstance(self.does, CHECKS)


class RuleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules in the order they run."""

    rules: tuple[Rule, ...] = ()
    format: str = FORMAT

    def rule(self, key: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.key == key), None)

    def with_rule(self, rule: Rule) -> "RuleSet":
        """The rule in the place of the one with its key, or at the end."""
        if self.rule(rule.key) is None:
            return RuleSet((*self.rules, rule))
        return RuleSet(tuple(rule if one.key == rule.key else one for one in self.rules))

    def without(self, key: str) -> "RuleSet":
        return RuleSet(tuple(rule for rule in self.rules if rule.key != key))

    def switched(self, key: str, *, is_on: bool) -> "RuleSet":
        return RuleSet(
            tuple(msgspec.structs.replace(rule, is_on=is_on) if rule.key == key else rule for rule in self.rules)
        )

    def moved(self, key: str, places: int) -> "RuleSet":
        """The rule so many places later (earlier when negative), as far as there are places."""
        rules = list(self.rules)
        at = next((index for index, rule in enumerate(rules) if rule.key == key), None)
        if at is not None:
            rule = rules.pop(at)
            rules.insert(min(max(at + places, 0), len(rules)), rule)
        return RuleSet(tuple(rules))


class NotARuleFile(Exception):
    """The bytes are no set of rules; the text says where."""


_DECODER = msgspec.json.Decoder(RuleSet)


def read_rules(data: bytes | str) -> RuleSet:
    """Raises NotARuleFile with the path of what is wrong. What the rules say is checked when they are compiled."""
    if len(data) > MOST_BYTES:
        raise NotARuleFile(f"more than {MOST_BYTES} bytes")
    try:
        found = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotARuleFile(str(error)) from error
    if found.format != FORMAT:
        raise NotARuleFile(f"its format is {found.format[:40]!r}, this Kehu reads {FORMAT!r} - at `$.format`")
    return found


def write_rules(rules: RuleSet) -> bytes:
    """The file: one rule under another, the same bytes for the same rules."""
    return msgspec.json.format(msgspec.json.encode(rules, order="sorted"), indent=2) + b"\n"
