"""`kehu rules …`: the cleaning rules as files, from one installation to another."""

from pathlib import Path
from typing import Annotated, Any

import typer

from kehu.cli.environment import DataDir, database
from kehu.cli.output import AsJson, answer, expected_errors

rules = typer.Typer(help="The cleaning rules as files.", no_args_is_help=True)
RuleFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A set of rules as JSON.")]


@rules.command("export")
@expected_errors
def export(
    target: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write them.")],
    version: Annotated[int, typer.Option(min=0, help="An earlier version; 0 = the one in force.")] = 0,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write the rules in force into a file."""
    with database(data_dir):
        from kehu.clean.queries import rules_in_force, rules_version
        from kehu.clean.rules.rule import write_rules
        from kehu.govern.actor import SYSTEM

        found = rules_version(SYSTEM, version) if version else rules_in_force(SYSTEM)
        target.write_bytes(write_rules(found.rules))
    text = f"Version {found.version}: {len(found.rules.rules)} rules in {target}."
    answer({"version": found.version, "rules": len(found.rules.rules)}, as_json=as_json, text=text)


@rules.command("try")
@expected_errors
def try_out(file: RuleFile, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Run the rules of a file over the newest messages, beside those in force; nothing is written."""
    with database(data_dir):
        from kehu.clean.services import rules_of_file
        from kehu.govern.actor import SYSTEM
        from kehu.rule_trials import try_rules

        trial = try_rules(rules_of_file(file.read_bytes()), actor=SYSTEM)
    by_rule: dict[str, Any] = {
        key: {"changed": one.changed, "failed": one.failed, "quarantined": one.quarantined, "errors": one.errors}
        for key, one in trial.by_rule.items()
    }
    lines = [
        f"{trial.messages} messages: {trial.touches_changed} touches with other values, "
        f"{trial.held_back} more held back, {trial.released} released.",
        *(f"{key:<30} {' '.join(f'{name} {count}' for name, count in one.items())}" for key, one in by_rule.items()),
    ]
    values = {
        "messages": trial.messages,
        "touches_changed": trial.touches_changed,
        "held_back": trial.held_back,
        "released": trial.released,
        "rules": by_rule,
    }
    answer(values, as_json=as_json, text="\n".join(lines))


@rules.command("import")
@expected_errors
def import_file(
    file: RuleFile,
    note: Annotated[str, typer.Option(help="Why: kept with the version.")] = "",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Put the rules of a file in force, in the place of those there are, as a new version."""
    with database(data_dir):
        from kehu.clean.queries import rules_in_force
        from kehu.clean.services import import_rules
        from kehu.govern.actor import SYSTEM

        current = rules_in_force(SYSTEM).version
        version = import_rules(file.read_bytes(), base_version=current, actor=SYSTEM, note=note)
    text = f"Version {version} is in force." if version != current else f"Version {current} has these rules already."
    answer({"version": version, "is_new": version != current}, as_json=as_json, text=text)
