"""Raw message → touches, whatever its kind. Pure: everything it needs to know comes as an argument."""

from functools import lru_cache
from typing import Any

import msgspec

from kehu.clean.canonical_records import touches_of_record
from kehu.clean.given import RawMessage, SourceWithMappings
from kehu.clean.row_mapping import RowMapping, touches_of_row
from kehu.clean.segment_calls import touches_of_call
from kehu.clean.touches import Rejected, Touch
from kehu.clean.values import CleanContext


class RowMessage(msgspec.Struct):
    row: dict[str, Any]
    mapping: str


_ROW = msgspec.json.Decoder(RowMessage)


def touches_of(message: RawMessage, source: SourceWithMappings, context: CleanContext) -> list[Touch]:
    """Read a message. Raises Rejected (a dead letter with a reason) when it cannot be understood."""
    match message.kind:
        case "segment":
            return touches_of_call(message, source, context)
        case "record":
            return touches_of_record(message.payload, source.slug, message.received_at, context)
        case "row":
            return _touches_of_row_message(message, source, context)
        case kind:
            raise Rejected("unknown_kind", kind=kind)


def _touches_of_row_message(message: RawMessage, source: SourceWithMappings, context: CleanContext) -> list[Touch]:
    try:
        body = _ROW.decode(message.payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected("not_a_row", str(error)) from error
    spec = source.mapping.get(body.mapping)
    if spec is None:
        raise Rejected("mapping_missing", source=source.slug, mapping=body.mapping)
    mapping = _mapping(source.slug, body.mapping, msgspec.json.encode(spec))
    return touches_of_row(body.row, mapping, source, message.received_at, message.message_id, context)


@lru_cache(maxsize=256)
def _mapping(source: str, key: str, spec: bytes) -> RowMapping:
    return msgspec.json.decode(spec, type=RowMapping)
