"""In which encoding a text file is written. The whole file is looked at: the one odd byte may stand at its end."""

import codecs
from pathlib import Path
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from kehu.collect.imports.readers.shape import MAX_CELL, FileRefused

CHUNK: Final = 1 << 20
MAX_LINE_BYTES: Final = 1_000 * MAX_CELL
_SAMPLE_BYTES: Final = 256 << 10
# Control characters that no table holds; \x01, \x1c to \x1f delimit cells and rows in some exports.
_NOT_IN_TEXT: Final = bytes({*range(32)} - {0, 1, 7, 9, 10, 11, 12, 13, 26, 27, *range(28, 32)})
_MOST_ODD_SHARE: Final = 0.02
_ODD_FORGIVEN: Final = 16
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class TextFacts(NamedTuple):
    """line_count: of lines, whether the last one ends or not; a quoted line break counts too."""

    encoding: str
    line_count: int


def text_facts(path: Path) -> TextFacts:
    """Raises FileRefused for what is no text, and for a line longer than any row may be."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    is_utf8, is_line_open, lines, run, size, nuls, controls = True, False, 0, 0, 0, 0, 0
    odd = bytearray()
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(0)
        while chunk := file.read(CHUNK):
            count = chunk.count(b"\n") or chunk.count(b"\r")
            lines += count
            size += len(chunk)
            is_line_open = not chunk.endswith((b"\n", b"\r", b"\n\x00"))
            nuls += chunk.count(0)
            controls += len(chunk) - len(chunk.translate(None, _NOT_IN_TEXT))
            run = 0 if count else run + len(chunk)
            if run > MAX_LINE_BYTES:
                raise FileRefused("line_too_long", _("A line is longer than any row may be: is it a table?"))
            if is_utf8:
                try:
                    decoder.decode(chunk, final=len(chunk) < CHUNK)
                except UnicodeDecodeError:
                    is_utf8 = False
            if len(odd) < _SAMPLE_BYTES and not chunk.isascii():
                odd += b"\n".join(line for line in chunk.splitlines() if not line.isascii())
    lines += is_line_open
    for mark, name in _BOMS:
        if head.startswith(mark):
            return TextFacts(name, lines)
    if (wide := _wide_encoding(head)) and _reads_as_text(head, wide):
        return TextFacts(wide, lines)
    if nuls + controls > max(_ODD_FORGIVEN, _MOST_ODD_SHARE * size) or nuls == size:
        raise FileRefused("binary", _("This is no text: a table is CSV, JSON lines, .xlsx or Parquet."))
    sample = bytes(odd[:_SAMPLE_BYTES])
    return TextFacts("utf-8" if is_utf8 or _is_damaged_utf8(sample) else eight_bit_encoding(sample), lines)


def _is_damaged_utf8(sample: bytes) -> bool:
    """A cut character here and there must not turn the whole file into another encoding's nonsense."""
    text = sample.decode("utf-8", "replace")
    odd = sum(not character.isascii() for character in text)
    return odd > 0 and text.count("\ufffd") * 20 <= odd


def _wide_encoding(head: bytes) -> str:
    """UTF-16 without a mark: delimiters and digits leave zeros on one side of every pair only."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(head) < 4 or max(even, odd) * 20 < len(head) or min(even, odd) * 10 > max(even, odd):
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _reads_as_text(head: bytes, encoding: str) -> bool:
    text = head[: len(head) // 2 * 2].decode(encoding, "replace")
    odd = sum(character == "\ufffd" or (character < " " and ord(character) in _NOT_IN_TEXT) for character in text)
    return odd <= _MOST_ODD_SHARE * len(text)


def eight_bit_encoding(sample: bytes) -> str:
    """gb18030, big5 or cp1252 for text that is not UTF-8. Two Chinese characters are enough to tell.

    Decides by how usual the decoded characters are, not by whether decoding succeeds: almost any bytes are *some*
    GB18030 text, but accented Latin letters give rare characters in it, where real Chinese gives everyday ones.
    """
    scores = {"gb18030": _usual_share(sample, 0xB0, 0xD7), "big5": _usual_share(sample, 0xA4, 0xC6)}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 0.5 else "cp1252"


def _usual_share(sample: bytes, first_lead: int, last_lead: int) -> float:
    """Share of non-ASCII bytes that pair up into a level-one character (or a full-width mark) of the encoding.

    GB 2312 has all its characters in trail bytes above A0; Big5 uses 40..7E as well.
    """
    is_big5 = first_lead == 0xA4
    usual = pairs = position = 0
    while position < len(sample):
        lead = sample[position]
        if lead < 0x80:
            position += 1
            continue
        trail = sample[position + 1] if position + 1 < len(sample) else 0
        pairs += 1
        is_trail = 0xA1 <= trail <= 0xFE or (is_big5 and 0x40 <= trail <= 0x7E)
        is_mark = lead in ((0xA1, 0xA2) if is_big5 else (0xA1, 0xA3)) and is_trail
        if is_trail and (first_lead <= lead <= last_lead or is_mark):
            usual += 1
            position += 2
        else:
            position += 2 if trail >= 0x80 or (trail >= 0x40 and lead != 0x80) else 1
    return usual / pairs if pairs else 0.0
