"""The import wizard as somebody walks through it: another way to read, a transform, who is known, and undo."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.browser import Tab

OpenTab = Callable[..., Tab]


def test_wizard_reads_a_file_otherwise_transforms_it_and_undoes_the_import(tab: OpenTab, tmp_path: Path) -> None:
    file = tmp_path / "联系人.txt"
    rows = [
        "联系人#生日#邮箱",
        "上官云/13555550001#05/03/1988#yun@example.org",
        "上官雪/13555550002#25/12/1990#xue@example.org",
    ]
    file.write_bytes("\r\n".join(rows).encode("gb18030"))
    opened = tab()
    page = opened.goto("/imports/new")
    page.get_by_label("把文件拖到这里").set_input_files(file)
    page.get_by_label("来自哪里").select_option(label="旧 CRM")
    page.get_by_role("button", name="读取文件").click()
    page.get_by_text("换一种读法").click()
    page.get_by_label("其他分隔符").fill("#")
    page.get_by_role("button", name="重新读取").click()
    expect(page.get_by_label("「邮箱」是什么")).to_have_value("email")
    page.get_by_role("link", name="变换「联系人」的值").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("link", name=re.compile("拆成几列")).click()
    drawer.get_by_label("分隔处").fill("/")
    drawer.get_by_label("新列").fill("姓名,手机")
    expect(drawer.get_by_text("上官云 · 13555550001")).to_be_visible()
    drawer.get_by_role("button", name="变换").click()
    expect(page.get_by_label("「手机」是什么")).to_have_value("phone")
    page.get_by_role("button", name="查看结果").click()
    expect(page.get_by_role("region", name="已认识的客户")).to_contain_text("新")
    page.get_by_role("button", name=re.compile("导入")).click()
    expect(page.get_by_text("完成", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("等待处理")).to_have_count(0, timeout=60_000)
    address = page.url.removeprefix(opened.url)
    opened.goto("/customers?q=上官云")
    expect(page.get_by_role("link", name="上官云", exact=True)).to_be_visible()
    opened.goto(address)
    page.get_by_role("link", name="撤销这次导入").click()
    page.get_by_role("dialog").get_by_label("原因").fill("文件拿错了")
    page.get_by_role("dialog").get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_text("已撤销", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("等待处理")).to_have_count(0, timeout=60_000)
    opened.goto("/customers?q=上官云")
    expect(page.get_by_role("link", name="上官云", exact=True)).to_have_count(0)
