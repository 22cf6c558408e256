"""Which installation a command works on: its data folder, its database, Django set up on them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kehu.cli.output import say

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="KEHU_DATA_DIR", help="Where everything is kept.", show_default=".kehu"),
]


def use_data_dir(data_dir: Path | None) -> Path:
    """Make it the data folder of this process and its children."""
    folder = (data_dir or Path(os.environ.get("KEHU_DATA_DIR", ".kehu"))).resolve()
    os.environ["KEHU_DATA_DIR"] = str(folder)
    return folder


def database_address(folder: Path) -> None:
    """Put the running database's address into the environment; DatabaseNotRunning when there is none."""
    from kehu.operate.postgres import ServerAddress

    if "DATABASE_URL" not in os.environ:
        os.environ.update(ServerAddress.of_running(folder).environment())


@contextmanager
def database(data_dir: Path | None, *, as_owner_of_tables: bool = False) -> Iterator[None]:
    """Django on the installation's database: the server DATABASE_URL names, the embedded one that runs, or
    one started for this command alone.

    as_owner_of_tables connects as the migrate role (DDL); otherwise as the application, which only has rows.
    """
    from kehu.operate.errors import DatabaseNotRunning
    from kehu.operate.postgres import PostgresServer

    folder = use_data_dir(data_dir)
    server: PostgresServer | None = None
    try:
        database_address(folder)
    except DatabaseNotRunning:
        server = PostgresServer(folder, report=say)
        server.start()
        os.environ.update(server.address.environment())
    try:
        if as_owner_of_tables:
            os.environ["KEHU_DATABASE_ROLE"] = "migrate"
        set_up_django()
        yield
    finally:
        if server is not None:
            server.stop()  # ends the connections that are still open as well


def set_up_django() -> None:
    """Load the settings and the rooms."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kehu.settings")
    django.setup()
