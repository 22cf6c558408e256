"""Chinese numerals in dates and addresses: 一九八八 → 1988, 二十三 → 23, 廿三 → 23."""

from typing import Final

_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "○": 0, "两": 2, "元": 1, "正": 1, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7,
    "捌": 8, "玖": 9,
}  # fmt: skip
_TENS: Final = {"十": 10, "拾": 10, "廿": 20, "卅": 30}
NUMERALS: Final = "零〇○一二两三四五六七八九十百壹贰叁肆伍陆柒捌玖拾廿卅"


def chinese_number(text: str) -> int | None:
    """The value of a numeral up to 999, or of digits spoken one by one; None if it is none. Plain digits pass."""
    if not text:
        return None
    if text.isdigit() and text.isascii():
        return int(text)
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, pending = 0, 0
    for character in text:
        if character in _DIGITS:
            pending = _DIGITS[character]
        elif character in ("百", "佰"):
            total, pending = total + (pending or 1) * 100, 0
        elif character in ("十", "拾"):
            total, pending = total + (pending or 1) * 10, 0
        elif character in _TENS:
            total, pending = total + _TENS[character], 0
        else:
            return None
    return total + pending
