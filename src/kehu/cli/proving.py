"""Is what a backup gives back what was there? Rows, sequences, and the audit chain read by the application itself."""

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
    """Follow the audit chain of another database to the head the backup noted."""
    from django.db import connections

    from kehu.govern.audit_chain import ChainHead, verify_audit
    from kehu.settings import database

    settings = connections["default"].settings_dict
    before = dict(settings)
    connections["default"].close()
    try:
        settings.update(database(address.dsn("app")))
        verdict = verify_audit(ChainHead(number, digest) if number else None)
    finally:
        connections["default"].close()
        settings.update(before)
    return [f"audit entry {chain_no}: {what}" for chain_no, _id, what in verdict.broken]
