"""`make screenshots`: every page, desktop and phone, Chinese and English, into screenshots/. Look at each one.

The customer page is taken in light and dark; with --readme its picture also goes to docs/images/customer.png.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.e2e.browser import DESKTOP, PHONE, launch, open_tab, sign_in
from tests.e2e.site import Site, serve
from tests.plugins.test_server import RunningServer
from tests.web.logins import PASSWORD

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "screenshots"
PAGES = {
    "home": "/",
    "customers": "/customers",
    "customer-new": "/customers/new",
    "review": "/review",
    "sources": "/sources",
    "source": "/sources/2",
    "imports": "/imports",
    "import-new": "/imports/new",
    "dead-letters": "/dead-letters",
    "rules": "/rules",
    "rule": "/rules/of/phone-cn",
    "rule-new": "/rules/new",
    "rule-form": "/rules/new?kind=look_up",
    "rule-versions": "/rules/versions",
    "quality": "/quality",
    "quality-failing": "/quality/2/email/completeness",
    "rebuild": "/rebuild",
    "people": "/people",
    "departments": "/departments",
    "role": "/roles/5",
    "tokens": "/tokens",
    "audit": "/audit",
    "account": "/my/account",
    "notifications": "/notifications",
    "my-customers": "/my/customers",
    "operate": "/operate?period=day",
    "operate-alerts": "/operate/alerts",
    "operate-webhooks": "/operate/webhooks",
    "operate-webhook-new": "/operate/webhooks/new",
    "design": "/design",
    "not-found": "/nowhere",
}
READERS = {"zh": "chen", "en": "eve"}
SIZES = {"desktop": DESKTOP, "phone": PHONE}


@contextmanager
def company() -> Iterator[Site]:
    server, folder = RunningServer(None), Path(tempfile.mkdtemp(prefix="kehu-screenshots-"))
    try:
        database = server.server().clone("screenshots")
        with serve(database.environment(), folder) as site:
            yield site
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def take_all(browser: Browser, site: Site, only: str) -> None:
    sign_in_page(browser, site)
    for language, reader in READERS.items():
        session = sign_in(browser, site.url, f"{reader}@example.com", PASSWORD)
        for size_name, size in SIZES.items():
            for scheme in ("light", "dark"):
                with open_tab(browser, site.url, session, size=size, scheme=scheme, language=language) as tab:
                    tag = f"{size_name}-{language}" + ("-dark" if scheme == "dark" else "")
                    open_customer(tab.page, site.url)
                    shoot(tab.page, f"customer-{tag}")
                    if scheme == "light":
                        for name, path in PAGES.items():
                            if only in name:
                                tab.page.goto(site.url + path)
                                shoot(tab.page, f"{name}-{tag}")
                        dialogs(tab.page, site.url, tag)


def sign_in_page(browser: Browser, site: Site) -> None:
    with open_tab(browser, site.url) as tab:
        tab.goto("/account/login/")
        shoot(tab.page, "sign-in-desktop-zh")


def open_customer(page: Page, url: str) -> None:
    page.goto(f"{url}/customers?q=zhangwei@example.com")
    page.locator("[data-row] a").first.click()
    page.wait_for_url("**/customers/*-*")


def dialogs(page: Page, url: str, tag: str) -> None:
    """What floats over a page: lineage, why, merge, the palette."""
    open_customer(page, url)
    page.locator("#attribute-birth_date summary").click()
    shoot(page, f"lineage-{tag}")
    page.locator("#identities [data-opens=drawer]").first.click()
    page.locator("#drawer[open] h2").wait_for()
    shoot(page, f"why-{tag}", whole=False)
    page.keyboard.press("Escape")
    page.locator("[data-key='u']").evaluate("item => item.click()")
    page.locator("#dialog[open] h2").wait_for()
    shoot(page, f"unmerge-{tag}", whole=False)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill("zhang")
    page.locator("#palette-results [role=option]").first.wait_for()
    page.wait_for_timeout(400)
    shoot(page, f"palette-{tag}", whole=False)


def shoot(page: Page, name: str, *, whole: bool = True) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("() => { document.activeElement?.blur?.(); window.scrollTo(0, 0); }")
    page.screenshot(path=str(FOLDER / f"{name}.png"), full_page=whole)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of a page's name")
    parser.add_argument("--readme", action="store_true", help="renew docs/images/customer.png")
    arguments = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with company() as site, launch() as browser:
        take_all(browser, site, arguments.only)
        if arguments.readme:
            session = sign_in(browser, site.url, "chen@example.com", PASSWORD)
            with open_tab(browser, site.url, session, size=DESKTOP) as tab:
                open_customer(tab.page, site.url)
                target = ROOT / "docs" / "images" / "customer.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                tab.page.wait_for_load_state("networkidle")
                tab.page.screenshot(path=str(target))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")


if __name__ == "__main__":
    main()
