"""Ids that mean nobody: what software sends in place of an id. Records under one would mix everybody who has none."""

from typing import Final

# After Segment's list of blocked identifiers, and what forms and till systems were seen to send.
NOBODY: Final = frozenset(
    {
        "-1",
        "null",
        "nil",
        "none",
        "undefined",
        "nan",
        "n/a",
        "[object object]",
        "anonymous",
        "guest",
        "unknown",
        "unidentified",
        "test",
    }
)


def means_nobody(text: str) -> bool:
    """A word for nothing, or only zeros, dashes, stars and dots."""
    return text.strip().lower() in NOBODY or not text.strip("0-*. ")
