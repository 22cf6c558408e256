"""Addresses in parts, by tables and by what must hold for any text."""

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.clean.real_values import measure_addresses
from kehu.clean.chinese_addresses import split_chinese_address, split_in_steps
from kehu.clean.divisions import find_place, place_at_head
from kehu.clean.postal_addresses import PostalAddress

MARKED = Path(__file__).resolve().parents[3] / "shared" / "data" / "zh_address_parsing" / "dev.parquet"


def read(text: str) -> PostalAddress:
    parsed = PostalAddress.parse(text)
    assert parsed is not None
    return parsed


PLACES = {
    "whole": ("广东省深圳市南山区科技园路1号", "广东省", "深圳市", "南山区", "440305"),
    "province left out": ("深圳市南山区科技园路1号", "广东省", "深圳市", "南山区", "440305"),
    "suffixes left out": ("广东深圳南山区科技园路1号", "广东省", "深圳市", "南山区", "440305"),
    "blanks between": ("广东省 深圳市 南山区 科技园路1号", "广东省", "深圳市", "南山区", "440305"),
    "country before": ("中国广东省深圳市南山区", "广东省", "深圳市", "南山区", "440305"),
    "city twice": ("宁波宁波市鄞州区横街镇", "浙江省", "宁波市", "鄞州区", "330212"),
    "all twice": ("浙江省宁波市慈溪市宁波市慈溪市浒山街道", "浙江省", "宁波市", "慈溪市", "330282"),
    "municipality": ("北京市朝阳区建国路88号", "北京市", "北京市", "朝阳区", "110105"),
    "municipality twice": ("北京市北京市朝阳区建国路88号", "北京市", "北京市", "朝阳区", "110105"),
    "municipality with filler": ("北京市市辖区朝阳区建国路88号", "北京市", "北京市", "朝阳区", "110105"),
    "上海浦东": ("上海浦东张江路100弄", "上海市", "上海市", "浦东新区", "310115"),
    "a street named after a place": ("上海浦东南路100号", "上海市", "上海市", "", "310000"),
    "a gate named after a place": ("北京朝阳门外大街1号", "北京市", "北京市", "", "110000"),
    "a road named after a city": ("南京西路100号", "", "", "", ""),
    "autonomous region": ("内蒙古呼和浩特新城区中山路1号", "内蒙古自治区", "呼和浩特市", "新城区", "150102"),
    "autonomous region whole": ("广西壮族自治区南宁市青秀区民族大道1号", "广西壮族自治区", "南宁市", "青秀区",
    "450103"),
    "autonomous prefecture": ("云南文山壮族苗族自治州丘北县", "云南省", "文山壮族苗族自治州", "丘北县", "532626"),
    "prefecture by its short name": ("湖北恩施州恩施市", "湖北省", "恩施土家族苗族自治州", "恩施市", "422801"),
    "county of no city": ("省直辖县级行政区划潜江市绿地华府", "湖北省", "", "潜江市", "429005"),
    "county city alone": ("桐乡市香榭公馆3栋1单元101", "浙江省", "嘉兴市", "桐乡市", "330483"),
    "county city by its bare name": ("义乌福田街道", "浙江省", "金华市", "义乌市", "330782"),
    "county alone": ("永仁县新华大道1号", "云南省", "楚雄彝族自治州", "永仁县", "532327"),
    "district of many cities": ("朝阳区建国路88号", "", "", "朝阳区", ""),
    "district under its former kind": ("偃师市长江北路719号", "河南省", "洛阳市", "偃师区", "410307"),
    "district dissolved": ("宁波市江东区金家一路", "浙江省", "宁波市", "鄞州区", "330212"),
    "county renamed": ("西安市户县人民路1号", "陕西省", "西安市", "鄠邑区", "610118"),
    "county renamed, without its city": ("绍兴县安昌镇", "浙江省", "绍兴市", "柯桥区", "330603"),
    "district by a bare name no other has": ("萧山闻堰街道", "浙江省", "杭州市", "萧山区", "330109"),
    "bare city before a district": ("杭州西湖区文三路1号", "浙江省", "杭州市", "西湖区", "330106"),
    "null between": ("浙江省丽水市null浙江省丽水市遂昌县新路湾镇", "浙江省", "丽水市", "遂昌县", "331123"),
    "what a form proposed, then the place": ("湖北省黄冈市黄梅县中国浙江省杭州市江干区杭海路1号", "浙江省", "杭州市",
    "上城区", "330102"),
    "after a street": ("天山路街道上海市长宁区天山路9号", "上海市", "上海市", "长宁区", "310105"),
    "a road that begins like a city": ("杭州市萧山市心中路1号", "浙江省", "杭州市", "萧山区", "330109"),
    "a township that begins like a county": ("白水洋镇后溪路1号", "", "", "", ""),
    "a simplified character too many": ("咸阳市乾县城关街道", "陕西省", "咸阳市", "乾县", "610424"),
    "prefecture under its former kind": ("那曲地区比如县", "西藏自治区", "那曲市", "比如县", "540622"),
    "city without districts": ("东莞市南城街道", "广东省", "东莞市", "", "441900"),
    "province and city of one name": ("吉林省吉林市昌邑区", "吉林省", "吉林市", "昌邑区", "220202"),
    "city and county of one name": ("吉林通化通化县", "吉林省", "通化市", "通化县", "220521"),
    "Taiwan, traditional": ("臺北市大安區忠孝東路四段100號", "台湾省", "台北市", "大安区", "710000"),
    "Hong Kong": ("香港九龙油尖旺区弥敦道100号", "香港特别行政区", "九龙", "油尖旺区", "810000"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "province", "city", "district", "code"), PLACES.values(), ids=PLACES.keys())
def test_divisions_are_named_officially(text: str, province: str, city: str, district: str, code: str) -> None:
    parsed = read(text)
    assert (parsed.province, parsed.city, parsed.district, parsed.region_code) == (province, city, district, code)


LOCAL = {
    "road and number": ("南山区科技园路88号", {"road": "科技园路", "number": "88"}),
    "number without 号": ("莱山区北京西大道174", {"road": "北京西大道", "number": "174"}),
    "lane": ("上海浦东张江路100弄5号302室", {"road": "张江路", "number": "100-5", "room": "302"}),
    "courtyard": ("朝阳区建国路甲12号院3号楼1单元1001", {"number": "甲12", "building": "3", "unit": "1"}),
    "section of a road": ("人民南路二段５号", {"road": "人民南路二段", "number": "5"}),
    "estate": ("桐乡市香榭公馆5号楼4单元1602室", {"estate": "香榭公馆", "building": "5", "unit": "4", "room": "1602"}),
    "estate with 幢": ("南山区保利新城31幢3204室", {"estate": "保利新城", "building": "31", "unit": "",
    "room": "3204"}),
    "estate with dashes": ("南山区阳光小区10-3-3201", {"estate": "阳光小区", "building": "10", "unit": "3",
    "room": "3201"}),
    "two numbers with a dash": ("海宁市海洲街道流星花园8-1109", {"street": "海洲街道", "building": "8",
    "room": "1109"}),
    "blanks for dashes": ("湖畔新城 3 501", {"estate": "湖畔新城", "building": "3", "room": "501"}),
    "tower": ("莫干山路1744号美都广场C座1391", {"estate": "美都广场", "building": "C", "room": "1391"}),
    "Chinese numerals": ("阳光小区三栋二单元五零一室", {"building": "3", "unit": "2", "room": "501"}),
    "full-width": ("阳光小区３栋２单元５０１室", {"building": "3", "unit": "2", "room": "501"}),
    "road in brackets": ("阳光小区3栋501室(光明路1997号)", {"estate": "阳光小区", "road": "光明路", "number": "1997"}),
    "full-width brackets": ("阳光小区3栋501室（光明路1997号）", {"road": "光明路", "number": "1997", "room": "501"}),
    "door in brackets": ("光明路1997号(阳光小区3栋501室)", {"estate": "阳光小区", "road": "光明路", "building": "3"}),
    "road and estate": ("光明路19号阳光小区3栋2单元501", {"road": "光明路", "estate": "阳光小区", "room": "501"}),
    "village": ("义乌市福田街道下沈村107号", {"street": "福田街道", "road": "下沈村", "number": "107"}),
    "town": ("西湖区三墩镇丰盛九座1302", {"street": "三墩镇", "estate": "丰盛", "building": "9", "room": "1302"}),
    "park before the road": ("康桥工业区康惠路11号14楼", {"road": "康惠路", "number": "11", "building": ""}),
    "postcode behind": ("北京市海淀区中关村大街1号 100080", {"road": "中关村大街", "postcode": "100080"}),
    "postcode named": ("北京市海淀区中关村大街1号(邮编:100080)", {"road": "中关村大街", "postcode": "100080"}),
    "postcode before": ("100080 北京市海淀区中关村大街1号", {"road": "中关村大街", "postcode": "100080"}),
    "town whose name ends a road": ("桐庐县望乡路8号", {"street": "", "road": "望乡路", "number": "8"}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "parts"), LOCAL.values(), ids=LOCAL.keys())
def test_road_estate_and_door(text: str, parts: dict[str, str]) -> None:
    parsed = read(text)
    assert {name: getattr(parsed, name) for name in parts} == parts


PARTS = {
    "township without its kind": ("余杭区闲林五常大道1号", {"street": "闲林街道", "road": "五常大道"}),
    "township renamed": ("余杭区闲林镇五常大道1号", {"street": "闲林街道", "street_code": "330110011"}),
    "township that completes the district": (
        "杭州市闲林街道五常大道1号", {"district": "余杭区", "region_code": "330110"}
    ),
    "township of several cities completes nothing": ("浙江省城关镇人民路1号", {"district": "", "street_code": ""}),
    "township alone completes nothing": ("闲林街道五常大道1号", {"province": "", "region_code": ""}),
    "district in force stays": ("杭州市余杭区乔司街道永玄路1号", {"district": "余杭区", "street_code": "330113005"}),
    "part of a dissolved district": ("杭州市江干区下沙街道2号大街10号", {"district": "钱塘区", "road": "2号大街"}),
    "zone": ("杭州经济技术开发区盛安路57号", {"zone": "经济技术开发区", "road": "盛安路", "number": "57"}),
    "village": ("永康市方岩镇下宅村万里公路832弄125号", {"community": "下宅村", "number": "832-125"}),
    "village without 村": ("福田街道下骆宅紫金北路593号", {"community": "下骆宅", "road": "紫金北路"}),
    "group of a village": ("余杭区乔司街道永西六组197号", {"community": "永西", "road": "永西六组", "number": "197"}),
    "road named after what stands there": ("瓯海区学院东路11号", {"road": "学院东路", "estate": ""}),
    "road after a company": ("越城区检察院卧龙路189号", {"road": "卧龙路", "estate": "检察院"}),
    "lane of a road": ("义乌市民主路西巷144号", {"road": "民主路西巷", "number": "144"}),
    "section of a road": ("顺城区新路中段6号", {"road": "新路中段", "number": "6"}),
    "row of houses": ("婺城区荣昌大道389-399号", {"number": "389-399"}),
    "house and door": ("鄞州区紫金街154-8", {"number": "154"}),
    "floor": ("拱墅区莫干山路10号美都广场C座十五楼1391", {"building": "C", "floor": "15", "room": "1391"}),
    "block": ("义乌市稠山二区49-4-10", {"estate": "稠山二区", "building": "49", "unit": "4", "room": "10"}),
    "remark": ("桐乡市濮院镇海纳花园3幢2单元501室电联", {"estate": "海纳花园", "unit": "2", "room": "501"}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "parts"), PARTS.values(), ids=PARTS.keys())
def test_what_stands_between_district_and_door(text: str, parts: dict[str, str]) -> None:
    parsed = read(text)
    assert {name: getattr(parsed, name) for name in parts} == parts


SAME_DOOR = [
    ("山东省烟台市莱山区保利新城31幢3204室", "莱山区保利新城31栋3204"),
    ("山东省 烟台市 莱山区 北京西大道174号", "烟台莱山区北京西大道174号"),
    ("深圳市南山区阳光小区10栋3单元3201室", "广东深圳南山区阳光小区10-3-3201"),
    ("深圳市南山区陽光小區10棟3單元3201室", "深圳市南山区阳光小区十栋三单元3201"),
    ("阳光小区3栋501室(光明路1997号)", "光明路1997号阳光小区3幢501"),
    ("123 Main St, Springfield, IL 62704", "123 main street, springfield, il 62704"),
]


@pytest.mark.parametrize(("one", "other"), SAME_DOOR)
def test_one_door_has_one_key(one: str, other: str) -> None:
    assert read(one).key == read(other).key != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("南山区阳光小区10-3-3201", "南山区阳光小区10-3-3202"),
        ("南山区光明路1号", "福田区光明路2号"),
        ("杭州市光明路1号", "宁波市光明路1号"),
    ],
)
def test_two_doors_have_two_keys(one: str, other: str) -> None:
    assert read(one).key != read(other).key


@pytest.mark.parametrize("text", ["广东省深圳市", "南山区科技园", "光明路", "Springfield"])
def test_what_is_too_thin_has_no_key(text: str) -> None:
    assert read(text).key == ""


WORLD = {
    "American": (
        "123 Main St, Apt 4B, Springfield, IL 62704, USA",
        {
            "number": "123",
            "road": "main street",
            "unit": "4b",
            "city": "springfield",
            "province": "il",
            "postcode": "62704",
            "country": "US",
        },
    ),
    "direction": (
        "6649 N Blue Gum St, New Orleans, LA 70116",
        {"number": "6649", "road": "n blue gum street", "city": "new orleans"},
    ),
    "British": (
        "10 Downing Street, London SW1A 2AA",
        {"number": "10", "road": "downing street", "postcode": "sw1a 2aa"},
    ),
    "British flat": (
        "Flat 3, 12 High St, Oxford OX1 4AB, UK",
        {"number": "12", "unit": "3", "city": "oxford", "country": "GB"},
    ),
    "Australian": (
        "22 hoad place, kondalilla, burwood east, nsw, 3860",
        {"number": "22", "road": "hoad place", "postcode": "3860"},
    ),
    "Australian unit": ("3/22 Hoad Pl", {"number": "22", "road": "hoad place"}),
    "state behind the postcode": (
        "22 Hoad Pl, Burwood 3860 NSW",
        {"postcode": "3860", "province": "nsw", "city": "burwood"},
    ),
    "German": (
        "Hauptstraße 12, 10115 Berlin, Germany",
        {"number": "12", "road": "hauptstraße", "postcode": "10115", "city": "berlin"},
    ),
    "Chinese in English": (
        "Room 501, No. 88 Jianguo Road, Chaoyang District, Beijing 100022, China",
        {
            "unit": "501",
            "number": "88",
            "road": "jianguo road",
            "district": "chaoyang district",
            "city": "beijing",
            "country": "CN",
        },
    ),
    "post box": ("PO Box 123, Perth WA 6000", {"road": "po box", "number": "123", "city": "perth"}),
    "only a street": ("22 Hoad Pl", {"number": "22", "road": "hoad place", "city": ""}),
}


@pytest.mark.parametrize(("text", "parts"), WORLD.values(), ids=WORLD.keys())
def test_addresses_in_latin_letters(text: str, parts: dict[str, str]) -> None:
    parsed = read(text)
    assert {name: getattr(parsed, name) for name in parts} == parts


@pytest.mark.parametrize("text", [None, "", " ", "无", "自提", "同上", "null", "-", "暂无", "地址"])
def test_no_address_at_all(text: str | None) -> None:
    assert PostalAddress.parse(text) is None


def test_every_number_is_kept_in_order() -> None:
    assert read("上海浦东张江路100弄５号302室").numbers == ("100", "5", "302")


pieces = st.lists(
    st.sampled_from(
        ["广东省", "深圳市", "南山区", "北京", "朝阳区", "镇", "张江镇", "街道", "光明路", "大道", "8号", "12弄",
        "阳光小区", "花园", "3栋",
         "2单元", "501室", "501", "-", " ", "(", ")", "三", "A座", "村", "100080", "12-3-401", "号", "第", "期",
         "东", "Apt 4", "Main St", ","]
    ),
    max_size=9,
).map("".join)  # fmt: skip


@given(st.one_of(st.text(max_size=60), pieces))
def test_any_text_is_read_or_refused_and_reading_twice_changes_nothing(text: str) -> None:
    first = PostalAddress.parse(text)
    if first is not None:
        assert PostalAddress.parse(first.text) == first


@given(pieces)
def test_the_short_way_to_read_an_address_finds_what_the_steps_do(text: str) -> None:
    assert split_chinese_address(text.strip()) == split_in_steps(text.strip())


@given(pieces)
def test_a_remembered_head_reads_as_a_fresh_one(text: str) -> None:
    assert place_at_head(text) == find_place(text)


@given(pieces)
def test_full_width_is_half_width(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "0" <= c <= "9" else c for c in text)
    one, other = PostalAddress.parse(text), PostalAddress.parse(wide)
    assert one == other


@pytest.mark.skipif(not MARKED.exists(), reason="the addresses marked by people are not beside the checkout")
def test_addresses_marked_by_people_are_read_as_they_were_marked() -> None:
    scores = measure_addresses(MARKED)
    assert all(scores[level].f1 > 0.95 for level in ("province", "city", "district"))
    assert all(scores[level].f1 > 0.90 for level in ("town", "road", "number"))


@pytest.mark.parametrize(
    "text", ["中" * 2000, "路" * 2000, "1-" * 1000, "村1组" * 600, "浙江省杭州市" * 300, "经济技术" * 500]
)
def test_a_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    started = process_time()
    PostalAddress.parse(text)
    assert process_time() - started < 1
