"""Every page, on a wide screen and a phone, in both languages, light and dark: it stands, speaks and fits."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.browser import DESKTOP, PHONE, Tab

OpenTab = Callable[..., Tab]
PAGES = (
    "/notifications",
    "/",
    "/customers",
    "/customers/new",
    "/review",
    "/sources",
    "/sources/new",
    "/sources/1",
    "/imports",
    "/imports/new",
    "/dead-letters",
    "/rules",
    "/rules/of/phone-cn",
    "/rules/new",
    "/rules/new?kind=condition",
    "/rules/versions",
    "/rules/import",
    "/quality",
    "/quality/2/email/completeness",
    "/rebuild",
    "/operate",
    "/operate/alerts",
    "/operate/webhooks/new",
    "/people",
    "/roles/5",
    "/audit",
    "/design",
)
AXE_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]},
    "preload": False,
}


def open_zhang_wei(tab: Tab) -> Page:
    page = tab.goto("/customers?q=zhangwei@example.com")
    page.get_by_role("link", name="张伟", exact=True).click()
    page.wait_for_url("**/customers/*-*")
    return page


def assert_well(tab: Tab, *, html_lang: str) -> None:
    page = tab.page
    assert page.locator("html").get_attribute("lang") == html_lang
    assert page.locator("h1").count() == 1
    too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert too_wide <= 0, f"{page.url} is {too_wide} px wider than the screen"
    page.wait_for_load_state("networkidle")
    assert tab.complaints == [], f"{page.url}: {tab.complaints}"  # before axe, which tries things the policy forbids
    found = Axe().run(page, options=AXE_RULES).response["violations"]
    serious = [
        f"{one['id']} ({one['impact']}): {one['help']} {[node['target'] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
    tab.complaints.clear()
    assert serious == [], f"{page.url}: {serious}"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("who", "html_lang", "size", "scheme"),
    [
        pytest.param("chen", "zh-Hans", DESKTOP, "light", id="desktop, Chinese, light"),
        pytest.param("eve", "en", PHONE, "dark", id="phone, English, dark"),
    ],
)
def test_page_is_accessible_fits_and_obeys_its_policy(
    tab: OpenTab, path: str, who: str, html_lang: str, size: tuple[int, int], scheme: str
) -> None:
    opened = tab(who, size=size, scheme=scheme)
    opened.goto(path)
    assert_well(opened, html_lang=html_lang)


@pytest.mark.parametrize("who", ["chen", "eve"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_customer_page_is_well_everywhere(tab: OpenTab, who: str, size: tuple[int, int], scheme: str) -> None:
    opened = tab(who, size=size, scheme=scheme)
    page = open_zhang_wei(opened)
    for row in page.locator(".profile-list details").all():
        row.locator("summary").first.click()
    assert_well(opened, html_lang="zh-Hans" if who == "chen" else "en")


def test_login_page_greets_strangers_in_their_language(tab: OpenTab) -> None:
    stranger = tab("", language="en")
    page = stranger.goto("/customers")
    assert "/account/login/" in page.url
    page.get_by_role("heading", name="Sign in").wait_for()
    assert_well(stranger, html_lang="en")
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="登录").wait_for()
    assert_well(stranger, html_lang="zh-Hans")


def test_unknown_page_and_refused_page_say_what_to_do(tab: OpenTab) -> None:
    rep = tab("li")
    page = rep.goto("/customers/00000000-0000-0000-0000-000000000000")
    assert page.get_by_role("heading", level=1).inner_text() == "没有这个页面"
    rep.goto("/rebuild")
    assert page.get_by_role("heading", level=1).inner_text() == "你无权查看"
    page.get_by_role("link", name="工作台").or_(page.get_by_role("link", name="回到开头")).first.click()
    page.wait_for_url("**/")


def test_only_rooms_one_may_enter_are_on_the_rail(tab: OpenTab) -> None:
    page = tab("li").goto("/")
    rail = page.get_by_role("navigation", name="主导航")
    assert rail.get_by_role("link", name="客户").is_visible()
    assert rail.get_by_role("link", name="重建").count() == 0


def test_no_asset_comes_from_elsewhere(tab: OpenTab) -> None:
    opened = tab()
    asked: list[str] = []
    opened.page.on("request", lambda request: asked.append(request.url))
    open_zhang_wei(opened)
    assert [url for url in asked if not url.startswith((opened.url, "data:"))] == []


def test_every_page_sends_the_headers_of_a_careful_server(tab: OpenTab) -> None:
    opened = tab()
    response = opened.page.goto(f"{opened.url}/customers")
    assert response is not None
    headers = response.headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "no-store" in headers["cache-control"]


def test_no_template_carries_inline_style_or_script() -> None:
    folder = Path(__file__).parents[2] / "src" / "kehu" / "web" / "templates"
    for template in folder.rglob("*.html"):
        text = template.read_text()
        assert " style=" not in text, template
        assert "<style" not in text, template
        assert "onclick=" not in text, template
        assert "<script>" not in text, template
