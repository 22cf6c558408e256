"""The database's roles and what each may do.

kehu_owner   superuser, used to bootstrap and to look (doctor), never by the application
kehu_migrate owns the database, its schemas and tables: migrations and rebuild
kehu_app     reads and writes rows; no DDL, no superuser, no way round row-level security
kehu_redact  rows again, and alone may blank an inbox payload (granted by the migration that makes the inbox)
kehu_backup  reads every row and sequence, changes nothing
"""

import secrets
from collections.abc import Mapping
from typing import Literal

import psycopg
from psycopg import sql

Role = Literal["owner", "migrate", "app", "redact", "backup"]
ROLES: Mapping[Role, str] = {
    "owner": "kehu_owner",
    "migrate": "kehu_migrate",
    "app": "kehu_app",
    "redact": "kehu_redact",
    "backup": "kehu_backup",
}
WORKING_ROLES = ("kehu_migrate", "kehu_app", "kehu_redact", "kehu_backup")
ROW_USERS = ("kehu_app", "kehu_redact")
DATABASE = "kehu"

Connection = psycopg.Connection[tuple[object, ...]]


def new_passwords() -> dict[str, str]:
    """A fresh password per role."""
    return {name: secrets.token_urlsafe(32) for name in ROLES.values()}


def ensure_roles(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Create the working roles where missing, hold them to what they may do. Superuser, autocommit."""
    for name in WORKING_ROLES:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        connection.execute(
            sql.SQL(
                "{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {}"
            ).format(verb, sql.Identifier(name), sql.Literal(passwords[name]))
        )
    bound_roles(connection)


def bound_roles(connection: Connection) -> None:
    """What the roles may do and for how long, in every database of the server. Superuser."""
    connection.execute("GRANT pg_read_all_data TO kehu_backup")
    connection.execute("ALTER ROLE kehu_backup SET default_transaction_read_only = on")
    for name in ROW_USERS:  # a forgotten transaction must not hold back vacuum or a lock for ever
        connection.execute(
            sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = '5min'").format(sql.Identifier(name))
        )


def ensure_database(connection: Connection, name: str = DATABASE) -> None:
    """Create the database, owned by kehu_migrate, UTF8 and byte order, where missing. Needs autocommit."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER kehu_migrate TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'").format(
                sql.Identifier(name)
            )
        )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO kehu_backup").format(sql.Identifier(name)))
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO kehu_app, kehu_redact").format(sql.Identifier(name))
    )


def grant_rows(connection: Connection) -> None:
    """In the connected database: rows, never DDL, for the row users in every table that migrations make."""
    connection.execute("ALTER SCHEMA public OWNER TO kehu_migrate")
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for statement in (
        "GRANT USAGE ON SCHEMA public TO kehu_app, kehu_redact",
        "ALTER DEFAULT PRIVILEGES FOR ROLE kehu_migrate "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kehu_app, kehu_redact",
        "ALTER DEFAULT PRIVILEGES FOR ROLE kehu_migrate GRANT USAGE, SELECT ON SEQUENCES TO kehu_app, kehu_redact",
        "ALTER DEFAULT PRIVILEGES FOR ROLE kehu_migrate GRANT USAGE ON SCHEMAS TO kehu_app, kehu_redact",
    ):
        connection.execute(statement)
