"""`kehu prepare-database`: roles and database on a PostgreSQL of one's own."""

from typing import Annotated
from urllib.parse import quote, urlsplit

import typer

from kehu.cli.output import AsJson, answer, expected_errors


@expected_errors
def prepare_database(
    admin_url: Annotated[
        str, typer.Option(envvar="KEHU_ADMIN_DATABASE_URL", help="postgresql://… of a superuser on the server.")
    ],
    name: Annotated[str, typer.Option(help="The database to make.")] = "kehu",
    as_json: AsJson = False,
) -> None:
    """Make Kehu's roles and its database on your own PostgreSQL (15 or newer), and print the addresses to set.

    Run again it gives the roles new passwords and leaves the data alone.
    """
    import psycopg

    from kehu.operate.postgres.durability import assert_durable
    from kehu.operate.postgres.roles import ROLES, ensure_database, ensure_roles, grant_rows, new_passwords

    parts = urlsplit(admin_url)
    passwords = new_passwords()
    with psycopg.connect(admin_url, autocommit=True, connect_timeout=10) as connection:
        assert_durable(connection)
        ensure_roles(connection, passwords)
        ensure_database(connection, name)
    with psycopg.connect(parts._replace(path=f"/{quote(name)}").geturl(), autocommit=True) as connection:
        grant_rows(connection)
    server = parts.netloc.rpartition("@")[2]

    def url(role_name: str) -> str:
        login = f"{role_name}:{quote(passwords[role_name], safe='')}@{server}"
        return parts._replace(netloc=login, path=f"/{quote(name)}").geturl()

    values = {
        "DATABASE_URL": url(ROLES["app"]),
        "KEHU_MIGRATE_DATABASE_URL": url(ROLES["migrate"]),
        "KEHU_REDACT_DATABASE_URL": url(ROLES["redact"]),
        "KEHU_BACKUP_DATABASE_URL": url(ROLES["backup"]),
    }
    answer(values, as_json=as_json, text="\n".join(f"{variable}={value}" for variable, value in values.items()))
