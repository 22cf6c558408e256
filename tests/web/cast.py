"""A small company for the tests of pages: five sources, some people one knows, a crowd, and what happened with them.

Everything goes down the road as it would in life: appended to the inbox, then worked by the pipeline.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from kehu.clean.canonical_records import CanonicalRecord, encode_record
from kehu.clean.models import RuleSetVersion
from kehu.clean.rules.rule import Flag, LookUp, Outcome, Pattern, Range, Required, Rule, RuleSet
from kehu.clean.services import save_rules
from kehu.clean.touches import (
    ConsentFact,
    EventFact,
    Identifier,
    LineFact,
    OrderFact,
    PaymentFact,
    RecordRef,
    RelationFact,
)
from kehu.collect.inbox import NewMessage, append
from kehu.collect.models import Source
from kehu.core.database import current_connection
from kehu.govern.access import SYSTEM
from kehu.govern.models import Department, Role, User
from kehu.leader import run_to_quiescence
from kehu.pipeline import WindowReport
from kehu.quality.measuring import measure
from tests.web.logins import PASSWORD

SOURCES = (
    ("wechat", "微信小程序", "wechat", 80),
    ("shop", "官网商城", "shop", 70),
    ("market", "天猫旗舰店", "market", 60),
    ("till", "门店收银", "till", 75),
    ("crm", "旧 CRM", "crm", 40),
    ("call", "呼叫中心", "call", 55),
)
RULES = RuleSet(
    (
        Rule(
            "city",
            "城市写法统一",
            LookUp("city", {"沪": "上海", "上海市": "上海", "SH": "上海"}),
            note="报表按城市汇总",
        ),
        Rule("phone-cn", "手机号为大陆号码", Pattern("phone", r"\+861\d{10}")),
        Rule("birth-date", "出生日期合理", Range("birth_date", "1970-01-01", "today")),
        Rule("email-required", "商城顾客要有邮箱", Required("email"), sources=("shop",)),
        Rule("tests", "测试数据不入库", Flag('has(a.nickname) && a.nickname.contains("压测")'), Outcome.QUARANTINE),
    )
)
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英"
PLACES = (
    "上海市浦东新区世纪大道 {n} 号",
    "杭州市西湖区文三路 {n} 号",
    "北京市朝阳区建国路 {n} 号",
    "成都市武侯区天府大道 {n} 号",
    "广州市天河区体育西路 {n} 号",
    "南京市鼓楼区中山路 {n} 号",
)
GOODS = (
    ("婴儿推车 轻便款", 1199),
    ("儿童安全座椅 Pro", 1299),
    ("连体衣 3 件装", 159),
    ("湿巾 80 抽 × 12", 89),
    ("奶瓶 240 ml", 68),
)


def make_people() -> dict[str, User]:
    """One login per role that pages tell apart; e-mail <name>@example.com, password PASSWORD. Eve reads English."""
    east, _ = Department.objects.get_or_create(name="华东一组")
    cast = {
        "chen": ("陈静", "administrator", "zh-hans"),
        "eve": ("Eve Martin", "administrator", "en"),
        "li": ("李娜", "rep", "zh-hans"),
        "zhao": ("赵敏", "auditor", "zh-hans"),
    }
    return {
        key: User.objects.filter(email=f"{key}@example.com").first()
        or User.objects.create_user(
            f"{key}@example.com",
            PASSWORD,
            name=name,
            language=language,
            department=east,
            role=Role.objects.get(slug=role),
        )
        for key, (name, role, language) in cast.items()
    }


def make_sources() -> dict[str, Source]:
    return {
        slug: Source.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name,
                "kind": kind,
                "trust_rank": trust,
                "is_trusted": True,
                "write_key": f"wk_{slug}",
                "order_namespace": "tm" if slug == "market" else slug,
            },
        )[0]
        for slug, name, kind, trust in SOURCES
    }


def send(source: Source, records: list[CanonicalRecord], prefix: str = "m") -> None:
    """Append the records as messages of the source. Message ids follow from prefix and place, so twice is once."""
    with transaction.atomic():
        append(
            current_connection(),
            [
                NewMessage(source.pk, "record", f"{prefix}-{number}", encode_record(record), record.external_id)
                for number, record in enumerate(records)
            ],
        )


def zhang_wei(now: datetime) -> Iterator[tuple[str, CanonicalRecord]]:
    """One person in six systems, with years behind him."""

    def ago(**span: float) -> datetime:
        return now - timedelta(**span)

    phone, email, address = "13800131234", "zhangwei@example.com", "上海市浦东新区世纪大道 88 号 2 单元 1203"
    member = Identifier("member_id", "M0082371")
    yield (
        "crm",
        CanonicalRecord(
            "C-2019-118",
            occurred_at=ago(days=2456),
            attributes={
                "name": "张伟先生",
                "phone": phone,
                "address": "杭州市西湖区文三路 12 号",
                "job_title": "采购经理",
                "company": "上海远恒智能科技有限公司",
            },
            relations=[RelationFact(RecordRef("crm", "O-77"), "contact_of", {"title": "采购经理"})],
            events=[
                EventFact("crm-1", "Visit", "contact", ago(days=320), {"note": "看了婴儿推车样品", "agent": "李娜"})
            ],
        ),
    )
    yield (
        "wechat",
        CanonicalRecord(
            "oK3x19f",
            occurred_at=ago(days=1),
            attributes={"nickname": "伟哥在路上", "phone": phone, "gender": "男", "city": "上海"},
            identifiers=[Identifier("unionid", "oK3xQ7f0aa9f"), member],
            consents=[
                ConsentFact("marketing", "sms", "granted", ago(days=400)),
                ConsentFact("service", "wechat", "granted", ago(days=400)),
                ConsentFact("marketing", "phone", "withdrawn", ago(days=80)),
            ],
            events=[
                EventFact("wx-1", "Product Viewed", "behaviour", ago(hours=1), {"name": GOODS[1][0], "seconds": 252}),
                EventFact("wx-2", "Product Viewed", "behaviour", ago(hours=1.2), {"name": GOODS[1][0]}),
                EventFact("wx-3", "Campaign Message Clicked", "marketing", ago(days=2), {"name": "金卡生日月"}),
            ],
        ),
    )
    yield (
        "shop",
        CanonicalRecord(
            "u-90412",
            occurred_at=ago(days=30),
            attributes={"name": "張偉", "phone": "+86 138 0013 1234", "email": email, "address": address},
            identifiers=[member],
            orders=list(_orders("shop", "SO", now, Random(5), 5, RecordRef("shop", "u-90412"))),
        ),
    )
    yield (
        "market",
        CanonicalRecord(
            "tb_8812",
            occurred_at=ago(days=2),
            attributes={"name": "张*", "phone": phone, "email": email, "address": address},
            orders=[_returned_order(ago)],
        ),
    )
    yield (
        "till",
        CanonicalRecord(
            "POS-M0082371",
            occurred_at=ago(days=19),
            attributes={"name": "张伟", "birth_date": "1988-06-17", "phone": "138-0013-1234"},
            identifiers=[member],
            orders=list(_orders("till", "ZD", now, Random(9), 4, RecordRef("till", "POS-M0082371"))),
        ),
    )
    asked = {"subject": "询问退货进度", "agent": "王芳", "seconds": 205, "text": "上周退的推车什么时候能退款？"}
    yield (
        "call",
        CanonicalRecord(
            "138-1234",
            occurred_at=ago(hours=4),
            attributes={"name": "张先生", "phone": phone, "birth_date": "1988-07-16"},
            identifiers=[member],
            events=[
                EventFact("call-1", "Call Received", "service", ago(hours=4), asked),
                EventFact("call-2", "Ticket Opened", "service", ago(hours=5), {"subject": "T-20931 退货退款"}),
            ],
        ),
    )


def _returned_order(ago: Callable[..., datetime]) -> OrderFact:
    return OrderFact(
        "tm",
        "TM88120394",
        ago(days=2),
        status="refunded",
        placed_at=ago(days=9),
        currency="CNY",
        total=Decimal(1299),
        buyer=RecordRef("market", "tb_8812"),
        lines=(
            LineFact("1", "B-01", "婴儿推车 轻便款", Decimal(1), Decimal(1199), Decimal(1199)),
            LineFact("2", "B-09", "雨罩", Decimal(1), Decimal(100), Decimal(100)),
        ),
        payments=(
            PaymentFact("p1", Decimal(1299), "payment", "alipay", ago(days=9)),
            PaymentFact("r1", Decimal(1299), "refund", "alipay", ago(days=2)),
        ),
    )


def relatives(now: datetime) -> Iterator[tuple[str, CanonicalRecord]]:
    """The company he buys for, and his wife: related, not the same. His brother may be he himself."""
    at = now - timedelta(days=90)
    company: dict[str, str | None] = {
        "name": "上海远恒智能科技有限公司",
        "phone": "021-58001121",
        "address": "上海市浦东新区张江路 500 号",
    }
    wife: dict[str, str | None] = {
        "name": "李娟",
        "phone": "13916006688",
        "address": "上海市浦东新区世纪大道 88 号 2 单元 1203",
    }
    brother: dict[str, str | None] = {
        "name": "张大伟",
        "phone": "13917770000",
        "email": "dawei.z@example.org",
        "address": "上海市浦东新区世纪大道 88 号 2 单元 1203",
    }
    home = RelationFact(RecordRef("till", "POS-M0082371"), "household", {"by": "address"})
    yield "crm", CanonicalRecord("O-77", "organisation", at, company)
    yield "shop", CanonicalRecord("u-77001", "person", at, brother)
    yield "till", CanonicalRecord("POS-22", "person", at, wife, relations=[home])


def look_alikes(now: datetime, pairs: int = 9) -> Iterator[tuple[str, CanonicalRecord]]:
    """Pairs that a machine should leave to a person, of three kinds, so that some are unsure under any model:
    a shorter given name at the same door, the bare name and nothing else, and one phone with another birthday."""
    rng = Random(3)
    for number in range(pairs):
        surname, phone = SURNAMES[number], f"1370000{number:04}"
        given = "".join(rng.sample(GIVEN, 2))
        at = now - timedelta(days=rng.randint(5, 300))
        place = rng.choice(PLACES).format(n=900 + number)
        left: dict[str, str | None] = {"name": surname + given, "birth_date": f"196{number}-01-02"}
        right: dict[str, str | None] = {"name": surname + given, "email": f"la{number}@example.org"}
        match number % 3:
            case 0:
                left |= {"address": place}
                right |= {"name": surname + given[0], "address": place, "birth_date": f"199{number}-05-23"}
            case 1:
                left |= {"company": "远恒商贸"}
            case _:
                left |= {"name": f"{surname}先生", "phone": phone}
                right |= {"phone": phone, "birth_date": f"199{number}-05-23"}
        yield "crm", CanonicalRecord(f"LA-{number}", occurred_at=at, attributes=left)
        yield "shop", CanonicalRecord(f"la-{number}", occurred_at=at, attributes=right)


def crowd(now: datetime, people: int = 60) -> Iterator[tuple[str, CanonicalRecord]]:
    rng = Random(11)
    for number in range(people):
        name = rng.choice(SURNAMES) + rng.choice(GIVEN) + rng.choice(["", rng.choice(GIVEN)])
        phone = f"13{rng.randint(0, 9)}{rng.randint(10_000_000, 99_999_999)}"
        at = now - timedelta(hours=rng.randint(1, 4000))
        attributes: dict[str, str | None] = {
            "name": name,
            "phone": phone,
            "address": rng.choice(PLACES).format(n=rng.randint(1, 999)),
        }
        if rng.random() < 0.5:
            attributes["email"] = f"user{number}@example.org"
        homes = rng.sample(["wechat", "shop", "till", "crm", "market"], rng.choice([1, 1, 2, 3]))
        for source in homes:
            key = f"{source}-{number}"
            orders = list(_orders(source, f"N{number}", now, rng, rng.choice([0, 1, 3]), RecordRef(source, key)))
            yield source, CanonicalRecord(key, occurred_at=at, attributes=attributes, orders=orders)


def _orders(source: str, prefix: str, now: datetime, rng: Random, count: int, buyer: RecordRef) -> Iterator[OrderFact]:
    for number in range(count):
        at = now - timedelta(days=rng.randint(3, 600), minutes=rng.randint(0, 1000))
        chosen = rng.sample(GOODS, rng.choice([1, 2]))
        total = Decimal(sum(price for _, price in chosen))
        yield OrderFact(
            "tm" if source == "market" else source,
            f"{prefix}{at:%y%m%d}{number:02}",
            at,
            status="completed",
            placed_at=at,
            currency="CNY",
            total=total,
            buyer=buyer,
            lines=tuple(
                LineFact(str(i), f"G{i}", name, Decimal(1), Decimal(p), Decimal(p))
                for i, (name, p) in enumerate(chosen)
            ),
            payments=(PaymentFact("p", total, "payment", "wechatpay", at),),
        )


def work() -> WindowReport:
    """Let the pipeline take what waits; the sum of its reports."""
    return run_to_quiescence(current_connection())


def build_company(now: datetime | None = None, people: int = 60) -> None:
    """People, sources, records, and one message that nobody can read."""
    moment = now or datetime.now(UTC)
    make_people()
    sources = make_sources()
    if not RuleSetVersion.objects.exists():
        save_rules(RULES, base_version=0, actor=SYSTEM, note="第一版")
    by_source: dict[str, list[CanonicalRecord]] = {}
    for slug, record in [*zhang_wei(moment), *relatives(moment), *look_alikes(moment), *crowd(moment, people)]:
        by_source.setdefault(slug, []).append(record)
    for slug, records in by_source.items():
        send(sources[slug], records)
    bad = [b'{"external_id": "x-1", "attributes": {"name": 12}}', b"name;phone\n"]
    with transaction.atomic():
        append(
            current_connection(),
            [
                NewMessage(
                    source_id=sources["shop"].pk, kind="record", message_id=f"bad-{n}", payload=body, shard_key="x"
                )
                for n, body in enumerate(bad)
            ],
        )
    work()
    measure(moment.date())
