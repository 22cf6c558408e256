"""Levels of agreement of surnames, given and middle names (level numbers: attributes.LEVELS)."""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import allocation_free
from kehu.resolve.kernels import ends_with, likeness, near, one_edit_between, starts_with, within_one_edit

Codes = NDArray[np.int32]
Words = NDArray[np.uint64]
Levels = NDArray[np.uint8]


@allocation_free
def surname_level(
    i: int, j: int, codes: Codes, sounds: Codes, chars: NDArray[np.uint32], start: Codes, signatures: Words
) -> int:
    """exact 1, same sound 2, close 3, similar 5, different 6 (swapped is seen by the caller)."""
    a, b = codes[i], codes[j]
    if a == b:
        return 1
    if sounds[i] >= 0 and sounds[i] == sounds[j]:
        return 2
    a0, a1, b0, b1 = start[a], start[a + 1], start[b], start[b + 1]
    shorter = min(a1 - a0, b1 - b0)
    if shorter < 3:
        return 6
    if near(signatures[a], signatures[b]) and within_one_edit(chars, a0, a1, b0, b1):
        return 3
    alike = likeness(chars, a0, a1, signatures[a], b0, b1, signatures[b], 0.84)
    return 3 if alike >= 0.94 else 5 if alike >= 0.84 else 6


@allocation_free
def share_a_name(a: int, b: int, kin: Codes, kin_start: Codes) -> bool:
    """Whether two given names can be short for the same full name."""
    for x in range(kin_start[a], kin_start[a + 1]):
        for y in range(kin_start[b], kin_start[b + 1]):
            if kin[x] == kin[y]:
                return True
    return False


@allocation_free
def latin_given_level(
    a: int, b: int, chars: NDArray[np.uint32], start: Codes, signatures: Words, kin: Codes, kin_start: Codes
) -> int:
    """Levels of two different given names in Latin letters."""
    if share_a_name(a, b, kin, kin_start):
        return 2
    a0, a1, b0, b1 = start[a], start[a + 1], start[b], start[b + 1]
    shorter = min(a1 - a0, b1 - b0)
    if shorter >= 4 and near(signatures[a], signatures[b]) and within_one_edit(chars, a0, a1, b0, b1):
        return 3
    if (shorter == 1 or shorter >= 3) and starts_with(chars, a0, a1, b0, b1):
        return 4
    if shorter < 3:
        return 7
    alike = likeness(chars, a0, a1, signatures[a], b0, b1, signatures[b], 0.84)
    return 3 if alike >= 0.94 else 6 if alike >= 0.84 else 7


@allocation_free
def han_given_level(a: int, b: int, chars: NDArray[np.uint32], start: Codes) -> int:
    """Levels of two different given names in Chinese characters that also sound different."""
    a0, a1, b0, b1 = start[a], start[a + 1], start[b], start[b + 1]
    if (a1 - a0) != (b1 - b0):
        return 4 if starts_with(chars, a0, a1, b0, b1) or ends_with(chars, a0, a1, b0, b1) else 7
    if a1 - a0 >= 2 and within_one_edit(chars, a0, a1, b0, b1):
        return 6
    return 7


@allocation_free
def lone_name_is_surname(
    i: int,
    j: int,
    surname: Codes,
    given: Codes,
    surname_chars: NDArray[np.uint32],
    surname_start: Codes,
    surname_signatures: Words,
    given_chars: NDArray[np.uint32],
    given_start: Codes,
    given_signatures: Words,
) -> bool:
    """Whether the one name of one record is, but for a slip, the surname of the other: denninh is a William Denning."""
    if (surname[i] < 0) == (surname[j] < 0):
        return False
    a, b = (given[i], surname[j]) if surname[i] < 0 else (given[j], surname[i])
    if a < 0 or not near(given_signatures[a], surname_signatures[b]):
        return False
    a0, a1, b0, b1 = given_start[a], given_start[a + 1], surname_start[b], surname_start[b + 1]
    return min(a1 - a0, b1 - b0) >= 4 and one_edit_between(given_chars, a0, a1, surname_chars, b0, b1)


@allocation_free
def name_levels(
    left: Codes,
    right: Codes,
    surname: Codes,
    given: Codes,
    surname_sound: Codes,
    given_sound: Codes,
    surname_words: Words,
    given_words: Words,
    whole_words: Words,
    is_han: NDArray[np.bool_],
    is_nickname: NDArray[np.bool_],
    surname_chars: NDArray[np.uint32],
    surname_start: Codes,
    surname_signatures: Words,
    given_chars: NDArray[np.uint32],
    given_start: Codes,
    given_signatures: Words,
    sound_chars: NDArray[np.uint32],
    sound_start: Codes,
    kin: Codes,
    kin_start: Codes,
    surname_out: Levels,
    given_out: Levels,
) -> None:
    """Fill the levels of surname and given name together, because two swapped fields are one mistake.

    surname_words, given_words: uint64[n], hash of the sound per record, 0 when unknown (comparable with each other).
    whole_words: the same of surname and given name read as one: yujia is 羽嘉, not a Yu called Jia.
    """
    for k in range(len(left)):
        i, j = left[k], right[k]
        if is_nickname[i] and is_nickname[j]:
            continue
        family = surname[i] >= 0 and surname[j] >= 0
        own = given[i] >= 0 and given[j] >= 0
        differs = not (own and given_words[i] == given_words[j]) and not (
            family and surname_words[i] == surname_words[j]
        )
        crossed = given_words[i] != 0 and given_words[i] == surname_words[j]
        crossed_back = surname_words[i] != 0 and surname_words[i] == given_words[j]
        if differs and crossed and crossed_back:
            surname_out[k], given_out[k] = 4, 5
            continue
        if differs and ((crossed and surname[i] < 0) or (crossed_back and surname[j] < 0)):
            surname_out[k] = 4
            continue
        if differs and lone_name_is_surname(
            i,
            j,
            surname,
            given,
            surname_chars,
            surname_start,
            surname_signatures,
            given_chars,
            given_start,
            given_signatures,
        ):
            surname_out[k] = 3
            continue
        joined = whole_words[i] == given_words[j] or whole_words[j] == given_words[i]
        if joined and differs and given_words[i] != 0 and given_words[j] != 0:
            given_out[k] = 2
            continue
        if family:
            surname_out[k] = surname_level(
                i, j, surname, surname_sound, surname_chars, surname_start, surname_signatures
            )
        if not own:
            if (is_nickname[i] or is_nickname[j]) and surname_out[k] != 1:
                surname_out[k] = 0
            continue
        a, b = given[i], given[j]
        if a == b:
            given_out[k] = 1
        elif given_sound[i] >= 0 and given_sound[i] == given_sound[j]:
            given_out[k] = 2
        elif is_han[i] and is_han[j]:
            given_out[k] = han_given_level(a, b, given_chars, given_start)
        elif is_han[i] or is_han[j]:
            given_out[k] = 7
            if given_sound[i] >= 0 and given_sound[j] >= 0:
                a, b = given_sound[i], given_sound[j]
                given_out[k] = mixed_level(a, b, sound_chars, sound_start)
        else:
            given_out[k] = latin_given_level(a, b, given_chars, given_start, given_signatures, kin, kin_start)
        if is_nickname[i] or is_nickname[j]:
            surname_out[k] = 1 if surname_out[k] == 1 and given_out[k] <= 4 else 0
            given_out[k] = 4 if 1 <= given_out[k] <= 4 else 0


@allocation_free
def mixed_level(a: int, b: int, chars: NDArray[np.uint32], start: Codes) -> int:
    """Levels of a Chinese given name against letters, by their sounds."""
    a0, a1, b0, b1 = start[a], start[a + 1], start[b], start[b + 1]
    shorter = min(a1 - a0, b1 - b0)
    if shorter >= 4 and within_one_edit(chars, a0, a1, b0, b1):
        return 3
    if starts_with(chars, a0, a1, b0, b1) or (shorter >= 2 and ends_with(chars, a0, a1, b0, b1)):
        return 4
    return 7


@allocation_free
def middle_levels(
    left: Codes, right: Codes, codes: Codes, chars: NDArray[np.uint32], start: Codes, out: Levels
) -> None:
    """exact 1, initial 2 (the shorter begins the longer), different 3."""
    for k in range(len(left)):
        a, b = codes[left[k]], codes[right[k]]
        if a < 0 or b < 0:
            continue
        if a == b:
            out[k] = 1
        else:
            out[k] = 2 if starts_with(chars, start[a], start[a + 1], start[b], start[b + 1]) else 3
