"""When a Segment call was true, with the sender's wrong clock put right."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from kehu.clean.touches import Rejected

LATEST_IN_FUTURE = timedelta(hours=24)


def read_moment(value: Any, zone: ZoneInfo | None = None) -> datetime | None:
    """An ISO time with `Z`, an offset, or neither (then of `zone`, else UTC). Anything else is as if absent."""
    if not isinstance(value, str):
        return None
    try:
        moment = msgspec.convert(value.strip(), datetime)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        return None


def true_time(call: Mapping[str, Any], received_at: datetime, sent_at: datetime | None, zone: ZoneInfo) -> datetime:
    """receivedAt − (sentAt − original). Raises Rejected for what would lie more than a day in the future.

    original: `timestamp`, else `originalTimestamp`. Without it the call is taken to be of now; without sentAt the
    sender's clock is taken to be right. sent_at: that of the batch, over which the call's own wins. A call that
    already has `receivedAt` comes from an archive and was corrected when it was first received.
    """
    original = read_moment(call.get("timestamp"), zone) or read_moment(call.get("originalTimestamp"), zone)
    first_received = read_moment(call.get("receivedAt"), zone)
    if original is None:
        return first_received or received_at
    sent_at = read_moment(call.get("sentAt"), zone) or sent_at
    try:
        moment = original if sent_at is None or first_received else received_at - (sent_at - original)
    except OverflowError as error:
        raise Rejected("time_out_of_range", time=str(original), sent=str(sent_at)) from error
    if moment > received_at + LATEST_IN_FUTURE:
        raise Rejected("future_time", time=moment.isoformat())
    return moment
