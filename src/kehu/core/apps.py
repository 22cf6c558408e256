from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class CoreConfig(AppConfig):
    name = "kehu.core"
    label = "core"

    def ready(self) -> None:
        from kehu.core import housekeeping
        from kehu.core.background import register_chore, register_loop
        from kehu.core.measures import register_measures
        from kehu.core.outbox import run_dispatcher

        register_loop("outbox", run_dispatcher)
        for name, chore in housekeeping.CHORES.items():
            register_chore(name, chore)
        register_measures(*housekeeping.MEASURES)
        pre_migrate.connect(_make_tables_in_public, sender=self)
        post_migrate.connect(_look_in_live_first, sender=self)


def _make_tables_in_public(using: str, **kwargs: Any) -> None:
    """New tables belong in `public`; a migration moves the derived ones to `live`, which a rebuild swaps away."""
    _set_search_path(using, "public, live")


def _look_in_live_first(using: str, **kwargs: Any) -> None:
    _set_search_path(using, "live, public")


def _set_search_path(using: str, path: str) -> None:
    from django.db import connections

    with connections[using].cursor() as cursor:
        cursor.execute(f"SET search_path = {path}")
