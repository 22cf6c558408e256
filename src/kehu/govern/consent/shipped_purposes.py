"""The purposes an installation starts with. What people change afterwards stays changed."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ShippedPurpose:
    slug: str
    name_zh: str
    name_en: str
    text_zh: str
    text_en: str
    basis: str
    separate: str = ""
    is_marketing: bool = False
    is_profiling: bool = False
    data_kinds: tuple[str, ...] = ()


SHIPPED_PURPOSES: Final = (
    ShippedPurpose(
        "marketing", "优惠与活动", "Offers and news",
        "向您发送优惠、活动和新品信息。", "To send you offers, invitations and news of products.",
        "consent", is_marketing=True, data_kinds=("contact", "orders"),
    ),
    ShippedPurpose(
        "personalisation", "个性化推荐", "Personal recommendations",
        "根据您的浏览和购买为您挑选内容。", "To choose what we show you by what you looked at and bought.",
        "consent", is_marketing=True, is_profiling=True, data_kinds=("behaviour", "orders"),
    ),
    ShippedPurpose(
        "survey", "满意度调查", "Surveys",
        "邀请您评价我们的产品和服务。", "To ask what you think of our products and service.",
        "consent", data_kinds=("contact", "service"),
    ),
    ShippedPurpose(
        "sharing", "向合作方提供", "Handing on to partners",
        "将您的信息提供给合作伙伴。", "To hand your data on to our partners.",
        "consent", separate="sharing", data_kinds=("contact",),
    ),
    ShippedPurpose(
        "cross_border", "向境外提供", "Sending abroad",
        "将您的信息传输至境外。", "To send your data to another country.",
        "consent", separate="cross_border", data_kinds=("contact",),
    ),
    ShippedPurpose(
        "sensitive", "处理敏感个人信息", "Using sensitive data",
        "处理证件号码等敏感个人信息。", "To use sensitive data, such as an id number.",
        "consent", separate="sensitive", data_kinds=("identity",),
    ),
    ShippedPurpose(
        "publishing", "公开展示", "Making public",
        "公开展示您的评价或照片。", "To publish your review or your picture.",
        "consent", separate="publishing", data_kinds=("content",),
    ),
    ShippedPurpose(
        "analytics", "经营分析", "Figures of the business",
        "统计我们的经营情况，不针对个人。", "To count how the business does; nobody is singled out.",
        "interest", data_kinds=("orders", "behaviour"),
    ),
    ShippedPurpose(
        "service", "订单与售后", "Orders and service",
        "履行订单、交付和售后服务。", "To deliver what you ordered and help you afterwards.",
        "contract", data_kinds=("contact", "orders", "service"),
    ),
    ShippedPurpose(
        "privacy", "个人信息权利", "Your rights to your data",
        "答复您关于个人信息的请求。", "To answer your requests about your data.",
        "legal", data_kinds=("contact",),
    ),
)  # fmt: skip
