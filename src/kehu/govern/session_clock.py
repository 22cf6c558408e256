"""When a session ends: after a while without anybody there, and after a working day whatever happens. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Verdict(StrEnum):
    LIVE = "live"
    IDLE = "idle"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class SessionLimits:
    idle_for: timedelta
    whole_for: timedelta


def judge(now: datetime, began_at: datetime, seen_at: datetime, limits: SessionLimits) -> Verdict:
    """began_at: the sign-in. seen_at: the last time the person did something."""
    if now - began_at >= limits.whole_for:
        return Verdict.OVER
    if now - seen_at >= limits.idle_for:
        return Verdict.IDLE
    return Verdict.LIVE
