"""Calls that fit into an address: pixels in e-mails, plain query forms, webhooks without a shape. Pure."""

import base64
import binascii
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import msgspec

from kehu.collect.segment_requests import Parsed, Refused, parse_call, text_of

MAX_FIELDS = 200


def query_fields(query: bytes) -> dict[str, str]:
    """The query string as a dict; of a repeated name the first counts. Raises Refused."""
    try:
        pairs = parse_qsl(query.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Refused("bad_query", "The query string cannot be read.") from error
    return dict(reversed(pairs))


def parse_pixel(call_type: str, query: bytes) -> Parsed:
    """`data` holds the call as base64url JSON; otherwise each field stands for itself: properties.price=9."""
    fields = query_fields(query)
    data = fields.get("data")
    if data is None:
        return parse_call(call_type, msgspec.json.encode(_nested(fields)))
    try:
        body = base64.urlsafe_b64decode(data.replace("+", "-").replace("/", "_") + "=" * (-len(data) % 4))
    except (binascii.Error, ValueError) as error:
        raise Refused("bad_data", "`data` is not base64url.") from error
    parsed = parse_call(call_type, body)
    parsed.write_key = parsed.write_key or text_of(fields.get("writeKey"))
    return parsed


def parse_webhook(body: bytes) -> Parsed:
    """Any JSON object, taken as a track call of nobody in particular, as RudderStack does."""
    call = {"event": "webhook_source_event", "anonymousId": str(uuid4()), "properties": msgspec.Raw(body)}
    try:
        return parse_call("track", msgspec.json.encode(call))
    except msgspec.DecodeError as error:
        raise Refused("not_json", f"The body is not JSON: {error}.") from error


def _nested(fields: dict[str, str]) -> dict[str, Any]:
    """context.page.url=… as {"context": {"page": {"url": …}}}. A name that is both leaf and branch is refused."""
    root: dict[str, Any] = {}
    for name, value in fields.items():
        branch = root
        *path, leaf = name.split(".")
        for part in path:
            branch = branch.setdefault(part, {})
            if not isinstance(branch, dict):
                raise Refused("bad_query", f"`{name}` is given twice, once as a value and once as an object.")
        if leaf in branch:
            raise Refused("bad_query", f"`{name}` is given twice, once as a value and once as an object.")
        branch[leaf] = value
    return root
