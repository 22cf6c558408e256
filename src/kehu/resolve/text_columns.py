"""Dictionary-coded text: each distinct value once, packed for the kernels, and a code per record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]


class Dictionary:
    """Distinct texts in the order they were first seen, and what the kernels need of them, made on first use."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = list(values)

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def start(self) -> NDArray[np.int32]:
        """Where each text begins in `chars`; one more entry than texts."""
        lengths = np.fromiter(map(len, self.values), np.int64, len(self.values))
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]).astype(np.int32)

    @cached_property
    def chars(self) -> NDArray[np.uint32]:
        """All code points, one text after another."""
        return np.frombuffer("".join(self.values).encode("utf-32-le"), np.uint32)

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """A stable 64-bit hash per text."""
        from kehu.resolve.kernels import hash_texts

        return hash_texts(self.chars, self.start)

    @cached_property
    def signatures(self) -> NDArray[np.uint64]:
        """A character signature per text, to reject pairs before comparing them."""
        from kehu.resolve.kernels import sign_texts

        return sign_texts(self.chars, self.start)


@dataclass(frozen=True, slots=True)
class TextColumn:
    """One text per record. codes: int32[n], -1 where the record says nothing."""

    codes: Codes
    dictionary: Dictionary

    @classmethod
    def of(cls, texts: Iterable[str]) -> "TextColumn":
        """Code a column; "" means the record says nothing."""
        index: dict[str, int] = {"": -1}
        # The empty text holds the first place, so later ones are counted from 0.
        codes = [index.setdefault(text, len(index) - 1) for text in texts]
        return cls(np.array(codes, np.int32), Dictionary(list(index)[1:]))

    def text(self, record: int) -> str:
        """The record's text, "" when it says nothing."""
        code = int(self.codes[record])
        return self.dictionary.values[code] if code >= 0 else ""

    def hashes(self) -> NDArray[np.uint64]:
        """uint64[n]: the hash of each record's text, 0 when it says nothing."""
        padded = np.append(self.dictionary.hashes, np.uint64(0))
        return padded[self.codes]


@dataclass(frozen=True, slots=True)
class ListColumn:
    """Any number of texts per record: those of record i are codes[offsets[i]:offsets[i + 1]], without repeats."""

    offsets: NDArray[np.int32]
    codes: Codes
    dictionary: Dictionary

    @classmethod
    def of(cls, lists: Iterable[Sequence[str]]) -> "ListColumn":
        """Code a column of lists; empty texts are dropped, the order inside a list is lost."""
        index: dict[str, int] = {}
        codes: list[int] = []
        offsets = [0]
        for texts in lists:
            codes.extend(sorted({index.setdefault(text, len(index)) for text in texts if text}))
            offsets.append(len(codes))
        return cls(np.array(offsets, np.int32), np.array(codes, np.int32), Dictionary(list(index)))

    def texts(self, record: int) -> list[str]:
        """The record's texts, sorted."""
        codes = self.codes[self.offsets[record] : self.offsets[record + 1]]
        return sorted(self.dictionary.values[code] for code in codes)

    def owners(self) -> NDArray[np.int32]:
        """int32[len(codes)]: the record each entry belongs to."""
        return np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int32), np.diff(self.offsets))
