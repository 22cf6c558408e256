"""One web process and one browser for all end-to-end tests of a run."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import Tab, launch, open_tab, sign_in
from tests.e2e.site import Site, serve
from tests.plugins.test_server import TestServer
from tests.web.logins import PASSWORD


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("e2e")
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session")
def site(database_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    database = database_server.clone("e2e")
    with serve(database.environment(), tmp_path_factory.mktemp("web")) as running:
        yield running
    database_server.drop(database.name)


# Of this folder, not of the run: Playwright's event loop must be gone before other tests of the process begin.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.fixture(scope="package")
def sessions(site: Site, browser: Browser) -> Callable[[str], str]:
    known: dict[str, str] = {}

    def session_of(name: str) -> str:
        if name not in known:
            known[name] = sign_in(browser, site.url, f"{name}@example.com", PASSWORD)
        return known[name]

    return session_of


@pytest.fixture
def tab(site: Site, browser: Browser, sessions: Callable[[str], str]) -> Iterator[Callable[..., Tab]]:
    """tab(who="chen", size=…, scheme=…): a fresh browser context, signed in as one of the cast ("" = a stranger)."""
    with ExitStack() as stack:

        def open_(who: str = "chen", **wishes: object) -> Tab:
            session = sessions(who) if who else ""
            return stack.enter_context(open_tab(browser, site.url, session, **wishes))  # type: ignore[arg-type]

        yield open_
