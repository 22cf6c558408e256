"""Amounts of money and quantities as exports write them: ¥1,299.00 · 1.299,00 · (12.50) · 1.2万 · 3件."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

_PLAIN: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?")
_SIGNS: Final = re.compile(
    r"^(?:cny|rmb|usd|eur|gbp|brl|hkd|jpy|r\$|us\$|hk\$|人民币|[¥￥$€£])|(?:cny|rmb|usd|eur|gbp|brl|hkd|jpy|元整?|圆|[¥￥$€£])$"
)
_UNIT: Final = re.compile(r"[件个瓶盒袋张次]$")
_SCALES: Final = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}
_CENT_PARTS: Final = Decimal("0.0001")
_LIMIT: Final = Decimal(10) ** 15


@lru_cache(maxsize=16_384)  # prices repeat
def parse_amount(text: str) -> Decimal | None:
    """A decimal of at most four places and fifteen digits before the point; None when the text is no amount.

    A lone comma before exactly three digits parts thousands, else it is the decimal sign. A lone point is
    always the decimal sign, as Chinese and English exports, the common case, write it.
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text).quantize(_CENT_PARTS)
    body = text.strip().lower().replace("\u00a0", " ").replace("，", ",").replace("．", ".")
    sign = 1
    if body.startswith("(") and body.endswith(")"):
        sign, body = -1, body[1:-1]
    if body.startswith(("-", "−", "+")):
        sign, body = (-sign if body[0] != "+" else sign), body[1:]
    body = _UNIT.sub("", _SIGNS.sub("", _SIGNS.sub("", body.strip()).strip()).strip()).strip()
    if body.startswith(("-", "−")):  # ¥-12.00
        sign, body = -sign, body[1:]
    scale = _SCALES.get(body[-1:], Decimal(1))
    digits = _plain_digits(body if scale == 1 else body[:-1])
    if digits is None:
        return None
    amount = sign * Decimal(digits) * scale
    return amount.quantize(_CENT_PARTS) if abs(amount) < _LIMIT else None


def _plain_digits(body: str) -> str | None:
    body = body.replace(" ", "").replace("'", "")
    point, comma = body.rfind("."), body.rfind(",")
    if point >= 0 and comma >= 0:
        thousands, decimal_sign = (",", ".") if point > comma else (".", ",")
        body = body.replace(thousands, "").replace(decimal_sign, ".")
    elif comma >= 0:
        parts = body.split(",")
        is_thousands = all(len(part) == 3 for part in parts[1:]) and 1 <= len(parts[0]) <= 3
        body = "".join(parts) if is_thousands else body.replace(",", ".")
    elif body.count(".") > 1:  # 1.299.000
        parts = body.split(".")
        if any(len(part) != 3 for part in parts[1:]):
            return None
        body = "".join(parts)
    try:
        return body if Decimal(body).is_finite() and body[0] in "0123456789." and "e" not in body else None
    except (InvalidOperation, IndexError):
        return None
