"""One durable, migrated server for all fault tests, and the seed that repeats a run: KEHU_FAULTS_SEED=…"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kehu.operate.postgres import PostgresServer


@pytest.fixture(scope="session")
def seed() -> int:
    return int(os.environ.get("KEHU_FAULTS_SEED") or time.time()) % 100_000


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A durable server (fsync and all) whose database `kehu` is migrated, stopped: each test runs it its own way."""
    with tempfile.TemporaryDirectory(prefix="kehu-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = PostgresServer(folder)
        with server:
            environment = os.environ | server.address.environment()
            environment |= {"KEHU_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "kehu.settings"}
            subprocess.run([sys.executable, "-m", "kehu.cli", "migrate"], env=environment, check=True)
        yield server
        server.release()
