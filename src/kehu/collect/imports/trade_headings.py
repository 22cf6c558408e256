"""Headings of order exports, more finely told apart than "an amount": pure."""

import re
from typing import Final

from kehu.clean.column_headings import normal_heading

# In order: the first pattern that is found in the heading decides, so the special stand before the general.
_ROLES: Final = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        ("refund.at", r"退款(?:完成)?(?:时间|日期)|refund(?:ed)?_(?:at|date|time)"),
        ("refund.amount", r"退款|退货金额|refund"),
        ("payment.at", r"(?:付款|支付)(?:时间|日期)|paid_at|pay(?:ment)?_(?:time|date)"),
        ("payment.method", r"支付方式|付款方式|支付渠道|pay(?:ment)?_(?:method|type|channel)"),
        ("payment.key", r"支付(?:单号|流水号?)|交易流水|payment_(?:no|id|sequential|number)|transaction_id"),
        ("payment.amount", r"实付|实收|付款金额|支付金额|已付|payment_(?:value|amount)|amount_paid|paid(?:_amount)?$"),
        ("line.key", r"(?:order_item|line(?:_item)?)_(?:id|no|number)|行号|子订单"),
        ("line.quantity", r"数量|件数|quantity|qty"),
        ("line.unit_price", r"单价|售价|unit_price|^price$|item_price"),
        ("line.sku", r"商品编[码号]|商品货号|货号|sku|product_(?:id|code|no)|item_(?:code|no)"),
        ("line.name", r"商品(?:名称|标题)?$|货品|品名|产品名称|product(?:_name|_title)?$|item_name"),
        ("line.amount", r"行金额|小计|商品金额|line_(?:amount|total)|subtotal"),
        ("order.currency", r"币种|货币|currency"),
        ("order.status", r"订单状态|交易状态|order_status|^status$|^状态$"),
        ("order.updated_at", r"(?:更新|修改|变更)(?:时间|日期)"),
        ("order.updated_at", r"(?:updated|modified)_(?:at|on|date|time)|last_(?:update|modified)"),
        ("order.placed_at", r"(?:下单|订单创建|订单|交易|购买|成交)(?:时间|日期)"),
        ("order.placed_at", r"order(?:ed)?_(?:at|date|time|purchase_timestamp)|purchase_(?:date|time)"),
        ("order.total", r"总(?:价|额|金额|计)|合计|应收|应付|订单金额|^金额$"),
        ("order.total", r"(?:order|grand)_(?:total|amount|value)|^total(?:_amount|_price)?$|^amount$"),
    )
)  # fmt: skip


def trade_role(heading: str) -> str:
    """order.total, line.quantity …; "" when the heading names nothing of an order."""
    normal = normal_heading(heading)
    return next((role for role, pattern in _ROLES if pattern.search(normal)), "")
