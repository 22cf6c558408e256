"""The files of one embedded database cluster: made once, configured at each start."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kehu.operate.errors import DatabaseStartFailed, WrongDatabaseVersion
from kehu.operate.postgres.binaries import MAJOR
from kehu.operate.private_files import write_private
from kehu.operate.system_user import SystemUser

SYSTEM_DATA = Path("/var/lib/kehu")
BELONGS_TO = "belongs-to"
SMALL_SHARED_MEMORY_BYTES = 512 * 1024**2

# Modest: a laptop or a small virtual machine. local.conf in the cluster's folder has the last word.
SETTINGS: Mapping[str, str] = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "10min",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_naptime": "15s",
    "client_connection_check_interval": "10s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_lock_waits": "on",
    # Statements and details of errors hold customers' data: they stay out of the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_startup_progress_interval": "2s",
    "lc_messages": "C",
}

HBA = """\
# Written by Kehu at each start: passwords only, this machine only.
local   all  all                 scram-sha-256
host    all  all  127.0.0.1/32   scram-sha-256
"""


def ensure_cluster(folder: Path, programs: Path, user: SystemUser | None, owner_password: str) -> Path:
    """The cluster's own folder below `folder`, initialised when there is none. Returns its real path."""
    link = folder / "cluster"
    if link.exists():
        cluster = link.resolve()
        _check_version(cluster)
        return cluster
    if link.is_symlink():
        raise DatabaseStartFailed(
            f"Opening {link}",
            f"it points to {link.readlink()}, which is gone: put it back or remove the link",
            "",
        )
    if user is None:
        return _initialise(link, programs, user, owner_password)
    _let_pass(folder.parent, user)
    if user.can_enter(folder):
        return _initialise(link, programs, user, owner_password)
    SYSTEM_DATA.mkdir(mode=0o755, parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="", dir=SYSTEM_DATA))
    home.chmod(0o755)
    (home / BELONGS_TO).write_text(str(link))
    cluster = _initialise(home / "cluster", programs, user, owner_password)
    link.symlink_to(cluster)
    return cluster


def abandoned_clusters() -> list[Path]:
    """Clusters outside their data folder whose data folder no longer points at them. Nobody removes them but people:
    the folder may be on a disk that is not mounted just now."""
    found = []
    for note in SYSTEM_DATA.glob(f"*/{BELONGS_TO}"):
        link = Path(note.read_text())
        if not (link.is_symlink() and link.resolve() == note.parent / "cluster"):
            found.append(note.parent)
    return found


def _let_pass(data_dir: Path, user: SystemUser) -> None:
    """Let the database's user walk through a private data folder of ours, by its group; others stay out."""
    status = data_dir.stat()
    if status.st_uid == os.geteuid() and not status.st_mode & 0o077:
        os.chown(data_dir, -1, user.gid)
        data_dir.chmod(0o710)


def _initialise(target: Path, programs: Path, user: SystemUser | None, owner_password: str) -> Path:
    """Run initdb beside the target and rename: a cluster is whole or absent."""
    half_made = target.with_name(target.name + ".new")
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile("w", prefix="kehu-") as password_file:
        password_file.write(owner_password)
        password_file.flush()
        if user is not None:
            os.chown(half_made, user.uid, user.gid)
            os.chown(password_file.name, user.uid, user.gid)
        command = [
            str(programs / "initdb"), "--pgdata", str(half_made), "--username", "kehu_owner",
            "--pwfile", password_file.name, "--auth-local", "scram-sha-256", "--auth-host", "scram-sha-256",
            "--encoding", "UTF8", "--locale", "C", "--data-checksums", "--no-instructions",
        ]  # fmt: skip
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd="/",
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    if done.returncode != 0:
        shutil.rmtree(half_made, ignore_errors=True)
        raise DatabaseStartFailed("Creating the database", f"initdb ended with {done.returncode}", done.stderr.strip())
    half_made.rename(target)
    return target


def _check_version(cluster: Path) -> None:
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != str(MAJOR):
        raise WrongDatabaseVersion(str(cluster), found, f"{MAJOR}: dump it with the old version and restore it")


def _shared_memory() -> dict[str, str]:
    """Containers often have 64 MB of /dev/shm, which parallel queries overrun: files then take its place."""
    try:
        is_small = shutil.disk_usage("/dev/shm").total < SMALL_SHARED_MEMORY_BYTES  # noqa: S108
    except FileNotFoundError:
        return {}
    return {"dynamic_shared_memory_type": "mmap"} if is_small else {}


def write_configuration(
    cluster: Path, user: SystemUser | None, *, socket_dir: Path, port: int, changes: Mapping[str, str]
) -> None:
    """Write postgresql.conf and pg_hba.conf anew. ALTER SYSTEM and local.conf still have the last word."""
    settings = {
        **SETTINGS,
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0777",  # whoever reaches it must still know a password
        **_shared_memory(),
        **changes,
    }
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
    text = "# Written by Kehu at each start: put your own settings into local.conf beside this file.\n"
    for name, content in (
        ("postgresql.conf", text + "".join(lines) + "include_if_exists = 'local.conf'\n"),
        ("pg_hba.conf", HBA),
    ):
        write_private(cluster / name, content)
        if user is not None:
            os.chown(cluster / name, user.uid, user.gid)
