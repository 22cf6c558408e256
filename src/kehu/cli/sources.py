"""`kehu source …`: the channels and systems that data comes from."""

from typing import Annotated

import typer

from kehu.cli.environment import DataDir, database
from kehu.cli.output import AsJson, answer, expected_errors

source = typer.Typer(help="The channels and systems data comes from.", no_args_is_help=True)


@source.command("create")
@expected_errors
def create(
    kind: Annotated[str, typer.Option(help="web, app, segment, server, shop, till, crm, file …")],
    name: Annotated[str, typer.Option(help="What people call it.")],
    slug: Annotated[str, typer.Option(help="Its name in record keys, for good; made from the name if left out.")] = "",
    time_zone: Annotated[str, typer.Option(help="Of its times without a zone.")] = "Asia/Shanghai",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Install a source; prints its id and write key."""
    with database(data_dir):
        from kehu.collect.services.sources import create_source

        made = create_source(kind=kind, name=name, slug=slug, time_zone=time_zone)
    values = {"id": made.pk, "slug": made.slug, "kind": made.kind, "name": made.name, "write_key": made.write_key}
    answer(values, as_json=as_json)


@source.command("list")
@expected_errors
def list_all(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Every source with its id and kind (write keys stay on the page of the source)."""
    with database(data_dir):
        from kehu.collect.queries import sources
        from kehu.govern.actor import SYSTEM

        found = [
            {"id": each.pk, "slug": each.slug, "kind": each.kind, "name": each.name, "is_enabled": each.is_enabled}
            for each in sources(SYSTEM)
        ]
    text = "\n".join(f"{each['id']:>4}  {each['slug']:<20} {each['kind']:<10} {each['name']}" for each in found)
    answer({"sources": found}, as_json=as_json, text=text or "No source yet: `kehu source create --kind web --name …`.")
