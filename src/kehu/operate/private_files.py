"""Small files others may not read, written whole or not at all; the lock that says a folder is in use."""

import fcntl
import os
from pathlib import Path

from kehu.operate.errors import AlreadyRunning


def write_private(path: Path, text: str) -> None:
    """Replace the file by text, mode 0600; a crash leaves the old file or the new one."""
    half_written = path.with_name(f".{path.name}.{os.getpid()}")
    half_written.unlink(missing_ok=True)
    handle = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half_written.replace(path)


class FolderLock:
    """One process per folder, kept by the kernel: it ends with the process, however that ends."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._path = folder / f"{name}.lock"
        self._handle: int | None = None

    def take(self) -> None:
        """Hold the lock (again is no harm); AlreadyRunning, naming the holder, when somebody else does."""
        if self._handle is not None:
            return
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(handle, 20).decode(errors="replace").strip()
            os.close(handle)
            raise AlreadyRunning(self._folder, f"process {owner}" if owner else "an unnamed process") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle

    def release(self) -> None:
        """Let go. The file stays: removing it would let two holders lock two different files of one name."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
