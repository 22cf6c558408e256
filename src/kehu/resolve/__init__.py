"""Who is who: source records, and the pure matcher that decides which of them are one customer.

`from kehu.resolve import match` matches data frames without a database.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kehu.resolve.match import MatchResult, match

__all__ = ["MatchResult", "match"]


def __getattr__(name: str) -> Any:
    # The matcher brings polars and numba; web pages that only import this room's models need neither.
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("kehu.resolve.match"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
