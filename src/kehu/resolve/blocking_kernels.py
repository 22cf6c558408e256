"""The loop that writes candidate pairs."""

import numpy as np
from numpy.typing import NDArray

from kehu.resolve.compiled import compiled


@compiled
def emit_pairs(
    record: NDArray[np.int32],
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    family: NDArray[np.uint8],
    total: int,
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Every pair inside each run of `record`, smaller record in the upper half of the word, and the run's family."""
    pairs = np.empty(total, np.int64)
    families = np.empty(total, np.uint8)
    at = 0
    for g in range(len(starts)):
        for x in range(starts[g], starts[g] + sizes[g]):
            for y in range(x + 1, starts[g] + sizes[g]):
                a, b = np.int64(record[x]), np.int64(record[y])
                pairs[at] = (min(a, b) << 32) | max(a, b)
                families[at] = family[g]
                at += 1
    return pairs, families
