"""One process, two applications: the collector's paths never meet Django."""

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest

import kehu.asgi
from kehu.collect.routes import is_collector_path


@pytest.mark.parametrize(
    ("path", "is_collector"),
    [
        ("/v1/batch", True),
        ("//v1/batch", True),
        ("/v1/nothing", True),
        ("/v1/projects/k/settings", True),
        ("/beacon/v1/batch", True),
        ("/pixel/v1/track", True),
        ("/sourceConfig/", True),
        ("/health", True),
        ("/", False),
        ("/api/v1/customers", False),
        ("/account/login/", False),
        ("/v10/batch", False),
        ("/static/v1/x.js", False),
    ],
)
def test_a_path_belongs_to_the_collector_or_to_django(
    monkeypatch: pytest.MonkeyPatch, path: str, is_collector: bool
) -> None:
    called: list[str] = []

    def application(name: str) -> Any:
        async def call(scope: Any, receive: Any, send: Any) -> None:
            called.append(name)

        return call

    monkeypatch.setattr(kehu.asgi, "collector_application", application("collector"))
    monkeypatch.setattr(kehu.asgi, "_django", application("django"))
    asyncio.run(kehu.asgi.application({"type": "http", "path": path}, None, None))  # type: ignore[arg-type]
    assert called == ["collector" if is_collector else "django"]
    assert is_collector_path(path) is is_collector


def test_the_collector_alone_does_not_load_django_s_request_cycle() -> None:
    program = (
        "import sys, kehu.asgi; heavy = {'django.core.handlers.asgi', 'django.http', 'kehu.collect.models'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_starting_does_not_wait_for_the_kernels_to_be_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    started, may_end = threading.Event(), threading.Event()

    def warm_up() -> None:
        started.set()
        may_end.wait(60)

    async def ready(scope: Any, receive: Any, send: Any) -> None:
        assert not may_end.is_set()

    monkeypatch.setattr("kehu.resolve.warm_up.warm_up", warm_up)
    monkeypatch.setattr(kehu.asgi, "collector_application", ready)
    monkeypatch.setattr(kehu.asgi, "_django", ready)
    asyncio.run(kehu.asgi.application({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert started.wait(60)
    may_end.set()
