"""What headings of columns are called, in Chinese and English."""

import re
from functools import cache
from typing import Final

_HEADINGS: Final = {
    "name": "name full_name fullname customer_name client_name contact contact_name contact_person person_name "
    "user_name username "
    "member_name buyer_name buyer recipient receiver receiver_name consignee real_name display_name "
    "first_and_surname 姓名 名字 "
    "客户姓名 会员姓名 客户名称 客户名 联系人 联系人姓名 收货人 收货人姓名 收件人 收件人姓名 买家姓名 真实姓名 "
    "用户姓名 顾客姓名 顾客 客户 业主 员工姓名 名称 "
    "会员名 会员名称 用户名 买家",
    "surname": "surname last_name lastname family_name familyname lname 姓 姓氏",
    "given_name": "given_name givenname first_name firstname forename fname 名",
    "middle_name": "middle_name middlename middle_initial",
    "nickname": "nickname nick nick_name screen_name wechat_name wx_nickname 昵称 微信昵称 微信名 用户昵称 "
    "会员昵称 网名 买家昵称 旺旺 买家会员名",
    "phone": "phone mobile telephone tel cell cellphone cell_phone phone_number phone_no mobile_phone "
    "mobile_number mobile_no "
    "telephone_number home_phone work_phone contact_number contact_phone caller caller_id calling_number "
    "receiver_phone "
    "receiver_mobile buyer_phone msisdn fon 手机 手机号 手机号码 电话 电话号码 联系电话 联系手机 联系方式 "
    "收货人手机 收货人电话 收件人电话 收件人手机 移动电话 "
    "固定电话 座机 来电号码 主叫号码 买家手机 会员手机 绑定手机 客户电话 注册手机 办公电话 家庭电话 被叫号码",
    "email": "email e_mail mail email_address e_mail_address mail_address contact_email 邮箱 邮件 电子邮箱 "
    "电子邮件 邮箱地址 邮件地址 联系邮箱 "
    "电邮 信箱",
    "birth_date": "birth_date birthdate birthday dob date_of_birth born birth bday birth_day 生日 出生日期 "
    "出生年月 出生年月日 出生 会员生日 "
    "农历生日 阳历生日",
    "gender": "gender sex 性别 称谓性别",
    "address": "address address_1 address1 street street_address address_line_1 address_line1 addr full_address "
    "delivery_address "
    "shipping_address home_address postal_address mailing_address receiver_address 地址 收货地址 详细地址 联系地址 "
    "家庭地址 住址 通讯地址 邮寄地址 "
    "收件地址 收件人地址 收货人地址 街道地址 公司地址 居住地址 配送地址 常住地址",
    "address_2": "address_2 address2 address_line_2 address_line2 地址2",
    "street_number": "street_number house_number street_no house_no 门牌号 门牌",
    "city": "city suburb town locality place municipality 城市 市 所在城市 地市",
    "district": "district borough 区 区县 县区 区域 所在区",
    "province": "province state region county prov 省 省份 所在省 省市",
    "country": "country country_code nation 国家 国家地区 国籍",
    "postcode": "postcode postal_code post_code zip zip_code zipcode postcode_fake plz cep 邮编 邮政编码",
    "birth_place": "birth_place place_of_birth birthplace 出生地 籍贯",
    "company": "company company_name organization organisation employer organization_name account_name firm "
    "business_name "
    "公司 公司名称 单位 单位名称 工作单位 企业 企业名称 客户公司 所属公司 所在公司 开票单位 公司名",
    "job_title": "job_title occupation job profession title position role 职位 职务 职业 岗位 职称",
    "id_number": "id_number soc_sec_id ssn national_id social_security_number id_card idcard id_no identity_card "
    "identity_number "
    "身份证 身份证号 身份证号码 证件号码 证件号",
    "openid": "openid open_id wx_openid wechat_openid wechat_id mp_openid",
    "unionid": "unionid union_id wx_unionid",
    "member_id": "member_id member_no member_number member_code membership_number membership_no card_no "
    "card_number vip_no vip_id "
    "loyalty_number 会员号 会员卡号 会员编号 会员id 卡号 vip卡号 会员码",
    "user_id": "user_id userid customer_id customer_no customer_number customer_code cust_id client_id uid "
    "account_id buyer_id "
    "external_id customer_unique_id 客户编号 客户号 客户id 客户代码 用户id 用户编号 顾客编号",
    "crm_id": "crm_id crm_no contact_id lead_id crm编号",
    "erp_no": "erp_no erp_id erp_code erp编号 erp编码",
    "anonymous_id": "anonymous_id anonymousid visitor_id cookie_id client_cookie 匿名id 访客id",
    "device_id": "device_id deviceid imei idfa oaid android_id 设备号 设备id",
    "plate": "plate plate_number license_plate car_no 车牌 车牌号 车牌号码",
    "order_number": "order_id order_no order_number order_code orderid trade_no invoice_no "
    "订单号 订单编号 订单id 单号 交易号 小票号 流水号",
    "amount": "amount total total_amount price paid payment payment_value order_amount grand_total revenue sum "
    "金额 总金额 订单金额 "
    "实付金额 应付金额 付款金额 实付 消费金额 总价 合计 单价",
    "occurred_at": "date time datetime timestamp created_at created updated_at order_date order_time event_time "
    "purchase_date "
    "call_time paid_at occurred_at registered_at signup_date 日期 时间 下单时间 订单时间 创建时间 付款时间 "
    "通话时间 来电时间 购买日期 注册时间 注册日期 "
    "订单创建时间 交易时间 开卡日期 入会时间",
    "website": "website web url homepage site 网站 网址 官网",
    "tax_no": "tax_no tax_id vat vat_no taxpayer_id 税号 纳税人识别号 统一社会信用代码 信用代码",
    "language": "language lang locale 语言",
    "avatar": "avatar avatar_url headimgurl photo picture 头像",
    "remark": "remark remarks note notes comment comments memo description 备注 说明 描述 留言 买家留言",
}  # fmt: skip
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BRACKETED: Final = re.compile(r"[(（\[【].*?[)）\]】]")
_SEPARATORS: Final = re.compile(r"[\s\-./:：,，*#_]+")
_COUNTER: Final = re.compile(r"_?([1-9])$")
_MOMENT_WORDS: Final = frozenset({"date", "time", "at", "timestamp", "datetime"})
# Longer headings are read by what they end with (buyer_mobile, 客户联系电话); too short ones would fit anything.
_SHORTEST_END: Final = 2


def normal_heading(heading: str) -> str:
    """dateOfBirth, Date of Birth, "Date-of-birth (必填)" → date_of_birth."""
    plain = _BRACKETED.sub("", heading).strip() or heading
    return _SEPARATORS.sub("_", _CAMEL.sub("_", plain).lower()).strip("_")


@cache
def _attribute_by_heading() -> dict[str, str]:
    return {heading: attribute for attribute, line in _HEADINGS.items() for heading in line.split()}


def attribute_of_heading(heading: str) -> tuple[str, float]:
    """The attribute a heading names, and how sure that is (0..1); ("", 0.0) when it names none known."""
    table = _attribute_by_heading()
    normal = normal_heading(heading)
    if normal in table:
        return table[normal], 0.95
    uncounted = _COUNTER.sub("", normal)
    if uncounted in table:
        return table[uncounted], 0.9
    if normal.isascii():
        words = normal.split("_")
        for start in range(1, len(words)):
            ending = "_".join(words[start:])
            if ending in table and ending not in ("name", "date", "time", "id", "code", "title"):
                return table[ending], 0.75
        return ("occurred_at", 0.7) if words[-1] in _MOMENT_WORDS and len(words) > 1 else ("", 0.0)
    for start in range(1, len(uncounted) - _SHORTEST_END + 1):
        ending = uncounted[start:]
        if ending in table and ending not in ("名称", "时间", "日期"):
            return table[ending], 0.75
    return ("occurred_at", 0.7) if uncounted.endswith(("时间", "日期")) else ("", 0.0)
