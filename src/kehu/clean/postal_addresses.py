"""Postal addresses: Chinese by the table of divisions, others by street, city and postcode."""

import re
from typing import Final, Self

import msgspec

from kehu.clean.chinese_addresses import split_chinese_address
from kehu.clean.placeholders import ADDRESS_PLACEHOLDERS, LONGEST, is_placeholder
from kehu.clean.text_forms import has_han, tidy, to_simplified
from kehu.clean.world_addresses import split_world_address

_NUMBERS: Final = re.compile(r"[0-9]+")


class PostalAddress(msgspec.Struct, frozen=True, gc=False):
    """An address in parts; "" for what it does not say.

    text: the cleaned text in the script it came in. Chinese divisions have their official names (浦东 → 浦东新区).
    street: 乡/镇/街道 by its official name, street_code its nine digits where that is certain. zone: 开发区.
    community: 村/社区. number: of the house in the road, 832弄125号 → "832-125".
    building, unit, floor, room: without 栋, 室 …
    Latin parts are in small letters, road types spelt out (st → street).
    region_code: six digits of the deepest division known (440300), or "".
    key: compact match key of estate + building + room or road + number, within the city if known; "" if too thin
    to tell two doors apart.
    """

    text: str
    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    road: str = ""
    number: str = ""
    estate: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""
    postcode: str = ""
    region_code: str = ""
    key: str = ""
    zone: str = ""
    community: str = ""
    floor: str = ""
    street_code: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every number in the text, in order."""
        return tuple(_NUMBERS.findall(self.text))

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Read an address; None for nothing or a placeholder (自提, 同上)."""
        value = tidy(text)
        if not value or value in ADDRESS_PLACEHOLDERS:
            return None
        if (not value[0].isalnum() or (len(value) <= LONGEST and value.isascii())) and is_placeholder(value, "address"):
            return None
        if not has_han(value):
            parts = split_world_address(value)
            key = _world_key(parts.road, parts.number, parts.postcode, parts.city, parts.unit)
            return cls(
                value, parts.country, parts.province, parts.city, parts.district, "", parts.road, parts.number,
                parts.estate, "", parts.unit, parts.room, parts.postcode, "", key,
            )  # fmt: skip
        (
            province, city, district, street, road, number, estate, building, unit, room, postcode, code,
            zone, community, floor, street_code,
        ) = split_chinese_address(to_simplified(value))  # fmt: skip
        key = _chinese_key(code, city or district, road, number, estate, building, unit, room)
        country = _COUNTRY_BY_CODE.get(code[:2], "CN") if code else ""
        return cls(
            value, country, province, city, district, street, road, number, estate, building, unit, room, postcode,
            code, key, zone, community, floor, street_code,
        )  # fmt: skip


_COUNTRY_BY_CODE: Final = {"71": "TW", "81": "HK", "82": "MO"}


def _chinese_key(
    code: str, place: str, road: str, number: str, estate: str, building: str, unit: str, room: str
) -> str:
    """The estate's door before the road's number: whoever writes both means the same door as who writes one."""
    city = code[:4] if code and code[2:4] != "00" else place
    if estate and building and room:
        return f"{city}:{estate}:{building}:{room}"
    if road and number:
        return f"{city}:{road}:{number}:{building}:{room}" if room else f"{city}:{road}:{number}"
    if estate and room:
        return f"{city}:{estate}:{building}:{room}"
    return ""


def _world_key(road: str, number: str, postcode: str, city: str, unit: str) -> str:
    if not (road and number):
        return ""
    place = postcode.replace(" ", "").lower() or city
    return f"{place}:{road}:{number}:{unit}" if unit else f"{place}:{road}:{number}"
