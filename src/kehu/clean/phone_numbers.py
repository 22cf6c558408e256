"""Telephone numbers: Chinese ones by pattern, all others by the numbering plans of libphonenumber."""

import re
from typing import Final, Self

import msgspec

from kehu.clean.numbering_plans import national_to_e164, to_e164
from kehu.clean.placeholders import is_placeholder, is_placeholder_number
from kehu.clean.text_forms import tidy

_SEPARATORS: Final = r"[\s\-.·/]*"
_MOBILE: Final = re.compile(
    rf"\s*(?:[(\[]?\s*(?:\+|00|\+00)?86\s*[)\]]?{_SEPARATORS})?0?(1[3-9]\d){_SEPARATORS}(\d{{4}}){_SEPARATORS}(\d{{4}})\s*",
    re.A,
)
_BARE_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}", re.A)
_MOBILE_DIGITS: Final = re.compile(r"(?:0{0,2}86)?0?(1[3-9]\d{9})", re.A)
_LANDLINE_DIGITS: Final = re.compile(r"(?:(?:00)?86)?0?(10[2-9]\d{7}|2[0-57-9][2-9]\d{7}|[3-9]\d\d[2-9]\d{6,7})", re.A)
_BARE_LANDLINE: Final = re.compile(r"(?:(?:00)?86)?0(10[2-9]\d{7}|2[0-57-9][2-9]\d{7}|[3-9]\d\d[2-9]\d{6,7})", re.A)
_SERVICE_DIGITS: Final = re.compile(r"(?:(?:00)?86)?0?([48]00[0-9]\d{6})", re.A)
_SHORT_SERVICE: Final = re.compile(r"95\d{3,6}|100\d\d|12\d{3}|96\d{3,4}|1[12]\d", re.A)
_EXTENSION: Final = re.compile(r"(?:转|转接|轉|分机|分機|内线|ext(?:ension)?\.?|x|#)[\s:.]*(\d{1,6})\D*$", re.I | re.A)
_DASHED_EXTENSION: Final = re.compile(r"(.*\d{7,8}|[48]00[\d-]{7,9})[-—–](\d{1,5})$", re.A)
_NORTH_AMERICAN: Final = re.compile(
    r"(?:1[\s.-])?\(?[2-9]\d\d\)?[\s.-]+[2-9]\d\d[\s.-]\d{4}|\([2-9]\d\d\)[2-9]\d\d[\s.-]?\d{4}", re.A
)
_USUAL_LANDLINE: Final = re.compile(r"0(10|2[0-57-9])[\- ]?([2-9]\d{7})|0([3-9]\d\d)[\- ]?([2-9]\d{6,7})", re.A)
_USUAL_MASK: Final = re.compile(r"1[3-9]\d\*{4}(\d{4})", re.A)
_USUAL_AMERICAN: Final = re.compile(r"(?:\+1[\s.\-]?)?\(?([2-9]\d\d)\)?[\s.\-]+([2-9]\d\d)[\s.\-](\d{4})", re.A)
_MASKED: Final = re.compile(r"(?:\+?(?:00)?86[\s-]*)?([\d\s()-]*?)[\s-]*[*•●#?xX×_]{2,}[\s*-]*([\d\s-]*)", re.A)
_SEVERAL: Final = re.compile(r"\s*(?:[;,、|]|/|\bor\b|或)\s*")
_NOT_DIGIT: Final = re.compile(r"[^0-9]+")


class PhoneNumber(msgspec.Struct, frozen=True, gc=False):
    """A telephone number.

    e164: "+8613800138000"; "" if masked, invalid, or a short service number (95588).
    kind: mobile, landline, service (400, 800, 95588), foreign, masked, invalid.
    masked: "138****1234" or "". tail: the last four digits, "" when hidden. extension: digits.
    national: digits as dialed in China, with the country code if foreign; for an invalid number what was there.
    """

    e164: str
    kind: str
    masked: str = ""
    tail: str = ""
    national: str = ""
    extension: str = ""

    @classmethod
    def parse(cls, text: str | None, region: str = "CN") -> Self | None:
        """Read a number as dialed from `region` (ISO code); of several the first good one.

        None for nothing, a text without digits or a placeholder (00000000000).
        """
        if not text:
            return None
        if region == "CN" and _BARE_MOBILE.fullmatch(text) is not None:
            return None if is_placeholder_number(text) else cls("+86" + text, "mobile", "", text[7:], text)
        # A mobile of the mainland in any spelling is told by one match; numbers of other regions look different.
        found = _MOBILE.fullmatch(text) if text.isascii() else None
        if found is None:
            text = tidy(text)
            found = _MOBILE.fullmatch(text)
        if found is not None and (region == "CN" or not text.lstrip().startswith("1")):
            head, middle, tail = found.groups()
            number = head + middle + tail
            if is_placeholder_number(number):
                return None
            return cls("+86" + number, "mobile", "", tail, number)
        if region == "CN":
            usual = cls._parse_usual(text)
            if usual is not None:
                return usual
        return cls._parse_other(text, region)

    @classmethod
    def _parse_usual(cls, value: str) -> Self | None:
        """The usual spellings of other numbers, each by one match: what follows would find the same in five steps."""
        found = _USUAL_LANDLINE.fullmatch(value)
        if found is not None:
            area, number = found[1] or found[3], found[2] or found[4]
            if number in ("12345678", "00000000"):
                return None
            return cls(f"+86{area}{number}", "landline", "", number[-4:], f"0{area}{number}")
        found = _USUAL_MASK.fullmatch(value)
        if found is not None:
            return cls("", "masked", value, found[1])
        found = _USUAL_AMERICAN.fullmatch(value)
        if found is not None and (value[0] == "+" or found[1] not in ("400", "800")):
            e164 = to_e164(f"1{found[1]}{found[2]}{found[3]}")
            if e164:
                return cls(e164, "foreign", "", found[3], e164[1:])
        return None

    @classmethod
    def _parse_other(cls, value: str, region: str) -> Self | None:
        if value.endswith(".0"):
            value = value[:-2]  # a spreadsheet made a number of it
        digits = _NOT_DIGIT.sub("", value)
        if not digits or is_placeholder(value, "phone"):
            return None
        masked = _MASKED.fullmatch(value)
        if masked is not None:
            return cls._from_mask(_NOT_DIGIT.sub("", masked[1]), _NOT_DIGIT.sub("", masked[2]))
        number = cls._parse_one(value, region)
        if number.kind == "invalid" and len(digits) > 12:
            for part in _SEVERAL.split(value):
                if part and part != value and _NOT_DIGIT.sub("", part):
                    other = cls.parse(part, region)
                    if other is not None and other.kind != "invalid":
                        return other
        return number

    @classmethod
    def _from_mask(cls, head: str, tail: str) -> Self:
        hidden = max(11 - len(head) - len(tail), 4) if head[:1] == "1" else 4
        return cls("", "masked", f"{head}{'*' * hidden}{tail}", tail[-4:] if len(tail) >= 4 else "")

    @classmethod
    def _parse_one(cls, value: str, region: str) -> Self:
        extension = ""
        found = _EXTENSION.search(value) or None
        if found is not None and len(_NOT_DIGIT.sub("", value[: found.start()])) >= 5:
            value, extension = value[: found.start()], found[1]
        elif (dashed := _DASHED_EXTENSION.fullmatch(value)) is not None:
            before = _NOT_DIGIT.sub("", dashed[1])
            if _BARE_LANDLINE.fullmatch(before) or _SERVICE_DIGITS.fullmatch(before):
                value, extension = dashed[1], dashed[2]
        digits = _NOT_DIGIT.sub("", value.replace("(0)", ""))
        if region == "CN" or "+86" in value or digits.startswith("0086"):
            e164, kind, national = _read_chinese(value, digits)
            if kind:
                return cls(e164, kind, "", digits[-4:], national, extension)
        e164 = _read_foreign(value, digits, region)
        if e164:
            kind = "foreign"
            if e164.startswith("+86"):
                kind = "mobile" if e164[3] == "1" and len(e164) == 14 else "landline"
            return cls(e164, kind, "", e164[-4:], e164[1:], extension)
        return cls("", "invalid", "", digits[-4:], digits, extension)


def _read_chinese(value: str, digits: str) -> tuple[str, str, str]:
    """e164, kind and national form of a mainland number; kind "" if it is none."""
    if value.lstrip("( ").startswith("+") and not value.lstrip("( +").startswith(("86", "0086")):
        return "", "", ""
    if digits.startswith("00") and not digits.startswith("0086"):
        return "", "", ""
    if _NORTH_AMERICAN.fullmatch(value) is None:
        found = _MOBILE_DIGITS.fullmatch(digits)
        if found is not None:
            return "+86" + found[1], "mobile", found[1]
    found = _SERVICE_DIGITS.fullmatch(digits)
    if found is not None:
        return "+86" + found[1], "service", found[1]
    has_country = digits.startswith("0086") or (digits.startswith("86") and len(digits) >= 12)
    found = (_LANDLINE_DIGITS if has_country else _BARE_LANDLINE).fullmatch(digits)
    if found is not None:
        return "+86" + found[1], "landline", "0" + found[1]
    if _SHORT_SERVICE.fullmatch(digits):
        return "", "service", digits
    return "", "", ""


def _read_foreign(value: str, digits: str, region: str) -> str:
    """The e164 form of a number from elsewhere, "" if no numbering plan has it."""
    if value.lstrip("( ").startswith("+"):
        return to_e164(digits)
    if digits.startswith("00"):
        return to_e164(digits[2:])
    if region != "CN":
        e164 = national_to_e164(digits, region)
        if e164:
            return e164
        if digits.startswith("011"):
            return to_e164(digits[3:])
    if _NORTH_AMERICAN.fullmatch(value):
        return national_to_e164(digits, "US")
    return ""
