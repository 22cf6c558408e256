"""The context every template has."""

from typing import Any

from django.http import HttpRequest

from kehu.web.shell import Shell


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": Shell(request)}
