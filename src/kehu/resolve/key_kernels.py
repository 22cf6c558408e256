"""The loops that mix words into match keys and write candidate pairs."""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import allocation_free, compiled
from kehu.resolve.kernels import mix

Words = NDArray[np.uint64]
Keys = NDArray[np.int64]
Records = NDArray[np.int32]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@compiled
def mix_words(a: Words, b: Words) -> Words:
    """One well-spread word from two, not symmetric; 0 where either is 0."""
    out = np.zeros(len(a), np.uint64)
    for k in range(len(a)):
        if a[k] != 0 and b[k] != 0:
            out[k] = mix(a[k] * _GOLDEN + b[k])
    return out


@compiled
def mix_unordered(a: Words, b: Words) -> Words:
    """As mix_words, and the same for both orders."""
    out = np.zeros(len(a), np.uint64)
    for k in range(len(a)):
        if a[k] != 0 and b[k] != 0:
            out[k] = mix(min(a[k], b[k]) * _GOLDEN + max(a[k], b[k]))
    return out


@compiled
def mix_numbers(values: Records) -> Words:
    """A word per number, 0 unless it is positive."""
    out = np.zeros(len(values), np.uint64)
    for k in range(len(values)):
        if values[k] > 0:
            out[k] = mix(np.uint64(values[k]) * _GOLDEN + np.uint64(7))
    return out


@compiled
def finish_keys(owner: Records, value: Words, family: int, family_bits: int) -> tuple[Records, Keys]:
    """Records and keys of one family: hash above, the family's number in the lowest bits; words of 0 give none."""
    records, keys = np.empty(len(value), np.int32), np.empty(len(value), np.int64)
    at = 0
    number = np.uint64(family)
    for k in range(len(value)):
        if value[k] != 0:
            word = mix(value[k] * _GOLDEN + number + np.uint64(1))
            records[at], keys[at] = owner[k], np.int64((word << np.uint64(family_bits)) | number)
            at += 1
    return records[:at], keys[:at]


@compiled
def pairs_of_keys(
    packed: Words, record: Records, key: Keys, low: np.uint64, most: int, family: int
) -> tuple[Words, int, bool]:
    """Every pair of records that share a key of one family.

    packed: sorted words, a key whose low bits (the ones of `low`) are replaced by the key's position in record and key.
    Returns words of pairs (pair_word), how many keys more than `most` records share (they give no pairs), and whether
    all went well: not so where two keys differ in the replaced bits alone.
    """
    total, dead = 0, 0
    for filling in range(2):
        out = np.empty(total if filling else 0, np.uint64)
        at = 0
        k = 0
        while k < len(packed):
            end = k + 1
            members = 1
            while end < len(packed) and (packed[end] & ~low) == (packed[k] & ~low):
                here, before = np.int64(packed[end] & low), np.int64(packed[end - 1] & low)
                if key[here] != key[before]:
                    return out, 0, False
                members += record[here] != record[before]
                end += 1
            if members > most:
                dead += filling
            elif members > 1 and filling:
                for x in range(k, end):
                    for y in range(x + 1, end):
                        a, b = record[np.int64(packed[x] & low)], record[np.int64(packed[y] & low)]
                        if a != b:
                            out[at] = pair_word(a, b, family)
                            at += 1
            elif members > 1:
                total += (end - k) * (end - k - 1) // 2
            k = end
    return out[:at], dead, True


@allocation_free
def pair_word(a: int, b: int, family: int) -> np.uint64:
    """Two records a < b < 2^29 and a key family in one word that sorts by a, then b."""
    return (np.uint64(a) << np.uint64(35)) | (np.uint64(b) << np.uint64(6)) | np.uint64(family)


@compiled
def merge_families(words: Words) -> tuple[Records, Records, Words]:
    """Sorted words of pairs, repeats by family → distinct pairs and a bit per family that brought them together."""
    distinct = 0
    six = np.uint64(6)
    for k in range(len(words)):
        distinct += k == 0 or (words[k] >> six) != (words[k - 1] >> six)
    left, right = np.empty(distinct, np.int32), np.empty(distinct, np.int32)
    families = np.zeros(distinct, np.uint64)
    at = -1
    for k in range(len(words)):
        if k == 0 or (words[k] >> six) != (words[k - 1] >> six):
            at += 1
            left[at] = np.int32(words[k] >> np.uint64(35))
            right[at] = np.int32((words[k] >> six) & np.uint64(0x1FFFFFFF))
        families[at] |= np.uint64(1) << (words[k] & np.uint64(63))
    return left, right, families


@allocation_free
def fold_words(out: Words, codes: Records, hashes: Words) -> None:
    """Mix each record's word into `out`; a negative code counts as the word 0."""
    for k in range(len(out)):
        word = hashes[codes[k]] if codes[k] >= 0 else np.uint64(0)
        out[k] = mix(out[k] * _GOLDEN + word)


@allocation_free
def fold_list(out: Words, offsets: Records, codes: Records, hashes: Words) -> None:
    """As fold_words, for a list of words whose order does not matter."""
    for k in range(len(out)):
        total = np.uint64(0)
        for x in range(offsets[k], offsets[k + 1]):
            total += mix(hashes[codes[x]])
        out[k] = mix(out[k] * _GOLDEN + total)
