"""Records in an order that follows from what they say, so that the order of rows leaves no trace.

Samples are drawn and ties are settled by position; the same records therefore always stand at the same positions.
"""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.features import Features

Words = NDArray[np.uint64]
Order = NDArray[np.int32]


def record_order(features: Features) -> Order:
    """int32[n]: the records by surname, then by everything they say. Records that say the same keep their order.

    By surname first, because pairs of neighbors are quicker to compare than pairs that lie far apart.
    """
    content = content_words(features)
    near = np.uint64(0xFFFFFFFF)
    sorting = (features.surname_words & ~near) | (content & near)
    order = np.argsort(sorting, kind="stable")
    alike = np.flatnonzero(np.diff(sorting[order]) == 0)
    if len(alike):
        unsettled = np.unique(np.concatenate([alike, alike + 1]))
        records = order[unsettled]
        order[unsettled] = records[np.lexsort((records, content[records], sorting[records]))]
    return order.astype(np.int32)


def content_words(features: Features) -> Words:
    """uint64[n]: a hash of everything a record says."""
    from kehu.resolve.key_kernels import fold_list, fold_words

    names = features.names
    out = np.zeros(features.count, np.uint64)
    for column in (names.surname, names.given, features.address.text, *features.texts.values()):
        if len(column.dictionary):
            fold_words(out, column.codes, column.dictionary.hashes)
    for held in (features.phones, features.emails, features.identifiers):
        if len(held.codes):
            fold_list(out, held.offsets, held.codes, held.dictionary.hashes)
    for numbers in (features.birth, features.gender):
        fold_words(out, np.arange(features.count, dtype=np.int32), numbers.astype(np.uint64))
    return out
