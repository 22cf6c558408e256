"""Without a Chromium the end-to-end tests are skipped, and the last line of the run says so."""

import pytest

from scripts.find_browser import browser

REASON = "no Chromium or Chrome here: install one, or set KEHU_CHROMIUM"
skipped = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    needing = [item for item in items if item.get_closest_marker("e2e")]
    if needing and browser() is None:
        config.stash[skipped] = len(needing)
        for item in needing:
            item.add_marker(pytest.mark.skip(reason=REASON))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash.get(skipped, 0):
        terminalreporter.write_line(
            f"!! {config.stash[skipped]} END-TO-END TESTS SKIPPED: {REASON}", red=True, bold=True
        )
