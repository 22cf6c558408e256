"""What a rule is made to do with one value: a check answers whether it fits, a change gives the new text."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from kehu.clean.amounts import parse_amount
from kehu.clean.rules.patterns import BadPattern, compile_pattern
from kehu.clean.rules.rule import AllowedValues, Deed, LookUp, Pattern, Range, Transform
from kehu.clean.rules.steps import LONGEST, MOST_STEPS, BadStep, compile_step
from kehu.clean.text_forms import tidy

MOST_VALUES: Final = 2000
MOST_ENTRIES: Final = 20_000
TODAY: Final = "today"


class RuleProblem(NamedTuple):
    """Why a rule cannot be used. field: the part of the rule; code names the reason, detail its particulars."""

    rule: str
    field: str
    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"rule {self.rule}, {self.field}: {self.code}" + (f" ({self.detail})" if self.detail else "")


class Bad(Exception):
    """A part of a rule does not hold: RuleProblem without the rule's name."""

    def __init__(self, field: str, code: str, detail: str = "") -> None:
        super().__init__(field, code, detail)
        self.field, self.code, self.detail = field, code, detail


# (text, today) → does it fit?
Check = Callable[[str, date], bool]
# text → the new text; None when the rule has no answer for it
Change = Callable[[str], str | None]


def compile_check(does: Deed) -> Check | None:
    """The check of one value; None for what looks at more than a value. Raises Bad."""
    match does:
        case Pattern():
            return _pattern(does)
        case Range():
            return _range(does)
        case AllowedValues():
            return _allowed(does)
    return None


def compile_change(does: Deed) -> Change | None:
    """The change of one value; None for what is no change. Raises Bad."""
    match does:
        case Transform():
            return _transform(does)
        case LookUp():
            return _look_up(does)
    return None


def _pattern(does: Pattern) -> Check:
    try:
        pattern = compile_pattern(does.pattern)
    except BadPattern as error:
        raise Bad("pattern", f"pattern_{error.code}", error.detail) from error
    return lambda text, today: pattern.fullmatch(text) is not None


def _allowed(does: AllowedValues) -> Check:
    if not does.values:
        raise Bad("values", "values_empty")
    if len(does.values) > MOST_VALUES:
        raise Bad("values", "values_many", str(MOST_VALUES))
    values = frozenset(_key(value) for value in does.values)
    return lambda text, today: _key(text) in values


def _range(does: Range) -> Check:
    if not does.least and not does.most:
        raise Bad("least", "range_open")
    ends = [end for end in (does.least, does.most) if end]
    if all(_date(end, date.max) is not None for end in ends):
        return lambda text, today: _is_within(_date(text, today), _date(does.least, today), _date(does.most, today))
    least, most = parse_amount(does.least), parse_amount(does.most)
    for field, text, number in (("least", does.least, least), ("most", does.most, most)):
        if text and number is None:
            raise Bad(field, "range_end", text[:40])
    if least is not None and most is not None and least > most:
        raise Bad("least", "range_reversed")
    return lambda text, today: _is_within(parse_amount(text), least, most)


def _is_within(value: date | Decimal | None, least: date | Decimal | None, most: date | Decimal | None) -> bool:
    """False for what is no date or number at all. Both ends belong to the range."""
    if value is None:
        return False
    return (least is None or least <= value) and (most is None or value <= most)  # type: ignore[operator]


def _date(text: str, today: date) -> date | None:
    if text == TODAY:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _transform(does: Transform) -> Change:
    if not does.steps:
        raise Bad("steps", "steps_empty")
    if len(does.steps) > MOST_STEPS:
        raise Bad("steps", "steps_many", str(MOST_STEPS))
    steps = []
    for step in does.steps:
        try:
            steps.append(compile_step(step))
        except BadStep as error:
            raise Bad("steps", f"step_{error.code}", error.detail) from error

    def change(text: str) -> str | None:
        for step in steps:
            text = step(text)[:LONGEST]
        return text

    return change


def _look_up(does: LookUp) -> Change:
    if not does.table:
        raise Bad("table", "table_empty")
    if len(does.table) > MOST_ENTRIES:
        raise Bad("table", "table_many", str(MOST_ENTRIES))
    table = {_key(given): standard for given, standard in does.table.items()}
    # A standard value is its own: running the rule over what it made changes nothing.
    table |= {_key(standard): standard for standard in does.table.values()}
    return lambda text: table.get(_key(text))


def _key(text: str) -> str:
    return tidy(text).casefold()
