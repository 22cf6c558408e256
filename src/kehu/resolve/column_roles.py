"""Which column of a frame feeds which attribute of the matcher."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from kehu.clean.columns import guess_columns
from kehu.resolve.attributes import IDENTIFIER_ATTRIBUTES, INPUT_ATTRIBUTES

ID_NAMES: Final = ("id", "rec_id", "record_id", "row_id", "编号", "序号")
_SAMPLE: Final = 200

# Headings of columns that only matching knows; what customers of a shop have is guessed by kehu.clean.
_HEADINGS: Final = {
    "surname": "surname last_name lastname family_name 姓 姓氏",
    "given_name": "given_name first_name firstname forename 名",
    "middle_name": "middle_name middlename",
    "name": "full_name fullname customer_name contact contact_name 客户姓名 会员姓名 联系人 收货人",
    "nickname": "nickname nick 昵称 微信昵称",
    "phone": "phone mobile telephone tel cell phone_number mobile_phone 电话 手机号 手机号码 联系电话",
    "email": "e_mail mail email_address 邮件 电子邮箱 电子邮件",
    "birth_date": "birth_date birthday dob date_of_birth birthdate born 生日 出生日期 出生年月",
    "gender": "gender sex 性别",
    "address": "address address_1 address1 street street_address address_line_1 地址 收货地址 详细地址 联系地址",
    "street_number": "street_number house_number 门牌号",
    "address_2": "address_2 address2 address_line_2",
    "city": "city suburb town locality 城市",
    "province": "province state region county 省 省份",
    "postcode": "postcode postal_code zip zip_code zipcode postcode_fake 邮编 邮政编码",
    "birth_place": "birth_place place_of_birth birthplace 出生地 籍贯",
    "company": "company company_name organization organisation employer 公司 单位 公司名称 工作单位",
    "job_title": "job_title occupation job profession title 职位 职务 职业",
    "id_number": "id_number soc_sec_id ssn national_id social_security_number id_card 身份证 身份证号 身份证号码",
    "openid": "openid open_id",
    "unionid": "unionid union_id",
    "member_id": "member_id member_no membership_number 会员号 会员卡号",
}
_ATTRIBUTE_BY_HEADING: Final = {
    heading: attribute for attribute, headings in _HEADINGS.items() for heading in headings.split()
}
_LISTS: Final = ("phone", "email", *IDENTIFIER_ATTRIBUTES)


class UnknownColumn(ValueError):
    """A mapping names a column or an attribute that does not exist. The message lists those that do."""


def column_roles(frame: pl.DataFrame, mapping: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Attribute → the columns that feed it, by `mapping` (column → attribute, "" to leave a column out) or by guess.

    Raises UnknownColumn.
    """
    given = dict(mapping or {})
    for column, attribute in given.items():
        if column not in frame.columns:
            raise UnknownColumn(f"no column {column!r}; there are: {', '.join(frame.columns)}")
        if attribute and attribute not in INPUT_ATTRIBUTES:
            raise UnknownColumn(f"no attribute {attribute!r}; there are: {', '.join(INPUT_ATTRIBUTES)}")
    open_columns = [column for column in frame.columns if column not in given]
    guessed = _guessed(frame, open_columns)
    roles: dict[str, list[str]] = {}
    for column in [*given, *open_columns]:
        attribute = given[column] if column in given else guessed.get(column, "")
        if attribute and (attribute in _LISTS or attribute not in roles):
            roles.setdefault(attribute, []).append(column)
    return roles


def _guessed(frame: pl.DataFrame, columns: Sequence[str]) -> dict[str, str]:
    samples = {c: [str(v) for v in frame[c].drop_nulls().head(_SAMPLE)] for c in columns}
    guesses = guess_columns(columns, samples)
    found = {}
    for column in columns:
        heading = re.sub(r"[\s\-.]+", "_", column.strip().lower())
        attribute = _ATTRIBUTE_BY_HEADING.get(heading) or guesses[column].attribute
        if attribute in INPUT_ATTRIBUTES and heading not in ID_NAMES:
            found[column] = attribute
    return found


def canonical_frame(frame: pl.DataFrame, roles: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """The frame with one column per attribute; several columns of one attribute become a list."""
    columns = []
    for attribute, names in roles.items():
        if len(names) == 1:
            columns.append(pl.col(names[0]).alias(attribute))
        else:
            columns.append(pl.concat_list([pl.col(name).cast(pl.String) for name in names]).alias(attribute))
    return frame.select(columns) if columns else pl.DataFrame({"name": [None] * len(frame)})
