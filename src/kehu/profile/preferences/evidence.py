"""What counts as evidence of a preference, how much, and when it is enough to speak of one. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final


class PreferenceKind(StrEnum):
    PRODUCT = "product"
    CONTENT = "content"
    CHANNEL = "channel"
    HOURS = "hours"


WINDOW: Final = timedelta(days=365)
MOST_PLACES: Final = 3
LEAST_FACTS: Final = 2
# The share of its kind's evidence from which a value is clear: few channels compete, many products do.
LEAST_SHARE: Final[Mapping[PreferenceKind, float]] = {
    PreferenceKind.PRODUCT: 0.2,
    PreferenceKind.CONTENT: 0.2,
    PreferenceKind.CHANNEL: 0.4,
    PreferenceKind.HOURS: 0.4,
}

BOUGHT: Final = ("bought", 5)
# Events about a product, small letters → what was done and how much it says.
LOOKS: Final[Mapping[str, tuple[str, int]]] = {
    "product viewed": ("viewed", 1),
    "product clicked": ("viewed", 1),
    "product added": ("added", 2),
    "product added to wishlist": ("wished", 2),
    "product reviewed": ("reviewed", 2),
}
# Only what the customer did with a message counts, not that it was sent.
ANSWERS: Final = "(open|click|tap|repl|read)"
# Source kinds that are channels; what a CRM or a file reports says nothing of the way it came.
SOURCE_CHANNELS: Final[Mapping[str, str]] = {
    "web": "web",
    "segment": "web",
    "app": "app",
    "wechat": "wechat",
    "shop": "shop",
    "market": "market",
    "till": "till",
    "call": "phone",
    "mail": "email",
}
# The beginning of an event's name that tells its channel, whatever source reports it.
NAMED_CHANNELS: Final[Mapping[str, str]] = {"email ": "email", "sms ": "sms", "push ": "push", "call ": "phone"}
CHANNELS: Final = ("web", "app", "wechat", "shop", "market", "till", "phone", "email", "sms", "push")
# Local hours from which a part of the day begins; the night goes on to the first of the next day.
DAY_PARTS: Final[tuple[tuple[int, str], ...]] = (
    (6, "morning"),
    (11, "noon"),
    (14, "afternoon"),
    (18, "evening"),
    (23, "night"),
)
PARTS: Final = tuple(name for _, name in DAY_PARTS)


def part_of_day(hour: int) -> str:
    """The part a local hour (0 to 23) lies in."""
    return next((name for begins, name in reversed(DAY_PARTS) if hour >= begins), "night")
