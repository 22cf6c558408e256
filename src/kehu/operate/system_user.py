"""Whom the database runs as: PostgreSQL refuses root, so root hands it to a system user."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kehu.operate.errors import NoUnprivilegedUser

USER_NAME = "kehu"


@dataclass(frozen=True, slots=True)
class SystemUser:
    """A user of this machine by numbers."""

    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """True when this user may walk down to the folder and read it."""
        return self._test("-r", folder) and self._test("-x", folder)

    def _test(self, flag: str, path: Path) -> bool:
        return (
            subprocess.run(
                ["/bin/sh", "-c", f'cd / && test {flag} "$1"', "sh", str(path)],
                user=self.uid,
                group=self.gid,
                extra_groups=[],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd="/",
            ).returncode
            == 0
        )


def database_user() -> SystemUser | None:
    """The user to drop to, or None when this process is not root and runs the database as itself.

    As root: the user `kehu`, created when the machine lets us, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    found = _find(USER_NAME) or _create() or _find("nobody")
    if found is None or found.uid == 0:
        raise NoUnprivilegedUser()
    return found


def _find(name: str) -> SystemUser | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return SystemUser(name, entry.pw_uid, entry.pw_gid)


def _create() -> SystemUser | None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if program is None:
        return None
    command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run([*command, "--shell", "/usr/sbin/nologin", USER_NAME], capture_output=True)
    return _find(USER_NAME)  # another process may have been quicker: what counts is that it is there
