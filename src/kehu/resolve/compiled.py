"""numba's decorator with types, and its import kept out of the way of everything that does not score."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile to machine code on first use, without the interpreter lock; the result is kept on disk."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


def allocation_free(function: Function) -> Function:
    """As compiled, for kernels that make no arrays: nothing is reference-counted, which would cost more than comparing
    two names does.
    """
    return cast(Function, numba.njit(function, cache=True, nogil=True, _nrt=False))  # type: ignore[call-overload]
