"""`kehu migrate`: bring the database's tables to this version."""

from typing import Annotated

import typer

from kehu.cli.environment import DataDir, database, set_up_django, use_data_dir
from kehu.cli.output import FAILED, AsJson, answer, expected_errors, say


@expected_errors
def migrate(
    data_dir: DataDir = None,
    check_models: Annotated[
        bool,
        typer.Option(help="Only say whether the models have changes that no migration makes (exit code 1)."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database's tables to this version."""
    if check_models:
        use_data_dir(data_dir)
        _check_models(as_json)
        return
    with database(data_dir, as_owner_of_tables=True):
        names = _migrate()
    answer({"applied": names}, as_json=as_json, text="\n".join(names) or "Nothing to do.")


def _migrate() -> list[str]:
    """Apply what is missing, one process at a time; the names of what was applied."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with connection.cursor() as cursor:  # two nodes starting together take turns; released with the session
        cursor.execute("SELECT pg_advisory_lock(hashtext('kehu migrate'))")
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    names = [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    connection.close()
    return names


def _check_models(as_json: bool) -> None:
    """makemigrations --check, which compares models with migration files and asks no database."""
    import io
    import warnings

    from django.core.management import call_command

    set_up_django()
    found = io.StringIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # that no database could be asked
            call_command("makemigrations", check_changes=True, dry_run=True, skip_checks=True, stdout=found)
    except SystemExit:
        say(found.getvalue())
        answer({"missing": True}, as_json=as_json, text="A model has changes that no migration makes.")
        raise typer.Exit(FAILED) from None
    answer({"missing": False}, as_json=as_json, text="Every model change has its migration.")
