"""String comparison on packed code points: the inner loops of the matcher.

Texts lie one after another in `chars` (uint32 code points); text i is chars[start[i]:start[i + 1]]. Code points, not
UTF-8 bytes: one wrong Chinese character is one mistake, not three.
"""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import allocation_free, compiled

Chars = NDArray[np.uint32]
Starts = NDArray[np.int32]

FNV_OFFSET = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)


@allocation_free
def mix(value: np.uint64) -> np.uint64:
    """Spread every input bit over the whole word (the finaliser of splitmix64)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def hash_texts(chars: Chars, start: Starts) -> NDArray[np.uint64]:
    """A 64-bit hash per text that stays the same in every process and version (match keys are stored)."""
    out = np.empty(len(start) - 1, np.uint64)
    for i in range(len(out)):
        value = FNV_OFFSET
        for k in range(start[i], start[i + 1]):
            value = (value ^ np.uint64(chars[k])) * FNV_PRIME
        out[i] = mix(value)
    return out


@compiled
def hash_ranges(chars: Chars, begin: Starts, end: Starts) -> NDArray[np.uint64]:
    """hash_texts of the parts chars[begin[i]:end[i]]; 0 where the part is empty."""
    out = np.zeros(len(begin), np.uint64)
    for i in range(len(out)):
        if begin[i] < end[i]:
            value = FNV_OFFSET
            for k in range(begin[i], end[i]):
                value = (value ^ np.uint64(chars[k])) * FNV_PRIME
            out[i] = mix(value)
    return out


@compiled
def hash_joined(
    a_codes: Starts, a_chars: Chars, a_start: Starts, b_codes: Starts, b_chars: Chars, b_start: Starts
) -> NDArray[np.uint64]:
    """Per record the hash of two texts written as one; 0 where a code is negative or a text empty."""
    out = np.zeros(len(a_codes), np.uint64)
    for i in range(len(out)):
        a, b = a_codes[i], b_codes[i]
        if a < 0 or b < 0:
            continue
        value = FNV_OFFSET
        for k in range(a_start[a], a_start[a + 1]):
            value = (value ^ np.uint64(a_chars[k])) * FNV_PRIME
        for k in range(b_start[b], b_start[b + 1]):
            value = (value ^ np.uint64(b_chars[k])) * FNV_PRIME
        out[i] = mix(value)
    return out


@compiled
def find_char(chars: Chars, start: Starts, wanted: int) -> Starts:
    """int32[n]: where in `chars` the character first stands in each text, the text's end if it does not."""
    out = start[1:].copy()
    for i in range(len(out)):
        for k in range(start[i], start[i + 1]):
            if chars[k] == wanted:
                out[i] = k
                break
    return out


@compiled
def sign_texts(chars: Chars, start: Starts) -> NDArray[np.uint64]:
    """64-bit signature per text: one bit per character that occurs. One edit changes at most two bits."""
    out = np.zeros(len(start) - 1, np.uint64)
    for i in range(len(out)):
        for k in range(start[i], start[i + 1]):
            out[i] |= np.uint64(1) << (np.uint64(chars[k] * 2654435761) >> np.uint64(7)) % np.uint64(64)
    return out


@allocation_free
def near(a_signature: np.uint64, b_signature: np.uint64) -> bool:
    """Whether one edit may lie between two texts of these signatures."""
    return bits_set(a_signature ^ b_signature) <= 2


@allocation_free
def bits_set(value: np.uint64) -> int:
    """Number of ones in a word."""
    value = value - ((value >> np.uint64(1)) & np.uint64(0x5555555555555555))
    value = (value & np.uint64(0x3333333333333333)) + ((value >> np.uint64(2)) & np.uint64(0x3333333333333333))
    value = (value + (value >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((value * np.uint64(0x0101010101010101)) >> np.uint64(56))


@allocation_free
def within_one_edit(chars: Chars, a: int, a_end: int, b: int, b_end: int) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbors turns one text into the other."""
    return one_edit_between(chars, a, a_end, chars, b, b_end)


@allocation_free
def one_edit_between(a_chars: Chars, a: int, a_end: int, b_chars: Chars, b: int, b_end: int) -> bool:
    """within_one_edit of texts that lie in two arrays."""
    if abs((a_end - a) - (b_end - b)) > 1:
        return False
    while a < a_end and b < b_end and a_chars[a] == b_chars[b]:
        a += 1
        b += 1
    while a < a_end and b < b_end and a_chars[a_end - 1] == b_chars[b_end - 1]:
        a_end -= 1
        b_end -= 1
    left_a, left_b = a_end - a, b_end - b
    if left_a <= 1 and left_b <= 1:
        return True
    return left_a == 2 and left_b == 2 and a_chars[a] == b_chars[b + 1] and a_chars[a + 1] == b_chars[b]


@allocation_free
def jaro_winkler(chars: Chars, a: int, a_end: int, b: int, b_end: int) -> float:
    """Jaro–Winkler similarity, 0..1; texts longer than 64 characters are compared by their first 64.

    Source: Winkler (1990), String Comparator Metrics and Enhanced Decision Rules, Proc. ASA Survey Research.
    """
    n, m = min(a_end - a, 64), min(b_end - b, 64)
    if n == 0 or m == 0:
        return 0.0
    reach = max(max(n, m) // 2 - 1, 0)
    taken_a = np.uint64(0)
    taken_b = np.uint64(0)
    matches = 0
    for i in range(n):
        for j in range(max(0, i - reach), min(m, i + reach + 1)):
            if chars[a + i] == chars[b + j] and not (taken_b >> np.uint64(j)) & np.uint64(1):
                taken_a |= np.uint64(1) << np.uint64(i)
                taken_b |= np.uint64(1) << np.uint64(j)
                matches += 1
                break
    if matches == 0:
        return 0.0
    moved, j = 0, 0
    for i in range(n):
        if (taken_a >> np.uint64(i)) & np.uint64(1):
            while not (taken_b >> np.uint64(j)) & np.uint64(1):
                j += 1
            moved += chars[a + i] != chars[b + j]
            j += 1
    jaro = (matches / n + matches / m + (matches - moved // 2) / matches) / 3
    prefix = 0
    while prefix < min(4, n, m) and chars[a + prefix] == chars[b + prefix]:
        prefix += 1
    return jaro + prefix * 0.1 * (1 - jaro)


@allocation_free
def likeness(
    chars: Chars, a: int, a_end: int, a_signature: np.uint64, b: int, b_end: int, b_signature: np.uint64, least: float
) -> float:
    """jaro_winkler where it reaches `least`, else 0; most pairs are told apart by their signatures.

    A character whose bit the other signature lacks has no match there, so signatures bound the matches from above.
    """
    n, m = a_end - a, b_end - b
    if n == 0 or m == 0:
        return 0.0
    if n <= 64 and m <= 64:
        most = min(n - bits_set(a_signature & ~b_signature), m - bits_set(b_signature & ~a_signature))
        if most <= 0:
            return 0.0
        bound = (most / n + most / m + 1.0) / 3
        prefix = 0
        while prefix < min(4, n, m) and chars[a + prefix] == chars[b + prefix]:
            prefix += 1
        if bound + prefix * 0.1 * (1 - bound) < least - 1e-9:
            return 0.0
    found = jaro_winkler(chars, a, a_end, b, b_end)
    return found if found >= least else 0.0


@allocation_free
def starts_with(chars: Chars, a: int, a_end: int, b: int, b_end: int) -> bool:
    """Whether the shorter text begins the longer one (both non-empty)."""
    n = min(a_end - a, b_end - b)
    for k in range(n):
        if chars[a + k] != chars[b + k]:
            return False
    return n > 0


@allocation_free
def ends_with(chars: Chars, a: int, a_end: int, b: int, b_end: int) -> bool:
    """Whether the shorter text ends the longer one (both non-empty)."""
    n = min(a_end - a, b_end - b)
    for k in range(1, n + 1):
        if chars[a_end - k] != chars[b_end - k]:
            return False
    return n > 0
