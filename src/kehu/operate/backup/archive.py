"""What lies inside a backup: named streams one after another, whose lengths nobody needs to know beforehand. Pure."""

import struct
from collections.abc import Iterable, Iterator
from typing import IO, Final

from kehu.operate.backup.sealed_stream import BrokenBackup

_FRAME = struct.Struct(">cI")
NAME, DATA, END = b"N", b"D", b"E"
LARGEST: Final = 1 << 20


def write_entry(target: IO[bytes], name: str, chunks: Iterable[bytes]) -> int:
    """Append a named stream; returns its bytes."""
    _write(target, NAME, name.encode())
    size = 0
    for chunk in chunks:
        for start in range(0, len(chunk), LARGEST):
            _write(target, DATA, chunk[start : start + LARGEST])
        size += len(chunk)
    _write(target, END, b"")
    return size


def _write(target: IO[bytes], kind: bytes, body: bytes) -> None:
    target.write(_FRAME.pack(kind, len(body)) + body)


class ArchiveReader:
    """Goes through the entries in order. An entry is to be read (or is skipped) before the next one is asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._waiting = bytearray()

    def entries(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        while (frame := self._frame()) is not None:
            kind, name = frame
            if kind != NAME:
                raise BrokenBackup("The backup's entries are out of order.")
            data = self._data()
            yield name.decode(), data
            for _ in data:
                pass

    def _data(self) -> Iterator[bytes]:
        while True:
            frame = self._frame()
            if frame is None or frame[0] == NAME:
                raise BrokenBackup("The backup ends inside an entry.")
            if frame[0] == END:
                return
            yield frame[1]

    def _frame(self) -> tuple[bytes, bytes] | None:
        if not self._fill(_FRAME.size):
            return None
        kind, size = _FRAME.unpack(self._take(_FRAME.size))
        if not self._fill(size):
            raise BrokenBackup("The backup ends inside an entry.")
        return kind, self._take(size)

    def _fill(self, size: int) -> bool:
        while len(self._waiting) < size:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._waiting += piece
        return True

    def _take(self, size: int) -> bytes:
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken
