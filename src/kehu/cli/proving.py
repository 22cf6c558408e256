"""Is what a backup gives back what was there? Rows, sequences, and the audit chain read by the application itself."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from kehu.operate.postgres import ServerAddress


def unlike_the_original(path: Path, *, report: Callable[[str], None]) -> list[str]:
    """Restore into a fresh database that is thrown away; what differs, in words."""
    from kehu.config import backup_key
    from kehu.operate.backup import read_manifest, verify_backup

    head = read_manifest(path, backup_key()).notes.get("audit_head", [0, ""])
    return verify_backup(
        path, backup_key(), also=lambda address: broken_audit(address, head[0], head[1]), report=report
    )


def broken_audit(address: ServerAddress, number: int, digest: str) -> list[str]:
    """Follow the audit chain of another database to the head the backup noted, by a process that works on that one."""
    head = ["--head-number", str(number), "--head-hash", digest] if number else []
    done = subprocess.run(
        [sys.executable, "-m", "kehu.cli", "audit", "verify", *head, "--json"],
        env=os.environ | address.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    said = json.loads(done.stdout or '{"error": "none", "message": "it said nothing"}')
    if "error" in said:
        return [f"the audit chain could not be read: {said['message']}"]
    return [f"audit entry {broken['number']}: {broken['what']}" for broken in said["broken"]]
