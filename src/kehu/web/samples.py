"""Sample data of the `/design` page: every component in all its states. No database, nobody real."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from kehu.web import components as c
from kehu.web.waterfalls import draw_spark, draw_waterfall

COLORS = tuple(
    [
        "ink",
        "ink-2",
        "ink-3",
        "line",
        "line-strong",
        "bg",
        "card",
        "sunk",
        "accent",
        "accent-soft",
        "warn",
        "warn-soft",
        "danger",
        "danger-soft",
        "good",
        "gold",
        "gold-soft",
        "person-soft",
    ]
)


def sample_context(now: datetime | None = None) -> dict[str, Any]:
    """Everything `/design` draws. now: an aware datetime, so that pictures can be compared."""
    moment = now or datetime.now(UTC)
    return {
        "colors": COLORS,
        "header_actions": [
            c.Action(_("Import"), "#", "file-import"),
            c.Action(_("New customer"), "#", "user-plus", is_main=True),
        ],
        "actions": [
            c.Action(_("Call"), "#", "phone-call", is_main=True),
            c.Action(_("Edit"), "#", "edit"),
        ],
        "tabs": [
            c.Tab(_("All"), "#", True, 48213),
            c.Tab(_("People"), "#", False, 41007),
            c.Tab(_("Organisations"), "#", False, 7206),
        ],
        "figures": [
            c.Figure(_("Spent in total"), "¥\N{NO-BREAK SPACE}48,260"),
            c.Figure(_("Orders"), "37"),
            c.Figure(_("Refunded"), "¥\N{NO-BREAK SPACE}1,299", "warn", _("1 order")),
        ],
        "chips": [
            c.Chip(_("Gold member"), "crown", "gold"),
            c.Chip(_("Active")),
            c.Chip(_("Company"), "building", "accent"),
            c.Chip(_("Looks like another customer"), "git-merge", "warn", "#"),
        ],
        "profile_rows": _profile_rows(moment),
        "identities": [
            c.IdentityRow("id-badge-2", _("member number"), "M0082371", _("unique"), "accent"),
            c.IdentityRow("device-mobile", _("phone"), "138****1234", _("strong"), "accent"),
            c.IdentityRow("home", _("phone"), "021-58****21", _("shared by 4 · weak")),
        ],
        "merges": [
            c.MergeRow(_("Marketplace: 张* joined by the model, 99.2%"), moment - timedelta(days=2), "", "#", "#"),
            c.MergeRow(_("Merged by 陈静"), moment - timedelta(days=40), _("same person at the till"), "#", "", True),
        ],
        "timeline": _timeline(moment),
        "diff_rows": [
            c.DiffRow(_("Name"), "张伟", "张伟", "same", _("same")),
            c.DiffRow(_("Phone"), "138****1234", "138****1234", "same", _("same")),
            c.DiffRow(_("Birth date"), "1988-06-17", "1988-06-07", "near", _("one digit apart")),
            c.DiffRow(_("Address"), "浦东新区世纪大道 88 号", "西湖区文三路 12 号", "differs", _("differs")),
            c.DiffRow(_("E-mail"), "z***@example.com", "", "missing", _("missing")),
        ],
        "waterfall": draw_waterfall(
            [
                (_("Name"), _("same, common"), 6.1),
                (_("Phone"), _("same"), 14.3),
                (_("Birth date"), _("one digit apart"), 3.2),
                (_("Address"), _("differs"), -2.4),
            ],
            prior_bits=-13.5,
            prior_label=_("Before any evidence"),
            probability=0.9953,
        ),
        "spark": draw_spark([3, 8, 5, 12, 22, 30, 18, 9, 14, 26, 31, 12], _("Messages per hour")),
        "jobs": [
            c.Progress(_("Importing members.csv"), "running", 6200, 20000, _("3,410 rows a second")),
            c.Progress(_("Comparing"), "queued", 0, None, _("waits for a worker")),
            c.Progress(_("Importing shop.xlsx"), "done", 812, 812, _("done in 4 s, 3 rows with problems")),
            c.Progress(_("Rebuild"), "failed", 40, 100, error=_("The disk is full: free some space, then run again.")),
        ],
        "empty": c.Empty(
            "inbox",
            _("No data yet"),
            _("Connect a source or import a file: customers appear here as soon as the first row is in."),
            c.Action(_("Import a file"), "#", "file-import", is_main=True),
        ),
        "filters": [c.Filter("kind", _("Kind"), (c.Choice("", _("All kinds"), True), c.Choice("person", _("People"))))],
        "pulses": [
            {"state": "live", "text": _("Live · 3 s behind"), "title": _("All sources are well")},
            {"state": "late", "text": _("9 min behind"), "title": _("One source is late: tills")},
            {"state": "quiet", "text": _("Nothing came in yet"), "title": _("No source has sent anything yet")},
        ],
        "customers": [
            ("张伟", "138****1234", 6),
            ("Lin Chen", "l***@example.org", 2),
            ("上海远恒智能科技有限公司", "021-58****21", 3),
        ],
    }


def _profile_rows(moment: datetime) -> list[c.ProfileRow]:
    old, new = moment - timedelta(days=2400), moment - timedelta(days=1)
    return [
        c.ProfileRow("name", _("Name"), "张伟", c.SourceMark("CRM", "CRM · 2019-03-02")),
        c.ProfileRow(
            "phone",
            _("Phone"),
            "138****1234",
            c.SourceMark(str(_("WeChat"))),
            2,
            0,
            (c.Candidate("138****1234", "WeChat", new, True), c.Candidate("138****1234", "CRM", old)),
            _("most trusted source"),
        ),
        c.ProfileRow(
            "address",
            _("Address"),
            "上海市浦东新区世纪大道 88 号 2 单元 1203",
            c.SourceMark("天猫"),
            0,
            1,
            (
                c.Candidate("上海市浦东新区世纪大道 88 号 2 单元 1203", "天猫", new, True, "1"),
                c.Candidate("杭州市西湖区文三路 12 号", "CRM", old, False, "2"),
            ),
            _("newest value"),
            can_pin=True,
        ),
        c.ProfileRow(
            "birth_date",
            _("Birth date"),
            "1988-06-17",
            c.SourceMark("门店"),
            0,
            1,
            (c.Candidate("1988-06-17", "门店", old, True, "1"), c.Candidate("1988-06-07", "CRM", old, False, "2")),
            _("pinned by a person"),
            is_pinned=True,
            pinned_by="陈静",
            can_pin=True,
        ),
    ]


def _timeline(moment: datetime) -> list[c.TimelineRow]:
    def ago(hours: float) -> datetime:
        return moment - timedelta(hours=hours)

    lines = (
        c.OrderLineRow("婴儿推车 轻便款", "× 1", "¥\N{NO-BREAK SPACE}1,199.00"),
        c.OrderLineRow("雨罩", "× 1", "¥\N{NO-BREAK SPACE}100.00"),
    )
    number, amount = "#TM88120394", "¥\N{NO-BREAK SPACE}1,299.00"
    quote = "「上周退的推车什么时候能退款？」"
    files = (c.FileRow("player-play", "20260301-1204.mp3", "calls.example.com", "#"),)
    return [
        c.TimelineRow("1", "eye", _("Product viewed"), ago(0.5), "儿童安全座椅 Pro", "官网", count=14, flood_url="#"),
        c.TimelineRow(
            "2", "phone-incoming", _("Call"), ago(2), "询问退货进度", "呼叫中心", quote, "service", url="#", files=files
        ),
        c.TimelineRow("3", "git-merge", _("Joined"), ago(50), "天猫「张*」", why_url="#", undo_url="#"),
        c.TimelineRow(
            "4",
            "shopping-bag",
            _("Order"),
            ago(52),
            number,
            "天猫旗舰店",
            tone="trade",
            tag=_("refunded"),
            tag_tone="warn",
            amount=amount,
            lines=lines,
        ),
        c.TimelineRow(
            "5",
            "receipt-refund",
            _("Refund"),
            ago(53),
            number,
            "天猫旗舰店",
            tone="trade",
            amount=f"−{amount}",
            is_refund=True,
        ),
    ]
