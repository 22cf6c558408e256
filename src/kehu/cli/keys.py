"""`kehu keys …`: the keys that seal secrets and hash addresses, rotated while everything runs."""

import typer

from kehu.cli.environment import DataDir, database
from kehu.cli.output import AsJson, answer, expected_errors, say

keys = typer.Typer(help="The keys that seal secrets and hash addresses.", no_args_is_help=True)


@keys.command("rotate")
@expected_errors
def rotate(
    data_dir: DataDir = None,
    resume: bool = typer.Option(False, "--resume", help="Add no key: only go on with what an earlier run left."),
    as_json: AsJson = False,
) -> None:
    """Add a key and bring whatever lies under an older one to it, in portions, while everything runs.

    A run that was stopped is gone on with by --resume. Older keys stay: backups and hashes need them.
    """
    with database(data_dir):
        from kehu.govern import keys as govern

        rotation = govern.rotate(adds_key=not resume, tell=lambda rows: None if as_json else say(f"{rows} more"))
    values = {"version": rotation.version, **rotation.resealed, "addresses": rotation.rehashed, "shut": rotation.shut}
    answer(values, as_json=as_json)


@keys.command("status")
@expected_errors
def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """The newest key's version, and how many rows are still under older ones."""
    with database(data_dir):
        from kehu.core.keyring import newest_version
        from kehu.govern.keys import left_to_do

        answer({"version": newest_version(), **left_to_do()}, as_json=as_json)
