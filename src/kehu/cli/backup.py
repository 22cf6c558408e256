"""`kehu backup`: one encrypted file with everything, proved by restoring it."""

from pathlib import Path
from typing import Annotated

import typer

from kehu.cli.environment import DataDir, database, use_data_dir
from kehu.cli.output import FAILED, AsJson, answer, expected_errors, say


@expected_errors
def backup(
    target: Annotated[
        Path | None, typer.Argument(help="The file to write, or the folder it goes to.", show_default=False)
    ] = None,
    verify: Annotated[bool, typer.Option(help="Restore it into a fresh database and compare everything.")] = True,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write the database and the uploads of one moment into one encrypted file, and prove that it restores.

    Without a target it goes to KEHU_BACKUP_DIR (of which KEHU_BACKUP_KEEP stay), else to the data folder's backups.
    The keys of the data folder's secrets are not in it: keep them, and the backup's key, elsewhere.
    """
    from datetime import UTC, datetime

    folder = use_data_dir(data_dir)
    with database(data_dir):
        from kehu.cli.proving import unlike_the_original
        from kehu.config import backup_key, config
        from kehu.core.background import backup_notes
        from kehu.operate.backup import Census, make_backup
        from kehu.operate.backup.making import backup_name, remove_old

        place = target or config.backup_dir or folder / "backups"
        path = place if target and not place.is_dir() else place / backup_name(datetime.now(UTC))
        manifest = make_backup(
            dsn=config.backup_database_url,
            target=path,
            key=backup_key(),
            files=folder / "files",
            notes=backup_notes,
        )
        rows = Census.from_json(manifest["census"]).rows
        say(f"{path} holds {rows:,} rows.")
        if place == config.backup_dir:
            remove_old(place, config.backup_keep)
    unlike = unlike_the_original(path, report=say) if verify else []
    values = {
        "path": path,
        "bytes": path.stat().st_size,
        "taken_at": manifest["taken_at"],
        "rows": rows,
        "verified": verify and not unlike,
        "differences": unlike,
    }
    text = "\n".join(unlike) or (f"Verified: {rows:,} rows restored alike." if verify else f"Written to {path}.")
    answer(values, as_json=as_json, text=text)
    if unlike:
        raise typer.Exit(FAILED)
