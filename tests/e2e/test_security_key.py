"""A security key from the first touch to the sign-in, and the code on paper for when it is lost, in a real browser."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.site import ROOT, Site
from tests.web.logins import PASSWORD

EMAIL = "key@example.com"
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """A person of their own with a key in the port; keys know host names only, so the site is called by one."""
    command = [
        sys.executable,
        "-m",
        "kehu.cli",
        "user",
        "create",
        "--email",
        EMAIL,
        "--role",
        "rep",
        "--language",
        "en",
    ]
    environment = {**os.environ, **site.environment, "KEHU_PASSWORD": PASSWORD}
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, timeout=120)
    context = browser.new_context(base_url=site.url.replace("127.0.0.1", "localhost"), locale="en-US")
    page = context.new_page()
    keys = context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()


def give_password(page: Page) -> None:
    page.goto("/account/login/")
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.locator("form:has(input[name=password]) button").click()


def come_in(page: Page) -> None:
    page.wait_for_url(lambda url: "/account/" not in url)


def sign_out(page: Page) -> None:
    """Leave the page first: what it still asks for would be answered with a new CSRF cookie after the next page's."""
    page.goto("about:blank")
    page.context.clear_cookies()


def test_a_security_key_is_added_opens_the_door_and_a_code_on_paper_does_so_once(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    give_password(page)
    come_in(page)
    page.goto("/account/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)  # what touches the ways in asks once more
    page.locator("form:has(input[name=password]) button").first.click()
    page.fill("input[name=name]", "On my ring")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/recovery-codes/**")
    codes = page.locator("#recovery_codes").input_value().split()
    assert len(codes) == 10

    sign_out(page)
    give_password(page)
    page.wait_for_url("**/2fa/authenticate/**")
    page.goto("/customers")
    assert "/2fa/authenticate" in page.url, "the password alone opens nothing"
    page.locator("#mfa_webauthn_authenticate").click()
    come_in(page)
    page.goto("/customers")
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    for is_taken in (True, False):
        sign_out(page)
        give_password(page)
        page.fill("input[name=code]", codes[0])
        page.locator("form:has(input[name=code]) button[type=submit]").first.click()
        if is_taken:
            come_in(page)
        else:
            expect(page.locator("input[name=code]")).to_be_visible()
            assert "/2fa/authenticate" in page.url
    assert complaints == []
