"""Files by content: the same bytes are kept once, under a name nobody chose. A folder, or any store like it."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from kehu.core.errors import DomainError

CHUNK = 1 << 20
MAX_FILE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class StoredFile:
    """key: what `path` and `delete` take. digest: SHA-256 of the content in hex."""

    key: str
    digest: str
    size: int


class FileTooLarge(DomainError):
    code = "file_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"The file is larger than {self.limit // (1 << 20)} MB: split it, or import it in parts."


class FileStore(Protocol):
    def put(self, chunks: Iterable[bytes], *, limit: int = MAX_FILE_BYTES) -> StoredFile:
        """Keep the bytes; whole or not at all. Raises FileTooLarge."""
        ...

    def path(self, key: str) -> Path:
        """A local file with the content (a remote store fetches it first). Raises FileNotFoundError."""
        ...

    def delete(self, key: str) -> None: ...


class FolderStore:
    """Keys are relative paths ab/cd/<digest>; files are 0600 and lie outside everything that is served."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, chunks: Iterable[bytes], *, limit: int = MAX_FILE_BYTES) -> StoredFile:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self._folder)
        half_written = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise FileTooLarge(limit)
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            stored = StoredFile(_key(digest.hexdigest()), digest.hexdigest(), size)
            target = self._folder / stored.key
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half_written.replace(target)
        finally:
            half_written.unlink(missing_ok=True)
        return stored

    def path(self, key: str) -> Path:
        path = (self._folder / key).resolve()
        if not path.is_relative_to(self._folder.resolve()) or not path.is_file():
            raise FileNotFoundError(key)
        return path

    def delete(self, key: str) -> None:
        self.path(key).unlink()


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def file_store() -> FileStore:
    """The installation's store."""
    return FolderStore(Path(settings.MEDIA_ROOT))


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
