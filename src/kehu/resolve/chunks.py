"""Pairs in portions."""

from collections.abc import Iterator
from typing import Final

# So many pairs at a time that what is read of their records stays in the processor's cache.
_SIZE: Final = 4096


def chunks(count: int) -> Iterator[slice]:
    """Slices of so many pairs as are best compared together."""
    return (slice(begin, begin + _SIZE) for begin in range(0, count, _SIZE))
