"""Rows of the inbox in PostgreSQL's binary COPY format, built without a detour over text."""

import struct
from datetime import UTC, datetime

COLUMNS = (
    "shard, seq, source_id, kind, message_id, received_at, sent_at, client_ip, import_id, supersedes, "
    "is_inline, first_received_at, payload"
)
HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NULL = struct.pack("!i", -1)
_head = struct.Struct("!hihiqii").pack  # field count, then shard, seq and source_id, each after its length
_length = struct.Struct("!i").pack
_long = struct.Struct("!iq").pack
_TRUE, _FALSE = _length(1) + b"\x01", _length(1) + b"\x00"


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _length(len(encoded)) + encoded


def _optional_text(value: str | None) -> bytes:
    return _NULL if value is None else _text(value)


def _optional_long(value: int | None) -> bytes:
    return _NULL if value is None else _long(8, value)


def _optional_time(value: datetime | None) -> bytes:
    return _NULL if value is None else _long(8, microseconds(value))


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 2000-01-01 UTC, PostgreSQL's clock. Exact, unlike a float of seconds."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def inbox_row(
    *,
    shard: int,
    seq: int,
    source_id: int,
    kind: str,
    message_id: str,
    received_at: int,
    sent_at: datetime | None,
    client_ip: str | None,
    import_id: int | None,
    supersedes: int | None,
    is_inline: bool,
    first_received_at: datetime | None,
    payload: bytes,
) -> bytes:
    """One row, columns as in COLUMNS. received_at: in `microseconds`, once for a whole window."""
    return b"".join(
        (
            _head(13, 2, shard, 8, seq, 4, source_id),
            _text(kind),
            _text(message_id),
            _long(8, received_at),
            _optional_time(sent_at),
            _optional_text(client_ip),
            _optional_long(import_id),
            _optional_long(supersedes),
            _TRUE if is_inline else _FALSE,
            _optional_time(first_received_at),
            _length(len(payload)),
            payload,
        )
    )
