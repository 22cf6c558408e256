"""A real Chromium, signed-in contexts of it, and what may not happen on any page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = (1440, 1080), (390, 844)
LOCALES = {"zh": "zh-CN", "en": "en-US"}


def browser_path() -> str | None:
    """The Chromium of the machine; None lets Playwright use the one it installed."""
    return os.environ.get("KEHU_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def launch() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Tab:
    """A page with what it complained about."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def goto(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page


def sign_in(browser: Browser, url: str, email: str, password: str) -> str:
    """Log in through the page; returns the session cookie's value."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/account/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.locator("form:has(input[name=password]) button").click()
    page.wait_for_url(f"{url}/")
    cookie = next(one["value"] for one in context.cookies() if one["name"] == "sessionid")
    context.close()
    return cookie


@contextmanager
def open_tab(
    browser: Browser,
    url: str,
    session: str = "",
    *,
    size: tuple[int, int] = DESKTOP,
    scheme: str = "light",
    language: str = "zh",
) -> Iterator[Tab]:
    context: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=LOCALES[language],
        timezone_id="Asia/Shanghai",
        has_touch=size[0] < 800,
        reduced_motion="reduce",
    )
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    page = context.new_page()
    tab = Tab(page, url)
    page.on("console", lambda message: tab.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    try:
        yield tab
    finally:
        context.close()
