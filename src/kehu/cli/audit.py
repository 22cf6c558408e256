"""`kehu audit …`: the trail of who did what, checked."""

from typing import Annotated

import typer

from kehu.cli.environment import DataDir, database
from kehu.cli.output import FAILED, AsJson, answer, expected_errors

audit = typer.Typer(help="The audit trail.", no_args_is_help=True)


@audit.command("verify")
@expected_errors
def verify(
    head_number: Annotated[int | None, typer.Option(help="Number of a head noted before: finds a cut-off end.")] = None,
    head_hash: Annotated[str, typer.Option(help="The hash that stood there.")] = "",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find changed, removed and swapped entries in the chain of hashes; exit code 1 if there are any.

    Keep the head this prints somewhere else: with it the next check also finds an end that was cut off.
    """
    with database(data_dir):
        from kehu.govern.audit_chain import ChainHead, verify_audit

        expected = ChainHead(head_number, head_hash) if head_number is not None else None
        verdict = verify_audit(expected)
    answer(
        {
            "is_sound": verdict.is_sound,
            "entries": verdict.entries,
            "waiting": verdict.waiting,
            "head_number": verdict.head.number,
            "head_hash": verdict.head.hash,
            "broken": [{"number": number, "id": entry, "what": what} for number, entry, what in verdict.broken],
        },
        as_json=as_json,
    )
    if not verdict.is_sound:
        raise typer.Exit(FAILED)


@audit.command("chain")
@expected_errors
def chain(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Chain the entries that wait, now. A worker does so every five minutes."""
    with database(data_dir):
        from kehu.govern.audit_chain import chain_audit, chain_head

        entries, head = chain_audit(), chain_head()
    answer({"chained": entries, "head_number": head.number, "head_hash": head.hash}, as_json=as_json)
