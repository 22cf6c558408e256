"""People called by @ in a text. Pure.

What is typed says @李娜; what is kept says @{7}, so that whoever changes their name stays the one who was meant.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_KEPT: Final = re.compile(r"@\{(\d{1,18})\}")
_WORD: Final = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text as it is shown. user_id: whom it calls; None for plain words."""

    text: str
    user_id: int | None = None


def keep_mentions(typed: str, handles: Mapping[str, int]) -> str:
    """@ and a handle become a number: the longest handle that fits wins. An @ inside a word (an address) calls nobody.

    handles: name → user id.
    """
    by_length = sorted(handles, key=len, reverse=True)
    kept, place = [], 0
    while (at := typed.find("@", place)) >= 0:
        kept.append(typed[place:at])
        handle = None if at and _WORD.match(typed[at - 1]) else _handle_at(typed, at + 1, by_length)
        kept.append("@" if handle is None else f"@{{{handles[handle]}}}")
        place = at + 1 + len(handle or "")
    return "".join(kept) + typed[place:]


def mentioned_in(kept: str) -> tuple[int, ...]:
    """Whom a text calls, each once, in order."""
    return tuple(dict.fromkeys(int(number) for number in _KEPT.findall(kept)))


def as_typed(kept: str, names: Mapping[int, str]) -> str:
    """A kept text as its author would type it."""
    return "".join(piece.text for piece in pieces_of(kept, names))


def pieces_of(kept: str, names: Mapping[int, str]) -> list[Piece]:
    """The text with names in place of numbers; a number nobody has stays as it was written."""
    pieces, place = [], 0
    for found in _KEPT.finditer(kept):
        user_id = int(found[1])
        if user_id in names:
            pieces += [Piece(kept[place : found.start()]), Piece(f"@{names[user_id]}", user_id)]
            place = found.end()
    return [piece for piece in (*pieces, Piece(kept[place:])) if piece.text]


def _handle_at(typed: str, start: int, by_length: list[str]) -> str | None:
    return next((handle for handle in by_length if _fits(typed, start, handle)), None)


def _fits(typed: str, start: int, handle: str) -> bool:
    """Chinese goes on without a space, Latin letters would make another name."""
    end = start + len(handle)
    if not handle or typed[start:end].casefold() != handle.casefold():
        return False
    return not (_WORD.match(handle[-1]) and end < len(typed) and _WORD.match(typed[end]))
