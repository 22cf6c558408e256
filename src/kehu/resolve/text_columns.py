"""Dictionary-coded text: each distinct value once, packed for the kernels, and a code per record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Words = NDArray[np.uint64]


class Dictionary:
    """Distinct texts in the order they were first seen, and what the kernels need of them, made on first use."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = values if isinstance(values, list) else list(values)

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def start(self) -> NDArray[np.int32]:
        """Where each text begins in `chars`; one more entry than texts."""
        out = np.zeros(len(self.values) + 1, np.int32)
        np.cumsum(np.fromiter(map(len, self.values), np.int32, len(self.values)), out=out[1:])
        return out

    @cached_property
    def chars(self) -> NDArray[np.uint32]:
        """All code points, one text after another."""
        joined = "".join(self.values)
        if joined.isascii():
            return np.frombuffer(joined.encode("ascii"), np.uint8).astype(np.uint32)
        return np.frombuffer(joined.encode("utf-32-le"), np.uint32)

    @cached_property
    def hashes(self) -> Words:
        """A stable 64-bit hash per text."""
        from kehu.resolve.kernels import hash_texts

        return hash_texts(self.chars, self.start)

    @cached_property
    def signatures(self) -> Words:
        """A character signature per text, to reject pairs before comparing them."""
        from kehu.resolve.kernels import sign_texts

        return sign_texts(self.chars, self.start)

    def hashes_between(self, begin: Codes, end: Codes) -> Words:
        """The hash of a part of each text, from position begin[i] to end[i] in `chars`; 0 where there is none."""
        from kehu.resolve.kernels import hash_ranges

        return hash_ranges(self.chars, begin, end)


def distinct_words(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """The words in ascending order, each once; by sorting, which is several times quicker than np.unique's table."""
    words = np.sort(words)
    return np.asarray(words[np.diff(words, prepend=words[:1] - 1) != 0])


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

    @classmethod
    def recoded(cls, codes: Codes, forms: Sequence[str]) -> "TextColumn":
        """A column whose codes point into `forms`, which may repeat or be empty."""
        if not forms:
            return cls(codes, Dictionary([]))
        column = cls.of(forms)
        return cls(np.append(column.codes, np.int32(-1))[codes], column.dictionary)

    def text(self, record: int) -> str:
        """The record's text, "" when it says nothing."""
        code = int(self.codes[record])
        return self.dictionary.values[code] if code >= 0 else ""

    def hashes(self) -> Words:
        """uint64[n]: the hash of each record's text, 0 when it says nothing."""
        return np.append(self.dictionary.hashes, np.uint64(0))[self.codes]

    def starting_hashes(self, length: int) -> Words:
        """uint64[n]: the hash of the first `length` characters of each record's text, 0 when it says nothing."""
        start = self.dictionary.start
        found = self.dictionary.hashes_between(start[:-1], np.minimum(start[:-1] + np.int32(length), start[1:]))
        return np.append(found, np.uint64(0))[self.codes]

    def filled_from(self, other: "TextColumn") -> "TextColumn":
        """This column, and the other one's text where it says nothing."""
        if not len(other.dictionary):
            return self
        values = self.dictionary.values
        codes = np.where(self.codes >= 0, self.codes, np.where(other.codes >= 0, other.codes + len(values), -1))
        return TextColumn.recoded(codes.astype(np.int32), [*values, *other.dictionary.values])


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

    @classmethod
    def recoded(cls, count: int, owners: Codes, codes: Codes, forms: Sequence[str]) -> "ListColumn":
        """Lists of `count` records whose entries (owner, code into `forms`) may repeat or say nothing.

        owners: ascending.
        """
        column = TextColumn.recoded(codes, forms)
        said = column.codes >= 0
        owner, code = owners[said], column.codes[said]
        if len(owner) and (owner[1:] == owner[:-1]).any():
            packed = distinct_words((owner.astype(np.int64) << 32) | code)
            owner, code = (packed >> 32).astype(np.int32), packed.astype(np.int32)
        offsets = np.zeros(count + 1, np.int32)
        np.cumsum(np.bincount(owner, minlength=count), out=offsets[1:])
        return cls(offsets, code, column.dictionary)

    def texts(self, record: int) -> list[str]:
        """The record's texts, sorted."""
        codes = self.codes[self.offsets[record] : self.offsets[record + 1]]
        return sorted(self.dictionary.values[code] for code in codes)

    def owners(self) -> NDArray[np.int32]:
        """int32[len(codes)]: the record each entry belongs to."""
        return np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int32), np.diff(self.offsets))

    def taken(self, order: Codes) -> "ListColumn":
        """The lists of records order[0], order[1], …"""
        sizes = np.diff(self.offsets)[order]
        offsets = np.zeros(len(order) + 1, np.int32)
        np.cumsum(sizes, out=offsets[1:])
        shift = np.repeat(self.offsets[order] - offsets[:-1], sizes)
        return ListColumn(offsets, self.codes[np.arange(len(shift), dtype=np.int32) + shift], self.dictionary)
