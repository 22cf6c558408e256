"""System checks: `kehu doctor` and `manage.py check` tell what the start would refuse."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from kehu.govern.routes import undeclared_routes


@register(Tags.urls)
def every_route_declares_a_permission(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The route {address} declares no permission.",
            hint="Put @requires(…), @signed_in or @public on the view, or enter it in kehu.govern.routes.",
            id="govern.E001",
        )
        for address in undeclared_routes()
    ]
