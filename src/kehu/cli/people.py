"""`kehu user …` and `kehu token …`: who may come in."""

import os
from typing import Annotated

import typer

from kehu.cli.environment import DataDir, database
from kehu.cli.output import AsJson, answer, expected_errors

user = typer.Typer(help="People who sign in.", no_args_is_help=True)
token = typer.Typer(help="Keys for machines.", no_args_is_help=True)

PASSWORD_BYTES = 12


@user.command("create")
@expected_errors
def create_user(
    email: Annotated[str, typer.Option(help="What they sign in with.")],
    name: Annotated[str, typer.Option(help="What colleagues call them.")] = "",
    role: Annotated[
        str, typer.Option(help="administrator, steward, manager, rep, agent, marketer …")
    ] = "administrator",
    department_id: Annotated[int | None, typer.Option(help="Their department's id.")] = None,
    language: Annotated[str, typer.Option(help="zh-hans or en.")] = "zh-hans",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody in. The password is KEHU_PASSWORD from the environment, or made here and shown once."""
    import secrets

    with database(data_dir):
        from kehu.govern.actor import SYSTEM
        from kehu.govern.services import create_user as create

        password = os.environ.get("KEHU_PASSWORD") or secrets.token_urlsafe(PASSWORD_BYTES)
        user_id = create(
            email=email,
            name=name or email.partition("@")[0],
            role=role,
            actor=SYSTEM,
            password=password,
            department_id=department_id,
            language=language,
        )
    values: dict[str, object] = {"id": user_id, "email": email.strip().lower(), "role": role}
    if "KEHU_PASSWORD" not in os.environ:
        values["password"] = password
    answer(values, as_json=as_json)


@user.command("set-up-link")
@expected_errors
def set_up_link(
    url: Annotated[str, typer.Option(help="Where Kehu is served.")] = "http://127.0.0.1:8000/",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """The one-time link of an installation nobody can sign in to yet; nothing once somebody can. Older links die."""
    with database(data_dir):
        from datetime import UTC, datetime

        from kehu.govern.services import make_set_up_link

        secret = make_set_up_link(datetime.now(UTC))
    link = f"{url.rstrip('/')}/set-up/{secret}" if secret else ""
    answer({"link": link}, as_json=as_json, text=f"Set up Kehu at {link}" if link else "Somebody can sign in already.")


@token.command("create")
@expected_errors
def create_token(
    user_email: Annotated[str, typer.Option("--user", help="Whose rights it has at most (their e-mail address).")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    scopes: Annotated[list[str], typer.Option("--scope", help="A permission it has, like customer.view; repeatable.")],
    days: Annotated[int | None, typer.Option(min=1, help="Until it expires; never without.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a key for the API; it is shown once."""
    from datetime import UTC, datetime, timedelta

    with database(data_dir):
        from kehu.core.errors import NotFound
        from kehu.govern.actor import SYSTEM
        from kehu.govern.models import User
        from kehu.govern.services import create_token as create

        owner = User.objects.filter(email=user_email.strip().lower(), is_active=True).first()
        if owner is None:
            raise NotFound("user", user_email)
        expires_at = datetime.now(UTC) + timedelta(days=days) if days is not None else None
        text = create(user_id=owner.pk, name=name, scopes=scopes, actor=SYSTEM, expires_at=expires_at)
    answer({"token": text, "name": name, "scopes": scopes, "expires_at": expires_at}, as_json=as_json)
