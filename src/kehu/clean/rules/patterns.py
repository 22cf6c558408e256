"""Patterns people write, matched by RE2: the time is linear in the text, the memory has a ceiling."""

from functools import lru_cache
from typing import Any, Final

import re2

MAX_LENGTH: Final = 500
_MEMORY: Final = 1 << 20


class BadPattern(Exception):
    """code: empty, too_long or syntax; detail: what RE2 says."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Any:
    """Raises BadPattern, also for what would take more memory than a pattern is worth."""
    if not pattern:
        raise BadPattern("empty")
    if len(pattern) > MAX_LENGTH:
        raise BadPattern("too_long", str(MAX_LENGTH))
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        raise BadPattern("syntax", _words(error)) from error


def _words(error: Exception) -> str:
    detail = error.args[0] if error.args else ""
    return (detail.decode(errors="replace") if isinstance(detail, bytes) else str(detail))[:200]
