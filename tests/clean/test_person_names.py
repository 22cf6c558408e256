"""Names of people, by tables and by what must hold for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.latin_names import split_latin, usual_western
from kehu.clean.person_names import PersonName
from kehu.clean.pinyin import name_initials, name_pinyin, surname_reading
from kehu.clean.surnames import frequency_by_surname


def read(text: str | None) -> PersonName:
    parsed = PersonName.parse(text)
    assert parsed is not None
    return parsed


CHINESE = {
    "two characters": ("张伟", "张", "伟"),
    "three characters": ("曾国藩", "曾", "国藩"),
    "traditional": ("張偉", "张", "伟"),
    "compound surname": ("欧阳修", "欧阳", "修"),
    "compound surname, four characters": ("司马相如", "司马", "相如"),
    "traditional compound": ("諸葛亮", "诸葛", "亮"),
    "very long surname": ("爱新觉罗溥仪", "爱新觉罗", "溥仪"),
    "two surnames of a married woman": ("陈方安生", "陈", "方安生"),
    "rare but real surname": ("仉志远", "仉", "志远"),
    "blank inside": ("彭 东", "彭", "东"),
    "blank between each": ("张 三 丰", "张", "三丰"),
    "blank after compound": ("欧阳 娜娜", "欧阳", "娜娜"),
    "full-width blank": ("何　丽", "何", "丽"),
    "for the parcel": ("张伟 收", "张", "伟"),
    "note in brackets": ("张伟（VIP）", "张", "伟"),
    "label before": ("联系人:张伟", "张", "伟"),
    "label before, full-width colon": ("收货人：李娜", "李", "娜"),
    "latin name beside": ("Amy Wang 王小美", "王", "小美"),
    "latin given name": ("David张", "张", "david"),
    "title after the full name": ("张伟先生", "张", "伟"),
    "given name that looks like a title": ("李建工", "李", "建工"),
    "given name that looks like 'boss'": ("李生", "李", "生"),
    "transliterated": ("约翰·史密斯", "史密斯", "约翰"),
    "uyghur": ("买买提·吐尔逊", "吐尔逊", "买买提"),
    "other middle dot": ("约翰・史密斯", "史密斯", "约翰"),
    "two people": ("张三 李四", "张", "三"),
}


@pytest.mark.parametrize(("text", "surname", "given_name"), CHINESE.values(), ids=CHINESE.keys())
def test_a_chinese_name_divides_into_surname_and_given_name(text: str, surname: str, given_name: str) -> None:
    parsed = read(text)
    assert (parsed.script, parsed.surname, parsed.given) == ("zh", surname, given_name)
    assert not parsed.is_partial


TITLED = {
    "先生": ("张先生", "张", "先生", "male"),
    "女士": ("王女士", "王", "女士", "female"),
    "小姐": ("李小姐", "李", "小姐", "female"),
    "太太": ("黄太太", "黄", "太太", "female"),
    "总": ("李总", "李", "总", ""),
    "总经理": ("王总经理", "王", "总经理", ""),
    "经理": ("陈经理", "陈", "经理", ""),
    "主任": ("赵主任", "赵", "主任", ""),
    "老师": ("陈老师", "陈", "老师", ""),
    "医生": ("周医生", "周", "医生", ""),
    "工": ("李工", "李", "工", ""),
    "董": ("马董", "马", "董", ""),
    "姐": ("张姐", "张", "姐", "female"),
    "哥": ("刘哥", "刘", "哥", "male"),
    "compound surname": ("欧阳先生", "欧阳", "先生", "male"),
    "traditional": ("陳先生", "陈", "先生", "male"),
    "老 before": ("老王", "王", "老", ""),
    "小 before": ("小李", "李", "小", ""),
    "大 before": ("大刘", "刘", "大", ""),
    "note after": ("张女士(老客户)", "张", "女士", "female"),
}


@pytest.mark.parametrize(("text", "surname", "title", "gender"), TITLED.values(), ids=TITLED.keys())
def test_surname_and_title_are_half_a_name(text: str, surname: str, title: str, gender: str) -> None:
    parsed = read(text)
    assert (parsed.surname, parsed.given, parsed.title, parsed.gender_hint) == (surname, "", title, gender)
    assert parsed.is_partial


MASKED = {
    "one star": ("张*", "张", "张*"),
    "two stars": ("张**", "张", "张**"),
    "star in the middle": ("王**伟", "王", "王**伟"),
    "only the end": ("*伟", "", "*伟"),
    "full-width star": ("张＊＊", "张", "张**"),
    "crosses": ("张××", "张", "张**"),
    "letters": ("张XX", "张", "张**"),
    "somebody": ("李某某", "李", "李**"),
    "compound surname": ("欧阳**", "欧阳", "欧阳**"),
}


@pytest.mark.parametrize(("text", "surname", "shown"), MASKED.values(), ids=MASKED.keys())
def test_a_masked_name_keeps_what_the_mask_leaves(text: str, surname: str, shown: str) -> None:
    parsed = read(text)
    assert (parsed.surname, parsed.given, parsed.display, parsed.is_partial) == (surname, "", shown, True)


@pytest.mark.parametrize(
    ("text", "given_name"),
    [
        ("承承", "承承"),
        ("快乐每一天", "快乐每一天"),
        ("☀绍洋", "绍洋"),
        ("阿强", "强"),
        ("小明", "明"),
        ("bohui", "bohui"),
    ],
)
def test_a_nickname_has_no_surname(text: str, given_name: str) -> None:
    parsed = read(text)
    assert (parsed.kind, parsed.surname, parsed.given) == ("nickname", "", given_name)


@pytest.mark.parametrize(
    ("text", "name", "company"),
    [
        ("深圳市腾讯科技有限公司", "", "深圳市腾讯科技有限公司"),
        ("腾讯科技有限公司 张伟", "张伟", "腾讯科技有限公司"),
        ("张伟(腾讯科技有限公司)", "张伟", "腾讯科技有限公司"),
        ("海尔集团-李总", "李总", "海尔集团"),
    ],
)
def test_a_company_in_the_name_field_is_told_from_the_person(text: str, name: str, company: str) -> None:
    parsed = read(text)
    assert parsed.company == company
    assert (parsed.kind, parsed.display) == (("person", name) if name else ("company", company))


READINGS = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge",
    "翟": "zhai", "覃": "qin", "缪": "miao", "冼": "xian", "阚": "kan", "都": "du", "薄": "bo", "逄": "pang",
    "尉迟": "yuchi", "万俟": "moqi", "长孙": "zhangsun", "澹台": "tantai", "令狐": "linghu", "乐": "yue",
    "华": "hua", "任": "ren", "欧阳": "ouyang", "吕": "lv", "肖": "xiao", "石": "shi",
}  # fmt: skip


@pytest.mark.parametrize(("surname", "reading"), READINGS.items())
def test_surnames_have_their_surname_reading(surname: str, reading: str) -> None:
    assert surname_reading(surname) == reading


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("单田芳", "shan tianfang"), ("曾小明", "zeng xiaoming"), ("欧阳娜娜", "ouyang nana"), ("张先生", "zhang"),
        ("吕布", "lv bu"), ("張偉", "zhang wei"), ("☀绍洋", "shaoyang"), ("David张", "zhang david"),
        ("José García", "jose garcia"), ("Zhāng Wěi", "zhang wei"),
    ],
)  # fmt: skip
def test_pinyin_is_two_ascii_words_surname_first(text: str, pinyin: str) -> None:
    assert read(text).pinyin == pinyin


def test_every_surname_has_a_reading() -> None:
    unread = [surname for surname in frequency_by_surname() if not surname_reading(surname).isalpha()]
    assert unread == []


def test_initials_follow_the_syllables() -> None:
    assert name_initials("欧阳", "娜娜") == "onn"
    assert name_initials("曾", "小明") == "zxm"


ROMANISED = [
    "Zhang Wei", "Wei Zhang", "ZHANG Wei", "Wei ZHANG", "zhang wei", "Zhang, Wei", "Zhangwei", "ZHANG WEI", "zhang "
    " wei",
]  # fmt: skip


@pytest.mark.parametrize("text", ROMANISED)
def test_romanised_names_are_one_in_any_order_and_case(text: str) -> None:
    parsed = read(text)
    assert (parsed.surname, parsed.given, parsed.pinyin) == ("zhang", "wei", "zhang wei")


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("Xiao-Ming Zhang", "zhang xiaoming"), ("Zhang Xiao Ming", "zhang xiaoming"), ("Yiai Liu", "liu yiai"),
        ("Xiu Ouyang", "ouyang xiu"), ("OUYANG Xiu", "ouyang xiu"), ("Lü Bu", "lv bu"), ("Lyu Bu", "lv bu"),
        ("LIU YUNMING", "liu yunming"), ("lanying", "lanying"),
    ],
)  # fmt: skip
def test_romanised_names_find_their_surname(text: str, pinyin: str) -> None:
    assert read(text).pinyin == pinyin


WESTERN = {
    "plain": ("John Smith", "John Smith", "smith", "john"),
    "capitals": ("JOHN SMITH", "John Smith", "smith", "john"),
    "small letters": ("john smith", "John Smith", "smith", "john"),
    "last name first": ("Smith, John", "John Smith", "smith", "john"),
    "last name first in capitals": ("SMITH, John", "John Smith", "smith", "john"),
    "middle initial": ("John A. Smith", "John A. Smith", "smith", "john a"),
    "initials": ("J. R. R. Tolkien", "J. R. R. Tolkien", "tolkien", "j r r"),
    "surname and initial": ("Smith J.", "Smith J.", "smith", "j"),
    "title and suffix": ("Mr. John Smith Jr.", "John Smith", "smith", "john"),
    "degree": ("John Smith, PhD", "John Smith", "smith", "john"),
    "particles": ("Jane van der Berg", "Jane van der Berg", "van der berg", "jane"),
    "apostrophe": ("O'Brien, Pat", "Pat O'Brien", "o'brien", "pat"),
    "mixed case": ("Ronald McDonald", "Ronald McDonald", "mcdonald", "ronald"),
    "nickname in quotes": ('William "Bill" Gates', "William Gates", "gates", "william"),
    "nickname in brackets": ("Robert (Bob) Smith", "Robert Smith", "smith", "robert"),
    "two last names first": ("García Márquez, Gabriel", "Gabriel García Márquez", "garcía márquez", "gabriel"),
    "hyphen": ("Anne-Marie Smith-Jones", "Anne-Marie Smith-Jones", "smith-jones", "anne-marie"),
    "full-width": ("Ｊｏｈｎ　Ｓｍｉｔｈ", "John Smith", "smith", "john"),
}


@pytest.mark.parametrize(("text", "shown", "surname", "given_name"), WESTERN.values(), ids=WESTERN.keys())
def test_a_western_name_divides(text: str, shown: str, surname: str, given_name: str) -> None:
    parsed = read(text)
    assert (parsed.script, parsed.display, parsed.surname, parsed.given) == ("latin", shown, surname, given_name)


def test_a_western_title_tells_the_gender() -> None:
    assert (read("Mrs Jane Smith").title, read("Mrs Jane Smith").gender_hint) == ("Mrs", "female")
    assert read("mr smith").is_partial
    assert read("mr smith").surname == "smith"


@pytest.mark.parametrize("text", ["John Smith", "Mary J. Brown", "O'Brien, Pat", "Ronald McDonald", "Smith, John"])
def test_the_short_way_to_read_a_western_name_finds_what_the_long_one_does(text: str) -> None:
    long = split_latin(text)
    assert long is not None
    assert usual_western(text) == (long.shown, long.given, long.surname)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "  ",
        "无",
        "微信用户",
        "用户12345",
        "匿名",
        "null",
        "N/A",
        "-",
        "13800138000",
        "***",
        "（）",
        "未知",
        "游客",
        "測試",
    ],
)
def test_no_name_at_all(text: str | None) -> None:
    assert PersonName.parse(text) is None


@pytest.mark.parametrize("text", ["김철수", "Иван Петров", "さくら", "محمد"])
def test_names_in_other_scripts_stay_whole(text: str) -> None:
    parsed = read(text)
    assert (parsed.script, parsed.display, parsed.surname) == ("other", text, "")


chinese_text = st.text(
    alphabet=st.sampled_from("张王李赵欧阳司马伟芳娜国庆小老阿总工先生女士*某收（）() ·公司ab1"), max_size=9
)
any_name = st.one_of(
    st.text(max_size=40), chinese_text, st.from_regex(r"[A-Z][a-z]{1,8} [A-Z][a-z]{1,8}", fullmatch=True)
)


@given(any_name)
def test_any_text_is_read_or_refused_and_reading_twice_changes_nothing(text: str) -> None:
    first = PersonName.parse(text)
    if first is None:
        return
    assert first.pinyin.isascii()
    second = PersonName.parse(first.display)
    assert second is not None
    assert second.display == first.display


plain_name = st.builds(
    lambda surname, given_name: surname + given_name,
    st.sampled_from(["张", "刘", "陈", "杨", "赵", "欧阳", "诸葛", "单"]),
    st.text(alphabet="伟国兰飞鹏梦华丽军", min_size=1, max_size=2),
)
TRADITIONAL = str.maketrans("张刘陈杨赵欧阳诸单伟国兰飞鹏梦华丽军", "張劉陳楊趙歐陽諸單偉國蘭飛鵬夢華麗軍")


@given(plain_name)
def test_traditional_and_simplified_spelling_are_one_name(text: str) -> None:
    simplified, traditional = read(text), read(text.translate(TRADITIONAL))
    assert (simplified.surname, simplified.given, simplified.pinyin) == (
        traditional.surname,
        traditional.given,
        traditional.pinyin,
    )
    assert traditional.display == text.translate(TRADITIONAL)


def test_two_ways_to_spell_a_reading_agree() -> None:
    assert name_pinyin("张", "小明") == read("张小明").pinyin == read("Xiaoming Zhang").pinyin
