"""Single Segment messages and the visits that send them."""

# ruff: noqa: E501 - the user agents

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from kehu.demo.orders import Order
from kehu.demo.products import PRODUCTS, Product
from kehu.demo.records import Record
from kehu.demo.sources.writing import iso_utc

SITE = "https://www.bei-le.example"
USER_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49",
    "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
)
CAMPAIGNS = (
    {"source": "wechat", "medium": "social", "name": "618大促"},
    {"source": "xiaohongshu", "medium": "kol", "name": "秋季新品"},
    {"source": "baidu", "medium": "cpc", "name": "品牌词"},
    {"source": "email", "medium": "email", "name": "会员日"},
)
PAGES = (
    ("/", "首页"),
    ("/category/milk", "奶粉"),
    ("/category/diaper", "纸尿裤"),
    ("/category/home", "家居"),
    ("/sale", "特惠"),
)
REFERRERS = ("", "", "https://www.baidu.com/", "https://www.xiaohongshu.com/")
BROWSER_LIBRARY = {"name": "analytics.js", "version": "npm:next-1.84.3"}
BACKEND_LIBRARY = {"name": "analytics-python", "version": "2.4.0"}


@dataclass(frozen=True, slots=True)
class Browser:
    anonymous_id: str
    user_agent: str

    @classmethod
    def draw(cls, rng: Random) -> "Browser":
        return cls(random_uuid(rng), rng.choice(USER_AGENTS))


@dataclass(slots=True)
class Visit:
    """Appends messages as time passes. `user_id` is None until the visitor has logged in."""

    rng: Random
    browser: Browser
    now: datetime
    user_id: str | None
    messages: list[dict[str, Any]]
    people_by_message: dict[str, str]
    person_id: str

    def browse(self, pages: int) -> None:
        rng = self.rng
        campaign = rng.choice(CAMPAIGNS) if rng.random() < 0.25 else None
        for _ in range(pages):
            path, title = PAGES[rng.randrange(len(PAGES))]
            page = _page(path, title, rng.choice(REFERRERS))
            self._send({"type": "page", "name": title, "properties": page}, page, campaign)

    def shop(self, steps: int) -> None:
        """Look, put into the cart, get as far as the checkout."""
        rng = self.rng
        for _ in range(steps):
            product = PRODUCTS[rng.randrange(len(PRODUCTS))]
            roll = rng.random()
            if roll < 0.3:
                self.browse(1)
            elif roll < 0.7:
                self.track("Product Viewed", product_properties(product))
            elif roll < 0.9:
                self.track("Product Added", product_properties(product, quantity=1))
            elif roll < 0.96:
                self.track("Cart Viewed", {"products": [product_properties(product, quantity=1)]})
            else:
                self.track("Products Searched", {"query": product.category})

    def track(self, event: str, properties: dict[str, Any]) -> None:
        page = _page("/checkout/done", "支付成功", "") if event == "Order Completed" else _page("/item", "商品", "")
        self._send({"type": "track", "event": event, "properties": properties}, page, None)

    def log_in(self, record: Record, *, full: bool = True) -> None:
        self.user_id = record.key.removeprefix("user:")
        traits = user_traits(record) if full else {}
        self._send({"type": "identify", "traits": traits}, None, None)

    def log_out(self) -> None:
        self.track("Signed Out", {})
        self.user_id = None

    def _send(self, body: dict[str, Any], page: dict[str, Any] | None, campaign: dict[str, str] | None) -> None:
        rng = self.rng
        self.now += timedelta(seconds=rng.randint(4, 90), milliseconds=rng.randrange(1000))
        uuid = random_uuid(rng)
        message_id = f"ajs-next-{int(self.now.timestamp() * 1000)}-{uuid}" if page else uuid
        context: dict[str, Any] = {"library": BROWSER_LIBRARY if page else BACKEND_LIBRARY}
        if page:
            context["page"] = page
            context["userAgent"] = self.browser.user_agent
            context["locale"] = "zh-CN"
            context["timezone"] = "Asia/Shanghai"
        if campaign:
            context["campaign"] = campaign
        self.messages.append(
            {
                "messageId": message_id,
                "timestamp": iso_utc(self.now),
                "anonymousId": self.browser.anonymous_id,
                "userId": self.user_id,
                **body,
                "context": context,
            }
        )
        self.people_by_message[message_id] = self.person_id


def user_traits(record: Record) -> dict[str, Any]:
    traits: dict[str, Any] = {"createdAt": iso_utc(record.created_at)}
    for trait, value in (
        ("name", record.name),
        ("email", record.email),
        ("phone", record.phone),
        ("gender", record.gender),
        ("birthday", "{:04d}-{:02d}-{:02d}".format(*record.birth) if record.birth else ""),
    ):
        if value:
            traits[trait] = value
    return traits


def product_properties(product: Product, quantity: int | None = None) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "product_id": product.sku,
        "sku": product.sku,
        "name": product.name,
        "category": product.category,
        "price": product.price_fen / 100,
        "currency": "CNY",
    }
    if quantity is not None:
        properties["quantity"] = quantity
    return properties


def order_completed(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.number,
        "total": order.total_fen / 100,
        "subtotal": (order.subtotal_fen - order.discount_fen) / 100,
        "revenue": (order.subtotal_fen - order.discount_fen) / 100,
        "shipping": order.shipping_fen / 100,
        "discount": order.discount_fen / 100,
        "currency": "CNY",
        "products": [product_properties(line.product, line.quantity) for line in order.lines],
    }


def random_uuid(rng: Random) -> str:
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _page(path: str, title: str, referrer: str) -> dict[str, Any]:
    return {"path": path, "referrer": referrer, "search": "", "title": title, "url": SITE + path}
