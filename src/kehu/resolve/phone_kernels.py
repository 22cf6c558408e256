"""What of each telephone number (a text of digits, "+" and "*") is visible, and the hashes of its parts."""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import allocation_free, compiled
from kehu.resolve.kernels import FNV_OFFSET, FNV_PRIME, mix

Codes = NDArray[np.int32]
Chars = NDArray[np.uint32]
Words = NDArray[np.uint64]

_ZERO, _NINE, _PLUS, _STAR = 48, 57, 43, 42


@allocation_free
def number_at(chars: Chars, begin: int, end: int) -> int:
    """The number that the digits from begin to end write, -1 if something else stands there."""
    value = 0
    for k in range(begin, end):
        if chars[k] < _ZERO or chars[k] > _NINE:
            return -1
        value = value * 10 + int(chars[k]) - _ZERO
    return value


@allocation_free
def after_86(chars: Chars, begin: int, end: int) -> int:
    """Where the number begins behind +86."""
    if end - begin > 3 and chars[begin] == _PLUS and chars[begin + 1] == _ZERO + 8 and chars[begin + 2] == _ZERO + 6:
        return begin + 3
    return begin


@compiled
def visible_ends(chars: Chars, start: Codes) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """Per number: first three and last four digits at home (-1 hidden or too short), and whether it is masked."""
    n = len(start) - 1
    heads, tails = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    is_masked = np.zeros(n, np.bool_)
    for i in range(n):
        begin, end = after_86(chars, start[i], start[i + 1]), start[i + 1]
        while begin == start[i] and begin < end and chars[begin] == _PLUS:
            begin += 1
        if end - begin >= 3:
            heads[i] = number_at(chars, begin, begin + 3)
        if end - begin >= 4:
            tails[i] = number_at(chars, end - 4, end)
        for k in range(start[i], end):
            is_masked[i] |= chars[k] == _STAR
    return heads, tails, is_masked


@compiled
def hash_parts(chars: Chars, start: Codes) -> tuple[Words, Words, Words]:
    """Hashes per number, 0 if hidden: of the first three and last four digits, of all but the last four, of these."""
    n = len(start) - 1
    ends, starts, tails = np.zeros(n, np.uint64), np.zeros(n, np.uint64), np.zeros(n, np.uint64)
    for i in range(n):
        begin, end = start[i], start[i + 1]
        last = max(begin, end - 4)
        is_masked = False
        for k in range(begin, end):
            is_masked |= chars[k] == _STAR
        value = FNV_OFFSET
        for k in range(begin, last):
            value = (value ^ np.uint64(chars[k])) * FNV_PRIME
        if last > begin and not is_masked:
            starts[i] = mix(value)
        if number_at(chars, last, end) < 0:
            continue
        value = FNV_OFFSET
        for k in range(last, end):
            value = (value ^ np.uint64(chars[k])) * FNV_PRIME
        tails[i] = mix(value)
        home = after_86(chars, begin, end)
        if end - home >= 7 and number_at(chars, home, home + 3) >= 0:
            value = FNV_OFFSET
            for k in range(home, home + 3):
                value = (value ^ np.uint64(chars[k])) * FNV_PRIME
            value = (value ^ np.uint64(_STAR)) * FNV_PRIME
            for k in range(last, end):
                value = (value ^ np.uint64(chars[k])) * FNV_PRIME
            ends[i] = mix(value)
    return ends, starts, tails
