"""Levels of agreement of everything but names and addresses (level numbers: attributes.LEVELS)."""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import allocation_free, compiled
from kehu.resolve.kernels import likeness, near, within_one_edit

Codes = NDArray[np.int32]
Chars = NDArray[np.uint32]
Levels = NDArray[np.uint8]


@allocation_free
def text_levels(
    left: Codes,
    right: Codes,
    codes: Codes,
    chars: Chars,
    start: Codes,
    signatures: NDArray[np.uint64],
    by_prefix: bool,
    last: int,
    out: Levels,
) -> None:
    """exact 1, close 2, similar 3, different 4, never above `last`. by_prefix: similar = begins alike by half."""
    for k in range(len(left)):
        a, b = codes[left[k]], codes[right[k]]
        if a < 0 or b < 0:
            continue
        if a == b:
            out[k] = 1
            continue
        a0, a1, b0, b1 = start[a], start[a + 1], start[b], start[b + 1]
        shorter, longer = min(a1 - a0, b1 - b0), max(a1 - a0, b1 - b0)
        level = 4
        if shorter >= 2 and near(signatures[a], signatures[b]) and within_one_edit(chars, a0, a1, b0, b1):
            level = 2
        elif by_prefix:
            same = 0
            while same < shorter and chars[a0 + same] == chars[b0 + same]:
                same += 1
            level = 3 if same * 2 >= longer else 4
        elif shorter >= 3:
            alike = likeness(chars, a0, a1, signatures[a], b0, b1, signatures[b], 0.86)
            level = 2 if alike >= 0.95 else 3 if alike >= 0.86 else 4
        out[k] = min(level, last)


@allocation_free
def gender_levels(left: Codes, right: Codes, gender: Levels, out: Levels) -> None:
    """exact 1, different 2."""
    for k in range(len(left)):
        a, b = gender[left[k]], gender[right[k]]
        if a > 0 and b > 0:
            out[k] = 1 if a == b else 2


@allocation_free
def birth_levels(left: Codes, right: Codes, birth: Codes, out: Levels) -> None:
    """Dates as yyyymmdd with zeros for unknown parts."""
    for k in range(len(left)):
        a, b = birth[left[k]], birth[right[k]]
        if a == 0 or b == 0:
            continue
        a_year, a_month, a_day = a // 10000, a // 100 % 100, a % 100
        b_year, b_month, b_day = b // 10000, b // 100 % 100, b % 100
        same_day = a_month == b_month and a_day == b_day and a_day != 0
        new_year = a % 10000 == 101 or b % 10000 == 101
        if a_year == 0 or b_year == 0:
            out[k] = 5 if same_day else 0 if new_year or a_day == 0 or b_day == 0 else 7
        elif a_day == 0 or b_day == 0:
            out[k] = 6 if a_year == b_year else 7
        elif a == b:
            out[k] = 2 if new_year else 1
        elif a_year == b_year and a_month == b_day and a_day == b_month:
            out[k] = 3
        elif one_digit_off(a, b):
            out[k] = 4
        elif same_day and not new_year:
            out[k] = 5
        else:
            out[k] = 6 if a_year == b_year else 7


@allocation_free
def one_digit_off(a: int, b: int) -> bool:
    """One of eight digits differs, or two neighbors are exchanged."""
    differing, first, x_first, y_first, swapped = 0, -1, 0, 0, False
    for place in range(8):
        x, y = a % 10, b % 10
        a //= 10
        b //= 10
        if x != y:
            differing += 1
            if differing == 1:
                first, x_first, y_first = place, x, y
            else:
                swapped = differing == 2 and place == first + 1 and x == y_first and y == x_first
    return differing == 1 or swapped


@allocation_free
def phone_levels(
    left: Codes,
    right: Codes,
    offsets: Codes,
    codes: Codes,
    chars: Chars,
    start: Codes,
    heads: Codes,
    tails: Codes,
    is_masked: NDArray[np.bool_],
    out: Levels,
) -> None:
    """The best level of any number of one side with any of the other. heads, tails: first 3 and last 4 digits."""
    for k in range(len(left)):
        i, j = left[k], right[k]
        best = 0
        for x in range(offsets[i], offsets[i + 1]):
            for y in range(offsets[j], offsets[j + 1]):
                a, b = codes[x], codes[y]
                level = 4
                if is_masked[a] or is_masked[b]:
                    if heads[a] == heads[b] and tails[a] == tails[b]:
                        level = 2
                elif a == b:
                    level = 1
                elif within_one_edit(chars, start[a], start[a + 1], start[b], start[b + 1]):
                    level = 3
                best = level if best == 0 else min(best, level)
        out[k] = best


@allocation_free
def email_levels(
    left: Codes,
    right: Codes,
    offsets: Codes,
    codes: Codes,
    chars: Chars,
    start: Codes,
    local_ends: Codes,
    domains: NDArray[np.uint64],
    out: Levels,
) -> None:
    """exact 1, same mailbox name at another provider 2, one edit in the mailbox name at the same provider 3."""
    for k in range(len(left)):
        i, j = left[k], right[k]
        best = 0
        for x in range(offsets[i], offsets[i + 1]):
            for y in range(offsets[j], offsets[j + 1]):
                a, b = codes[x], codes[y]
                level = 4
                if a == b:
                    level = 1
                else:
                    a0, a1, b0, b1 = start[a], local_ends[a], start[b], local_ends[b]
                    if min(a1 - a0, b1 - b0) >= 5 and within_one_edit(chars, a0, a1, b0, b1):
                        equal = a1 - a0 == b1 - b0 and same_text(chars, a0, b0, a1 - a0)
                        level = 2 if equal else 3 if domains[a] == domains[b] else 4
                best = level if best == 0 else min(best, level)
        out[k] = best


@allocation_free
def same_text(chars: Chars, a: int, b: int, length: int) -> bool:
    """Whether the same characters stand at both places."""
    same = 0
    while same < length and chars[a + same] == chars[b + same]:
        same += 1
    return same == length


@allocation_free
def identifier_levels(left: Codes, right: Codes, offsets: Codes, codes: Codes, kinds: Codes, out: Levels) -> None:
    """Only identifiers of one type are compared: exact 1, different 2 (numbers are given out in a row: no typos)."""
    for k in range(len(left)):
        i, j = left[k], right[k]
        best = 0
        for x in range(offsets[i], offsets[i + 1]):
            for y in range(offsets[j], offsets[j + 1]):
                if codes[x] == codes[y]:
                    best = 1
                elif kinds[codes[x]] == kinds[codes[y]] and best == 0:
                    best = 2
        out[k] = best


@compiled
def rarest_shared(
    left: Codes, right: Codes, offsets: Codes, codes: Codes, bits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Bits of the rarest value both lists hold, 0 where they share none."""
    out = np.zeros(len(left))
    for k in range(len(left)):
        i, j = left[k], right[k]
        shared = False
        for x in range(offsets[i], offsets[i + 1]):
            for y in range(offsets[j], offsets[j + 1]):
                if codes[x] == codes[y] and (not shared or bits[codes[x]] > out[k]):
                    out[k], shared = bits[codes[x]], True
    return out
