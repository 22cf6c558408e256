"""Expressions people write in CEL: checked and compiled when they are saved, bounded whenever they run.

The language has no loops and no effects; its runtime refuses nesting beyond 32 levels and more than some thousand
steps of a comprehension, and matches patterns by RE2, in time linear in the text.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

MAX_LENGTH: Final = 2000
_WHERE: Final = re.compile(r"<input>:(\d+):(\d+): (.+)")
_NESTED: Final = re.compile(r"recursion (?:depth|limit)")


class Kind(StrEnum):
    """What a variable holds, or an expression answers."""

    TEXT = "text"
    TRUTH = "truth"
    NUMBER = "number"
    TEXTS = "texts"  # a list of texts
    TEXT_BY_NAME = "text_by_name"
    MOMENT = "moment"


class BadExpression(Exception):
    """It cannot be compiled. code: empty, too_long, nested, syntax or answer; column counts from 1, 0 = the whole."""

    def __init__(self, code: str, detail: str = "", column: int = 0) -> None:
        super().__init__(code, detail, column)
        self.code, self.detail, self.column = code, detail, column

    def __str__(self) -> str:
        return f"at character {self.column}: {self.detail}" if self.column else self.detail or self.code


class Unanswered(Exception):
    """These values give no answer. is_missing: because a name it asks for was not given."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_missing = detail.startswith("NOT_FOUND")


class Expression:
    """A compiled expression over named variables; safe to share between threads.

    Raises BadExpression. answers: the kind it must give. `names` are the variables it uses.
    """

    __slots__ = ("_program", "names", "text")

    def __init__(self, text: str, variables: Mapping[str, Kind], answers: Kind) -> None:
        if not text.strip():
            raise BadExpression("empty")
        if len(text) > MAX_LENGTH:
            raise BadExpression("too_long", str(MAX_LENGTH))
        self.text = text
        self.names = tuple(name for name in variables if re.search(rf"\b{name}\b", text))
        try:
            self._program = _environment(tuple(variables.items())).compile(text)
        except (RuntimeError, UnicodeError, TypeError) as error:  # TypeError: half a character
            raise _told(str(error)) from error
        given = self._program.return_type().name()
        if given not in _CEL_NAMES[answers]:
            raise BadExpression("answer", given.lower())

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The answer for these values. Raises Unanswered."""
        try:
            answer = self._program.eval(data=values)
        except (RuntimeError, UnicodeError, TypeError) as error:  # an endless comprehension, text that is no text
            raise Unanswered(str(error)) from error
        if answer.type().name() == "ERROR":
            raise Unanswered(str(answer.value()))
        return answer.value()


_CEL_NAMES: Final = {
    Kind.TEXT: ("STRING", "DYN"),
    Kind.TRUTH: ("BOOL", "DYN"),
    Kind.NUMBER: ("INT", "DOUBLE", "UINT", "DYN"),
}


@lru_cache(maxsize=32)
def _environment(variables: tuple[tuple[str, Kind], ...]) -> Any:
    from cel_expr_python import cel  # a large library, loaded by those who have a rule that needs it

    types = {
        Kind.TEXT: cel.Type.STRING,
        Kind.TRUTH: cel.Type.BOOL,
        Kind.NUMBER: cel.Type.DOUBLE,
        Kind.TEXTS: cel.Type.List(cel.Type.STRING),
        Kind.TEXT_BY_NAME: cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
        Kind.MOMENT: cel.Type.TIMESTAMP,
    }
    return cel.NewEnv(variables={name: types[kind] for name, kind in variables})


def _told(error: str) -> BadExpression:
    if _NESTED.search(error):
        return BadExpression("nested")
    found = _WHERE.search(error)
    if found is None:
        return BadExpression("syntax", error.partition("\n")[0][:200])
    # Later lines count from the start of theirs; the whole text is what a person sees.
    return BadExpression("syntax", found[3].partition(" [INVALID")[0][:200], max(int(found[2]), 1))
