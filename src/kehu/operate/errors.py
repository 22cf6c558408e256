"""What can go wrong when Kehu runs its own processes, said so that an operator knows what to do."""

from pathlib import Path
from typing import ClassVar

from kehu.core.errors import DomainError


class OperateError(DomainError):
    """The ground under Kehu is not as it must be."""

    code: ClassVar[str] = "operate_error"


class NoUnprivilegedUser(OperateError):
    """Started as root, and there is nobody else to run the database as."""

    code = "no_unprivileged_user"

    def __str__(self) -> str:
        return (
            "PostgreSQL does not run as root, and this machine has neither a user `kehu` nor `nobody` "
            "nor useradd: create a user `kehu`, start Kehu as another user, or set DATABASE_URL."
        )


class AlreadyRunning(OperateError):
    """Two supervisors on one data folder."""

    code = "already_running"

    def __init__(self, folder: Path, owner: str) -> None:
        super().__init__(folder, owner)
        self.folder, self.owner = folder, owner

    def __str__(self) -> str:
        return (
            f"{self.folder} is in use by another Kehu ({self.owner}): stop that one first, "
            "or choose another folder with --data-dir."
        )


class DatabaseNotRunning(OperateError):
    """Somebody wants to talk to the embedded database of a data folder, but nobody runs it."""

    code = "database_not_running"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return (
            f"No database runs in {self.folder}: start it with `kehu up`, name the folder with --data-dir, "
            "or set DATABASE_URL."
        )


class DatabaseStartFailed(OperateError):
    """The embedded database did not start; its own last words are kept."""

    code = "database_start_failed"

    def __init__(self, doing: str, reason: str, log: str) -> None:
        super().__init__(doing, reason, log)
        self.doing, self.reason, self.log = doing, reason, log

    def __str__(self) -> str:
        said = f"\nIts last words:\n{self.log}" if self.log else ""
        return f"{self.doing} failed: {self.reason}.{said}"


class WrongDatabaseVersion(OperateError):
    """The data folder or the server is of a version Kehu cannot use."""

    code = "wrong_database_version"

    def __init__(self, where: str, found: str, needed: str) -> None:
        super().__init__(where, found, needed)
        self.where, self.found, self.needed = where, found, needed

    def __str__(self) -> str:
        return f"{self.where} is PostgreSQL {self.found}, Kehu needs {self.needed}."


class NotDurable(OperateError):
    """The server may lose what it acknowledged."""

    code = "not_durable"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return (
            "The database may lose what it has acknowledged: "
            + "; ".join(self.problems)
            + ". Correct it in the server's configuration and start again."
        )


class WrongSetting(OperateError):
    """A deployment setting has a value that means nothing."""

    code = "wrong_setting"

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(name, value, allowed)
        self.name, self.value, self.allowed = name, value, allowed

    def __str__(self) -> str:
        return f"{self.name}={self.value!r} means nothing here: use {self.allowed}."


class ProcessFailed(OperateError):
    """A process that has to succeed once (migrations) did not, or one did not become ready."""

    code = "process_failed"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        return f"{self.name} {self.reason}: the reason stands above, or in the log."


class PortTaken(OperateError):
    """Somebody else listens where Kehu was told to."""

    code = "port_taken"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(host, port, reason)
        self.host, self.port, self.reason = host, port, reason

    def __str__(self) -> str:
        return f"Cannot listen on {self.host}:{self.port} ({self.reason}): choose another with --port."
