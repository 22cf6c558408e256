"""Backups: one encrypted file with a consistent dump, the uploads and a census, proved by restoring it."""

from kehu.operate.backup.census import Census, differences
from kehu.operate.backup.making import make_backup
from kehu.operate.backup.restoring import Manifest, read_manifest, restore_backup, verify_backup

__all__ = [
    "Census",
    "Manifest",
    "differences",
    "make_backup",
    "read_manifest",
    "restore_backup",
    "verify_backup",
]
