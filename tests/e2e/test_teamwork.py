"""Working together, in two browsers: a colleague is called from the keyboard and hears of it where they are."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browser import Tab
from tests.e2e.test_pages import open_zhang_wei

OpenTab = Callable[..., Tab]


def test_a_colleague_called_in_a_comment_hears_the_bell_without_reloading(tab: OpenTab) -> None:
    hers = tab("eve", language="en").goto("/sources")
    bell = hers.locator("#bell")
    before = int(bell.inner_text().strip() or 0)
    page = open_zhang_wei(tab())
    team = page.get_by_role("region", name="团队")
    team.get_by_role("button", name="评论").wait_for()
    page.keyboard.press("c")
    page.keyboard.type("g s? @ev")  # none of it a shortcut: a text is being typed
    page.get_by_role("option", name="Eve Martin").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("请看")
    team.get_by_role("button", name="评论").click()
    expect(team).to_contain_text("g s? @Eve Martin 请看")
    expect(bell).to_contain_text(str(before + 1), timeout=15_000)
    bell.click()
    hers.get_by_role("link", name="calls you in a comment").first.click()
    expect(hers.locator(".comment:target")).to_contain_text("@Eve Martin")


def test_the_map_of_keys_tells_those_of_the_page_and_the_palette_runs_an_act(tab: OpenTab) -> None:
    page = open_zhang_wei(tab())
    page.get_by_role("region", name="团队").get_by_role("button", name="关注").wait_for()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="快捷键")
    expect(keys.locator("[data-keymap-group=page]")).to_contain_text("评论")
    expect(keys.locator("[data-keymap-group=go]")).to_contain_text("g m")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="客户、页面或操作").fill("guanzhu")
    page.get_by_role("option", name="关注", exact=True).wait_for()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="已关注")).to_be_visible()
