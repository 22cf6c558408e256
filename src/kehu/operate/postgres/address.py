"""How to reach an embedded server, for the process that runs it and for everybody else on the machine."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from kehu.operate.errors import DatabaseNotRunning
from kehu.operate.postgres.roles import DATABASE, ROLES, Role, new_passwords
from kehu.operate.private_files import write_private


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Socket folder, port and passwords of one running server."""

    socket_dir: Path
    port: int
    passwords: Mapping[str, str]

    def dsn(self, role: Role = "app", dbname: str = DATABASE, *, tcp: bool = False) -> str:
        """A postgresql:// address for a role: the Unix socket, or 127.0.0.1 for a proxy to stand between."""
        name = ROLES[role]
        login = f"{name}:{quote(self.passwords[name], safe='')}"
        if tcp:
            return f"postgresql://{login}@127.0.0.1:{self.port}/{quote(dbname)}"
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{login}@/{quote(dbname)}?host={host}&port={self.port}"

    def environment(self, dbname: str = DATABASE) -> dict[str, str]:
        """The environment variables by which kehu.config finds this server."""
        return {
            "DATABASE_URL": self.dsn("app", dbname),
            "KEHU_MIGRATE_DATABASE_URL": self.dsn("migrate", dbname),
            "KEHU_REDACT_DATABASE_URL": self.dsn("redact", dbname),
            "KEHU_BACKUP_DATABASE_URL": self.dsn("backup", dbname),
        }

    def save(self, folder: Path, pid: int) -> None:
        """Say where the server is, to whoever may read the folder's private files."""
        write_private(
            folder / "running.json",
            json.dumps({"socket_dir": str(self.socket_dir), "port": self.port, "pid": pid}),
        )

    @classmethod
    def of_running(cls, data_dir: Path) -> Self:
        """The server another process runs on this data folder; DatabaseNotRunning when nobody does."""
        folder = data_dir / "postgres"
        try:
            said = json.loads((folder / "running.json").read_text())
            passwords = json.loads((folder / "credentials.json").read_text())
        except FileNotFoundError:
            raise DatabaseNotRunning(data_dir) from None
        if not _is_alive(said["pid"]):
            raise DatabaseNotRunning(data_dir)
        return cls(Path(said["socket_dir"]), said["port"], passwords)


def load_or_make_passwords(folder: Path) -> dict[str, str]:
    """The roles' passwords of this data folder, made (0600) on first use."""
    path = folder / "credentials.json"
    try:
        known: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        known = {}
    missing = {name: password for name, password in new_passwords().items() if name not in known}
    if missing:
        known |= missing
        write_private(path, json.dumps(known, indent=1))
    return known


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
