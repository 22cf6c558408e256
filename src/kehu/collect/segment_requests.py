"""The bodies of the Segment HTTP API, taken apart: which events they hold, whose they are, which must be skipped.

Pure: bytes in, plain values out. What an event says is left to cleaning; here it is only made sure that it can be
stored, deduplicated and given to a customer. The raw bytes of an event are kept as they came.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from kehu.clean.segment_times import read_moment
from kehu.core.strict_json import BadJson, decode_object

MAX_EVENT_BYTES = 32 * 1024
MAX_BATCH_EVENTS = 2_500
MAX_MESSAGE_ID = 200
MAX_ID = 500
TYPES = frozenset({"identify", "track", "page", "screen", "group", "alias", "merge"})
IDS = ("userId", "anonymousId", "groupId", "previousId", "mergeProperties")

_nearly_json = re.compile(rb"[:\[,\s](?:NaN|-?Infinity)\b|\\u[dD][89a-fA-F]")


class Event(msgspec.Struct):
    """One call, ready for the inbox. shard_key: whose it is; sent_at: the sender's clock when it was sent."""

    type: str
    message_id: str
    shard_key: str
    payload: bytes
    sent_at: datetime | None


class Skipped(msgspec.Struct):
    """An event of a batch that could not be taken; the others were."""

    index: int
    code: str
    message: str


class Parsed(msgspec.Struct):
    events: list[Event]
    skipped: list[Skipped]
    write_key: str


class Refused(Exception):
    """The request cannot be taken, now or ever: answer `status`, a final 4xx."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message, status)
        self.code, self.message, self.status = code, message, status

    def __str__(self) -> str:
        return self.message


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    sentAt: Any = None
    writeKey: Any = None
    context: Any = None
    integrations: Any = None


_decode_batch = msgspec.json.Decoder(_Batch).decode


def parse_call(call_type: str, body: bytes) -> Parsed:
    """The body of a single call. call_type comes from the path and wins over the body's. Raises Refused."""
    if len(body) > MAX_EVENT_BYTES:
        raise Refused("too_large", f"One event may have {MAX_EVENT_BYTES} bytes, this one has {len(body)}.")
    try:
        call = decode_object(body)
        payload = body
        if "type" not in call:
            payload = b'{"type":"%s"%s%s' % (
                call_type.encode(),
                b"," if call else b"",
                body.lstrip()[1:],
            )
        elif call["type"] != call_type:
            payload = msgspec.json.encode(call | {"type": call_type})
        call["type"] = call_type
        event = event_of(call, payload, None)
    except BadJson as error:
        raise Refused(error.code, str(error)) from error
    return Parsed([event], [], text_of(call.get("writeKey")))


def parse_batch(body: bytes) -> Parsed:
    """The body of a batch; a bad event is skipped, the others are taken. Raises Refused for the whole."""
    try:
        batch = _decode_batch(body)
        raw_events: Sequence[bytes | msgspec.Raw] = batch.batch
    except RecursionError as error:
        raise Refused("too_deep", "The body is nested too deeply.") from error
    except UnicodeDecodeError as error:
        raise Refused("bad_utf8", "The body is not UTF-8.") from error
    except msgspec.DecodeError as error:
        if not _nearly_json.search(body):
            raise Refused("not_json", f"A batch is a JSON object with a list `batch`: {error}.") from error
        batch, raw_events = _decode_leniently(body)
    if len(raw_events) > MAX_BATCH_EVENTS:
        raise Refused("too_many_events", f"A batch may have {MAX_BATCH_EVENTS} events, this one has {len(raw_events)}.")
    shared = {
        name: value for name in ("context", "integrations") if isinstance(value := getattr(batch, name), dict) and value
    }
    sent_at = read_moment(batch.sentAt)
    events: list[Event] = []
    skipped: list[Skipped] = []
    for index, raw in enumerate(raw_events):
        try:
            events.append(_event_in_batch(bytes(raw), sent_at, shared))
        except BadJson as error:
            skipped.append(Skipped(index, error.code, str(error)))
    return Parsed(events, skipped, text_of(batch.writeKey))


def _decode_leniently(body: bytes) -> tuple[_Batch, list[bytes]]:
    """A batch that is JSON but for NaN or half an emoji; each event encoded again, to be judged by itself.

    Python writes the one and JavaScript the other unasked: they must not cost the other 99 events of a batch.
    """
    try:
        root = json.loads(body)
        raw_events = [json.dumps(event).encode() for event in root.pop("batch")]
        return msgspec.json.decode(json.dumps(root | {"batch": []}).encode(), type=_Batch), raw_events
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Refused("not_json", "The body is not JSON: NaN, Infinity or half a surrogate pair.") from error


def _event_in_batch(raw: bytes, sent_at: datetime | None, shared: dict[str, dict[str, Any]]) -> Event:
    if len(raw) > MAX_EVENT_BYTES:
        raise BadJson("too_large", f"One event may have {MAX_EVENT_BYTES} bytes, this one has {len(raw)}.")
    call = decode_object(raw)
    if shared:
        for name, values in shared.items():
            own = call.get(name)
            call[name] = values | own if isinstance(own, dict) else values
        raw = msgspec.json.encode(call)
    return event_of(call, raw, sent_at)


def event_of(call: dict[str, Any], payload: bytes, batch_sent_at: datetime | None) -> Event:
    """A decoded call with its raw bytes as an Event. Raises BadJson when it has no type or nobody's id."""
    call_type = call.get("type")
    if not isinstance(call_type, str) or call_type not in TYPES:
        raise BadJson("bad_type", f"`type` must be one of {', '.join(sorted(TYPES))}.")
    message_id = text_of(call.get("messageId"))
    if len(message_id) > MAX_MESSAGE_ID:
        raise BadJson("long_message_id", f"`messageId` may have {MAX_MESSAGE_ID} characters.")
    sent_at = call.get("sentAt")
    return Event(
        type=call_type,
        message_id=message_id or f"kehu-{uuid4()}",
        shard_key=_shard_key(call),
        payload=payload,
        sent_at=(read_moment(sent_at) if sent_at is not None else None) or batch_sent_at,
    )


def _shard_key(call: dict[str, Any]) -> str:
    """Whose call it is. Browsers send anonymousId beside userId; the stronger one decides."""
    for name in IDS:
        value = call.get(name)
        if value is None or value == "":
            continue
        text = text_of(value) if name != "mergeProperties" else repr(value)
        if text:
            if len(text) > MAX_ID:
                raise BadJson("long_id", f"`{name}` may have {MAX_ID} characters.")
            return f"{name}:{text}"
    raise BadJson("no_id", "`userId` or `anonymousId` is required.")


def text_of(value: Any) -> str:
    """An id as text: hand-written calls send numbers. Anything else (null, an object) is no id."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""
