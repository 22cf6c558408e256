"""Versioned keys, outside the database: the newest writes, every one reads. Version 0 comes from the settings.

A file among the secrets (0600), or KEHU_KEYS where an environment is the vault. A process sees a new
version at its next use: nothing restarts when keys are rotated.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar, Final, Protocol

from kehu.config import ConfigError, config
from kehu.core.errors import DomainError

KEY_BYTES: Final = 32
Keys = Mapping[int, bytes]


class KeysKeptElsewhere(DomainError):
    """Kehu cannot add a key where the environment holds them."""

    code: ClassVar[str] = "keys_kept_elsewhere"

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version

    def __str__(self) -> str:
        return (
            f"KEHU_KEYS holds the keys: put `{self.version}:` with a new key (`openssl rand -base64 {KEY_BYTES}`) and "
            "a comma in front of it for every process, restart them, and run `kehu keys rotate --resume`."
        )


class KeySource(Protocol):
    """Where keys are kept: a file, the environment, a vault."""

    def keys(self) -> Keys:
        """Version → key, versions from 1 on; empty before the first rotation."""
        ...

    def add(self) -> int:
        """Make a new newest key; returns its version. Raises KeysKeptElsewhere."""
        ...


class FileKeys:
    """One `version:key` a line, replaced as a whole, read again when it changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._keys: Keys = {}

    def keys(self) -> Keys:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return {}
        if status.st_mode & 0o077:
            raise ConfigError(f"{self._path} can be read by others: run `chmod 600 {self._path}`.")
        seen = (status.st_mtime_ns, status.st_ino)
        if seen != self._seen:
            self._keys, self._seen = parse_keys(",".join(self._path.read_text().split()), str(self._path)), seen
        return self._keys

    def add(self) -> int:
        known = self.keys()
        version = max(known, default=0) + 1
        lines = [f"{one}:{base64.b64encode(key).decode()}\n" for one, key in known.items()]
        lines.append(f"{version}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        return version


class EnvironmentKeys:
    def __init__(self, text: str) -> None:
        self._keys = parse_keys(text, "KEHU_KEYS")

    def keys(self) -> Keys:
        return self._keys

    def add(self) -> int:
        raise KeysKeptElsewhere(max(self._keys, default=0) + 1)


def parse_keys(text: str, where: str) -> Keys:
    """`2:…,1:…`, each key in base64, 32 bytes at least. Raises ConfigError, which names no key."""
    found: dict[int, bytes] = {}
    for part in filter(None, text.split(",")):
        version, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not version.isdecimal() or int(version) < 1 or int(version) in found or len(key) < KEY_BYTES:
            raise ConfigError(f"{where}: write each key as `version:key`, the key {KEY_BYTES} bytes in base64.")
        found[int(version)] = key
    return found


@cache
def key_source() -> KeySource:
    return EnvironmentKeys(config.keys) if config.keys else FileKeys(config.data_dir / "secrets" / "keys")


def known_keys() -> Keys:
    return key_source().keys()


def newest_version() -> int:
    """0 before the first rotation."""
    return max(known_keys(), default=0)


def add_key() -> int:
    """Returns its version. Raises KeysKeptElsewhere."""
    return key_source().add()
