"""Organisations: compared by name, branch, region, licence, domain and phone; related with evidence, never merged."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from kehu import rebuild
from kehu.core.errors import NotFound
from kehu.govern.access import SYSTEM
from kehu.profile.organisations.comparison import SAME_FROM, compare, read_facts
from kehu.profile.organisations.finding import MOST_SHARING
from kehu.profile.organisations.names import own_domain, read_name
from kehu.profile.organisations.queries import organisation_list, organisation_view, people_of
from kehu.profile.relations.queries import relations_of
from tests.pipeline.cast import DAY, Road3, road_of
from tests.pipeline.test_merge_and_unmerge import customer_of
from tests.profile.test_relations import relation_rows, settle_all, tell, tie


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


@pytest.mark.parametrize(
    ("text", "core", "branch"),
    [
        ("腾讯科技(深圳)有限公司", "腾讯科技", ""),
        ("騰訊科技（深圳）有限公司上海分公司", "腾讯科技", "上海分公司"),
        ("远恒智能科技有限公司杭州办事处", "远恒智能科技", "杭州办事处"),
        ("招商银行股份有限公司杭州分行", "招商银行", "杭州分行"),
        ("中国工商银行中关村支行", "工商银行", "中关村支行"),
        ("海底捞火锅（中关村店）", "海底捞火锅", "中关村店"),
        ("Acme Trading Ltd, Shanghai Branch", "acmetrading", "Shanghai Branch"),
        ("Acme Trading Ltd", "acmetrading", ""),
    ],
)
def test_a_branch_is_read_apart_from_the_name_of_the_firm(text: str, core: str, branch: str) -> None:
    name = read_name(text)
    assert name is not None
    assert (name.core, name.branch) == (core, branch)


@pytest.mark.parametrize(
    ("website", "email", "domain"),
    [
        ("https://www.yuanheng.com.cn/about", "", "yuanheng.com.cn"),
        ("shop.acme.com", "", "acme.com"),
        ("", "sales@mail.acme.co.uk", "acme.co.uk"),
        ("https://weibo.com/yuanheng", "li@yuanheng.cn", "yuanheng.cn"),
        ("", "yuanheng@qq.com", ""),
        ("192.168.0.1", "", ""),
        ("无", "", ""),
    ],
)
def test_a_domain_counts_only_where_it_is_their_own(website: str, email: str, domain: str) -> None:
    assert own_domain(website, email) == domain


def firm(name: str, **said: str) -> dict[str, dict[str, str]]:
    return {"name": {"v": name}, **{key: {"v": value, "n": value} for key, value in said.items()}}


YUANHENG = firm("上海远恒智能科技有限公司", phone="+862158001121", tax_no="91310115MA1K3XYZ0A", website="yuanheng.cn")
PAIRS = [
    ("branch_of", YUANHENG, firm("上海远恒智能科技有限公司杭州分公司"), "a branch by its name"),
    (
        "branch_of",
        YUANHENG,
        firm("远恒智能科技有限公司杭州分公司", tax_no="91330106MA2XXXXX1B"),
        "with papers of its own",
    ),
    (
        "same_as",
        YUANHENG,
        firm("上海远恒智能科技有限责任公司", address="上海市浦东新区张江路500号"),
        "the same name there",
    ),
    ("same_as", YUANHENG, firm("远恒商贸", tax_no="91310115MA1K3XYZ0A"), "one licence, another name"),
    ("same_as", YUANHENG, firm("远恒智能科技(北京)有限公司", phone="+862158001121"), "other place, same switchboard"),
    ("affiliate_of", YUANHENG, firm("华星物流有限公司", website="http://logistics.yuanheng.cn"), "one domain"),
    (None, YUANHENG, firm("北京远恒智能科技有限公司"), "the same name elsewhere, nothing else"),
    (None, firm("宏达有限公司"), firm("宏达有限公司"), "a short name, which many have"),
    (None, firm("远恒智能科技", tax_no="A1"), firm("远恒智能科技", tax_no="B2"), "two licences"),
    (None, firm("北京银行上海分行"), firm("北京银行杭州分行"), "sisters: both hang on the head office"),
    (None, YUANHENG, firm("万通百货有限公司"), "nothing in common"),
]


@pytest.mark.parametrize(("kind", "left", "right"), [case[:3] for case in PAIRS], ids=[case[3] for case in PAIRS])
def test_what_two_organisations_are_to_each_other(kind: str | None, left: Any, right: Any) -> None:
    found, turned = compare(read_facts(left), read_facts(right)), compare(read_facts(right), read_facts(left))
    assert (found and found.kind) == (turned and turned.kind) == kind
    if found and turned:
        assert found.evidence == turned.evidence
        assert found.bits >= (SAME_FROM if kind == "same_as" else 5)
        assert found.is_left_first is not turned.is_left_first or kind != "branch_of"


FIRMS = {
    "head": {"name": "远恒智能科技有限公司", "website": "https://yuanheng.cn"},
    "hangzhou": {"name": "远恒智能科技有限公司杭州分公司", "phone": "0571-8800120"},
    "again": {"name": "遠恆智能科技有限公司", "email": "info@yuanheng.cn"},
}


def test_branches_and_look_alikes_are_related_and_nobody_is_merged_in_any_order(road: Road3, kehu_db: Any) -> None:
    seen = set()
    for turn, order in enumerate(permutations(FIRMS)):
        for key in order:
            said = {
                name: text.replace("yuanheng", f"yuanheng{turn}").replace("0571-8800120", f"0571-8800120{turn}")
                for name, text in FIRMS[key].items()
            }
            said["name"] = said["name"].replace("智能", "甲乙丙丁戊己"[turn] * 2)
            tell(road, "crm", f"{turn}-{key}", kind="organisation", attributes=said)
            road.settle()
        owner = {customer_of(road, f"{turn}-{key}"): key for key in FIRMS}
        assert len(owner) == 3
        seen.add(
            tuple(
                sorted(
                    (owner[customer], line.kind, line.side.value, owner[line.customer_id])
                    for customer in owner
                    for line in relations_of(SYSTEM, customer).lines
                )
            )
        )
    assert seen == {
        (
            ("again", "branch_of", "right", "hangzhou"),
            ("again", "same_as", "left", "head"),
            ("hangzhou", "branch_of", "left", "again"),
            ("hangzhou", "branch_of", "left", "head"),
            ("head", "branch_of", "right", "hangzhou"),
            ("head", "same_as", "left", "again"),
        )
    }
    before = relation_rows(road)
    generation = rebuild.start(actor_id=None)
    rebuild.build(kehu_db.dsn("migrate"), generation)
    rebuild.swap(kehu_db.dsn("migrate"), generation)
    assert relation_rows(road) == before


def test_the_evidence_sums_to_what_it_weighs(road: Road3) -> None:
    for key in ("head", "again"):
        tell(road, "crm", key, kind="organisation", attributes=FIRMS[key])
    road.settle()
    [line] = relations_of(SYSTEM, customer_of(road, "head")).lines
    detail = line.evidence[0].detail
    assert [one["what"] for one in detail["evidence"]] == ["name_core", "suffix", "domain"]
    assert detail["bits"] == sum(one["bits"] for one in detail["evidence"])


def test_a_domain_that_too_many_share_says_nothing_until_some_leave(road: Road3) -> None:
    def others(day: int) -> list[str]:
        road.settle()
        return [line.kind for line in relations_of(SYSTEM, customer_of(road, "f0"), limit=200).lines]

    names = [f"{a}{b}物流有限公司" for a in "华万宏远金" for b in "星通达恒利"]
    for number, name in enumerate(names[:MOST_SHARING]):
        said = {"name": name, "website": "https://park.cn"}
        tell(road, "crm", f"f{number}", kind="organisation", attributes=said)
    assert others(0) == ["affiliate_of"] * (MOST_SHARING - 1)
    tell(road, "crm", "f20", kind="organisation", attributes={"name": names[20], "website": "https://park.cn"})
    assert others(1) == []
    tell(road, "crm", "f20", kind="organisation", day=1, attributes={"name": names[20], "website": "https://own.cn"})
    assert others(2) == ["affiliate_of"] * (MOST_SHARING - 1)


def test_a_firm_that_changes_its_name_loses_what_the_old_one_tied(road: Road3) -> None:
    for key in ("head", "hangzhou"):
        tell(road, "crm", key, kind="organisation", attributes=FIRMS[key])
    road.settle()
    head = customer_of(road, "head")
    assert [line.kind for line in relations_of(SYSTEM, head).lines] == ["branch_of"]
    tell(road, "crm", "head", kind="organisation", day=1, attributes={"name": "万通百货有限公司"})
    road.settle()
    assert relations_of(SYSTEM, head).lines == []


def order(number: str, total: int, status: str = "completed", **who: str) -> dict[str, Any]:
    ends = {key: {"source": "crm", "external_id": external} for key, external in who.items()}
    at = DAY.isoformat()
    return {"namespace": "crm", "number": number, "at": at, "status": status, "placed_at": at, "currency": "CNY",
            "total": str(total), **ends}  # fmt: skip


def test_an_organisations_orders_are_rolled_up_over_its_people_and_what_stands_below_it(road: Road3) -> None:
    settle_all(road)
    tell(road, "crm", "east", kind="organisation", day=1, relations=[tie("head", "subsidiary_of")])
    tell(road, "crm", "shop", kind="organisation", day=1, relations=[tie("east", "branch_of")])
    left_long_ago = tie("head", "employee_of", until="2020-01-01")
    tell(road, "crm", "chen", day=1, relations=[left_long_ago], orders=[order("c1", 999, buyer="chen")])
    orders = [
        order("l1", 100, buyer="lin", organisation="head"),
        order("l2", 20, buyer="lin"),
        order("l3", 5000, status="cancelled", buyer="lin", organisation="head"),
    ]
    tell(road, "crm", "lin", day=1, relations=[tie("head", "contact_of", role="采购经理")], orders=orders)
    tell(road, "crm", "shop", kind="organisation", day=2, orders=[order("s1", 7)])
    road.settle()
    head = customer_of(road, "head")
    view = organisation_view(SYSTEM, head)
    figures = [[(one.currency, one.orders, int(one.amount)) for one in sums]
               for sums in (view.own, view.beneath, view.by_people, view.together)]  # fmt: skip
    assert figures == [[("CNY", 1, 100)], [("CNY", 1, 7)], [("CNY", 1, 20)], [("CNY", 3, 127)]]
    assert view.people_count == 1
    assert {(one.number, one.through) for one in view.orders} == {("l1", "林晓梅"), ("l3", "林晓梅")}
    assert [line.role for line in people_of(SYSTEM, head).lines] == ["采购经理", ""]
    listed = {line.customer.id: line for line in organisation_list(SYSTEM).lines}
    assert len(listed) == 3
    assert (listed[head].people, listed[head].below, [money.amount for money in listed[head].sums]) == (1, 1, [100])
    with pytest.raises(NotFound):
        organisation_view(SYSTEM, customer_of(road, "lin"))
