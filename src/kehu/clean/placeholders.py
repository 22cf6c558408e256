"""Values people and systems fill in when they have none: 00000000000, 无, N/A, test@test.com."""

import re
from typing import Final

from kehu.clean.text_forms import word_set

_NOTHING: Final = word_set("无 没有 未知 不详 暂无 空 无名 无名氏 不知道 不清楚 未填 未填写 待填 待补充 保密 其他 "
"其它 匿名 测试 测试用户 测试数据 无此人 不知 "
    "none null nil nan na n/a n.a. n\\a #n/a #null! #ref! (null) (none) <null> [null] \\n undefined unknown unkown "
    "not-available missing empty blank anonymous tbd tba test testing tester xxx xxxx asdf asdfasdf qwerty aaa abc "
    "unavailable default dummy sample noname no-name 無 沒有 測試 不詳 暫無") | {"", "not available", "not provided",
    "no name", "n / a", "not applicable"}  # fmt: skip
LONGEST: Final = 14  # no placeholder text is longer; callers may skip the look-up beyond it
_ONLY_MARKS: Final = re.compile(r"[\W_]*")

_NAMES: Final = word_set(
    "微信用户 匿名用户 用户 游客 访客 会员 顾客 客户 新用户 普通用户 普通会员 散客 零售客户 "
    "路人 路人甲 某某 某某某 姓名 名字 收货人 "
    "张三李四 guest user customer member visitor walk-in name admin administrator root 未命名 已注销 帐号已注销 "
    "账号已注销 "
    "用户已注销 手机用户 注册用户 临时会员 个人 本人 先生/女士 公司 门店 前台 收银员"
)
# Those a Chinese name may be checked against by one look-up; _is_placeholder_name knows the patterns as well.
NAME_PLACEHOLDERS: Final = frozenset(_NOTHING | _NAMES)
_NUMBERED_USER: Final = re.compile(
    r"(?:用户|会员|顾客|游客|微信用户|手机用户|user|guest|member|wxid)[-_#]?[a-z0-9_]*\d[a-z0-9_]*", re.I
)
MAIL_LOCALS: Final = word_set(
    "test tests testing test1 test123 none null na no noemail no-email nomail no-reply "
    "noreply donotreply example abc "
    "asdf aaa a xxx xx x unknown user email mail 123 1234 12345 123456 1 111 111111 sample demo dummy fake nobody "
    "anonymous abc123 qq qwe qwer wu"
)
_MAIL_DOMAINS: Final = word_set(
    "test.com test.cn test.net test.test none.com null.com noemail.com nomail.com localhost no.com invalid.invalid"
)
_COUNTRY_CODE: Final = re.compile(r"^(?:00)?86(?=1\d{10}$|0)")
_ASCENDING: Final = "01234567890123456789"
_DESCENDING: Final = "98765432109876543210"


def is_placeholder(text: str | None, attribute: str) -> bool:
    """Whether the text stands for "no value" of that attribute (canonical name: phone, email, name …)."""
    if not text:
        return True
    value = text.strip().lower()
    if value in _NOTHING or (not value[:1].isalnum() and _ONLY_MARKS.fullmatch(value) is not None):
        return True
    check = _CHECKS.get(attribute)
    return check is not None and check(value)


def _is_placeholder_name(value: str) -> bool:
    return value in _NAMES or _NUMBERED_USER.fullmatch(value) is not None


def _is_placeholder_phone(value: str) -> bool:
    digits = "".join(c for c in value if c.isdigit())
    if not digits or "*" in value:
        return "*" not in value
    return is_placeholder_number(_COUNTRY_CODE.sub("", digits))


def is_placeholder_number(digits: str) -> bool:
    """00000000000, 13800000000, 11111111111, 12345678901, 13812345678: numbers typed to get past a form.

    digits: ASCII digits only, without country code; "" is no number and therefore one.
    """
    if len(digits) < 3:
        return True
    tail = digits[-8:]
    if tail != tail[0] * len(tail) and tail not in _ASCENDING and tail not in _DESCENDING:
        return False
    # 0571-88888888 and +886 912 345 678 exist; a mobile that counts to eight does so for no one.
    is_mobile = len(digits) == 11 and digits[0] == "1"
    is_filled_landline = digits[0] == "0" and tail in ("12345678", "00000000") and len(digits) in (11, 12)
    is_whole = digits == digits[0] * len(digits) or digits in _ASCENDING or digits in _DESCENDING
    return is_mobile or is_filled_landline or is_whole


def is_placeholder_email(local: str, domain: str) -> bool:
    """Both halves in lower case. test@qq.com was typed to get past a form; test@our-company.cn somebody may read."""
    return domain in _MAIL_DOMAINS or (local in MAIL_LOCALS and domain in _FREE_MAIL)


def _is_placeholder_email(value: str) -> bool:
    local, at, domain = value.rpartition("@")
    return bool(at) and (is_placeholder_email(local, domain) or (not domain and local in MAIL_LOCALS))


_FREE_MAIL: Final = word_set(
    "qq.com 163.com 126.com gmail.com hotmail.com outlook.com sina.com yahoo.com 139.com "
    "foxmail.com sohu.com yeah.net "
    "mail.com 189.cn aliyun.com icloud.com live.com email.com example.com example.org example.net example.cn "
    "abc.com xxx.com "
    "aaa.com a.com domain.com 123.com asdf.com"
)


def _is_placeholder_date(value: str) -> bool:
    digits = "".join(c for c in value if c.isdigit())
    return bool(digits) and (not digits.strip("0") or digits[:8] in _FILLER_DATES)


_FILLER_DATES: Final = frozenset({"99991231", "19000101", "00010101", "29991231", "18991230", "18991231", "11111111"})


def _is_placeholder_id(value: str) -> bool:
    return is_placeholder_number("".join(c for c in value if c.isdigit()))


def _is_placeholder_address(value: str) -> bool:
    return value in ADDRESS_PLACEHOLDERS or (value.isdigit() and is_placeholder_number(value))


ADDRESS_PLACEHOLDERS: Final = _NOTHING | word_set(
    "地址 住址 自提 到店自提 门店自提 无地址 同上 中国 china 北京 上海 省 市 区 详见备注 address"
)


def _is_placeholder_company(value: str) -> bool:
    return value in COMPANY_PLACEHOLDERS


COMPANY_PLACEHOLDERS: Final = _NOTHING | word_set(
    "个人 个体 无业 自由职业 自由职业者 学生 退休 公司 单位 company 本公司 在家 无单位 personal self individual"
)

_CHECKS: Final = {
    "name": _is_placeholder_name,
    "nickname": _is_placeholder_name,
    "phone": _is_placeholder_phone,
    "email": _is_placeholder_email,
    "birth_date": _is_placeholder_date,
    "id_number": _is_placeholder_id,
    "address": _is_placeholder_address,
    "company": _is_placeholder_company,
}
