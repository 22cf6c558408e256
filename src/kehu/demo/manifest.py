"""What each export is, for whoever imports it: file, kind, time zone, trust, and what its columns mean.

`exports/manifest.json` belongs to the exports, not to the truth: it says what an integrator of the company would say.
The mappings are those of the import (kehu.clean.row_mapping), so a source can be made and its file imported without
guessing; importing without them lets the import guess.
"""

from datetime import date
from pathlib import Path

import msgspec

from kehu.clean.row_mapping import (
    ConsentPart,
    EventPart,
    FilePart,
    IdentifierColumn,
    KeyColumn,
    LinePart,
    OrderPart,
    OrganisationPart,
    PaymentPart,
    RecordPart,
    RefundPart,
    RowMapping,
)
from kehu.demo.sources import call, crm, mail, market, shop, till, web, wechat


class SourceManifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """One export. format: "segment" (posted message by message), "jsonl", "csv" or "xlsx" (imported by `mapping`)."""

    slug: str
    name: str
    kind: str
    format: str
    file: str
    trust_rank: int
    is_trusted: bool = True
    time_zone: str = "Asia/Shanghai"
    order_namespace: str = ""
    unique_types: tuple[str, ...] = ()
    mapping: RowMapping | None = None
    rows: int = 0


class Manifest(msgspec.Struct, frozen=True):
    people: int
    seed: int
    today: date
    sources: tuple[SourceManifest, ...]


WEB = SourceManifest(
    slug="web",
    name="官网",
    # The site forwards its messages through its own backend, which alone identifies people after a login.
    kind="server",
    format="segment",
    file=web.FILE,
    trust_rank=60,
    order_namespace="shop",  # Order Completed reports the online shop's numbers
)

WECHAT = SourceManifest(
    slug="wechat",
    name="微信小程序",
    kind="wechat",
    format="jsonl",
    file=wechat.FILE,
    trust_rank=70,
    unique_types=("unionid",),
    mapping=RowMapping(
        record=RecordPart(key=("unionid", "openid")),
        attributes={"nickname": "nickname", "phone": "phone", "gender": "gender", "city": "city"},
        identifiers={
            "unionid": "unionid",
            "openid": IdentifierColumn("openid", prefix_column="appid"),
            "member_no": "member_id",
        },
        occurred_at="subscribe_time",
    ),
)

SHOP = SourceManifest(
    slug="shop",
    name="网上商城",
    kind="shop",
    format="jsonl",
    file=shop.FILE,
    trust_rank=80,
    order_namespace="shop",
    mapping=RowMapping(
        record=RecordPart(key=("buyer.account_id",)),
        attributes={
            "buyer.name": "name",
            "buyer.phone": "phone",
            "buyer.email": "email",
            "buyer.gender": "gender",
            "address": "address",
        },
        occurred_at="created_at",
        order=OrderPart(
            number="order_no",
            status="status",
            placed_at="created_at",
            currency="currency",
            total="total",
            line=LinePart(
                sku="sku", name="name", quantity="quantity", unit_price="price", amount="amount", each="lines"
            ),
            payment=PaymentPart(amount="amount", key=("payment_no",), method="method", at="paid_at", each="payments"),
            refund=RefundPart(amount="amount", key=("refund_no",), at="refunded_at", each="refunds"),
        ),
    ),
)

MARKET = SourceManifest(
    slug="market",
    name="电商平台",
    kind="market",
    format="xlsx",
    file=market.FILE,
    trust_rank=50,
    order_namespace="market",
    mapping=RowMapping(
        record=RecordPart(key=("订单编号",)),
        attributes={"收货人": "name", "联系电话": "phone", "收货地址": "address"},
        occurred_at="下单时间",
        order=OrderPart(
            number="订单编号",
            status="订单状态",
            placed_at="下单时间",
            total="实付金额",
            line=LinePart(key=("商品编码",), sku="商品编码", name="商品标题", quantity="购买数量", unit_price="单价"),
            payment=PaymentPart(amount="实付金额", at="下单时间"),
            refund=RefundPart(amount="退款金额"),
        ),
        file=FilePart(sheet=market.SHEET),
    ),
)

TILL = SourceManifest(
    slug="till",
    name="门店收银",
    kind="till",
    format="csv",
    file=till.FILE,
    trust_rank=65,
    order_namespace="till",
    mapping=RowMapping(
        record=RecordPart(key=("会员卡号", KeyColumn("手机号", "phone:"))),
        attributes={"手机号": "phone", "会员姓名": "name", "会员生日": "birth_date"},
        identifiers={"会员卡号": "member_id"},
        occurred_at="交易时间",
        order=OrderPart(
            number="小票号",
            placed_at="交易时间",
            total="整单实收",
            line=LinePart(key=("商品编码",), sku="商品编码", name="商品名称", quantity="数量", unit_price="单价"),
            payment=PaymentPart(amount="整单实收", method="支付方式", at="交易时间"),
            refund=RefundPart(amount="整单退款"),
        ),
        file=FilePart(encoding=till.ENCODING),
    ),
)

CALL = SourceManifest(
    slug="call",
    name="呼叫中心",
    kind="call",
    format="csv",
    file=call.FILE,
    trust_rank=55,
    mapping=RowMapping(
        record=RecordPart(key=("来电号码",)),
        attributes={"来电号码": "phone"},
        occurred_at="开始时间",
        event=EventPart(
            name="=Call Received",
            kind="contact",
            key=("通话编号",),
            properties={
                "agent": "坐席",
                "queue": "技能组",
                "duration_seconds": "时长(秒)",
                "topic": "主题",
                "note": "备注",
            },
        ),
    ),
)

CRM = SourceManifest(
    slug="crm",
    name="旧 CRM",
    kind="crm",
    format="csv",
    file=crm.FILE,
    trust_rank=75,
    mapping=RowMapping(
        record=RecordPart(key=("客户编号",)),
        attributes={
            "联系人": "name",
            "职务": "job_title",
            "手机": "phone",
            "邮箱": "email",
            "生日": "birth_date",
            "联系地址": "address",
            "公司名称": "company",
        },
        identifiers={"客户编号": "crm_id"},
        occurred_at="创建时间",
        organisation=OrganisationPart(
            key=("公司编号",),
            prefix="company:",
            attributes={"公司名称": "name", "公司电话": "phone", "公司地址": "address"},
        ),
    ),
)

MAIL = SourceManifest(
    slug="mail",
    name="邮件列表",
    kind="mail",
    format="csv",
    file=mail.FILE,
    trust_rank=60,
    time_zone="UTC",
    mapping=RowMapping(
        record=RecordPart(key=("email",)),
        attributes={"email": "email", "name": "name"},
        occurred_at="consent_at",
        consent=(
            ConsentPart(
                purpose="=marketing", channel="=email", state="=granted", occurred_at="consent_at",
                proof={"origin": "signup_source"},
            ),
            ConsentPart(purpose="=marketing", channel="=email", state="=withdrawn", occurred_at="opt_out_at"),
        ),
    ),
)  # fmt: skip

SOURCE_MANIFESTS = (WEB, WECHAT, SHOP, MARKET, TILL, CALL, CRM, MAIL)


def write_manifest(exports: Path, *, people: int, seed: int, today: date, rows: dict[str, int]) -> None:
    sources = tuple(msgspec.structs.replace(source, rows=rows[source.slug]) for source in SOURCE_MANIFESTS)
    text = msgspec.json.format(msgspec.json.encode(Manifest(people, seed, today, sources)), indent=2)
    (exports / "manifest.json").write_bytes(text + b"\n")


def read_manifest(exports: Path) -> Manifest:
    return msgspec.json.decode((exports / "manifest.json").read_bytes(), type=Manifest)
