"""The attributes every installation starts with."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ShippedAttribute:
    name: str
    label_en: str
    label_zh: str
    rule: str
    data_class: str = "personal"
    type: str = "text"


SHIPPED_ATTRIBUTES: Final = (
    ShippedAttribute("name", "Name", "姓名", "trust"),
    ShippedAttribute("surname", "Surname", "姓", "trust"),
    ShippedAttribute("given_name", "Given name", "名", "trust"),
    ShippedAttribute("nickname", "Nickname", "昵称", "recency"),
    ShippedAttribute("phone", "Phone", "电话", "recency"),
    ShippedAttribute("email", "E-mail", "邮箱", "recency"),
    ShippedAttribute("gender", "Gender", "性别", "frequency", type="choice"),
    ShippedAttribute("birth_date", "Date of birth", "出生日期", "trust", type="date"),
    ShippedAttribute("id_number", "Id number", "证件号码", "trust", "sensitive"),
    ShippedAttribute("address", "Address", "地址", "recency"),
    ShippedAttribute("city", "City", "城市", "recency"),
    ShippedAttribute("company", "Company", "公司", "recency", "public"),
    ShippedAttribute("job_title", "Job title", "职位", "recency"),
    ShippedAttribute("language", "Language", "语言", "recency"),
    ShippedAttribute("avatar", "Picture", "头像", "recency"),
    ShippedAttribute("website", "Website", "网站", "recency", "public"),
    ShippedAttribute("tax_no", "Tax number", "税号", "trust", "public"),
)
