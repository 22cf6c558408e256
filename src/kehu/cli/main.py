"""The `kehu` command and everything it can do."""

from importlib import import_module
from importlib.util import find_spec

import typer

from kehu.cli import doctor, migrate, people, running, sources

app = typer.Typer(
    name="kehu",
    help="Kehu: one clean, explainable, reversible record per customer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (running.up, running.web, running.collector, running.worker, migrate.migrate, doctor.doctor):
    app.command()(command)
app.add_typer(sources.source, name="source")
app.add_typer(people.user, name="user")
app.add_typer(people.token, name="token")

# Each in a module of its name, which holds a function of that name, or a Typer where there are subcommands.
for name, module in {
    "import": "import_file",
    "match": "match",
    "audit": "audit",
    "keys": "keys",
    "rules": "rules",
    "rebuild": "rebuild",
    "prepare-database": "prepare_database",
    "backup": "backup",
    "restore": "restore",
    "demo": "demo",
    "bench": "bench",
}.items():
    if find_spec(f"kehu.cli.{module}") is None:
        continue
    found = getattr(import_module(f"kehu.cli.{module}"), module)
    if isinstance(found, typer.Typer):
        app.add_typer(found, name=name)
    else:
        app.command(name)(found)


def main() -> None:
    """The console script."""
    app()
