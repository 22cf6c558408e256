"""Deployment settings: read from the environment once, typed, and refused by name when wrong."""

import ipaddress
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit


class ConfigError(Exception):
    """A deployment setting has a value Kehu cannot run with."""


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """The company's own sign-on. makes_accounts: somebody new gets an account without rights."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    makes_accounts: bool

    @classmethod
    def from_environment(cls) -> "OidcConfig | None":
        env = os.environ
        issuer = env.get("KEHU_OIDC_ISSUER", "")
        if not issuer:
            return None
        if not env.get("KEHU_OIDC_CLIENT_ID"):
            raise ConfigError("KEHU_OIDC_ISSUER needs KEHU_OIDC_CLIENT_ID (and KEHU_OIDC_CLIENT_SECRET) beside it.")
        return cls(
            issuer=issuer.rstrip("/"),
            client_id=env["KEHU_OIDC_CLIENT_ID"],
            client_secret=env.get("KEHU_OIDC_CLIENT_SECRET", ""),
            name=env.get("KEHU_OIDC_NAME", "SSO"),
            makes_accounts=_flag("KEHU_OIDC_MAKES_ACCOUNTS", False),
        )


@dataclass(frozen=True, slots=True)
class Config:
    """What one installation is told from outside. Business settings live in the database instead."""

    data_dir: Path
    database_url: str
    migrate_database_url: str
    redact_database_url: str
    backup_database_url: str
    database_role: str
    secret_key: str
    keys: str
    blind_index_key: bytes
    debug: bool
    allowed_hosts: tuple[str, ...]
    public_url: str
    time_zone: str
    trusted_proxies: tuple[str, ...]
    session_idle_minutes: int
    session_hours: int
    require_second_factor: bool
    oidc: "OidcConfig | None"
    collect_max_request_bytes: int
    metrics_token: str
    outbound_allow: frozenset[str]
    dedupe_days: int
    mail_url: str
    mail_from: str
    export_alone_rows: int
    backup_dir: Path | None
    backup_keep: int

    @classmethod
    def from_environment(cls) -> Self:
        """Read KEHU_* and DATABASE_URL; raise ConfigError with the name and the bad value."""
        env = os.environ
        data_dir = Path(env.get("KEHU_DATA_DIR", ".kehu")).resolve()
        database_url = env.get("DATABASE_URL", "")
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            migrate_database_url=env.get("KEHU_MIGRATE_DATABASE_URL", database_url),
            redact_database_url=env.get("KEHU_REDACT_DATABASE_URL", database_url),
            backup_database_url=env.get("KEHU_BACKUP_DATABASE_URL")
            or env.get("KEHU_MIGRATE_DATABASE_URL", database_url),
            database_role=env.get("KEHU_DATABASE_ROLE", "app"),
            secret_key=env.get("KEHU_SECRET_KEY") or _secret(data_dir, "secret_key"),
            keys=env.get("KEHU_KEYS", ""),
            blind_index_key=(env.get("KEHU_BLIND_INDEX_KEY") or _secret(data_dir, "blind_index_key")).encode(),
            debug=_flag("KEHU_DEBUG", False),
            allowed_hosts=tuple(h for h in env.get("KEHU_ALLOWED_HOSTS", "localhost,127.0.0.1").split(",") if h),
            public_url=env.get("KEHU_PUBLIC_URL", ""),
            time_zone=env.get("KEHU_TIME_ZONE", "Asia/Shanghai"),
            trusted_proxies=_networks("KEHU_TRUSTED_PROXIES"),
            session_idle_minutes=_whole_number("KEHU_SESSION_IDLE_MINUTES", 30),
            session_hours=_whole_number("KEHU_SESSION_HOURS", 12),
            require_second_factor=_flag("KEHU_REQUIRE_SECOND_FACTOR", True),
            oidc=OidcConfig.from_environment(),
            collect_max_request_bytes=_whole_number("KEHU_COLLECT_MAX_REQUEST_BYTES", 4 * 1024 * 1024),
            metrics_token=env.get("KEHU_METRICS_TOKEN", ""),
            outbound_allow=frozenset(name.strip() for name in env.get("KEHU_OUTBOUND_ALLOW", "").split(",") if name),
            dedupe_days=_at_least("KEHU_DEDUPE_DAYS", 400, 30),
            mail_url=_mail_url(),
            mail_from=env.get("KEHU_MAIL_FROM", "kehu@localhost"),
            export_alone_rows=_whole_number("KEHU_EXPORT_ALONE_ROWS", 1000),
            backup_dir=Path(env["KEHU_BACKUP_DIR"]).resolve() if env.get("KEHU_BACKUP_DIR") else None,
            backup_keep=_whole_number("KEHU_BACKUP_KEEP", 14),
        )


def backup_key() -> bytes:
    """What encrypts backups: KEHU_BACKUP_KEY, else a file among the secrets. Nothing else is encrypted by it."""
    return (os.environ.get("KEHU_BACKUP_KEY") or _secret(config.data_dir, "backup_key")).encode()


def _mail_url() -> str:
    """smtp://name:password@host:587 (STARTTLS), smtps://… (TLS from the start)."""
    text = os.environ.get("KEHU_MAIL_URL", "")
    parts = urlsplit(text)
    if text and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise ConfigError("KEHU_MAIL_URL is no smtp://name:password@host:587 and no smtps://….")
    return text


def _flag(name: str, default: bool) -> bool:
    text = os.environ.get(name, "")
    if text == "":
        return default
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise ConfigError(f"{name}={text!r} is not a yes or a no: use 1 or 0.")


def _networks(name: str) -> tuple[str, ...]:
    """Addresses or networks, comma between: whose X-Forwarded-For is believed."""
    networks = tuple(text.strip() for text in os.environ.get(name, "").split(",") if text.strip())
    for text in networks:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            raise ConfigError(f"{name}: {text!r} is no network, write it as 10.0.0.0/8: {error}.") from error
    return networks


def _whole_number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if text == "":
        return default
    if not text.isdecimal() or int(text) == 0:
        raise ConfigError(f"{name}={text!r} is not a whole number above 0.")
    return int(text)


def _at_least(name: str, default: int, least: int) -> int:
    number = _whole_number(name, default)
    if number < least:
        raise ConfigError(f"{name}={number} is too small: {least} at least.")
    return number


def _secret(data_dir: Path, name: str) -> str:
    """A secret kept in the data folder (0600), made on first use, so that restarts keep sessions and hashes."""
    path = data_dir / "secrets" / name
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path} can be read by others: run `chmod 600 {path}`.")
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
    value = secrets.token_urlsafe(48)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(value)
    return value


config = Config.from_environment()
