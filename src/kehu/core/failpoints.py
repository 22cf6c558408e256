"""Named instants at which a test may end the process: just before or after what must not be torn apart."""

import os
from collections.abc import Callable

_ENVIRONMENT_NAME = "KEHU_FAILPOINT"
KILLED = 137


def _stay(name: str) -> None:
    """No failpoint is set: pass."""


def _from_environment(value: str) -> Callable[[str], None]:
    """KEHU_FAILPOINT is `name` or `name:n`: end the process, as SIGKILL would, at the n-th passage."""
    wanted, _, passage = value.partition(":")
    left = int(passage or 1)

    def die(name: str) -> None:
        nonlocal left
        if name != wanted:
            return
        left -= 1
        if left <= 0:
            os._exit(KILLED)

    return die


failpoint: Callable[[str], None] = (
    _from_environment(os.environ[_ENVIRONMENT_NAME]) if os.environ.get(_ENVIRONMENT_NAME) else _stay
)
