"""A stream encrypted and authenticated in pieces, so that a backup of any size needs little memory. Pure.

After STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): AES-256-GCM over pieces of 1 MiB, the nonce counts the pieces
and marks the last one. Cutting off, swapping, repeating or changing pieces is noticed.
"""

import io
import secrets
import struct
from collections.abc import Iterator
from typing import IO, ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kehu.core.errors import DomainError

MAGIC: Final = b"KEHUBAK1"
PIECE_BYTES: Final = 1 << 20
_SALT_BYTES = 16
_TAG_BYTES = 16
_LENGTH = struct.Struct(">I")


class BrokenBackup(DomainError):
    """No backup of ours, another key, or damaged."""

    code: ClassVar[str] = "broken_backup"


class SealingWriter(io.RawIOBase):
    """Write plain bytes; `finish` seals the last piece. Without it the file does not open."""

    def __init__(self, target: IO[bytes], key: bytes) -> None:
        salt = secrets.token_bytes(_SALT_BYTES)
        self._target = target
        self._cipher = _cipher(key, salt)
        self._pieces = 0
        self._waiting = bytearray()
        target.write(MAGIC + salt)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self._waiting += memoryview(data)  # type: ignore[arg-type]
        while len(self._waiting) > PIECE_BYTES:
            self._seal(bytes(self._waiting[:PIECE_BYTES]), is_last=False)
            del self._waiting[:PIECE_BYTES]
        return memoryview(data).nbytes  # type: ignore[arg-type]

    def finish(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._pieces, is_last), piece, MAGIC)
        self._target.write(_LENGTH.pack(len(sealed)) + sealed)
        self._pieces += 1


def unsealed_pieces(source: IO[bytes], key: bytes) -> Iterator[bytes]:
    """The plain pieces; raises BrokenBackup where the stream is not what was written, also at its end."""
    head = source.read(len(MAGIC) + _SALT_BYTES)
    if head[: len(MAGIC)] != MAGIC or len(head) < len(MAGIC) + _SALT_BYTES:
        raise BrokenBackup("This file is no backup of Kehu.")
    cipher = _cipher(key, head[len(MAGIC) :])
    number, length = 0, source.read(_LENGTH.size)
    while True:
        if len(length) < _LENGTH.size or (size := _LENGTH.unpack(length)[0]) > PIECE_BYTES + _TAG_BYTES:
            raise BrokenBackup(f"The backup is cut off or damaged after piece {number}.")
        sealed = source.read(size)
        if len(sealed) < size:
            raise BrokenBackup(f"The backup is cut off or damaged in piece {number}.")
        length = source.read(_LENGTH.size)
        is_last = not length
        try:
            yield cipher.decrypt(_nonce(number, is_last), sealed, MAGIC)
        except InvalidTag:
            why = "another key made it, or it is damaged" if not number else "it is cut off or damaged"
            raise BrokenBackup(f"Piece {number} of the backup does not open: {why}.") from None
        if is_last:
            return
        number += 1


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    """A key of its own for each file, so that a nonce is never used twice under one."""
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"kehu backup 1").derive(key))


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
