"""`kehu match`: link and deduplicate files, without a database."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from kehu.cli.output import MISUSED, AsJson, answer, fail, say

if TYPE_CHECKING:
    from kehu.resolve.match import MatchResult

_KIBIBYTE: Final = 1024


def match(
    files: Annotated[
        list[Path], typer.Argument(help="Tables of people: .csv, .jsonl, .parquet or .xlsx, matched as one.")
    ],
    out: Annotated[
        Path, typer.Option(help="Where to write file, id, cluster_id, match_probability: .csv or .parquet.")
    ],
    id_column: Annotated[
        str | None, typer.Option("--id", help="The column that names a row; guessed, else the row's number.")
    ] = None,
    column_map: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COL=ATTRIBUTE", help="Say what a column holds; COL= leaves it out."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Match probability from which a pair speaks for one customer."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find which rows of one or several files are the same customer.

    Columns are recognised by heading and content, parameters are learned from the rows, no database is needed.
    """
    # Half a second of numeric libraries, which no other command needs.
    from kehu.resolve.column_roles import UnknownColumn
    from kehu.resolve.match import match as match_frames
    from kehu.resolve.match_files import UnreadableFile, read_table, write_table

    mapping = _mapping(column_map or [])
    try:
        if out.suffix.lower() not in (".csv", ".parquet"):
            raise UnreadableFile(f"{out}: the result can be written as .csv or .parquet")
        frames = {str(path): read_table(path) for path in files}
        result = match_frames(frames, id_column=id_column, mapping=mapping, threshold=threshold)
        write_table(result.rows, out)
    except (UnknownColumn, UnreadableFile, OSError) as error:
        fail(error, as_json=as_json)
    figures = _figures(result, out)
    if not as_json:
        for name, roles in result.roles.items():
            said = ", ".join(f"{'+'.join(columns)} as {attribute}" for attribute, columns in roles.items())
            say(f"{name}: {said or 'no column was recognised, use --map'}")
    answer(figures, as_json=as_json)


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        column, equals, attribute = pair.rpartition("=")
        if not equals or not column:
            say(f"✗ --map takes COL=ATTRIBUTE, not {pair!r}")
            raise typer.Exit(MISUSED)
        mapping[column] = attribute.strip()
    return mapping


def _figures(result: "MatchResult", out: Path) -> dict[str, Any]:
    return {
        "rows": len(result.rows),
        "clusters": result.clusters,
        "duplicates": len(result.rows) - result.clusters,
        "pairs_compared": result.pairs_compared,
        "seconds": round(result.seconds, 3),
        "peak_memory_mb": round(_peak_memory_bytes() / _KIBIBYTE**2, 1),
        "out": str(out),
    }


def _peak_memory_bytes() -> int:
    """The largest resident set this process has had."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * _KIBIBYTE
