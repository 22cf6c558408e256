"""Which function does which kind of job. Rooms register theirs in `<room>/tasks.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kehu.core.jobs.context import JobContext

Handler = Callable[["JobContext"], Mapping[str, Any] | None]
# (payload, state, error): told in the transaction that ends the job, whoever ends it.
Ended = Callable[[Mapping[str, Any], str, str], None]


@dataclass(frozen=True, slots=True)
class JobKind:
    name: str
    handler: Handler
    ended: Ended | None


_kinds: dict[str, JobKind] = {}


def job(kind: str, *, ended: Ended | None = None) -> Callable[[Handler], Handler]:
    """Register a handler: `@job("import.run") def run(context: JobContext) -> Mapping | None`.

    It may run more than once (a crash, a lost lease), so it keeps its own position and does each effect once. What it
    returns is kept as the job's result.
    """

    def register(handler: Handler) -> Handler:
        if kind in _kinds and _kinds[kind].handler is not handler:
            raise ValueError(f"Two handlers for jobs of kind {kind!r}.")
        _kinds[kind] = JobKind(kind, handler, ended)
        return handler

    return register


def kind_of(name: str) -> JobKind:
    return _kinds[name]


def known_kinds() -> list[str]:
    return sorted(_kinds)
