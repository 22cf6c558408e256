"""`kehu rebuild`: make the customers anew from the inbox, compare, swap."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kehu.cli.environment import DataDir, database
from kehu.cli.output import AsJson, answer, expected_errors

if TYPE_CHECKING:
    from kehu.profile.models import Rebuild

FIGURES = ("records", "customers", "events", "orders", "order_total", "review_pairs", "mapping_hash", "golden_hash")


@expected_errors
def rebuild(
    yes: Annotated[bool, typer.Option("--yes", help="Swap without asking.")] = False,
    swap: Annotated[int | None, typer.Option(metavar="NUMBER", help="Swap in a rebuild made before.")] = None,
    discard: Annotated[int | None, typer.Option(metavar="NUMBER", help="Throw a rebuild made before away.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make every customer anew from the inbox, the decisions and the ledger; compare; swap in when told to.

    Nothing is announced to anybody. Without --yes it asks on a terminal, and elsewhere leaves the result for --swap.
    """
    if swap is not None and discard is not None:
        raise typer.BadParameter("choose one of --swap and --discard.")
    with database(data_dir):
        from kehu import rebuild as rebuilding
        from kehu.config import config

        url = config.migrate_database_url
        if discard is not None:
            made = _made(discard)
            rebuilding.discard(url, made)
            answer({"rebuild": made.pk, "state": "discarded"}, as_json=as_json, text="Thrown away.")
            return
        if swap is not None:
            made = _made(swap)
        else:
            made = _build(url)
            if not as_json:
                print(_table(made.comparison))
            asks = not yes and not as_json and sys.stdin.isatty()
            if not (yes or (asks and typer.confirm("Swap it in?", err=True))):
                text = f"Swap it in with `kehu rebuild --swap {made.pk}`, or throw it away with --discard {made.pk}."
                answer(_values(made, "built"), as_json=as_json, text=text)
                return
        made.comparison = rebuilding.swap(url, made)
        answer(_values(made, "swapped"), as_json=as_json, text="Swapped in.")


def _made(number: int) -> "Rebuild":
    from kehu.core.errors import NotFound
    from kehu.profile.models import Rebuild

    found = Rebuild.objects.filter(pk=number).first()
    if found is None:
        raise NotFound("rebuild", number)
    return found


def _build(url: str) -> "Rebuild":
    """Build with a progress bar; what is interrupted or fails leaves nothing behind."""
    from rich.console import Console
    from rich.progress import Progress

    from kehu import rebuild as rebuilding
    from kehu.profile.models import Rebuild

    made = rebuilding.start(actor_id=None)
    try:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Rebuilding", total=None)
            rebuilding.build(url, made, lambda at: bar.update(task, completed=at.done, total=at.total))
    except BaseException:
        rebuilding.discard(url, made)
        Rebuild.objects.filter(pk=made.pk).update(state=Rebuild.State.FAILED)
        raise
    return made


def _values(made: "Rebuild", state: str) -> dict[str, Any]:
    return {"rebuild": made.pk, "state": state, **made.comparison}


def _table(comparison: dict[str, Any]) -> str:
    """Before and after side by side, then what moves."""
    before, after = comparison["before"], comparison["after"]
    lines = [f"{'':<14}{'now':>34}  {'rebuilt':>34}"]
    lines += [f"{name:<14}{before[name]!s:>34}  {after[name]!s:>34}" for name in FIGURES]
    lines.append(
        f"{comparison['records_moved']} records would belong to another customer "
        f"({comparison['records_new']} new, {comparison['records_gone']} gone); "
        f"{comparison['customers_with_other_values']} customers would show other values."
    )
    return "\n".join(lines)
