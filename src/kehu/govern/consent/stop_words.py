"""What people answer to a message to be left alone, or to hear again: 退订, TD, STOP … Pure."""

import re
import unicodedata
from enum import StrEnum
from typing import Final


class Reply(StrEnum):
    STOP = "stop"
    START = "start"
    NONE = ""


_STOP: Final = frozenset(
    {"t", "td", "tdq", "n", "r", "0000", "退", "退订", "退訂", "取消", "取消订阅", "取消訂閱", "拒收", "不要再发",
     "拒絕", "拒绝", "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "opt out", "optout"}
)  # fmt: skip
_START: Final = frozenset(
    {"订阅", "訂閱", "恢复", "恢复订阅", "start", "unstop", "subscribe", "yes start", "opt in", "optin"}
)
_EDGE: Final = re.compile(r"^[\W_]+|[\W_]+$")
_POLITE: Final = re.compile(r"^(?:回复|回覆|请|麻烦|please|reply)\s*|\s*(?:谢谢|謝謝|please|thanks|thank you)$")


def read_reply(text: str) -> Reply:
    """A reply counts if it says nothing else: "STOP.", "ＴＤ", "退订，谢谢" do, "don't stop" does not."""
    words = unicodedata.normalize("NFKC", text[:200]).casefold().strip()
    for _ in range(3):
        words = _POLITE.sub("", _EDGE.sub("", words))
    words = " ".join(words.split())
    if words in _STOP or words.replace(" ", "") in _STOP:
        return Reply.STOP
    return Reply.START if words in _START else Reply.NONE
