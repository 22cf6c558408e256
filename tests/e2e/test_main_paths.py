"""The main path of each page, walked by role and label as a person would."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import PHONE, Tab
from tests.e2e.test_pages import open_zhang_wei

OpenTab = Callable[..., Tab]


def test_palette_finds_a_customer_by_pinyin_and_goes_there(tab: OpenTab) -> None:
    page = tab().goto("/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("zhangwei")
    page.get_by_role("option", name="张伟").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("张伟")


def test_list_narrows_while_typing_and_is_walked_by_keyboard(tab: OpenTab) -> None:
    page = tab().goto("/customers")
    page.keyboard.press("/")
    page.keyboard.type("1234")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert "q=1234" in page.url
    page.get_by_role("searchbox").blur()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("张伟")


def test_sequence_of_keys_jumps_between_rooms_and_help_lists_them(tab: OpenTab) -> None:
    page = tab().goto("/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sources")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="快捷键")
    expect(help_).to_contain_text("g c")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()


def test_timeline_is_filtered_in_place_and_says_where_things_come_from(tab: OpenTab) -> None:
    page = open_zhang_wei(tab())
    timeline = page.get_by_role("region", name="时间线")
    of_the_desk = timeline.get_by_role("listitem").filter(has_text="呼叫中心")
    expect(of_the_desk.first).to_be_visible()
    timeline.get_by_role("link", name="交易").click()
    expect(of_the_desk).to_have_count(0)
    expect(timeline).to_contain_text("TM88120394")
    timeline.get_by_text("2 件商品").first.click()
    expect(timeline).to_contain_text("雨罩")


def test_lineage_opens_beside_the_value_and_a_value_is_pinned_and_unpinned(tab: OpenTab) -> None:
    page = open_zhang_wei(tab())
    row = page.locator("#attribute-birth_date")
    expect(row).to_contain_text("1988-06-17")
    row.locator("summary").click()
    row.get_by_role("button", name="固定 1988-07-16").click()
    expect(row).to_contain_text("已固定")
    expect(row.locator("summary")).to_contain_text("1988-07-16")
    row.locator("summary").click()
    row.get_by_role("button", name="取消固定").click()
    expect(row.locator("summary")).to_contain_text("1988-06-17")


def test_drawer_tells_why_two_records_are_one(tab: OpenTab) -> None:
    page = open_zhang_wei(tab())
    page.get_by_role("region", name="身份").get_by_role("link", name="为什么").first.click()
    drawer = page.get_by_role("dialog", name="为什么是同一个")
    expect(drawer).to_contain_text("会员号")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def find_and_merge(page: Page, other: str) -> None:
    page.get_by_role("button", name="更多").click()
    page.get_by_role("link", name="与其他客户合并").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("searchbox").fill(other)
    dialog.get_by_role("link", name=other, exact=True).click()
    expect(dialog.get_by_role("table").first).to_contain_text(other)
    dialog.get_by_label("原因").fill("柜台核对过身份证")
    dialog.get_by_role("button", name="合并", exact=True).click()


def test_two_customers_are_merged_with_a_reason_and_taken_apart_again(tab: OpenTab) -> None:
    opened = tab()
    page = open_zhang_wei(opened)
    find_and_merge(page, "李娟")
    expect(page.locator(".toast")).to_contain_text("已合并")
    expect(page.get_by_role("region", name="时间线")).to_contain_text("柜台核对过身份证")
    page.locator(".toast").get_by_role("button", name="撤销").click()
    expect(page.locator(".toast")).to_contain_text("已拆分")
    opened.goto("/customers?q=李娟")
    expect(page.get_by_role("link", name="李娟", exact=True)).to_be_visible()


def test_review_is_decided_by_keyboard_and_the_next_pair_comes(tab: OpenTab) -> None:
    page = tab().goto("/review")
    verdict = page.locator("#review-pair")
    expect(verdict.locator(".waterfall tbody tr").nth(1)).to_be_visible()
    before = verdict.locator("input[name=left]").input_value(), verdict.locator("input[name=right]").input_value()
    page.keyboard.press("n")
    expect(page.locator(".toast")).to_contain_text("不是同一个")
    after = verdict.locator("input[name=left]")
    if after.count():
        assert (after.input_value(), verdict.locator("input[name=right]").input_value()) != before


def test_new_customer_is_hinted_at_a_duplicate_while_typing(tab: OpenTab) -> None:
    page = tab().goto("/customers/new")
    page.get_by_role("main").get_by_label("姓名").fill("张伟")
    page.get_by_role("main").get_by_label(re.compile("手机|电话")).fill("13800131234")
    expect(page.locator("#duplicates")).to_contain_text("已经是客户了吗")


def test_new_customer_is_saved_and_wrong_values_are_told_at_their_field(tab: OpenTab) -> None:
    page = tab().goto("/customers/new")
    page.get_by_role("main").get_by_label("姓名").fill("欧阳海清")
    page.get_by_role("main").get_by_label(re.compile("手机|电话")).fill("12")
    page.get_by_role("button", name="创建").click()
    expect(page.locator(".field__error")).to_contain_text("不是电话号码")
    page.get_by_role("main").get_by_label(re.compile("手机|电话")).fill("13677778888")
    page.get_by_role("button", name="创建").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("欧阳海清")
    page.keyboard.press("e")
    page.get_by_label("职位").fill("店长")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("region", name="档案")).to_contain_text("店长")


def test_file_is_imported_in_four_steps_and_its_problem_rows_come_back(tab: OpenTab, tmp_path: Path) -> None:
    file = tmp_path / "会员名单.csv"
    rows = ["姓名,手机号,邮箱", "司马青,13566667777,sima@example.org", "司徒兰,13566667778,lan@example.org", ",,"]
    file.write_bytes("\r\n".join(rows).encode("gb18030"))
    page = tab().goto("/imports/new")
    page.get_by_label("把文件拖到这里").set_input_files(file)
    page.get_by_label("来自哪里").select_option(label="旧 CRM")
    page.get_by_role("button", name="读取文件").click()
    assert page.get_by_label("「手机号」是什么").input_value() == "phone"
    page.get_by_role("button", name="查看结果").click()
    expect(page.get_by_role("table")).to_contain_text("司马青")
    page.get_by_role("button", name=re.compile("导入")).click()
    expect(page.get_by_text("完成", exact=True)).to_be_visible(timeout=30_000)
    expect(page.locator("#import-result")).to_contain_text("2")


def test_source_is_created_with_its_key_and_snippet(tab: OpenTab) -> None:
    page = tab().goto("/sources")
    page.keyboard.press("c")
    page.get_by_label("来源名称").fill("抖音小店")
    page.get_by_label("类型").select_option("shop")
    page.get_by_role("button", name="创建").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("抖音小店")
    expect(page.locator("#write-key")).to_contain_text("wk_")
    expect(page.locator("#snippet")).to_contain_text("curl -u wk_")


def test_dead_letter_is_looked_at_corrected_and_replayed(tab: OpenTab) -> None:
    page = tab().goto("/dead-letters")
    rows = page.locator("[data-row]")
    before = rows.count()
    assert before >= 1
    rows.last.get_by_role("link").click()
    drawer = page.locator("#drawer")
    good = '{"external_id": "x-1", "attributes": {"name": "更正后"}}'
    drawer.get_by_label("消息内容").fill(good)
    drawer.get_by_role("button", name="更正并重放").click()
    expect(page.locator(".toast")).to_contain_text("已重放")
    expect(page.locator("[data-row]")).to_have_count(before - 1)


def test_rebuild_is_started_compared_and_swapped_in(tab: OpenTab) -> None:
    page = tab().goto("/rebuild")
    page.get_by_role("button", name="开始重建").click()
    comparison = page.get_by_role("region", name="对比")
    expect(comparison).to_contain_text("归属映射", timeout=60_000)
    expect(comparison).to_contain_text("一致")
    comparison.get_by_role("button", name="切换").click()
    expect(page.locator("#rebuild-live")).to_contain_text("已切换", timeout=60_000)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_appearance_is_chosen_and_remembered(tab: OpenTab, theme: str) -> None:
    label = {"dark": "深色", "light": "浅色"}[theme]
    opened = tab()
    page = opened.goto("/")
    page.get_by_role("button", name="陈静 的账户").click()
    page.get_by_role("button", name=label).click()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    opened.goto("/customers")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.get_by_role("button", name="陈静 的账户").click()
    page.get_by_role("button", name="自动").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")


def test_phone_has_a_bottom_bar_and_large_targets(tab: OpenTab) -> None:
    page = tab(size=PHONE).goto("/")
    rail = page.get_by_role("navigation", name="主导航")
    for item in rail.locator("a:visible, button:visible").all():
        box = item.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, item.inner_text()
    rail.get_by_role("button", name="更多").click()
    page.locator("#more-rooms").get_by_role("link", name="重建").click()
    page.wait_for_url("**/rebuild")


def test_pages_work_without_javascript(site, browser, sessions) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": sessions("chen"), "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/customers?q=zhangwei@example.com")
    page.get_by_role("link", name="张伟", exact=True).click()
    page.get_by_role("link", name="交易").click()
    expect(page.get_by_role("region", name="时间线")).to_contain_text("TM88120394")
    page.get_by_role("region", name="身份").get_by_role("link", name="为什么").first.click()
    expect(page.get_by_role("main")).to_contain_text("会员号")
    context.close()
