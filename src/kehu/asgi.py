"""The applications a web server runs.

application            pages, API and collector in one process: `kehu web`, `kehu up`
collector_application  the collector alone, without Django's weight: `kehu collector`

Granian runs them: `granian --interface asgi kehu.asgi:collector_application`, one worker per core. The interface must
be `asgi` (not `asginl`): by the lifespan messages what waits is written before the process ends.
"""

import os
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

from kehu.collect.disk_space import DiskWatch, database_folder
from kehu.collect.door import Door, Scope
from kehu.collect.request_bodies import Receive
from kehu.collect.routes import is_collector_path
from kehu.config import config
from kehu.operate import logs
from kehu.operate.probes import Probes, is_probe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kehu.settings")
if "KEHU_PROCESS" in os.environ:  # Granian starts its workers anew: they have no log of their own yet
    logs.configure(os.environ["KEHU_PROCESS"])

_disk = DiskWatch(database_folder(config.data_dir))
_door = Door(
    config.database_url,
    disk=_disk,
    max_request_bytes=config.collect_max_request_bytes,
    trusted_proxies=config.trusted_proxies,
    public_url=config.public_url,
)
collector_application = Probes(_door, config.database_url, is_disk_full=_disk.is_full)
_django: Callable[..., Awaitable[None]] | None = None


async def application(scope: Scope, receive: Receive, send: Callable[[Any], Awaitable[None]]) -> None:
    if scope["type"] == "lifespan":
        _pages()
        threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
        if threading.current_thread() is threading.main_thread():
            _end_streams_when_told_to_stop()
        await collector_application(scope, receive, send)
    elif scope["type"] == "http" and (is_collector_path(scope["path"]) or is_probe(scope["path"])):
        await collector_application(scope, receive, send)
    else:
        await _pages()(scope, receive, send)


def _end_streams_when_told_to_stop() -> None:
    """A server that is told to stop waits for its connections before it says so to the application, and a live stream
    is one that does not end by itself. The loop hears signals by its wake-up descriptor, so this handler is free."""
    from kehu.web.live_stream import BROADCASTER

    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def stop(number: int, frame: FrameType | None, before: Any = before) -> None:
            BROADCASTER.stop()
            if callable(before):
                before(number, frame)

        signal.signal(number, stop)
        signal.siginterrupt(number, False)


def _warm_up() -> None:
    """Load the matching kernels beside the first requests: the first customer saved would wait seconds for them, inside
    a transaction that holds the leader's lock."""
    from kehu.resolve.warm_up import warm_up

    warm_up()


def _pages() -> Callable[..., Awaitable[None]]:
    """Django, set up when the server starts; never by the collector alone."""
    global _django
    if _django is None:
        from django.core.asgi import get_asgi_application

        _django = get_asgi_application()
    return _django
