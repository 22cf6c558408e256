"""What the matcher needs of a postal address: division, road and number, estate, building and room."""

import re
from dataclasses import dataclass, fields
from functools import lru_cache

from kehu.clean.postal_addresses import PostalAddress
from kehu.clean.text_forms import has_han
from kehu.resolve.raw_columns import RawColumn
from kehu.resolve.text_columns import TextColumn

_LEADING_NUMBER = re.compile(r"^(?:(?:unit|flat|apt|no\.?)\s*)?(\d+[a-z]?)(?:[/-]\d+)?[\s,]+(?=\D)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AddressParts:
    """One address, ready to compare; "" where unknown. district and city: names, or the code's first 6 or 4 digits."""

    district: str = ""
    city: str = ""
    road: str = ""
    number: str = ""
    estate: str = ""
    building: str = ""
    room: str = ""
    postcode: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class AddressFeatures:
    """Addresses of n records; road and estate are compared as text, the rest by code (int32[n], -1 unknown)."""

    district: TextColumn
    city: TextColumn
    road: TextColumn
    number: TextColumn
    estate: TextColumn
    building: TextColumn
    room: TextColumn
    postcode: TextColumn
    text: TextColumn

    def columns(self) -> dict[str, TextColumn]:
        """The columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def address_features(addresses: RawColumn) -> AddressFeatures:
    """Features of one address text per record."""
    row = addresses.first()
    parts = [address_parts(text) for text in addresses.values]
    return AddressFeatures(
        *(TextColumn.recoded(row, [getattr(p, field.name) for p in parts]) for field in fields(AddressFeatures))
    )


@lru_cache(maxsize=1 << 17)
def address_parts(text: str) -> AddressParts:
    """Split an address into comparable parts."""
    parsed = PostalAddress.parse(text) if text else None
    if parsed is None:
        return AddressParts()
    if not has_han(parsed.text):
        return _latin_parts(parsed)
    code = parsed.region_code
    return AddressParts(
        district=parsed.district and (code or parsed.district),
        city=code[:4] if len(code) >= 4 and code[2:4] != "00" else parsed.city,
        road=parsed.road,
        number=parsed.number,
        estate=parsed.estate,
        building=parsed.building,
        room=parsed.room,
        postcode=parsed.postcode,
        text=parsed.text,
    )


def _latin_parts(parsed: PostalAddress) -> AddressParts:
    whole = parsed.text.lower()
    found = _LEADING_NUMBER.match(whole)
    road = parsed.road.lower() or (whole[found.end() :] if found else whole)
    number = parsed.number or (found[1] if found else "")
    return AddressParts(
        city=parsed.city.lower(),
        road=road,
        number=number,
        estate=parsed.estate.lower(),
        room=parsed.room or parsed.unit,
        postcode=parsed.postcode.lower(),
        text=whole,
    )
