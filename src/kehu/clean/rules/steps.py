"""The steps of a transform: a fixed stock of small changes of text, and the short way people write them."""

import re
from collections.abc import Callable
from typing import Final

from kehu.clean.rules.patterns import BadPattern, compile_pattern
from kehu.clean.rules.rule import Step
from kehu.clean.text_forms import half_width, tidy, to_simplified

MOST_STEPS: Final = 20
LONGEST: Final = 2000
_GROUPS: Final = re.compile(r"\\([0-9])")
_DIGITS: Final = frozenset("0123456789")

Change = Callable[[str], str]
PLAIN: Final[dict[str, Change]] = {
    "trim": str.strip,
    "tidy": tidy,
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "half_width": half_width,
    "simplified": to_simplified,
    "digits": lambda text: "".join(letter for letter in half_width(text) if letter in _DIGITS),
}
WITH_TEXT: Final = ("replace", "remove", "prefix", "suffix", "cut_prefix", "cut_suffix")
OPERATIONS: Final = (*PLAIN, *WITH_TEXT)


class BadStep(Exception):
    """code: unknown, empty, pattern, or group (which the pattern does not have); detail: what is wrong."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def compile_step(step: Step) -> Change:
    """Raises BadStep."""
    if step.op in PLAIN:
        return PLAIN[step.op]
    if step.op not in WITH_TEXT:
        raise BadStep("unknown", step.op[:40])
    if not step.find:
        raise BadStep("empty", step.op)
    match step.op:
        case "prefix":
            return lambda text: text if text.startswith(step.find) else step.find + text
        case "suffix":
            return lambda text: text if text.endswith(step.find) else text + step.find
        case "cut_prefix":
            return lambda text: text.removeprefix(step.find)
        case "cut_suffix":
            return lambda text: text.removesuffix(step.find)
    return _replacing(step.find, "" if step.op == "remove" else step.to)


def _replacing(find: str, to: str) -> Change:
    try:
        pattern = compile_pattern(find)
    except BadPattern as error:
        raise BadStep("pattern", error.detail) from error
    if any(int(group) > pattern.groups for group in _GROUPS.findall(to)):
        raise BadStep("group", to[:40])
    return lambda text: str(pattern.sub(to, text))[:LONGEST]


def read_steps(text: str) -> tuple[Step, ...]:
    """One step a line: `upper`, `prefix +86`, `replace [ -] => `. Empty lines are nothing."""
    steps = []
    for line in text.splitlines():
        op, _, rest = line.strip().partition(" ")
        if op:
            find, _, to = rest.partition(" =>")
            steps.append(Step(op, find, to.removeprefix(" ")))
    return tuple(steps)


def write_steps(steps: tuple[Step, ...]) -> str:
    """What `read_steps` reads back."""
    lines = []
    for step in steps:
        arrow = f" => {step.to}" if step.op == "replace" else ""
        lines.append(f"{step.op} {step.find}{arrow}".rstrip() if step.find else step.op)
    return "\n".join(lines)
