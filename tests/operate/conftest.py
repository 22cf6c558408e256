"""Data folders with a database in them: making one costs as much as twenty starts."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kehu.operate.postgres import PostgresServer

SMALL = {"shared_buffers": "16MB", "max_connections": "20"}


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder every user can reach (pytest's own are private) with a short path."""
    folder = Path(tempfile.mkdtemp(prefix="kehu-test-server-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        link = folder / "postgres" / "cluster"
        if link.is_symlink():
            shutil.rmtree(link.resolve().parent)
        shutil.rmtree(folder)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Empty: the server's first start makes the cluster."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def pattern() -> Iterator[Path]:
    """A data folder whose server has run once and stopped: to be copied."""
    with open_folder() as folder:
        with PostgresServer(folder, settings=SMALL):
            pass
        yield folder


@pytest.fixture
def made_dir(pattern: Path, data_dir: Path) -> Path:
    """A folder of the test's own where the server has run before."""
    subprocess.run(["cp", "-a", f"{pattern}/.", data_dir], check=True)
    return data_dir
