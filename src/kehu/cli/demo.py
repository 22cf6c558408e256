"""`kehu demo`: the demo company, built, measured against its truth, and served."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kehu.cli.environment import database, use_data_dir
from kehu.cli.output import AsJson, answer, expected_errors, say
from kehu.demo.errors import AnotherDemo, FolderHoldsSomethingElse

if TYPE_CHECKING:
    from rich.console import Console

    from kehu.demo.figures import DemoFigures, Language

DEFAULT_FOLDER = Path(".kehu-demo")
STATE_FILE = "demo.json"

DemoDir = Annotated[
    Path, typer.Option("--data-dir", help="A folder of its own: a demo never goes into another installation.")
]


@expected_errors
def demo(
    people: Annotated[int, typer.Option(min=20, help="How many people the company knows.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")] = 1,
    data_dir: DemoDir = DEFAULT_FOLDER,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the web app when it is built.")] = True,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to serve on; 0 takes a free one.")] = 8000,
    language: Annotated[str, typer.Option(help="Of the table: zh or en; by the locale if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Build the demo company, send it down the road, compare the outcome with the truth, and serve it.

    A demo that is there already (same folder, people and seed) is served as it is.
    """
    folder = use_data_dir(data_dir)
    own_database = "DATABASE_URL" not in os.environ
    state = _state(folder)
    if state is None:
        state = _build(folder, people, seed, _language(language), as_json)
    elif (state["people"], state["seed"]) != (people, seed):
        raise AnotherDemo(folder, state["people"], state["seed"])
    if as_json:
        answer(state["figures"], as_json=True)
    if serve:
        if own_database:  # the one of the building phase is gone, and its address with it
            for name in ("DATABASE_URL", "KEHU_MIGRATE_DATABASE_URL", "KEHU_REDACT_DATABASE_URL"):
                os.environ.pop(name, None)
        _announce(state)
        _serve(folder, host, port)


def _state(folder: Path) -> dict[str, Any] | None:
    """What an earlier run left, None for an empty folder. Raises FolderHoldsSomethingElse."""
    path = folder / STATE_FILE
    if path.exists():
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return state
    if folder.exists() and any(folder.iterdir()):
        raise FolderHoldsSomethingElse(folder)
    return None


def _build(folder: Path, people: int, seed: int, language: "Language", as_json: bool) -> dict[str, Any]:
    from rich.console import Console

    console = Console(stderr=as_json)
    with database(folder):
        # In a process of its own, because it connects as the owner of the tables.
        subprocess.run(
            [sys.executable, "-m", "kehu.cli", "migrate", "--data-dir", str(folder)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        figures, logins = _travel(folder, people, seed, datetime.now(UTC).date())
    from kehu.demo.figures import print_table

    print_table(figures, console, language)
    state = {"people": people, "seed": seed, "logins": logins, "figures": figures.to_json()}
    path = folder / STATE_FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")
    return state


def _travel(folder: Path, people: int, seed: int, today: date) -> "tuple[DemoFigures, list[dict[str, str]]]":
    from dataclasses import asdict

    from rich.console import Console

    from kehu.demo.road.building import build_company, travel_the_road
    from kehu.demo.road.people import hire_staff

    reporter = _Bars(Console(stderr=True))
    files = build_company(people, seed, folder / "company", today, reporter)
    logins = [asdict(login) for login in hire_staff(f"demo-{secrets.token_urlsafe(9)}")]
    return travel_the_road(files, people, seed, reporter), logins


class _Bars:
    """Progress on standard error: a bar that moves on a terminal, one line a step elsewhere."""

    def __init__(self, console: "Console") -> None:
        self._console = console

    @contextmanager
    def step(self, name: str, total: int | None) -> Iterator[Callable[[int], None]]:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self._console) as progress:
            task = progress.add_task(name, total=total)
            yield lambda done: progress.advance(task, done)
            progress.update(task, total=total or 1, completed=total or 1)


def _language(wanted: str) -> "Language":
    if wanted in ("zh", "en"):
        return "zh" if wanted == "zh" else "en"
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


def _announce(state: dict[str, Any]) -> None:
    for login in state["logins"]:
        say(f"  {login['role']:<14} {login['email']:<28} {login['password']}")


def _serve(folder: Path, host: str, port: int) -> None:
    from kehu.operate import logs
    from kehu.operate.installation import run_installation

    logs.configure("supervisor")
    # The demo's passwords are printed for whoever tries it: a second factor would keep out nobody but them.
    os.environ.setdefault("KEHU_REQUIRE_SECOND_FACTOR", "0")
    run_installation(
        folder,
        host=host,
        port=port,
        workers=1,
        command=[sys.executable, "-m", "kehu.cli"],
        announce=lambda url: say(f"Kehu is at {url}"),
    )
